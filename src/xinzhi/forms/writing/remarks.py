"""Findings in the words of the person who has to mend them: grade, where, what, how; the gravest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from xinzhi.forms.loading import AnyForm
from xinzhi.forms.model import IndicatorForm
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding
from xinzhi.forms.rules import GRADES, Grade, grade_of, message, remedy
from xinzhi.language import gettext as _


class Remark(NamedTuple):
    """A finding as it is written into a list; `number` ties it to the comment at its place."""

    number: int
    grade: Grade
    where: str
    what: str
    mend: str
    place: Place

    @property
    def comment(self) -> str:
        """The remark as a comment at its place: a line for what is wrong, one for how to mend it."""
        return f"{self.number}. [{grade_title(self.grade)}] {self.what}\n{self.mend}"


def remarks(findings: Iterable[Finding], form: AnyForm | None = None) -> tuple[Remark, ...]:
    """Put findings into words in the current language, the gravest first, each grade in the order given.

    Parameters
    ----------
    findings : iterable of Finding
    form : IndicatorForm or CaseForm, optional
        The form they are about, for the names of its fields.
    """
    ordered = sorted(findings, key=lambda finding: GRADES.index(grade_of(finding)))
    return tuple(
        Remark(
            number=number,
            grade=grade_of(finding),
            where=_where(finding, form),
            what=message(finding),
            mend=remedy(finding),
            place=finding.place,
        )
        for number, finding in enumerate(ordered, start=1)
    )


def grade_title(grade: Grade) -> str:
    """Return what people call a grade."""
    return {"mend": _("必须修改"), "explain": _("必须说明"), "note": _("提示")}[grade]


def field_title(form: AnyForm, field: str) -> str:
    """Return what people call a row, working figure, field or section; blank for an id that is none."""
    if isinstance(form, IndicatorForm):
        known = {id: str(figure.title) for id, figure in form.figures()}
    else:
        known = {id: str(asked.title) for id, asked in form.fields.items()}
        known |= {id: str(section.title) for id, section in form.sections.items()}
        known |= {"seal_date": _("盖章日期"), "evidence": _("附件目录")}
    return known.get(field, "")


def _where(finding: Finding, form: AnyForm | None) -> str:
    """Say field, year and place, as far as they are known."""
    title = field_title(form, finding.field) if form and finding.field else ""
    year = _("{year} 年").format(year=finding.year) if finding.year else ""
    named = " ".join(part for part in (title, year) if part)
    place = str(finding.place)
    return f"{named} ({place})" if named and place else named or place or _("整个文件")
