"""What a heading means: a key of the table, a variable of the methodology, or nothing we know."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from xinzhi.errors import PanelError
from xinzhi.language import gettext as _
from xinzhi.language import half_width
from xinzhi.methodology import Methodology
from xinzhi.panel.findings import Findings
from xinzhi.panel.table import Table

_KEYS = {
    "code": "code adcode 代码 行政区划代码 区划代码 单位代码 地区代码 编码 行政区划编码",
    "name": "name 名称 单位名称 地区 地区名称 地名",
    "parent": "parent 上级 上级地区 所属地区 所属 所在地区",
    "year": "year 年份 年度 年",
    "indicator": "indicator variable 指标 变量 指标名称",
    "value": "value 数值 值 数据",
    "measure": "measure 计量单位",
    "status": "status 状态",
    "source": "source 来源 资料来源 数据来源",
    "vintage": "vintage 口径 数据口径 版本",
    "file": "file 文件",
    "row": "row 行 行号",
    "column": "column 列 列名",
    "remark": "remark 数据说明",
}
# From the widest to the narrowest: the narrowest one in a table names the unit, the next one its parent.
_PLACES = (
    "province province_name 省 省份 省市 省级",
    "city city_name prefecture 市 城市 地市 地级市",
    "county county_name 县 县名 区县 县区 县市",
)
_EITHER = "unit 单位"  # the name of the unit or, beside another name, the unit of measure
_ASIDE = "note 备注 说明 region region4 地区分组"
_TIDY_ONLY = ("measure", "status", "source", "vintage", "file", "row", "column", "remark")

_BRACKETED = re.compile(r"(.+?)\s*\(([^()]*)\)")


def spellings(keys: dict[str, str]) -> dict[str, str]:
    """Map every spelling of a heading, as :func:`plain` gives it, to its key."""
    return {word: key for key, words in keys.items() for word in words.split()}


_KEY_OF = spellings(_KEYS)


class Vocabulary:
    """The names under which data files may speak of the variables of a methodology.

    Without a methodology every name is a variable of that name.
    """

    def __init__(self, methodology: Methodology | None) -> None:
        self._names: dict[str, set[str]] | None = None
        if methodology is not None:
            names: defaultdict[str, set[str]] = defaultdict(set)
            for id, variable in methodology.variables():
                for name in (id, variable.title.zh, variable.title.en, *variable.aliases):
                    if name:
                        names[plain(name)].add(id)
            self._names = dict(names)

    def meaning(self, heading: str) -> tuple[str, str] | None:
        """Return the variable and the unit of measure that a heading names; None where it names no variable.

        Raises
        ------
        PanelError
            If two variables go by that name.
        """
        if self._names is None:
            return heading.strip(), ""
        if plain(heading) in self._names:
            return self._one(heading, self._names[plain(heading)]), ""
        bracketed = _BRACKETED.fullmatch(half_width(heading))
        if bracketed and plain(bracketed[1]) in self._names:
            return self._one(heading, self._names[plain(bracketed[1])]), bracketed[2].strip()
        return None

    def suggestion(self, heading: str) -> str:
        """Return a remedy for an unknown heading, with the names that are like it."""
        known = [*self._names, *_KEY_OF] if self._names else [*_KEY_OF]
        close = difflib.get_close_matches(plain(heading.split("(")[0].split("（")[0]), known, 3, 0.6)
        if close:
            return _("“{heading}”是不是: {names}").format(heading=heading, names=", ".join(close))
        return _("请改用方法里的标识、名称或别名, 或删去这一列; 备注写在“备注”列")

    @staticmethod
    def _one(heading: str, ids: set[str]) -> str:
        if len(ids) > 1:
            raise PanelError(
                _("“{heading}”可以指 {ids}").format(heading=heading, ids=", ".join(sorted(ids))),
                remedy=_("请在表头写变量的标识"),
            )
        return next(iter(ids))


@dataclass
class Layout:
    """Where the keys and the variables of a table stand, by position of the column.

    `variables` maps a position to variable and unit of measure; it is empty for a tidy table.
    """

    keys: dict[str, int]
    variables: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def tidy(self) -> bool:
        """Whether each row holds one figure."""
        return "indicator" in self.keys and "value" in self.keys


def lay_out(table: Table, vocabulary: Vocabulary, findings: Findings) -> Layout:
    """Tell the columns of a table apart; what is no key, no variable and no note is a finding."""
    keys = _keys(table, findings)
    layout = Layout(keys)
    if not layout.tidy:
        for key in (*_TIDY_ONLY, "indicator", "value"):
            keys.pop(key, None)
    taken: dict[str, int] = {}
    for position in _remaining(table, keys):
        heading, label = table.headings[position], table.labels[position]
        if not heading:
            if (table.columns[position].str.strip_chars() != "").any():
                findings.add(
                    _("有数据, 没有表头"), column=label or str(position + 1), remedy=_("请给这一列写上表头")
                )
            continue
        if layout.tidy:
            findings.add(
                _("不认得这一列: “{heading}”").format(heading=heading),
                column=label,
                remedy=_("一行一个数的表里请删去这一列; 备注写在“备注”列"),
            )
            continue
        try:
            meaning = vocabulary.meaning(heading)
        except PanelError as error:
            findings.add(error.what, remedy=error.remedy, column=label)
            continue
        if meaning is None:
            findings.add(
                _("没有叫“{heading}”的指标").format(heading=heading),
                column=label,
                remedy=vocabulary.suggestion(heading),
            )
        elif meaning[0] in taken:
            other = table.labels[taken[meaning[0]]]
            findings.add(
                _("与 {other} 列都是 {variable}").format(other=other, variable=meaning[0]),
                column=label,
                remedy=_("同一项只留一列"),
            )
        else:
            taken[meaning[0]] = position
            layout.variables[position] = meaning
    return layout


def _keys(table: Table, findings: Findings) -> dict[str, int]:
    keys: dict[str, int] = {}
    places: dict[int, int] = {}
    either: int | None = None
    for position, heading in enumerate(table.headings):
        word = plain(heading)
        key = _KEY_OF.get(word)
        breadth = next((i for i, words in enumerate(_PLACES) if word in words.split()), None)
        if word in _EITHER.split() and either is None:
            either = position
        elif breadth is not None and breadth not in places:
            places[breadth] = position
        elif key is not None and key not in keys:
            keys[key] = position
        elif key is not None:
            findings.add(
                _("与 {other} 列都是 {variable}").format(other=table.labels[keys[key]], variable=heading),
                column=table.labels[position],
                remedy=_("同一项只留一列"),
            )
            keys[f"{key} {position}"] = position
    narrowing = [places[breadth] for breadth in sorted(places)]
    for key in ("name", "parent"):
        if key not in keys and narrowing:
            keys[key] = narrowing.pop()
    keys |= {f"place {position}": position for position in narrowing}
    if either is not None:
        keys.setdefault("measure" if "name" in keys else "name", either)
    return keys


def _remaining(table: Table, keys: dict[str, int]) -> Iterator[int]:
    placed = set(keys.values())
    for position, heading in enumerate(table.headings):
        if position not in placed and plain(heading) not in _ASIDE.split():
            yield position


def plain(heading: str) -> str:
    """Return a heading as it is compared: width, case and white space do not matter."""
    return " ".join(half_width(heading).casefold().split())
