"""The services with which intake works outside of tests: the limited child processes, and all checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from xinzhi.forms.checks import Circumstances, check, check_delivery
from xinzhi.forms.opening.front_door import read_all
from xinzhi.forms.opening.workshop import Workshop
from xinzhi.forms.reading import Finding, Reading
from xinzhi.geography import Unit
from xinzhi.intake.returns import Services


def standard_services(
    workshop: Workshop,
    clock: Callable[[], datetime],
    *,
    circumstances: Callable[[Unit | None], Circumstances] = Circumstances,
    forms: Sequence[str] = (),
) -> Services:
    """Return services that open every file in the workshop and judge it by all rules.

    Parameters
    ----------
    workshop : Workshop
        Where files are opened.
    clock : callable
        The time, with a time zone.
    circumstances : callable
        What is known beside a return of a unit.
    forms : sequence of str
        Names of the forms that are asked for; all of the library's by default.
    """

    def read(data: bytes, name: str, /) -> tuple[Reading, ...]:
        return read_all(data, name=name, forms=forms, workshop=workshop)

    def annotate(data: bytes, name: str, findings: Sequence[Finding], form: str, /) -> bytes:
        return workshop.annotate(data, name, findings, form)

    return Services(
        clock=clock,
        read=read,
        check=check,
        check_delivery=check_delivery,
        annotate=annotate,
        circumstances=circumstances,
        readers=workshop.children,
    )
