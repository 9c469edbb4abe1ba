"""Units of measure that a file states beside its figures: in captions, headings, rows of their own and notes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from xinzhi.forms.model import Figure, Row
from xinzhi.forms.spelling import plain
from xinzhi.measures import MeasureError, conversion_factor

_LONGEST = 200  # characters of a caption
_LONGEST_NOTE = 2_000  # characters of a note
_OTHERS = re.compile(
    r"(?:人民币)?[十百千万亿]*[美欧日港英]?元(?:人民币)?|[十百千万亿]{1,3}[^\W\d]{0,2}|[‰%]|吨二氧化碳|吨co2"
    r"|[十百千万亿]*(?:户|辆|台|套|次|宗|平米|立方米|百分比|百分点)|kg|km|km2|m2|mw|kw|kwh"
)
"""Units that :mod:`xinzhi.measures` does not hold; a figure in one of them is a question."""

_PHRASE = re.compile(
    r"(?:单\s*位|量\s*纲|units?)(?:\([^()]*\))?\s*(?:均|都|皆|全|全部|一律|统一|分别)?(?P<said>\s*[:为是用])?\s*"
    r"(?P<after>[^\n。;()\[\]【】:]{1,60})"
    r"|[按以用](?P<between>[^\s,。;:()]{1,8}?)(?:为单位|计|填|统计)"
    r"|[:为是](?=\s*(?P<last>[^\s,。;:()为是]{1,8})\s*(?:[,。;)]|$))",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[(\[【](?P<inside>[^()\[\]【】]{1,30})[)\]】][\s:]*$")
_BETWEEN = re.compile(r"[、,\s|]+|和|及")
_NOTE = re.compile(r"\s*(?:[(\[【]?\s*(?:备\s*)?(?:注|说\s*明)|填报说明|※|\*)")
_HEADING = re.compile(r"单位|量纲|unit")
_BODY = re.compile(
    r"(?:填报|填表|填写|报送|上报|责任|牵头|提供|来源|主管|负责|编制|采集|申报|所属|制表|审核|推荐|实施)单位"
)


def is_unit_heading(text: str) -> bool:
    """Tell whether a plain heading is that of a column of units; 填报单位 is the body that files."""
    return bool(_HEADING.search(text)) and not _BODY.search(text)


def units_in(text: str) -> tuple[str, ...]:
    """Return the units that a text states: 单位：万元, a unit in brackets at the end, nothing but a unit."""
    return units_said(text) or _in_brackets(text) or _all_units(text)


def is_note(text: str) -> bool:
    """Tell whether a line calls itself a note: 注：…, 备注, 说明."""
    return bool(_NOTE.match(text))


def units_said(text: str) -> tuple[str, ...]:
    """Return the units that a text names as such: 单位：亿元、万人, 按万元填报."""
    found: list[str] = []
    for match in _PHRASE.finditer(_narrow(text[:_LONGEST_NOTE])):
        said = match["after"] or match["between"] or match["last"]
        if is_unit(plain(said)):
            found.append(plain(said))
            continue
        for piece in re.split(r"[为是]", said) if match["said"] else [said]:  # GDP为万元，人口为人
            for part in _BETWEEN.split(piece.strip()):
                if not is_unit(plain(part)):
                    break
                found.append(plain(part))
    return tuple(dict.fromkeys(found))


def is_but_a_unit(text: str) -> bool:
    """Tell whether a text is one unit and nothing else, with or without the word 单位 and brackets."""
    bare = re.sub(r"^(?:计量|数据|金额)?单位[:为是]?", "", plain(text).strip("()[]【】"))
    return is_unit(bare.strip("()[]【】"))


@lru_cache(maxsize=4_000)
def is_unit(text: str) -> bool:
    """Tell whether a plain text is a unit of measure, known to convert or not."""
    if not text or len(text) > 20:
        return False
    return is_known(text) or all(
        _OTHERS.fullmatch(part) or is_known(part) for part in re.split(r"[/·*]", text)
    )


def is_known(unit: str) -> bool:
    """Tell whether a unit is among those that convert."""
    return converts(
        f"{unit}/万元", f"{unit}/亿元"
    )  # per another unit, since equal spellings are not looked up


@lru_cache(maxsize=4_000)  # an unknown unit costs the measures a long message
def converts(unit: str, wanted: str) -> bool:
    """Tell whether a figure in one unit converts into another."""
    try:
        conversion_factor(unit, wanted)
    except MeasureError:
        return (unit, wanted) == ("‰", "%")
    return True


def other_unit(text: str, figure: Figure) -> str | None:
    """Return the unit of a row where it is another than the form's, None where it does not convert."""
    unit = plain(text).strip("()-—/")
    if not unit or unit == plain(figure.unit) or unit in figure.unit_aliases:
        return ""
    return unit if converts(unit, figure.unit) else None


def contradicts(stated: Sequence[str], figure: Figure, own: str, *, printed: bool) -> bool:
    """Tell whether units stated for a whole table or column leave the unit of a row in doubt.

    Parameters
    ----------
    own : str
        Unit in which the row is read.
    printed : bool
        Whether the row itself says so. Then 万元 above the table cannot mean its persons, nor ever a share.
    """
    names = {own, *(figure.unit_aliases if own == plain(figure.unit) else ())}
    rivals = [unit for unit in stated if unit not in names]
    if len(rivals) < len(stated):
        return not printed and any(converts(unit, own) for unit in rivals)
    if printed or (isinstance(figure, Row) and figure.share):
        return any(converts(unit, own) or not is_known(unit) for unit in rivals)
    return bool(rivals)


def _in_brackets(text: str) -> tuple[str, ...]:
    match = _IN_BRACKETS.search(_narrow(text[-_LONGEST:]))
    return _all_units(match["inside"]) if match else ()


def _all_units(text: str) -> tuple[str, ...]:
    """Return the units of a text that holds nothing else."""
    if len(text) > _LONGEST:
        return ()
    bare = _narrow(text).strip("()[]【】:- \n\t")
    if is_unit(plain(bare)):
        return (plain(bare),)
    units = [plain(piece) for piece in _BETWEEN.split(bare)]
    return tuple(units) if all(map(is_unit, units)) else ()


def _narrow(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
