"""From a document to what it says: which forms it holds, and a reading of each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from xinzhi.forms.counting import count_characters
from xinzhi.forms.document import Document, Picture, Table
from xinzhi.forms.loading import AnyForm
from xinzhi.forms.model import CaseForm, IndicatorForm
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Finding, PictureFacts, Reading
from xinzhi.forms.spelling import plain
from xinzhi.forms.understanding.case_reading import labels_found, read_case
from xinzhi.forms.understanding.indicator_reading import is_indicator_table, read_indicators, rows_found
from xinzhi.forms.understanding.numbers import shortened
from xinzhi.forms.understanding.passages import listed, reading_order

_ENOUGH = 4  # labels of a form that tell it without its title
_ENOUGH_WITH_TITLE = 2
_SHORTEST_TITLE, _LONGEST_TITLE = 8, 100  # characters of a line that may be the title of a form
_HEADING_LINES = 3
_BOXES = {"textbox": "reading.text_box", "footnote": "reading.footnote", "endnote": "reading.footnote"}


def named_facts(picture: Picture) -> PictureFacts:
    """Return what is known of a picture without decoding it: name, size, digest, caption, place."""
    return PictureFacts(
        name=picture.name,
        bytes=len(picture.data),
        sha256=hashlib.sha256(picture.data).hexdigest(),
        caption=picture.caption,
        place=picture.place,
    )


def understand(
    document: Document,
    forms: Sequence[AnyForm],
    picture_facts: Callable[[Picture], PictureFacts] = named_facts,
) -> tuple[Reading, ...]:
    """Understand a document.

    Parameters
    ----------
    document : Document
        From a file reader.
    forms : sequence of IndicatorForm or CaseForm
        The forms it may be; of two versions of one form the one that the file names, else the newer.
    picture_facts : callable
        What is told of a picture.

    Returns
    -------
    tuple of Reading
        One for each form in the document, in the order of `forms`; a blank form beside a filled one is left out and
        said. Where there is no form, one reading whose `form` is blank. Pictures belong to the case form, or to the
        only reading.
    """
    present = _present(document, forms)
    readings = [_read(document, form, present) for form in present]
    filled = [reading for reading in readings if _is_filled(reading)]
    blank = [reading.form for reading in readings if filled and reading not in filled]
    readings = filled or readings or [Reading()]
    pictures = tuple(picture_facts(picture) for picture in document.pictures)
    whole = tuple(_findings_of_file(document, [reading.form for reading in readings], blank))
    case = next((i for i, form in enumerate(readings) if form.form and _is_case(form, forms)), 0)
    return tuple(
        reading.model_copy(
            update={
                "format": document.converted or document.format,
                "unit_code": document.unit,
                "heading": heading_of(document),
                "findings": (*whole, *reading.findings),
                "pictures": pictures if i == case else (),
            }
        )
        for i, reading in enumerate(readings)
    )


def heading_of(document: Document) -> str:
    """Return the first lines of a document that hold text."""
    found: list[str] = []
    for line in reading_order(document):
        if line.text.strip():
            found.append(shortened(line.text))
        if len(found) == _HEADING_LINES:
            break
    return "\n".join(found)


def _present(document: Document, forms: Sequence[AnyForm]) -> list[AnyForm]:
    """Return the forms that a document holds, one version of each."""
    titles = [
        plain(line.text)
        for line in reading_order(document)
        if _SHORTEST_TITLE <= len(line.text) <= _LONGEST_TITLE
    ]
    found: dict[str, tuple[bool, int, AnyForm]] = {}
    for form in forms:
        marked = document.form == form.name
        count = (
            rows_found(document, form) if isinstance(form, IndicatorForm) else labels_found(document, form)
        )
        enough = _ENOUGH_WITH_TITLE if any(plain(form.title.zh) in title for title in titles) else _ENOUGH
        family = f"{form.template}/{form.id}"
        if (marked or count >= enough) and found.get(family, (False, 0))[:2] < (marked, form.version):
            found[family] = (marked, form.version, form)
    chosen = [form for _marked, _version, form in found.values()]
    return [form for form in forms if form in chosen]


def _read(document: Document, form: AnyForm, present: Sequence[AnyForm]) -> Reading:
    if isinstance(form, IndicatorForm):
        return read_indicators(document, form)
    tables = [other for other in present if isinstance(other, IndicatorForm)]
    blocks = [
        block
        for block in document.blocks
        if not (isinstance(block, Table) and any(is_indicator_table(block, other) for other in tables))
    ]
    return read_case(replace(document, blocks=blocks), form)


def _is_filled(reading: Reading) -> bool:
    """Whether anything was filled in; the boxes of a blank form are a question too."""
    return any(value.status != "missing" and value.understood != "choices.none" for value in reading.values)


def _is_case(reading: Reading, forms: Sequence[AnyForm]) -> bool:
    return any(isinstance(form, CaseForm) and form.name == reading.form for form in forms)


def _findings_of_file(document: Document, found: Sequence[str], blank: Sequence[str]) -> Iterator[Finding]:
    """Yield what concerns the whole file."""
    if document.converted:
        yield Finding(rule="reading.converted", facts={"format": document.converted})
    lost = list(document.lost)
    if document.tracked and all(rule != "files.tracked" for rule, _place in lost):
        lost.insert(0, ("files.tracked", Place()))
    for rule, place in lost:
        yield Finding(rule=rule, place=place)
    for paragraph in document.margins:
        rule = _BOXES.get(paragraph.place.part, "")
        if rule and paragraph.text.strip():
            facts = {"text": shortened(paragraph.text), "count": count_characters(paragraph.text)}
            yield Finding(rule=rule, place=paragraph.place, facts=facts)
    if len(found) > 1:
        yield Finding(rule="reading.two_forms", facts={"forms": listed(found)})
    for form in blank:
        yield Finding(rule="reading.blank_form", facts={"form": form})
