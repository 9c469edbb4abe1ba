"""Units from the code list into the table."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from xinzhi import geography
from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.places.models import Unit

DEMONSTRATION_PROVINCE_CODE = "990000"


@transaction.atomic
def load_units(actor: Actor, year: int) -> int:
    """Load provinces, prefectures and counties as of a year from the code list; what is there is brought up to date.

    Prefectures are made of the code of a county's parent, which is all that the list says of them.
    """
    provinces = [
        Unit(code=p.code, name=p.full_name, level="province", kind="province", path=f"{p.code}/")
        for p in geography.units("province")
    ]
    by_code = _stored(provinces)
    counties = geography.units("county", year)
    cities: dict[str, Unit] = {}
    for county in counties:
        if county.parent not in by_code and county.parent not in cities:
            province = by_code[county.province]
            cities[county.parent] = Unit(
                code=county.parent, name=county.prefecture or county.parent, level="city", kind="city",
                parent=province, path=f"{province.path}{county.parent}/",
            )  # fmt: skip
    by_code |= _stored(cities.values())
    made = [
        Unit(
            code=county.code, name=county.full_name, level="county", kind=county.kind,
            parent=by_code[county.parent], path=f"{by_code[county.parent].path}{county.code}/",
            valid_from=county.valid_from, valid_to=county.valid_to,
        )
        for county in counties
    ]  # fmt: skip
    _stored(made)
    record(actor, "units.loaded", f"year:{year}", count=len(made))
    return len(made)


@transaction.atomic
def load_demonstration_units(actor: Actor) -> int:
    """Load the fictitious province."""
    province = Unit(
        code=DEMONSTRATION_PROVINCE_CODE, name=geography.DEMONSTRATION_PROVINCE, level="province",
        kind="province", path=f"{DEMONSTRATION_PROVINCE_CODE}/", demonstration=True,
    )  # fmt: skip
    by_code = _stored([province])
    counties = [unit for unit in geography.demonstration_units() if unit.level == "county"]
    cities = {}
    for county in counties:
        cities[county.parent] = Unit(
            code=county.parent, name=county.prefecture, level="city", kind="city", parent=by_code[province.code],
            path=f"{province.path}{county.parent}/", demonstration=True,
        )  # fmt: skip
    by_code |= _stored(cities.values())
    made = [
        Unit(
            code=county.code, name=county.full_name, level="county", kind=county.kind,
            parent=by_code[county.parent], path=f"{by_code[county.parent].path}{county.code}/", demonstration=True,
        )
        for county in counties
    ]  # fmt: skip
    _stored(made)
    record(actor, "units.loaded", "demonstration", count=len(made))
    return len(made)


def _stored(units: Iterable[Unit]) -> dict[str, Unit]:
    """Store units by code and return them as stored."""
    units = list(units)
    Unit.objects.bulk_create(
        units,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "kind", "parent", "path", "valid_from", "valid_to"],
        batch_size=500,
    )
    return {unit.code: unit for unit in Unit.objects.filter(code__in=[unit.code for unit in units])}
