"""An edition: several indices and cases under one imprint."""

from __future__ import annotations

from datetime import date

import pytest

from xinzhi.declarations import Text
from xinzhi.errors import CallError
from xinzhi.index import Result, result_hash
from xinzhi.language import speaking
from xinzhi.publish.cases import CasePicture, CaseSection, PublishedCase
from xinzhi.publish.edition import Assessment, Edition, Imprint, Notice, edition_of, printed_standing
from xinzhi.reproduction import printed_index


def case(id: str = "c1", code: str = "990102") -> PublishedCase:
    return PublishedCase(
        id, "竹纤维餐具量产", Text(zh="制造", en="Manufacturing"), "甲公司", code, "甲样县",
        (CaseSection("summary", Text(zh="背景摘要", en="Summary"), "一段。\n又一段。"),),
        (CasePicture(b"\x89PNG\r\n", "图1"),),
    )  # fmt: skip


def test_table_3_as_it_is_printed():
    """Values: Ye and Xu (2024), table 3, lines of 北京 and 西藏."""
    printed = printed_index()
    assert (printed.year, len(printed.codes), printed.decimals) == (2022, 31, 1)
    place = printed.codes.index("110000")
    assert [printed.cells[node][place] for node in printed.nodes] == ["69.8", "83.2", "63.5", "55.8"]
    standing = printed_standing(printed)
    assert standing.names[place] == "北京"
    assert standing.scores["total"][0, place] == 69.8
    assert [standing.ranks[node][0, place] for node in printed.nodes] == [1, 1, 2, 4]
    with speaking("en"):
        english = printed_standing(printed)
    assert english.names[place] == "Beijing"
    assert english.fingerprint == standing.fingerprint


def test_an_edition_finds_the_standing_of_a_key(provinces: Result):
    edition = edition_of([provinces], [printed_index()], cases=[case()])
    assert [a.id for a in edition.assessments] == ["province-open", "ye-xu-table-3"]
    assert edition.main.fingerprint == result_hash(provinces)
    assert edition.standing(result_hash(provinces)[:8]) is edition.main.standing
    assert edition.standing("00000000") is None
    assert [c.id for c in edition.cases_of("990102")] == ["c1"]
    assert edition.fictitious  # by the place of its case
    assert not edition_of([provinces]).fictitious


@pytest.mark.parametrize(
    ("made", "what"),
    [
        (lambda _p: Edition(Text(zh="无"), ()), "没有指数, 不能发布"),
        (lambda p: edition_of([p, p]), "标识 province-open 有 2 次"),
        (lambda p: edition_of([p], cases=[case(), case()]), "标识 c1 有 2 次"),
        (lambda p: Assessment("Province", p), "指数的标识 Province 不能用在网址里"),
        (lambda p: Assessment("a", p, printed_index()), "一个指数要么有结果, 要么有印出的表"),
        (lambda _p: Assessment("a"), "一个指数要么有结果, 要么有印出的表"),
        (lambda _p: Imprint(licence="MIT"), "不认识的许可 MIT"),
    ],
)
def test_what_cannot_be_an_edition(provinces: Result, made, what):
    with pytest.raises(CallError) as refused:
        made(provinces)
    assert refused.value.what == what


def test_an_imprint_keeps_its_corrections():
    notice = Notice(date(2026, 1, 2), Text(zh="更正一处", en="One correction"))
    assert Imprint(notices=(notice,)).notices == (notice,)
