"""A reading judged by all checks of its form, findings in the order in which a person would mend them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xinzhi.forms.checks.case import check_case, check_looks
from xinzhi.forms.checks.circumstances import Circumstances
from xinzhi.forms.checks.figures import check_figures
from xinzhi.forms.checks.material import check_material
from xinzhi.forms.loading import AnyForm
from xinzhi.forms.model import CaseForm
from xinzhi.forms.reading import Finding, PictureFacts, Reading
from xinzhi.forms.rules import GRADES, grade_of


def check(form: AnyForm, reading: Reading, known: Circumstances | None = None) -> tuple[Finding, ...]:
    """Return all findings about one form: what the reader met and what the checks add.

    Parameters
    ----------
    form : IndicatorForm or CaseForm
    reading : Reading
        Of this form.
    known : Circumstances, optional
        What the return is held against; what is absent is not checked.

    Returns
    -------
    tuple of Finding
        Must mend first, then must explain, then notes; within a grade in the order of the form.
    """
    found = [*reading.findings]
    if isinstance(form, CaseForm):
        found += check_case(form, reading)
    else:
        found += check_figures(form, reading, known or Circumstances())
    found += check_looks(form.style.font, form.style.points, reading)
    return in_order(found)


def check_delivery(
    form: CaseForm,
    reading: Reading,
    pictures: Sequence[PictureFacts] = (),
    evidence: Sequence[str] = (),
    *,
    seal_scan: bool = False,
) -> tuple[Finding, ...]:
    """Return the findings about what came with a case: pictures, evidence, the sealed page.

    See :func:`xinzhi.forms.checks.material.check_material` for the parameters.
    """
    return in_order(check_material(form, reading, pictures, evidence, seal_scan=seal_scan))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by grade, gravest first, each once; otherwise in the order given."""
    once: dict[str, Finding] = {}
    for finding in findings:
        once.setdefault(finding.model_dump_json(), finding)
    return tuple(sorted(once.values(), key=lambda finding: GRADES.index(grade_of(finding))))
