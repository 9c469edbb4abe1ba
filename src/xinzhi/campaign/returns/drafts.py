"""What stands in the cells, as the reading that checks and writers know: one way to judge, whatever the channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from xinzhi.campaign.returns.keys import key_of, keys_of
from xinzhi.campaign.returns.models import Attachment, Cell, Entry, Return
from xinzhi.campaign.storage.vault import vault
from xinzhi.forms import AnyForm, CaseForm, Finding, IndicatorForm, Reading, Value, count_characters
from xinzhi.forms.checks import Circumstances, check, check_delivery, in_order
from xinzhi.forms.places import Place
from xinzhi.forms.reading import PictureFacts
from xinzhi.forms.understanding.numbers import read_figure


@dataclass(frozen=True)
class CellState:
    """What stands in a cell, and in which revision."""

    text: str
    revision: int


def opened(filed: Return, held: Cell | Entry) -> str:
    """Return the text of a cell or an entry, unsealed where it is about a person."""
    return held.text if held.sealed is None else vault().open(filed.owner, bytes(held.sealed)).decode()


def texts_of(filed: Return, *, private: bool = True) -> dict[str, CellState]:
    """Return what stands in the cells by key.

    Parameters
    ----------
    private : bool
        Whether to open what is about persons; otherwise it is left out.
    """
    found = {}
    for cell in filed.cells.all():
        if cell.sealed is None or private:
            found[cell.key] = CellState(opened(filed, cell), cell.revision)
    return found


def reading_of(form: AnyForm, texts: Mapping[str, str], pictures: tuple[PictureFacts, ...] = ()) -> Reading:
    """Return texts by key as a reading of the form.

    Parameters
    ----------
    form : IndicatorForm or CaseForm
    texts : mapping
        By key; a missing key is a missing value.
    pictures : tuple of PictureFacts
        Attached to a case.
    """
    if isinstance(form, CaseForm):
        return _case(form, texts, pictures)
    values, findings = [], []
    for value, finding in _figures(form, texts):
        values.append(value)
        if finding:
            findings.append(finding)
    return Reading(form=form.name, format="page", values=tuple(values), findings=tuple(findings))


def judged(
    form: AnyForm, texts: Mapping[str, str], attachments: tuple[Attachment, ...], known: Circumstances
) -> tuple[Finding, ...]:
    """Return the findings about a draft, gravest first."""
    pictures = pictures_of(attachments)
    reading = reading_of(form, texts, pictures)
    found = list(check(form, reading, known))
    if isinstance(form, CaseForm):
        evidence = tuple(a.name for a in attachments if a.sort == "evidence")
        sealed = any(a.sort == "scan" for a in attachments)
        found += check_delivery(form, reading, pictures, evidence, seal_scan=sealed)
    return in_order(found)


def pictures_of(attachments: tuple[Attachment, ...]) -> tuple[PictureFacts, ...]:
    """Return the facts about the pictures among attachments."""
    return tuple(
        PictureFacts.model_validate(
            a.facts | {"name": a.name, "caption": a.caption, "place": {"file": a.name}}
        )
        for a in attachments
        if a.sort == "picture"
    )


def figures_of(form: IndicatorForm, texts: Mapping[str, str]) -> dict[tuple[str, int], Decimal]:
    """Return the figures that can be read, by row and year."""
    return {
        (value.field, value.year): value.number
        for value, _finding in _figures(form, texts)
        if value.number is not None and value.year is not None
    }


def _figures(form: IndicatorForm, texts: Mapping[str, str]) -> Iterator[tuple[Value, Finding | None]]:
    askable = set(keys_of(form))
    for id, figure in form.figures():
        for year in form.years:
            key = key_of(id, year)
            text = texts.get(key, "") if key in askable else ""
            understood = read_figure(text, figure, form.marks)
            place = Place()
            yield (
                Value(
                    field=id,
                    year=year,
                    raw=text,
                    status=understood.status,
                    number=understood.number,
                    understood=understood.rule,
                    place=place,
                ),
                Finding(rule=understood.rule, field=id, year=year, place=place, facts=understood.facts)
                if understood.rule
                else None,
            )


def _case(form: CaseForm, texts: Mapping[str, str], pictures: tuple[PictureFacts, ...]) -> Reading:
    values = []
    for key in keys_of(form):
        text = texts.get(key, "").strip()
        choice = key in form.fields and bool(form.fields[key].options)
        status = "missing" if not text else "choice" if choice else "text"
        values.append(Value(field=key, raw=text, status=status, text=text))
    evidence = tuple(line.strip() for line in texts.get("evidence", "").splitlines() if line.strip())
    return Reading(
        form=form.name,
        format="page",
        values=tuple(values),
        pictures=pictures,
        characters=sum(count_characters(texts.get(id, "")) for id in form.sections),
        evidence=evidence,
    )
