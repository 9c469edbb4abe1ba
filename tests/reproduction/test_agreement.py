"""The ranks of a result against printed ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy.stats import spearmanr

from xinzhi.index import Result, compute
from xinzhi.language import speaking
from xinzhi.reproduction import agreement
from xinzhi.reproduction.case import CaseError


@pytest.fixture(scope="module")
def result() -> Result:
    return compute("province-open")


def test_every_node_that_both_have_is_compared(result: Result) -> None:
    found = agreement(result)
    assert [(a.node, a.year, len(a.pairs)) for a in found] == [
        ("nqpf", 2022, 31),
        ("technology", 2022, 31),
        ("factors", 2022, 31),
        ("industry", 2022, 31),
    ]


def test_statistics_equal_an_independent_calculation(result: Result) -> None:
    for a in agreement(result):
        ours, printed = [p.ours for p in a.pairs], [p.printed for p in a.pairs]
        assert a.correlation == pytest.approx(spearmanr(ours, printed).statistic, abs=1e-12)
        gaps = [abs(x - y) for x, y in zip(ours, printed, strict=True)]
        assert a.mean_difference == pytest.approx(sum(gaps) / 31)
        assert (a.same, a.close) == (gaps.count(0), sum(gap <= 3 for gap in gaps))


def test_what_agrees_with_table_3(result: Result) -> None:
    """The open index against Table 3: literal figures, so that a change of data or method shows."""
    with speaking("en"):
        total = str(agreement(result)[0])
    assert total == (
        "Open index: rank correlation 0.94, mean difference of ranks 2.2; of 31 units 10 have the same rank, "
        "25 differ by at most 3; furthest apart (ours/printed): Heilongjiang 19/29, Guizhou 27/19, Fujian 12/7"
    )


def test_a_result_agrees_with_itself(result: Result, tmp_path: Path) -> None:
    rows = zip(result.codes, result.names, result.ranks["nqpf"][-1], strict=True)
    table = "code,name,name_en,place\n" + "".join(f"{c},{n},{n},{r:g}\n" for c, n, r in rows)
    (tmp_path / "table.csv").write_text(table, encoding="utf-8")
    (only,) = agreement(result, _case(tmp_path, 'nodes = { nqpf = "place" }'))
    assert (only.correlation, only.mean_difference, only.same) == (1.0, 0.0, 31)


def test_a_case_without_ranks(result: Result, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="这个案例没有印出的名次"):
        agreement(result, _case(tmp_path, ""))


def test_no_node_in_common(result: Result, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("code,name,name_en,place\n110000,北京,Beijing,1\n", encoding="utf-8")
    with pytest.raises(CaseError, match="结果和案例没有共同的节点和单位"):
        agreement(result, _case(tmp_path, 'nodes = { other = "place" }'))


def _case(folder: Path, nodes: str) -> Path:
    text = 'id = "tiny"\ntitle = { zh = "小例", en = "Tiny" }\ncitation = { zh = "某文", en = "A paper" }\n'
    text += '[places]\np = { zh = "页", en = "Page" }\n[tables.table]\nfile = "table.csv"\n'
    text += f'[ranking]\ntable = "table"\n{nodes}\n' if nodes else ""
    text += '[[checks]]\nid = "c"\nkind = "statement"\nwhere = "p"\nstatement = { zh = "某", en = "A" }\n'
    text += 'why = { zh = "因", en = "As" }\n'
    path = folder / "tiny.toml"
    path.write_text(text, encoding="utf-8")
    return path
