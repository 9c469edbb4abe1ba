"""Which row of the indicator form a label means: by its name, never by position or number.

One letter makes another indicator (存款 for 贷款), so a label that merely resembles a row is a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from xinzhi.forms.model import Figure, IndicatorForm, Row
from xinzhi.forms.spelling import plain, without_number
from xinzhi.forms.understanding.stated_units import converts

_LONGEST = 80  # characters of a cell that may be a label
_PARTICLES = str.maketrans("", "", "的之数量额各项总和与及、,.·:;()[]{}-—/\"'“”")
_ALIKE = 80.0  # likeness in % from which a label is asked about
_FEWEST_LETTERS = 5  # of a name that can resemble another
_REMARKS = {"现价", "当年价", "当年价格", "全年", "累计", "年末累计", "年末", "期末", "gdp", "单位"}
"""Remarks behind a label that leave its meaning as it is."""

Likeness = Literal["same", "retyped", "unclear"]


@dataclass(frozen=True, slots=True)
class RowMatch:
    """The row or working field a label means.

    `likeness`: the same name, the same but for particles (数量 for 数), or merely alike. `unit` is the unit that
    the label gives where it is another than the form's; `printed` whether it gives one at all.
    """

    id: str
    likeness: Likeness = "same"
    unit: str = ""
    printed: bool = False


class RowLabels:
    """The labels of a form, ready to be compared."""

    def __init__(self, form: IndicatorForm) -> None:
        names = {id: _name(figure) for id, figure in form.figures()}
        self._form = form
        self._names = sorted(names.items(), key=lambda item: -len(item[1]))
        self._known: dict[str, RowMatch | None] = {}

    def match(self, text: str) -> RowMatch | None:
        """Return what a cell's text means; None where it is no label of the form."""
        if not text.strip() or len(text) > _LONGEST:
            return None
        if text not in self._known:
            self._known[text] = self._match(plain(without_number(text)))
        return self._known[text]

    def _match(self, label: str) -> RowMatch | None:
        for id, name in self._names:
            rest = label.removeprefix(name) if label.startswith(name) else None
            if rest is not None and (not rest or not rest[0].isalnum()):
                said = self._unit(id, rest)
                return RowMatch(id, "unclear") if said is None else RowMatch(id, "same", *said)
        bare, unit_part = re.fullmatch(r"(.*?)(\([^()]*\))?", label, re.DOTALL).groups()  # type: ignore[union-attr]
        return self._retyped(bare, unit_part or "") or self._alike(label)

    def _retyped(self, bare: str, unit_part: str) -> RowMatch | None:
        """The same name but for particles and brackets, which no second row shares."""
        for body, rest in ((bare, unit_part), (bare + unit_part, "")):
            skeleton = body.translate(_PARTICLES)
            found = [id for id, name in self._names if name.translate(_PARTICLES) == skeleton]
            if skeleton and len(found) == 1 and (said := self._unit(found[0], rest)) is not None:
                return RowMatch(found[0], "retyped", *said)
        return None

    def _alike(self, label: str) -> RowMatch | None:
        body = re.sub(r"\([^()]*\)$", "", label)
        scored = [
            (fuzz.ratio(body, name), id)
            for id, name in self._names
            if len(name) >= _FEWEST_LETTERS <= len(body)
        ]
        best, id = max(scored, default=(0.0, ""))
        return RowMatch(id, "unclear") if best >= _ALIKE else None

    def _unit(self, id: str, rest: str) -> tuple[str, bool] | None:
        """Return the other unit behind a name ("" for the form's) and if there is any; None where it is unclear."""
        figure, stated, printed = self._form.figure(id), "", False
        for word in re.split(r"[()\[\]{}<>,:;、—\-]+", rest):
            if not word or word in _REMARKS:
                continue
            if word == plain(figure.unit) or word in figure.unit_aliases:
                printed = True
                continue
            if stated or not converts(word, figure.unit):
                return None
            stated = word
        return stated, printed or bool(stated)


def _name(figure: Figure) -> str:
    """Return the label without the unit behind it."""
    label = plain(figure.label if isinstance(figure, Row) else figure.title.zh)
    return label.removesuffix(f"({plain(figure.unit)})") if figure.unit else label
