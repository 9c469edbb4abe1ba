"""WHAT is asked: a form as one TOML file; from it the Word file, the Excel file, the reader and the checks."""

from typing import TYPE_CHECKING, Any

from xinzhi.forms.counting import count_characters
from xinzhi.forms.eligibility import asked, filers_of, may_file, timing
from xinzhi.forms.loading import (
    AnyForm,
    Change,
    FormError,
    difference,
    forms,
    load_call,
    load_form,
    parse_form,
)
from xinzhi.forms.model import Call, CaseForm, IndicatorForm
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding, Reading, Value
from xinzhi.forms.rules import Rule, grade_of, message, remedy, rules

if TYPE_CHECKING:
    from xinzhi.forms.opening.front_door import read, read_all

__all__ = [
    "AnyForm",
    "Call",
    "CaseForm",
    "Change",
    "Finding",
    "FormError",
    "IndicatorForm",
    "Place",
    "Reading",
    "Rule",
    "Value",
    "asked",
    "count_characters",
    "difference",
    "filers_of",
    "forms",
    "grade_of",
    "load_call",
    "load_form",
    "may_file",
    "message",
    "parse_form",
    "read",
    "read_all",
    "remedy",
    "rules",
    "timing",
]


def __getattr__(name: str) -> Any:
    # Reading needs child processes and much else that asking for a form does not.
    if name in ("read", "read_all"):
        from xinzhi.forms.opening import front_door

        return getattr(front_door, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
