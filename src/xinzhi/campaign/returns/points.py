"""What is found about a return now, and what of it stands in the way of sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xinzhi.campaign.returns.circumstances import circumstances_of
from xinzhi.campaign.returns.drafts import CellState, judged, texts_of
from xinzhi.campaign.returns.keys import key_of
from xinzhi.campaign.returns.models import CASE, Attachment, Explanation, Return
from xinzhi.forms import Finding, grade_of, message, remedy
from xinzhi.forms.checks import Circumstances, judge_explanation
from xinzhi.forms.rules import Grade
from xinzhi.language import gettext as _

STATEMENT = "stated_not_secret"
"""Key of the one point that no finding brings: the statement of the call (L6)."""

UNTOUCHED = ("figures.missing", "case.field_missing", "case.section_missing", "case.no_date")
"""Rules that say no more than that nothing has been filled in yet."""

_MOST_COMPARED = 2000  # explanations of other units


@dataclass(frozen=True)
class Point:
    """A finding in the reader's words, with what the filer says to it.

    Attributes
    ----------
    key : str
        Of the cell; blank for the whole.
    refusal : str
        Why the explanation explains nothing; blank where it does, or none is asked.
    """

    rule: str
    key: str
    grade: Grade
    what: str
    remedy: str
    explanation: str = ""
    refusal: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it stands in the way of sending."""
        return self.grade == "mend" or bool(self.refusal)

    @property
    def said(self) -> str:
        """What has to be done, in one sentence."""
        if not self.refusal:
            return self.what
        return _("{finding}; 需要说明: {refusal}").format(finding=self.what, refusal=self.refusal)

    @property
    def only_missing(self) -> bool:
        """Whether it says no more than that nothing has been filled in yet."""
        return self.rule in UNTOUCHED and not self.explanation


def findings_of(
    filed: Return,
    known: Circumstances | None = None,
    texts: Mapping[str, CellState] | None = None,
    attachments: Sequence[Attachment] | None = None,
) -> tuple[Finding, ...]:
    """Return the findings about what a return holds now, against what is known beside it.

    Parameters
    ----------
    known, texts, attachments : optional
        For whoever has read them already.
    """
    held = texts_of(filed) if texts is None else texts
    if attachments is None:  # nothing is found about the files of an indicator form
        attachments = list(filed.attachments.filter(removed_at=None)) if filed.sort == CASE else []
    said = {key: cell.text for key, cell in held.items()}
    return judged(filed.declared, said, tuple(attachments), known or circumstances_of(filed))


def finding_key(finding: Finding) -> str:
    """Return the key of the cell that a finding is about; blank for the whole."""
    return key_of(finding.field, finding.year)


def points_of(filed: Return, findings: Sequence[Finding] | None = None) -> list[Point]:
    """Return all that is found, gravest first, each with its explanation; then the statement if it is not made."""
    found = findings_of(filed) if findings is None else findings
    own = {(e.rule, e.key): e.text for e in filed.explanations.all()}
    others = _of_others(filed) if own else []
    points = []
    for finding in found:
        key, said = finding_key(finding), message(finding)
        text = own.get((finding.rule, key), "")
        refusal = None
        if grade_of(finding) == "explain":
            elsewhere = [t for place, t in own.items() if place != (finding.rule, key)]
            refusal = judge_explanation(text, asked=said, others=[*elsewhere, *others])
        points.append(
            Point(
                finding.rule, key, grade_of(finding), said, remedy(finding), text,
                message(refusal) if refusal else "",
            )
        )  # fmt: skip
    if not filed.stated_not_secret:
        points.append(
            Point(
                STATEMENT,
                STATEMENT,
                "mend",
                _("请确认声明: {statement}").format(statement=filed.campaign.call.statement),
                "",
            )
        )
    return points


def open_points(filed: Return, findings: Sequence[Finding] | None = None) -> list[str]:
    """Return, in the reader's words, what stands in the way of sending: to mend, to explain, to state."""
    return [point.said for point in points_of(filed, findings) if point.is_open]


def other_explanations(filed: Return, rule: str, key: str) -> list[str]:
    """Return what was said to other findings, here and by other units: the same words explain nothing twice."""
    own = filed.explanations.exclude(rule=rule, key=key)
    return [*own.values_list("text", flat=True), *_of_others(filed)]


def _of_others(filed: Return) -> list[str]:
    others = Explanation.objects.filter(of__campaign=filed.campaign_id).exclude(of=filed)
    return list(others.values_list("text", flat=True)[:_MOST_COMPARED])
