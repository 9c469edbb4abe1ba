"""Keys of cells: a field of a form, of a figure with its year (``gdp@2023``)."""

from __future__ import annotations

from collections.abc import Iterator

from xinzhi.forms import AnyForm, CaseForm

WRITTEN_BESIDES = ("seal_date", "evidence")
"""Fields of a case that its head and sections do not hold."""


def key_of(field: str, year: int | None = None) -> str:
    """Return the key of a field and year."""
    return f"{field}@{year}" if year else field


def field_of(key: str) -> tuple[str, int | None]:
    """Return the field and year of a key."""
    field, _at, year = key.partition("@")
    return field, int(year) if year else None


def keys_of(form: AnyForm) -> Iterator[str]:
    """Yield the keys of all cells that a unit may fill in, in the order of the form."""
    if isinstance(form, CaseForm):
        yield from (*form.fields, *form.sections, *WRITTEN_BESIDES)
        return
    for id, row in form.rows.items():
        if row.filled_by == "unit":
            yield from (key_of(id, year) for year in form.years)
    for id in form.working:
        yield from (key_of(id, year) for year in form.years)


def is_private(form: AnyForm, key: str) -> bool:
    """Tell whether a cell is about a person."""
    return isinstance(form, CaseForm) and key in form.fields and form.fields[key].private
