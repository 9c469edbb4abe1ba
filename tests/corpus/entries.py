"""An entry of the corpus: a file, how it is made, and all that must come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Kind = Literal["accept", "ask", "reject"]
"""What becomes of a file. `accept`: all that was filed is read, with notes at most. `ask`: it is read, and something
in it must be mended, explained or settled by a person. `reject`: nothing in it is read as an answer."""

Values = Mapping[tuple[str, int | None], "Decimal | str"]
"""What must come out, by field and year: a figure, a text, the id of an option, or :data:`ASK`."""

ASK = "question"
YEARS = (2023, 2024)

# The true figures of the county that every indicator form here is about; invented, and each different from all others,
# so that one in the wrong place shows. Sound by every rule.
COUNTY = {
    "gdp": ("207.46", "219.38"),
    "population": ("42.15", "41.98"),
    "loans": ("318.20", "341.75"),
    "non_tax_share": ("38.61", "36.20"),
    "technology_contracts": ("5210.00", "6120.50"),
    "invention_patents": ("44.00", "52.00"),
    "provincial_specialised_firms": ("12.00", "15.00"),
    "national_specialised_firms": ("2.00", "3.00"),
    "cable_density": ("12.40", "12.90"),
    "high_tech_share": ("21.35", "23.10"),
    "carbon_intensity": ("1.32", "1.28"),
}
UNIT = "990121"  # 甲样县 of the fictitious province

# The true answers of the case that every case form here is about.
STORY = {
    "title": "示例县智能工厂改造",
    "domain": "high_technology",
    "unit": "示例省示例县人民政府",
    "contact": "张三样例",
    "phone": "010-00000000",
    "address": "示例省示例县示例路1号",
    "email": "case@example.com",
    "recommender": "示例市工业和信息化局",
    "recommender_contact": "李四样例",
    "recommender_phone": "010-00000001",
    "recommender_address": "示例省示例市示例路2号",
    "recommender_email": "office@example.com",
    "background": "本县传统制造业能耗较高，亟需转型。",
    "summary": "项目于2023年启动，覆盖3家工厂。",
    "details": "分三步实施：规划、建设、运营。",
    "results": "单位能耗下降12.50%。",
    "innovation": "首次采用共享数据平台。",
    "replication": "已在5家企业推广。",
    "reflections": "数据标准应先行。",
    "seal_date": "2025-08-15",
    "evidence": "能效检测报告",
}


@dataclass(frozen=True)
class Read:
    """What the reader must give: the forms, every value that is not missing, the rules of its findings, and of
    pictures the format or the fault."""

    forms: tuple[str, ...]
    values: Values
    rules: frozenset[str]
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Returned:
    """What intake must give of a mail, an archive or an upload: status, code of the unit or name of the body, what
    each file is, rules of all findings, every value that is not missing."""

    status: str
    filer: str
    sorts: tuple[str, ...]
    rules: frozenset[str]
    values: Values


@dataclass(frozen=True)
class Entry:
    """A file.

    Attributes
    ----------
    name : str
        Under which it is sent.
    make : callable
        Makes its bytes; None where the machine lacks the program that makes them.
    hostile : bool
        Whether it is made to cost or to deceive.
    truth : mapping
        The figures that are true of what the file is about. No other may be read, whatever is expected.
    """

    name: str
    kind: Kind
    make: Callable[[], bytes | None]
    expected: Read | Returned
    hostile: bool = False
    truth: Values = field(default_factory=dict)


def figures(**changes: tuple[str | None, str | None]) -> Values:
    """Return the figures of the county with some rows read otherwise: :data:`ASK`, or None for a missing one."""
    rows = COUNTY | changes
    return {
        (id, year): text if text == ASK else Decimal(text)
        for id, texts in rows.items()
        for year, text in zip(YEARS, texts, strict=True)
        if text is not None
    }


def story(**changes: str | None) -> Values:
    """Return the answers of the case, some of them otherwise."""
    return {(id, None): text for id, text in (STORY | changes).items() if text is not None}


def read(
    kind: Kind,
    name: str,
    make: Callable[[], bytes | None],
    values: Values,
    rules: str = "",
    *,
    forms: Iterable[str] | None = None,
    pictures: Iterable[str] = (),
    truth: Values | None = None,
    hostile: bool = False,
) -> Entry:
    """An entry that goes to the reader; `rules` are ids with spaces between them."""
    if forms is None:
        forms = ["case"] * any(year is None for _id, year in values)
        forms += ["indicators"] * any(year for _id, year in values)
    expected = Read(tuple(forms), values, frozenset(rules.split()), tuple(pictures))
    return Entry(name, kind, make, expected, hostile, figures() if truth is None else truth)


def refused(name: str, make: Callable[[], bytes | None], rule: str, *, hostile: bool = True) -> Entry:
    """An entry that the reader refuses."""
    return read("reject", name, make, {}, rule, hostile=hostile)


def returned(
    kind: Kind,
    name: str,
    make: Callable[[], bytes | None],
    status: str,
    sorts: str,
    rules: str = "",
    *,
    filer: str = UNIT,
    values: Values | None = None,
    hostile: bool = False,
    truth: Values | None = None,
) -> Entry:
    """An entry that goes through intake; `sorts` and `rules` have spaces between them."""
    expected = Returned(status, filer, tuple(sorts.split()), frozenset(rules.split()), values or {})
    return Entry(name, kind, make, expected, hostile, figures() if truth is None else truth)
