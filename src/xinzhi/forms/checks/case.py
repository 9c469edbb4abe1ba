"""Checks of the case form: fields, sections, length, figures in the text, wording, looks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from xinzhi.declarations import Text
from xinzhi.forms.checks.claims import claims
from xinzhi.forms.counting import count_characters
from xinzhi.forms.model import CaseField, CaseForm
from xinzhi.forms.reading import Fact, Finding, Reading, Value

FEWEST_CHARACTERS = 50
"""A section shorter than this says nothing that could be judged."""

_LEXICON = Path(__file__).with_name("promotion.toml")
_MOST_WORDS_SHOWN = 5
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(
    r"(?:\+?86[- ]?)?(?:1[3-9][0-9]{9}"  # mobile
    r"|0[0-9]{2,3}[- ]?[0-9]{7,8}(?:[-转 ]+[0-9]{1,6})?"  # fixed, with extension
    r"|[48]00[- ]?[0-9]{3,4}[- ]?[0-9]{3,4})"  # service numbers
)
_BETWEEN_CONTACTS = re.compile(r"[\s、,，;；/]+(?=[1+0A-Za-z48])")


def check_case(form: CaseForm, reading: Reading) -> Iterator[Finding]:
    """Yield what is to be said about a case."""
    filed = {value.field: value for value in reading.values}
    for id, field in form.fields.items():
        if id in filed:
            yield from _field(form, id, field, filed)
    for id, section in form.sections.items():
        if id in filed:
            yield from _section(section.title, filed[id], must_have_figures=id == "results")
    if reading.characters > form.content.most_characters:
        yield Finding(
            rule="case.too_long",
            facts={"count": reading.characters, "most": form.content.most_characters},
        )
    if "seal_date" in filed and filed["seal_date"].status == "missing":
        yield _about("case.no_date", filed["seal_date"])


def _field(form: CaseForm, id: str, field: CaseField, filed: dict[str, Value]) -> Iterator[Finding]:
    value = filed[id]
    title = field.title
    if value.status == "missing":
        companion = filed.get(field.required_with)
        if field.required or (companion is not None and companion.status == "text"):
            yield _about("case.field_missing", value, field=title)
        return
    if value.status != "text":
        return
    count = count_characters(value.text)
    if count > field.longest:
        yield _about("case.field_too_long", value, field=title, count=count, most=field.longest)
    pattern = {"phone": _PHONE, "email": _EMAIL}.get(field.pattern)
    if pattern and not all(pattern.fullmatch(part) for part in _BETWEEN_CONTACTS.split(value.text.strip())):
        yield _about(f"case.{field.pattern}", value, text=value.text[:60])


def _section(title: Text, value: Value, *, must_have_figures: bool) -> Iterator[Finding]:
    if value.status == "missing":
        yield _about("case.section_missing", value, section=title)
        return
    if (count := count_characters(value.text)) < FEWEST_CHARACTERS:
        yield _about("case.section_short", value, section=title, count=count, fewest=FEWEST_CHARACTERS)
    if not claims(value.text):
        yield _about(
            "case.results_without_figures" if must_have_figures else "case.no_figures", value, section=title
        )
    found = promotional(value.text)
    if found:
        words = "、".join(dict.fromkeys(found))
        shown = "、".join(list(dict.fromkeys(found))[:_MOST_WORDS_SHOWN])
        yield _about(
            "case.promotional",
            value,
            section=title,
            words=shown if len(words) > 60 else words,
            count=len(found),
        )


def promotional(text: str) -> tuple[str, ...]:
    """Return the promotional words of a text in their order, by the lexicon of the project.

    A word inside a name that the lexicon excepts (一流大学 as the name of a programme) does not count.
    """
    words, exceptions = _promotion()
    masked = exceptions.sub(lambda match: "\0" * len(match[0]), text)
    return tuple(match[0] for match in words.finditer(masked))


@cache
def _promotion() -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = tomllib.loads(_LEXICON.read_text(encoding="utf-8"))
    longest_first = sorted(
        (word for group in table["words"].values() for word in group), key=len, reverse=True
    )
    return (
        re.compile("|".join(map(re.escape, longest_first))),
        re.compile("|".join(map(re.escape, sorted(table["exceptions"], key=len, reverse=True)))),
    )


def check_looks(form_font: str, form_points: float, reading: Reading) -> Iterator[Finding]:
    """Yield one finding when what the filer wrote is not in the font and size of the form."""
    stated = [use for use in reading.styles if use.font or use.points]
    total = sum(use.characters for use in stated)
    other = [
        use
        for use in stated
        if (use.font and use.font != form_font) or (use.points and abs(use.points - form_points) > 0.01)
    ]
    count = sum(use.characters for use in other)
    if count:
        most = max(other, key=lambda use: use.characters)
        yield Finding(
            rule="case.looks",
            place=most.place,
            facts={
                "count": count,
                "total": total,
                "font": most.font or form_font,
                "points": f"{most.points or form_points:g}",
                "wanted": f"{form_font} {form_points:g}",
            },
        )


def _about(rule: str, value: Value, **facts: Fact) -> Finding:
    return Finding(rule=rule, field=value.field, place=value.place, facts=facts)
