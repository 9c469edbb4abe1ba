"""A list of people to be invited: read from a sheet, all its faults at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.people.roles import ROLES
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.sheets import Row, SheetFaults, rows_of
from xinzhi.language import gettext as _

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "unit": ("单位代码", "unit", "unit code", "code"),
    "role": ("角色", "role"),
    "name": ("姓名", "name"),
    "email": ("电子邮箱", "邮箱", "e-mail", "email"),
}
_LONGEST_NAME = 60
_ROLES = {word.casefold(): id for id, role in ROLES.items() for word in (id, role.title.zh, role.title.en)}


@dataclass(frozen=True)
class Guest:
    """Somebody to be invited: to which role, over which unit, and how the letter names them."""

    role: str
    unit: Unit | None
    name: str = ""
    email: str = ""


def read_roster(upload: UploadedFile[bytes], campaign: Campaign) -> list[Guest]:
    """Read a list of guests.

    Raises
    ------
    SheetFaults
        If any row cannot be used; every fault is told with its cell.
    """
    rows = rows_of(upload, COLUMNS, ("unit", "role"))
    codes = {row["unit"].upper() for _number, row in rows}
    units = {u.code: u for u in Unit.objects.filter(code__in=codes, demonstration=campaign.demonstration)}
    guests: dict[Guest, int] = {}
    faults: list[str] = []
    for number, row in rows:
        found = list(_faults(row, units))
        guest = _guest(row, units)
        if not found and guest in guests:
            found.append((row.cell("unit"), _("与第 {row} 行重复").format(row=guests[guest])))
        guests.setdefault(guest, number)
        faults += [f"{cell}: {fault}" for cell, fault in found]
    if faults:
        raise SheetFaults(faults)
    return list(guests)


def _guest(row: Mapping[str, str], units: Mapping[str, Unit]) -> Guest:
    return Guest(
        _ROLES.get(row["role"].casefold(), ""),
        units.get(row["unit"].upper()),
        row["name"],
        row["email"].lower(),
    )


def _faults(row: Row, units: Mapping[str, Unit]) -> Iterator[tuple[str, str]]:
    """Yield the cell and what is wrong with it."""
    role = ROLES.get(_ROLES.get(row["role"].casefold(), ""))
    if role is None:
        titles = ", ".join(str(known.title) for known in ROLES.values())
        yield row.cell("role"), _("角色“{role}”不认得, 可用: {roles}").format(role=row["role"], roles=titles)
    if row["unit"] and row["unit"].upper() not in units:
        yield row.cell("unit"), _("单位代码“{code}”不在单位表中").format(code=row["unit"])
    if role is not None and role.reach != "campaign" and not row["unit"]:
        yield row.cell("unit"), _("“{role}”要写单位代码").format(role=role.title)
    if len(row["name"]) > _LONGEST_NAME:
        yield row.cell("name"), _("姓名超过 {n} 个字").format(n=_LONGEST_NAME)
    if row["email"]:
        try:
            validate_email(row["email"])
        except ValidationError:
            yield row.cell("email"), _("电子邮箱“{email}”不对").format(email=row["email"])
