"""The table that says of each variable in which publication it stands, of which vintage, in which unit."""

from __future__ import annotations

from dataclasses import dataclass

from xinzhi.errors import PanelError
from xinzhi.language import gettext as _
from xinzhi.panel.findings import Findings
from xinzhi.panel.headings import Vocabulary, plain, spellings
from xinzhi.panel.table import Table

_KEYS = {
    "column": "column 列 列名 变量 指标",
    "unit": "unit 单位 计量单位",
    "publication": "publication source 出版物 来源 资料来源",
    "vintage": "vintage 口径 版本",
    "note": "note 备注 说明",
}
_KEY_OF = spellings(_KEYS)


@dataclass(frozen=True)
class ListedSource:
    """What the table of sources says of one variable."""

    measure: str
    publication: str
    vintage: str
    note: str = ""

    @property
    def text(self) -> str:
        """Publication and vintage as one text."""
        return ", ".join(part for part in (self.publication, self.vintage) if part)


def listed_sources(
    table: Table | None, vocabulary: Vocabulary, findings: Findings
) -> dict[str, ListedSource]:
    """Return what a table of sources says, by variable; what it says wrongly is a finding."""
    if table is None:
        return {}
    of_sources = Findings(table.name)
    positions = _positions(table, of_sources)
    listed: dict[str, ListedSource] = {}
    if "column" in positions:
        texts = {
            key: table.columns[p].fill_null("").str.strip_chars().to_list() for key, p in positions.items()
        }
        for i, row in enumerate(table.rows.tolist()):
            entry = {key: column[i] for key, column in texts.items()}
            try:
                meaning = vocabulary.meaning(entry["column"])
            except PanelError as error:
                of_sources.add(error.what, remedy=error.remedy, row=row)
                continue
            if meaning is None or not entry["column"]:
                of_sources.add(
                    _("没有叫“{heading}”的指标").format(heading=entry["column"]),
                    row=row,
                    remedy=vocabulary.suggestion(entry["column"]),
                )
            elif meaning[0] in listed:
                of_sources.add(
                    _("{variable} 的来源写了两次").format(variable=meaning[0]),
                    row=row,
                    remedy=_("每个变量的来源只写一行"),
                )
            else:
                listed[meaning[0]] = ListedSource(
                    entry.get("unit") or meaning[1],
                    entry.get("publication", ""),
                    entry.get("vintage", ""),
                    entry.get("note", ""),
                )
    findings.take(of_sources)
    return listed


def _positions(table: Table, findings: Findings) -> dict[str, int]:
    """Return the positions of column, unit, publication, vintage and note in a table of sources."""
    keys: dict[str, int] = {}
    for position, heading in enumerate(table.headings):
        key = _KEY_OF.get(plain(heading))
        if key is not None and key not in keys:
            keys[key] = position
        elif heading:
            findings.add(
                _("不认得这一列: “{heading}”").format(heading=heading),
                column=table.labels[position],
                remedy=_("来源表的列是: column, unit, publication, vintage, note"),
            )
    if "column" not in keys:
        findings.add(
            _("来源表缺 column 一列"), remedy=_("来源表的列是: column, unit, publication, vintage, note")
        )
    return keys
