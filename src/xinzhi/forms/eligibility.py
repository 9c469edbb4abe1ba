"""Who may file what, and when: the rules of the call applied to a unit, a body and a moment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from xinzhi.forms.model import Call, Filers
from xinzhi.geography import Unit, units

Timing = Literal["early", "open", "late"]


def filers_of(call: Call, unit: Unit | None) -> Filers | None:
    """Return the entry of the call under which a unit files; None when it is not asked at all.

    Parameters
    ----------
    call : Call
    unit : Unit or None
        An administrative unit; None for an enterprise or another body.
    """
    for filers in call.filers:
        if unit is None:
            if filers.bodies:
                return filers
        elif unit.code in filers.codes or (unit.level == "county" and unit.kind in filers.kinds):
            return filers
    return None


def may_file(call: Call, unit: Unit | None, form: str, *, admitted: Collection[str] = ()) -> bool:
    """Tell whether a unit (None: a body) may file the form of this id.

    Parameters
    ----------
    admitted : collection of str
        Codes of the units that the office admitted by name.
    """
    filers = filers_of(call, unit)
    if filers is None or form not in filers.forms:
        return False
    return not filers.admitted_by_name or (unit is not None and unit.code in admitted)


def asked(call: Call, form: str) -> tuple[Unit, ...]:
    """Return the county-level units that the call asks for a form, in the order of their codes."""
    return tuple(unit for unit in units("county", call.units_year) if may_file(call, unit, form))


def timing(call: Call, moment: datetime, *, until: datetime | None = None) -> Timing:
    """Tell whether a moment lies before, in or after the window of the call.

    Parameters
    ----------
    moment : datetime
        With a time zone: when a return arrived. For mail the time of the receiving server, since the sender
        writes the Date header.
    until : datetime, optional
        Another end of the window, for a unit whose time the office extended.

    Raises
    ------
    ValueError
        If the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("moment needs a time zone")
    local = moment.astimezone(call.zone).replace(tzinfo=None)
    closes = until.astimezone(call.zone).replace(tzinfo=None) if until else call.window.closes
    if local < call.window.opens:
        return "early"
    return "open" if local < closes else "late"
