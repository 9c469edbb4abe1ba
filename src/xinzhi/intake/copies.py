"""Text and pictures that cases of different filers share, over all that a store holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xinzhi.forms.loading import load_form
from xinzhi.forms.model import CaseForm
from xinzhi.intake.likeness import (
    Likeness,
    Pair,
    PicturePair,
    SideBySide,
    alike_pictures,
    shared_passages,
    side_by_side,
)
from xinzhi.intake.records import Return
from xinzhi.intake.store import Store

THRESHOLD = 0.3
"""Share of the shorter text from which two cases are shown to a person."""


@dataclass(frozen=True, slots=True)
class FiledCase:
    """A case as it was filed: receipt number, file, title, filer, text, fingerprints of its pictures by name."""

    receipt: str
    path: str
    title: str
    filer: str
    text: str
    pictures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Copies:
    """What cases of different filers share. Pairs name cases by their key in `cases`, pictures as ``case/picture``."""

    cases: Mapping[str, FiledCase]
    texts: tuple[Pair, ...]
    pictures: tuple[PicturePair, ...]


def filed_cases(store: Store) -> dict[str, FiledCase]:
    """Return the cases in a store by receipt number, a second one in a delivery with its place behind that.

    A delivery that repeats another, or that is in quarantine, brings none.
    """
    found: dict[str, FiledCase] = {}
    for made in store.returns():
        if made.status in ("duplicate", "quarantine"):
            continue
        for number, case in enumerate(_cases_of(made), start=1):
            found[made.id if number == 1 else f"{made.id}.{number}"] = case
    return found


def copies(store: Store, threshold: float = THRESHOLD) -> Copies:
    """Return the cases of different filers that share text or pictures.

    Parameters
    ----------
    store : Store
    threshold : float
        Least share of the shorter text that both have, from 0 to 1.
    """
    cases = filed_cases(store)
    likeness = Likeness({key: case.text for key, case in cases.items()}, printed=_printed(store))
    prints = {f"{key}/{name}": hash for key, case in cases.items() for name, hash in case.pictures.items()}
    return Copies(
        cases,
        tuple(p for p in likeness.pairs(threshold) if cases[p.one].filer != cases[p.other].filer),
        tuple(p for p in alike_pictures(prints) if _filer(cases, p.one) != _filer(cases, p.other)),
    )


def compared(one: FiledCase, other: FiledCase) -> SideBySide:
    """Return two cases side by side with the passages that they share."""
    return side_by_side(one.text, other.text, shared_passages(one.text, other.text))


def _cases_of(made: Return) -> list[FiledCase]:
    cases = [(item, reading) for item, reading in made.readings() if _is_case(reading.form)]
    beside = {
        p.name: p.dhash
        for item in made.items
        for r in item.readings
        if not r.form
        for p in r.pictures
        if p.dhash
    }
    found = []
    for item, reading in cases:
        form = load_form(reading.form)
        assert isinstance(form, CaseForm)
        written = {value.field: value.text for value in reading.values if value.status == "text"}
        inside = {picture.name: picture.dhash for picture in reading.pictures if picture.dhash}
        found.append(
            FiledCase(
                made.id,
                item.path,
                " ".join(written.get("title", "").split()),
                " ".join(written.get("unit", made.match.body).split()),
                "\n".join(written[id] for id in form.sections if id in written),
                inside | (beside if len(cases) == 1 else {}),
            )
        )
    return found


def _is_case(form: str) -> bool:
    return isinstance(load_form(form), CaseForm)


def _printed(store: Store) -> tuple[str, ...]:
    """Return what the forms in a store print themselves, which is nobody's text."""
    names = {reading.form for made in store.returns() for _item, reading in made.readings()}
    forms = (load_form(name) for name in sorted(names))
    return tuple(hint for form in forms if isinstance(form, CaseForm) for hint in form.hints())


def _filer(cases: Mapping[str, FiledCase], picture: str) -> str:
    return cases[picture.split("/", 1)[0]].filer
