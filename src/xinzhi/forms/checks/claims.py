"""Quantified claims in a case: what the advice of the form asks for, counted, located and weighed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

ClaimKind = Literal["comparison", "change", "rank", "share", "amount"]

_NUMBER = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
_UNIT = (
    r"(?:亿千瓦时|万千瓦时|千瓦时|平方公里|平方米|立方米|吨标煤|吨标准煤|万亩|公里|千米|毫米|微米|纳米|公斤|千克|"
    r"百分点|个百分点|个月|万人次|人次|[万亿]?(?:元|吨|件|个|人|家|户|台|套|辆|亩|米|项|次|条|座|所|名|种|类|批|篇|秒|分钟|小时|天|"
    r"倍|度|千伏|兆瓦|瓦|升|株|头|只|床|间|处|例|美元|门|款)|[万亿])"
)
_QUANTITY = rf"[约近超]?\s*{_NUMBER}\s*(?:%|％|‰|{_UNIT})(?:/[\u4e00-\u9fff]{{1,4}})?"
_RISE = r"(?:提高|提升|增长|增加|上升|扩大|突破|下降|降低|减少|缩短|缩减|压缩|节约|节省|降至|降到|升至|增至|达到|达)"

_CLAUSE = r"[^，。；,;\n]"
_FROM_TO = rf"[由从]\s*{_NUMBER}{_CLAUSE}{{0,12}}?(?:到|至|为)\s*{_QUANTITY}"
_ARROW = rf"{_NUMBER}\s*(?:%|％|{_UNIT})?\s*(?:→|->|—>|⟶)\s*{_QUANTITY}"
_AGAINST = rf"(?:同比|环比|年均|[较比]{_CLAUSE}{{1,12}}?)"
_RANK = rf"Top\s*[0-9]+|前\s*{_NUMBER}\s*[名位强]|第\s*[0-9一二三四五六七八九十]+\s*[名位]"

_PATTERNS: tuple[tuple[ClaimKind, re.Pattern[str]], ...] = (
    ("comparison", re.compile(rf"{_FROM_TO}|{_ARROW}")),
    ("change", re.compile(rf"{_AGAINST}?{_RISE}[了约近超至到]?\s*{_QUANTITY}")),
    ("rank", re.compile(_RANK, re.IGNORECASE)),
    ("share", re.compile(rf"[0-9][0-9.,]*\s*(?:%|％|‰)|{_NUMBER}\s*个?百分点")),
    ("amount", re.compile(_QUANTITY)),
)
_WEIGHT: dict[ClaimKind, int] = {"comparison": 5, "change": 4, "rank": 3, "share": 2, "amount": 1}
_NOT_A_CLAIM = re.compile(
    r"〔[0-9]{4}〕[0-9]+号|[0-9]{4}\s*年(?:[0-9]{1,2}\s*月)?(?:[0-9]{1,2}\s*日)?|“?十[一二三四五]五”?"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A quantified claim: its words, where they begin in the text, its kind and how much it says.

    `weight` is 5 for an old and a new value together, 4 for a change, 3 for a rank, 2 for a share and 1 for a bare
    amount; it orders the figures of a summary card and is no measure of truth.
    """

    text: str
    start: int
    kind: ClaimKind
    weight: int


def claims(text: str) -> tuple[Claim, ...]:
    """Find the quantified claims of a text in their order; none overlaps another.

    Dates, document numbers and the numbers of lists are not claims.
    """
    masked = _NOT_A_CLAIM.sub(lambda match: "\0" * len(match[0]), text)
    taken = [False] * len(text)
    found = []
    for kind, pattern in _PATTERNS:
        for start, end in _free(pattern, masked, taken):
            taken[start:end] = [True] * (end - start)
            found.append(Claim(text[start:end].strip(), start, kind, _WEIGHT[kind]))
    return tuple(sorted(found, key=lambda claim: claim.start))


def strongest(text: str, count: int = 3) -> tuple[Claim, ...]:
    """Return the weightiest claims of a text, earlier ones first among equals."""
    return tuple(sorted(claims(text), key=lambda claim: (-claim.weight, claim.start))[:count])


def _free(pattern: re.Pattern[str], text: str, taken: list[bool]) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(text):
        start, end = match.span()
        # The name of a standard or a version (5G, V4.3, Q2) is a word with a digit in it.
        inside_word = (
            start > 0 and text[start].isdigit() and text[start - 1].isascii() and text[start - 1].isalnum()
        )
        if not inside_word and not any(taken[start:end]):
            yield start, end
