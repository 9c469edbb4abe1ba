"""A reproduction case: the printed figures of one publication and what is checked about them, as data."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from xinzhi import declarations
from xinzhi.errors import CallError, XinzhiError, reason
from xinzhi.language import gettext as _

_CASES = Path(__file__).parent / "cases"

Verdict = Literal["reproduced", "contradicted", "not_checkable"]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
CheckId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]


class CaseError(XinzhiError):
    """A reproduction case that cannot be used as it is written."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(declarations.Text):
    """A text in both languages, neither of which may be left out."""

    en: str = Field(min_length=1)


class Fact(_Record):
    """One figure: as printed, or exact where it is a count; `source` when it is not the publication's own."""

    value: str
    exact: bool = False
    source: Text | None = None


def _fact(value: Any) -> Any:
    return {"value": value} if isinstance(value, str) else value


class Label(_Record):
    """The columns that name the units of a table in Chinese and in English."""

    zh: str = "name"
    en: str = "name_en"


class Table(_Record):
    """A CSV table beside the case; each column is a name that formulas may use.

    `exact` lists the columns of counts and set weights, which stand for themselves; every other figure
    stands for all that would have been printed so. `sources` says where a column comes from, and of which
    vintage it is.
    """

    file: str
    key: str = "code"
    label: Label = Label()
    exact: tuple[str, ...] = ()
    sources: Mapping[str, Text] = Field(default_factory=dict)


class Mark(_Record):
    """The units of `table` with one of `values` in `column`, as a column of ones and zeros."""

    table: str
    column: str
    values: tuple[str, ...] = Field(min_length=1)


class Ranking(_Record):
    """Printed ranks of an index: the column of `table` that holds those of each node of a methodology."""

    table: str
    nodes: Mapping[str, str] = Field(min_length=1)


class Titled(_Record):
    """A figure of the case by its name, and what readers call it."""

    figure: Name
    title: Text


class Regional(_Record):
    """What the regional analyses are run on: a column beside another one, by regions.

    `regions` is a region scheme that the codes of the units belong to; `origin_weights` weighs the units in
    the second origin of the quadrants; `where` lists the places whose checks are told beside the analyses.
    """

    title: Text
    regions: str
    value: Titled
    against: Titled
    origin_weights: Titled
    where: tuple[str, ...] = ()


class Printed(_Record):
    """An index that the publication prints: its table, year and columns, the index itself first.

    `regions` is a region scheme that the codes of the units belong to.
    """

    id: CheckId
    title: Text
    table: str
    year: int
    regions: str = ""
    nodes: Mapping[Name, Titled] = Field(min_length=1)


class _Check(_Record):
    """What every check has: `where` names a place, `why` explains a verdict or a limit."""

    id: CheckId
    where: str
    statement: Text
    why: Text | None = None
    audit: int | None = Field(None, ge=1)


class Comparison(_Check):
    """The printed figure against a formula: equal to it, at least it, or at most it.

    `printed` is a numeral or a formula over the names of the case. A formula that gives a column makes one
    row for each unit.
    """

    kind: Literal["equals", "at_least", "at_most"]
    formula: str
    printed: str
    expected: Literal["reproduced", "contradicted"] = "reproduced"

    @model_validator(mode="after")
    def _explained(self) -> Comparison:
        if self.expected == "contradicted" and self.why is None:
            raise ValueError(_("预期为矛盾的核对须在 why 里说明原因"))
        return self


class Range(_Check):
    """A formula for something that is not printed, and the range in which it must lie."""

    kind: Literal["within"]
    formula: str
    range: tuple[str, str]
    expected: Literal["reproduced", "contradicted"] = "reproduced"


class Statement(_Check):
    """A passage that no computation can check, with the reason."""

    kind: Literal["statement"]
    why: Text

    @property
    def expected(self) -> Verdict:
        """A statement is never checkable."""
        return "not_checkable"


Check = Annotated[Comparison | Range | Statement, Field(discriminator="kind")]


class Case(_Record):
    """One publication: its facts, tables and checks.

    Attributes
    ----------
    places : mapping of str to Text
        Passages of the publication, to which checks refer.
    facts : mapping of str to Fact
        Single figures.
    tables, marks : mapping
        Tables beside the case, and groups of their units.
    derived : mapping of str to str
        Names for formulas that several checks use.
    unprinted : tuple of str
        Places whose figures are the reviewer's own: bounds and trials, counted apart from what is printed.
    ranking : Ranking, optional
        Where the printed ranks stand, for :func:`xinzhi.reproduction.agreement`.
    regional : Regional, optional
        What :func:`xinzhi.reproduction.regional` analyses.
    printed : Printed, optional
        What :func:`xinzhi.reproduction.printed_index` gives.
    """

    id: CheckId
    title: Text
    citation: Text
    places: Mapping[str, Text]
    facts: Mapping[Name, Annotated[Fact, BeforeValidator(_fact)]] = Field(default_factory=dict)
    tables: Mapping[Name, Table] = Field(default_factory=dict)
    marks: Mapping[Name, Mark] = Field(default_factory=dict)
    derived: Mapping[Name, str] = Field(default_factory=dict)
    ranking: Ranking | None = None
    regional: Regional | None = None
    printed: Printed | None = None
    unprinted: tuple[str, ...] = ()
    checks: tuple[Check, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Sheet:
    """The figures of one table as they are written: column, then unit, then text."""

    columns: Mapping[str, Mapping[str, str]]
    labels: Mapping[str, Text]


def cases() -> tuple[str, ...]:
    """Return the names of the built-in cases."""
    return tuple(sorted(path.stem for path in _CASES.glob("*.toml")))


def path_of(case: str | Path) -> Path:
    """Return the path of a case, given by the name of a built-in one or a path.

    Raises
    ------
    CallError
        If there is no built-in case of that name.
    """
    if isinstance(case, Path) or case.endswith(".toml"):
        return Path(case)
    if case not in cases():
        raise CallError(
            _("没有这个复现案例: {case}").format(case=case),
            remedy=_("内置案例: {names}; 也可给出 .toml 文件的路径").format(names=", ".join(cases())),
        )
    return _CASES / f"{case}.toml"


def load_case(path: Path) -> Case:
    """Read and validate a case.

    Raises
    ------
    CaseError
        If the file is missing, is not TOML, or is not such a case; the error names file, table and key.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CaseError(
            _("读不到复现案例: {reason}").format(reason=reason(error)),
            where=str(path),
            remedy=_("请检查路径; 内置案例见 xinzhi.reproduction.cases()"),
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CaseError(
            _("不是 TOML: {reason}").format(reason=error),
            where=str(path),
            remedy=_("请以 UTF-8 保存, 并检查所指的行"),
        ) from error
    try:
        case = Case.model_validate(content)
    except ValidationError as error:
        raise _explained(error, content, path) from error
    _require_consistent(case, path)
    return case


def read_sheet(table: Table, folder: Path) -> Sheet:
    """Read the CSV file of a table that stands in `folder`.

    Raises
    ------
    CaseError
        If the file is missing, ragged, without its key or labels, or names a unit twice.
    """
    path = folder / table.file
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *lines = [line for line in csv.reader(file, strict=True) if line]
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise CaseError(
            _("读不到表格: {reason}").format(reason=reason(error) if isinstance(error, OSError) else error),
            where=str(path),
            remedy=_("表格须是与案例放在一起的 UTF-8 CSV, 第一行是列名"),
        ) from error
    for column in (table.key, table.label.zh, table.label.en, *table.exact, *table.sources):
        if column not in header:
            raise CaseError(
                _("表格没有这一列: {column}").format(column=column),
                where=str(path),
                remedy=_("现有各列: {columns}").format(columns=", ".join(header)),
            )
    for number, line in enumerate(lines, 2):
        if len(line) != len(header):
            raise CaseError(
                _("第 {line} 行有 {n} 格, 应有 {m} 格").format(line=number, n=len(line), m=len(header)),
                where=str(path),
            )
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    for unit, times in Counter(row[table.key] for row in rows).items():
        if times > 1:
            raise CaseError(_("单位重复: {unit}").format(unit=unit), where=f"{path}, {table.key}")
    for row in rows:
        for column in (table.label.zh, table.label.en):
            if not row[column].strip():
                raise CaseError(_("缺少单位名称"), where=f"{path}, {column}, {row[table.key]}")
    return Sheet(
        {column: {row[table.key]: row[column] for row in rows} for column in header},
        {row[table.key]: Text(zh=row[table.label.zh], en=row[table.label.en]) for row in rows},
    )


def _require_consistent(case: Case, path: Path) -> None:
    for check_id, times in Counter(check.id for check in case.checks).items():
        if times > 1:
            raise CaseError(_("编号重复: {id}").format(id=check_id), where=f"{path}, checks")
    named = [("unprinted", place) for place in case.unprinted]
    named += [(f"checks, {check.id}, where", check.where) for check in case.checks]
    named += [("regional, where", place) for place in (case.regional.where if case.regional else ())]
    for key, place in named:
        if place not in case.places:
            raise CaseError(
                _("没有这个出处: {place}").format(place=place),
                where=f"{path}, {key}",
                remedy=_("已有: {names}").format(names=", ".join(case.places)),
            )
    tables = {f"marks, {name}": mark.table for name, mark in case.marks.items()}
    if case.ranking is not None:
        tables["ranking"] = case.ranking.table
    if case.printed is not None:
        tables["printed"] = case.printed.table
    for place, table in tables.items():
        if table not in case.tables:
            raise CaseError(
                _("没有这张表: {table}").format(table=table),
                where=f"{path}, {place}, table",
                remedy=_("已有: {names}").format(names=", ".join(case.tables)),
            )


def _explained(error: ValidationError, content: Mapping[str, Any], path: Path) -> CaseError:
    """Tell the first thing that pydantic found, with the id of the check in the place of its number."""
    first = error.errors(include_url=False)[0]
    place = [str(part) for part in first["loc"]]
    match first["loc"]:
        case ("checks", int(number), *_rest) if isinstance(content["checks"][number], dict):
            place[1] = str(content["checks"][number].get("id", number + 1))
    message = first["msg"].removeprefix("Value error, ")
    told = {
        "missing": _("缺少这一项"),
        "extra_forbidden": _("不认识这一项"),
        "union_tag_invalid": _("没有这种核对"),
        "union_tag_not_found": _("缺少 kind, 不知道是哪一种核对"),
        "string_type": _("须是带引号的文字"),
        "string_pattern_mismatch": _("名称只能由小写英文字母、数字和连接符组成"),
        "literal_error": _("须是其中之一: {values}").format(values=first.get("ctx", {}).get("expected", "")),
        "value_error": message,
    }.get(first["type"], _("写法不对: {reason}").format(reason=message))
    return CaseError(
        told,
        where=", ".join([str(path), *place]),
        remedy=_("可用的核对: equals, at_least, at_most, within, statement; 写法见 docs/reproduction.md"),
    )
