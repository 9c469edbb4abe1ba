"""A form as a Word file, blank or with answers, laid out as the letter prints it.

What the file says is the form's own Chinese, whatever language the user speaks.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from xinzhi.errors import CallError
from xinzhi.forms.files.word.names import FORM_PROPERTY, UNIT_PROPERTY
from xinzhi.forms.loading import AnyForm, load_call
from xinzhi.forms.model import CaseField, CaseForm, Evidence, IndicatorForm, Row, Seal, Section
from xinzhi.forms.writing.answers import Answer, Answers, figure_text, require_known, unanswered
from xinzhi.forms.writing.markup import (
    BOLD,
    MILLIMETRE,
    PLAIN,
    POINT,
    Look,
    cell,
    lines,
    paragraph,
    picture,
    row,
    run,
    table,
)
from xinzhi.forms.writing.shell import TEXT_WIDTH, Shell
from xinzhi.geography import Unit
from xinzhi.language import gettext as _
from xinzhi.output import whole_file

HINT, ADVICE = Look(colour="FF0000"), Look(colour="0000FF")
BOX, TICKED = "□", "■"

_NUMBER, _INDICATOR, _YEARS = 510, 3798, 2800  # the longest label that fits one line, and ten digits
_LABEL = 1304
_ROW_HEIGHT = 26 * POINT
_BLANK_ADDRESS = "_" * 20
_PICTURE_WIDTH, _PICTURE_HEIGHT = 120 * MILLIMETRE, 80 * MILLIMETRE
# What Word shows by itself. Anything else has to be saved as one of these first.
_PICTURE_ENDINGS = {"JPEG": "jpeg", "PNG": "png", "TIFF": "tiff", "BMP": "bmp", "GIF": "gif"}


def write_word(
    form: AnyForm,
    answers: Answers,
    target: str | Path | BinaryIO,
    *,
    unit: Unit | None = None,
    mailbox: str = "",
    pictures: Sequence[tuple[str, bytes, str]] = (),
    demonstration: bool = False,
) -> None:
    """Write a form as a Word file.

    Parameters
    ----------
    form : IndicatorForm or CaseForm
    answers : mapping
        Empty for a blank form. Working figures are left out: the letter's form has no place for them. Hints stand
        in what is not answered as long as the unit has something left to fill in.
    target : str, Path or binary file
        Where to. The same answers always give the same bytes.
    unit : Unit, optional
        For whom the file is made: named in the page header and, by its code, in the properties of the file.
    mailbox : str
        Where to send it; blank leaves a line to write on.
    pictures : sequence of (name, bytes, caption)
        Pictures of a case, set below the table.
    demonstration : bool
        Whether to say 演示数据 on every page.

    Raises
    ------
    CallError
        If the file cannot be written, or a picture is of a kind that Word does not show.
    ValueError
        If an answer belongs to no field of the form, or a figure is not finite.
    """
    require_known(form, answers)
    shell = Shell(
        title=form.title.zh,
        style=form.style,
        header=_header(unit, demonstration),
        properties={FORM_PROPERTY: form.name, UNIT_PROPERTY: unit.code if unit else ""},
    )
    shown = "".join(_pictures(shell, pictures))
    data = shell.packed(_heading(form) + _table(form, answers) + shown + _notes(form, mailbox))
    if isinstance(target, str | Path):
        with whole_file(target) as draft:
            draft.write_bytes(data)
    else:
        target.write(data)


def _table(form: AnyForm, answers: Answers) -> str:
    if isinstance(form, IndicatorForm):
        return _indicator_table(form, answers)
    return _case_table(form, answers)


# --- around the table ------------------------------------------------------------------------------------


def _header(unit: Unit | None, demonstration: bool) -> str:
    mark = run("演示数据", Look(bold=True, colour="C00000", points=12)) if demonstration else ""
    named = run(f"\t{unit.path} ({unit.code})") if unit else ""
    return paragraph(mark, named, style="Header")


def _heading(form: AnyForm) -> str:
    number = _annex(form)
    annex = paragraph(run(f"附件{number}"), style="Annex") if number else ""
    return annex + paragraph(run(form.title.zh), style="Title")


def _annex(form: AnyForm) -> int:
    """Return the number of the form among the annexes of its call; 0 for a form of no published call."""
    try:
        forms = load_call(form.template).forms
    except CallError:
        return 0
    return forms.index(form.id) + 1 if form.id in forms else 0


def _notes(form: AnyForm, mailbox: str) -> str:
    """Write the notes of the form; they also keep the file from ending in a table, which LibreOffice loses."""
    texts = [note.zh.replace("{mailbox}", mailbox or _BLANK_ADDRESS) for note in form.notes]
    heading = paragraph(run("注：填报说明"), before=8 * POINT, keep=True) if texts else paragraph()
    return heading + "".join(paragraph(run(text)) for text in texts)


def _pictures(shell: Shell, pictures: Sequence[tuple[str, bytes, str]]) -> Iterator[str]:
    for number, (name, data, caption) in enumerate(pictures, start=1):
        ending, width, height = _measured(name, data)
        shown = picture(shell.picture(ending, data), number, name, width, height)
        yield paragraph(shown, align="center", keep=True, before=8 * POINT)
        yield paragraph(run(caption), style="Caption")


def _measured(name: str, data: bytes) -> tuple[str, int, int]:
    """Return the ending for the kind of a picture, and its width and height on the page."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            kind, (width, height) = image.format or "", image.size
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        kind, width, height = "", 1, 1
    if kind == "MPO":  # a JPEG with a second view behind the first, as phones make them
        kind = "JPEG"
    if kind not in _PICTURE_ENDINGS:
        raise CallError(
            _("Word 不能显示这张图片"),
            where=name,
            remedy=_("请另存为 {kinds} 之一").format(kinds=", ".join(_PICTURE_ENDINGS)),
        )
    scale = min(_PICTURE_WIDTH / width, _PICTURE_HEIGHT / height)
    return _PICTURE_ENDINGS[kind], round(width * scale), round(height * scale)


# --- the indicator form ----------------------------------------------------------------------------------


def _indicator_table(form: IndicatorForm, answers: Answers) -> str:
    each = _YEARS // len(form.years)
    widths = [_NUMBER, _INDICATOR, *(each for _year in form.years)]
    widths.append(TEXT_WIDTH - sum(widths))
    titles = [form.headings.number, form.headings.indicator]
    titles += [*map(form.headings.of_year, form.years), form.headings.note]
    head = row(
        (
            cell(paragraph(run(text, BOLD), align="center", mark=BOLD), width)
            for text, width in zip(titles, widths, strict=True)
        ),
        height=_ROW_HEIGHT,
        heading=True,
    )
    blank = not any(answers.values())
    rows = (_indicator_row(form, id, widths, answers, blank) for id in form.rows)
    return table(widths, [head, *rows], title=form.title.zh)


def _indicator_row(form: IndicatorForm, id: str, widths: Sequence[int], answers: Answers, blank: bool) -> str:
    asked = form.rows[id]
    figures = [_figure(asked, answers.get((id, year))) for year in form.years]
    # Who fills a row is a hint, which the letter wants gone from what is filed; a formula is none.
    look = HINT if blank and asked.filled_by != "unit" else PLAIN
    contents = [
        paragraph(align="center", numbered=True),
        paragraph(run(asked.label)),
        *("".join(paragraph(run(line), align="right") for line in lines(figure)) for figure in figures),
        paragraph(run(asked.note, look)),
    ]
    return row(map(cell, contents, widths), height=_ROW_HEIGHT)


def _figure(asked: Row, answer: Answer) -> str:
    if answer is None or isinstance(answer, str):
        return answer or ""
    return figure_text(answer, asked.decimals)


# --- the case form ---------------------------------------------------------------------------------------


def _case_table(form: CaseForm, answers: Answers) -> str:
    value = TEXT_WIDTH // 2 - _LABEL
    widths = [_LABEL, value, _LABEL, value]
    hints = bool(unanswered(form, answers))
    head = (
        row(_head_cells(form, fields.fields, widths, answers, hints), height=_ROW_HEIGHT)
        for fields in form.head
    )
    wide = [
        row([cell(_content(form, answers, hints), TEXT_WIDTH, span=4, middle=False)], whole=False),
        row([cell(_seal(form.seal, answers, hints), TEXT_WIDTH, span=4, middle=False)]),
        row([cell(_evidence(form.evidence, answers, hints), TEXT_WIDTH, span=4, middle=False)]),
    ]
    return table(widths, [*head, *wide], title=form.title.zh)


def _head_cells(
    form: CaseForm, ids: Sequence[str], widths: Sequence[int], answers: Answers, hints: bool
) -> Iterator[str]:
    """Yield label and value of the fields in a line; the last value takes the columns that are left."""
    for position, id in enumerate(ids):
        asked, first = form.fields[id], 2 * position + 1
        last = len(widths) if id == ids[-1] else first + 1
        yield cell(paragraph(run(asked.label, BOLD), align="center"), widths[first - 1])
        value = _field(asked, answers.get((id, None)), hints)
        yield cell(value, sum(widths[first:last]), span=last - first)


def _field(asked: CaseField, answer: Answer, hints: bool) -> str:
    hint = [run(asked.hint, HINT)] if hints and not answer else []
    if asked.options and (not answer or answer in asked.options):
        boxes = [
            run(f"{TICKED if option == answer else BOX}{text.zh}") for option, text in asked.options.items()
        ]
        return "".join(map(paragraph, [*boxes, *hint]))
    return "".join(map(paragraph, hint or map(run, lines(str(answer or "")))))


def _content(form: CaseForm, answers: Answers, hints: bool) -> str:
    pieces = [paragraph(run(form.content.label, BOLD))]
    for part in form.content.parts:
        pieces.append(paragraph(run(part.title.zh, BOLD), before=6 * POINT))
        for section in part.sections:
            pieces.append(paragraph(run(section.label, BOLD)))
            pieces.append(_section(form, section, answers.get((section.id, None)), hints))
    return "".join(pieces)


def _section(form: CaseForm, section: Section, answer: Answer, hints: bool) -> str:
    if answer:
        return "".join(paragraph(run(line), indent=200) for line in lines(str(answer)))
    if not hints:
        return paragraph(indent=200)
    headings = form.content.headings
    return (
        paragraph(run(headings.content + section.content, HINT))
        + paragraph(run(headings.data + section.data, HINT))
        + paragraph(run(headings.advice + section.advice, ADVICE))
    )


def _seal(seal: Seal, answers: Answers, hints: bool) -> str:
    date, margin = _date(answers.get(("seal_date", None))) or seal.date, 42 * POINT
    return (
        paragraph(*[run(seal.above, HINT)] if hints else [])
        + paragraph()
        + paragraph(run(seal.label, BOLD), align="right", right=margin)
        + paragraph(*[run(seal.hint, HINT)] if hints else [], align="right", right=margin)
        + paragraph()
        + "".join(paragraph(run(line), align="right", right=margin) for line in lines(date))
    )


def _date(answer: Answer) -> str:
    """Write a date as people do, ``2025-07-01`` as 2025年7月1日; any other text as it stands."""
    parts = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", str(answer or ""))
    return f"{parts[1]}年{int(parts[2])}月{int(parts[3])}日" if parts else str(answer or "")


def _evidence(evidence: Evidence, answers: Answers, hints: bool) -> str:
    label = paragraph(run(evidence.label, BOLD))
    if answer := answers.get(("evidence", None)):
        names = lines(str(answer))
        return label + "".join(paragraph(run(f"{n}、{name}")) for n, name in enumerate(names, start=1))
    if not hints:
        return label + paragraph()
    blanks = "".join(map(paragraph, map(run, evidence.blank)))
    return label + blanks + "".join(paragraph(run(hint, HINT)) for hint in (evidence.hint, *evidence.hints))
