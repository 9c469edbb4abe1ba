"""Each kind of check on a tiny case, and each way in which a case can be wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xinzhi.errors import XinzhiError
from xinzhi.language import speaking
from xinzhi.reproduction import Interval, cases, reproduce

HEAD = """
id = "tiny"
title = { zh = "小例", en = "A tiny case" }
citation = { zh = "某文", en = "A paper" }
[places]
p1 = { zh = "第1页", en = "Page 1" }
[facts]
half = "0.5"
people = { value = "10", exact = true }
[tables.table1]
file = "table1.csv"
[marks]
south = { table = "table1", column = "side", values = ["南"] }
[derived]
twice = "2 * score"
"""
TABLE = "code,name,name_en,side,score,place\na,甲,A,北,2.0,1\nb,乙,B,南,1.0,2\nc,丙,C,南,1.0,3\n"


def check(kind: str = "equals", **keys: str) -> str:
    texts = {"where": '"p1"', "statement": '{ zh = "某数", en = "A figure" }', "id": '"c1"', **keys}
    return (
        f'[[checks]]\nkind = "{kind}"\n' + "\n".join(f"{key} = {text}" for key, text in texts.items()) + "\n"
    )


def formula(text: str, printed: str, kind: str = "equals", **keys: str) -> str:
    return check(kind, formula=f'"{text}"', printed=f'"{printed}"', **keys)


@pytest.fixture
def run(tmp_path: Path):
    def write_and_reproduce(*checks: str, head: str = HEAD, table: str = TABLE):
        (tmp_path / "table1.csv").write_text(table, encoding="utf-8")
        (tmp_path / "tiny.toml").write_text(head + "".join(checks), encoding="utf-8")
        return reproduce(tmp_path / "tiny.toml")

    return write_and_reproduce


CONTRADICTED = {"expected": '"contradicted"', "why": '{ zh = "因为", en = "because" }'}


@pytest.mark.parametrize(
    ("kind", "text", "printed", "verdict"),
    [
        ("equals", "half * people", "5", "reproduced"),
        ("equals", "half * people", "6", "reproduced"),  # 0.55 x 10 = 5.5
        ("equals", "half * people", "6.0", "contradicted"),
        ("equals", "mean(score)", "1.33", "reproduced"),
        ("equals", "mean(score)", "1.40", "contradicted"),
        ("equals", "sum(score * south) / sum(south)", "1.0", "reproduced"),
        ("equals", "sum(above(score, 1.5))", "1", "reproduced"),
        ("equals", "half", "0.5 * 1", "reproduced"),
        ("at_least", "half", "0.7", "reproduced"),
        ("at_least", "half", "0.3", "contradicted"),
        ("at_most", "half", "0.3", "reproduced"),
        ("at_most", "half", "0.7", "contradicted"),
    ],
)
def test_comparison(run, kind, text, printed, verdict):
    (row,) = run(formula(text, printed, kind)).rows
    assert row.verdict == verdict


@pytest.mark.parametrize(("top", "verdict"), [("100", "reproduced"), ("4", "contradicted")])
def test_within(run, top, verdict):
    (row,) = run(check("within", formula='"half * people"', range=f'["0", "{top}"]')).rows
    assert row.verdict == verdict
    assert row.printed == f"0 – {top}"
    assert row.difference is row.tolerance is None


def test_statement(run):
    (row,) = run(check("statement", why='{ zh = "没有数", en = "no figures" }')).rows
    assert (row.verdict, row.expected, row.lo) == ("not_checkable", "not_checkable", None)
    assert row.why is not None
    assert row.why.en == "no figures"


def test_column_makes_a_row_for_each_unit(run):
    report = run(formula("rank(score)", "place"), formula("twice", "4.0", id='"c2"'))
    assert [row.id for row in report.rows] == ["c1.a", "c1.b", "c1.c", "c2.a", "c2.b", "c2.c"]
    assert [row.verdict for row in report.rows] == ["reproduced"] * 4 + ["contradicted"] * 2
    assert report.rows[1].statement.model_dump() == {"zh": "乙: 某数", "en": "B: A figure"}
    assert (report.rows[1].printed, report.rows[1].recomputed) == ("2", "2.0 – 3.0")


def test_printed_column_against_one_figure(run):
    assert [row.verdict for row in run(formula("2", "score")).rows] == ["reproduced"] + ["contradicted"] * 2


def test_difference_and_tolerance(run):
    (row,) = run(formula("half * people", "6")).rows
    assert (row.lo, row.hi, row.difference, row.tolerance) == (4.5, 5.5, 1.0, 1.0)


def test_sources_are_found_through_derived_names(run):
    note = 'source = { zh = "公报", en = "Communiqué" }'
    head = HEAD.replace('value = "10",', f'value = "10", {note},').replace('"2 * score"', '"people * score"')
    head = head.replace("[marks]", 'sources.score = { zh = "年鉴", en = "Yearbook" }\n[marks]')
    (row,) = run(formula("mean(twice)", "13"), head=head).rows
    assert [source.en for source in row.sources] == ["Communiqué", "Yearbook"]


def test_expectation_that_fails_is_told(run):
    report = run(formula("half", "0.9"))
    assert not report.as_expected
    assert "判定与案例的预期不同:\n  c1: 某数: 印刷 0.9, 重算 0.45 – 0.55" in report.summary()


def test_expected_contradiction(run):
    report = run(formula("half", "0.9", **CONTRADICTED))
    assert report.as_expected
    assert report.counts() == {"reproduced": 0, "contradicted": 1, "not_checkable": 0}
    with speaking("en"):
        assert report.summary() == (
            "A tiny case\n1 rows of what is printed: reproduced 0, contradicted 1, not checkable 0\n\n"
            "Not in agreement with what is printed:\n  c1: A figure: printed 0.9, recomputed 0.45 – 0.55\n\n"
            "Every verdict is the one that the case expects."
        )
        assert str(report) == "\n".join(
            [
                "A tiny case",
                "≠ contradicted | Page 1 | A figure | printed 0.9 | recomputed 0.45 – 0.55 | difference 0.4, "
                "tolerance 0.1",
                "    because",
                "",
                report.summary(),
            ]
        )


def test_report_goes_into_json_and_html(run):
    report = run(formula("half", "0.5", statement='{ zh = "<b>", en = "<i>" }', audit="3"))
    told = json.loads(json.dumps(report.to_dict()))
    assert list(told) == ["case", "title", "citation", "as_expected", "counts", "counts_not_in_print", "rows"]
    assert told["rows"] == [
        {
            "id": "c1",
            "where": {"zh": "第1页", "en": "Page 1"},
            "statement": {"zh": "<b>", "en": "<i>"},
            "kind": "equals",
            "printed": "0.5",
            "recomputed": "0.45 – 0.55",
            "lo": 0.45,
            "hi": 0.55,
            "difference": 0.0,
            "tolerance": 0.1,
            "verdict": "reproduced",
            "expected": "reproduced",
            "why": None,
            "sources": [],
            "audit": 3,
            "in_print": True,
        }
    ]
    assert "&lt;b&gt;" in report._repr_html_()


GOOD = formula("half", "0.5")


@pytest.mark.parametrize(
    ("checks", "place", "message"),
    [
        (formula("halve", "0.5"), "checks, c1, formula", "没有这个名称: halve"),
        (formula("half", "halve"), "checks, c1, printed", "没有这个名称: halve"),
        (formula("half", "0.5.1"), "checks, c1, printed", "公式写法不对: 0.5.1"),
        (formula("half +", "0.5"), "checks, c1, formula", "公式写法不对: half +"),
        (formula("open(half)", "0.5"), "checks, c1, formula", "公式写法不对"),
        (formula("mean(half)", "0.5"), "checks, c1, formula", "公式算不出来"),
        (formula("1 / (half - 0.5)", "0.5"), "checks, c1, formula", "除数可能为零"),
        (formula("1 / 0", "0.5"), "checks, c1, formula", "公式算不出来"),
        (formula("people ** 1000000000", "0"), "checks, c1, formula", "公式算不出来"),
        (formula("mean(side)", "0.5"), "table1.csv, side, a", "不是数: 北"),
        (GOOD + GOOD, "checks", "编号重复: c1"),
        (check("equal"), "checks, c1", "没有这种核对"),
        (check(formula='"half"'), "checks, c1, equals, printed", "缺少这一项"),
        (formula("half", "0.5", note='"x"'), "checks, c1, equals, note", "不认识这一项"),
        (formula("half", "0.5", where='"p2"'), "checks, c1, where", "没有这个出处: p2"),
        (check(formula="1", printed='"1"'), "checks, c1, equals, formula", "须是带引号的文字"),
        (formula("half", "1", statement='{ zh = "数" }'), "equals, statement, en", "缺少这一项"),
        (formula("half", "9", expected='"contradicted"'), "c1, equals", "须在 why 里说明原因"),
        (formula("half", "9", expected='"maybe"'), "c1, equals, expected", "须是其中之一"),
        (check("within", formula='"half"', range='["0", "x"]'), "checks, c1, range", "不是数: x"),
        (check("within", formula='"half"', range='["2", "1"]'), "checks, c1, range", "区间的下端大于上端"),
        (check("statement"), "checks, c1, statement, why", "缺少这一项"),
        ("[[checks]]\nid = 'c1'\n", "checks, c1", "缺少 kind"),
        ("[checks", "tiny.toml", "不是 TOML"),
        ("", "checks", "缺少这一项"),
    ],
)
def test_wrong_check_is_told_where(run, checks, place, message):
    with pytest.raises(XinzhiError) as caught:
        run(checks)
    assert place in caught.value.where
    assert message in caught.value.what


def test_checks_that_are_no_tables(run):
    with pytest.raises(XinzhiError, match="checks, 0: 写法不对"):
        run(head="checks = [1]\n" + HEAD)


@pytest.mark.parametrize(
    ("right", "wrong", "place", "message"),
    [
        ("twice =", "half =", "facts / derived", "一个名称有两个意思: half"),
        ('"2 * score"', '"2 * twice"', "derived, twice", "公式互相引用: twice"),
        ('"2 * score"', '"2 * nought"', "derived, twice", "没有这个名称: nought"),
        ('"0.5"', '"a half"', "facts, half", "不是数: a half"),
        ("half =", "Half =", "facts, Half", "名称只能由小写英文字母"),
        ("table1.csv", "absent.csv", "absent.csv", "读不到表格"),
        ('table = "table1"', 'table = "t9"', "marks, south, table", "没有这张表: t9"),
        ('"side"', '"hue"', "marks, south", "没有这一列: hue"),
        ("南", "东", "marks, south", "side 列没有 东"),
    ],
)
def test_wrong_name_is_told_where(run, right, wrong, place, message):
    with pytest.raises(XinzhiError) as caught:
        run(formula("half * sum(south) * mean(twice)", "1"), head=HEAD.replace(right, wrong))
    assert place in caught.value.where
    assert message in caught.value.what


@pytest.mark.parametrize(
    ("table", "place", "message"),
    [
        (TABLE.replace("name_en", "english"), "table1.csv", "表格没有这一列: name_en"),
        (TABLE + "a,丁,D,南,1.0,4\n", "table1.csv, code", "单位重复: a"),
        (TABLE + "d,丁\n", "table1.csv", "第 5 行有 2 格, 应有 6 格"),
        (TABLE.replace("2.0", ""), "table1.csv, score, a", "不是数: ''"),
        (TABLE.replace(",A,", ",,"), "table1.csv, name_en, a", "缺少单位名称"),
        ("", "table1.csv", "读不到表格"),
    ],
)
def test_wrong_table_is_told_where(run, table, place, message):
    with pytest.raises(XinzhiError) as caught:
        run(formula("mean(score)", "1"), table=table)
    assert place in caught.value.where
    assert message in caught.value.what


def test_unknown_name_lists_the_known_ones(run):
    with speaking("en"), pytest.raises(XinzhiError) as caught:
        run(formula("halve", "0.5"))
    assert caught.value.what == "Unknown name: halve"
    assert caught.value.remedy == "Known: half, people, place, score, side, south, twice"


def test_unknown_case_lists_the_built_in_ones(tmp_path):
    with pytest.raises(XinzhiError, match="没有这个复现案例: nobody-1999\n内置案例: ye-xu-2024"):
        reproduce("nobody-1999")
    with pytest.raises(XinzhiError, match="读不到复现案例"):
        reproduce(tmp_path / "absent.toml")
    assert "ye-xu-2024" in cases()


def test_columns_of_different_tables_are_compared_unit_by_unit(run, tmp_path):
    (tmp_path / "table2.csv").write_text("code,name,name_en,other\na,甲,A,1\n", encoding="utf-8")
    head = HEAD.replace("[marks]", '[tables.table2]\nfile = "table2.csv"\n[marks]')
    with pytest.raises(XinzhiError, match="两列的单位不同: b"):
        run(formula("score", "other"), head=head)


def test_interval_is_public():
    assert Interval.printed("0.5").meets(Interval.exact(0.45))
