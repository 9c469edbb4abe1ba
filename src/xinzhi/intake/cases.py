"""The cases that a unit filed or recommended, counted over what was taken in: 案例（个） is not what somebody typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from xinzhi.forms.loading import load_form
from xinzhi.forms.model import IndicatorForm
from xinzhi.forms.reading import Reading
from xinzhi.intake.gazetteer import Gazetteer, plain
from xinzhi.intake.matching import filed_text, recommender_of
from xinzhi.intake.records import Item, Return


def cases_of_units(returns: Iterable[Return], places: Gazetteer) -> dict[str, int]:
    """Return how many cases each unit filed or recommended, by the code of the unit.

    A case counts for the unit that sent it and for the one that its form names as recommending it. It counts once
    however often it came: one filer and one title are one case, whatever was mended in it. What repeats another
    delivery, or is in quarantine, brings none.
    """
    cases: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for made in returns:
        if made.status in ("duplicate", "quarantine"):
            continue
        for item, reading in made.readings():
            if load_form(reading.form).kind == "case":
                for unit in {made.match.unit, recommender_of(reading, places)} - {""}:
                    cases[unit].add(_known_by(item, reading))
    return {unit: len(known) for unit, known in cases.items()}


def states_cases(reading: Reading) -> bool:
    """Tell whether somebody typed a number where the cases are counted."""
    form = load_form(reading.form)
    return isinstance(form, IndicatorForm) and any(
        value.number is not None and value.field in form.rows and form.rows[value.field].filled_by == "cases"
        for value in reading.values
    )


def _known_by(item: Item, reading: Reading) -> tuple[str, ...]:
    """Return by what a case is known again: filer and title, or its bytes where it has no title."""
    title = plain(filed_text(reading, "title")).casefold()
    return (plain(filed_text(reading, "unit")).casefold(), title) if title else (item.sha256,)
