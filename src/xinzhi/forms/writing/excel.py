"""A form as a workbook, blank or with answers: what is answered can be typed over, everything else is locked.

What the file says is the form's own Chinese, whatever language the user speaks. A hidden sheet says which form it
is and for which unit, holds the options of the drop-down lists, and names what the reader has to pass over.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Context, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from xinzhi.errors import CallError
from xinzhi.forms.counting import count_characters
from xinzhi.forms.files.sheets.grid import LIST, MARK, MARK_SIGN, letters
from xinzhi.forms.loading import AnyForm
from xinzhi.forms.model import CaseForm, Figure, IndicatorForm, Row, Section
from xinzhi.forms.writing.answers import Answer, Answers, figure_text, require_known
from xinzhi.geography import Unit
from xinzhi.language import gettext as _
from xinzhi.output import whole_file

if TYPE_CHECKING:
    pass

NOTES = "填报说明"

_CREATED = datetime(2025, 6, 3)  # a date of its own would make every file another one
_A4 = 9
_LONGEST_TEXT = 32_767  # characters that a cell holds
_LONGEST_MESSAGE, _LONGEST_TITLE = 255, 32  # of what shows beside a chosen cell
_TALLEST = 409  # points
_SECTION_HEIGHT = 200
_BLANK_ADDRESS = "_" * 20
_DIGITS = Context(prec=15)  # what a cell holds of a figure

_INDICATOR_WIDTHS = (5, 40, 10, 14, 14, 30)
_CASE_WIDTHS = (14, 32, 12, 32, 10)


def write_excel(
    form: AnyForm,
    answers: Answers,
    target: str | Path | BinaryIO,
    *,
    unit: Unit | None = None,
    mailbox: str = "",
    demonstration: bool = False,
) -> None:
    """Write a form as a workbook.

    Parameters
    ----------
    form : IndicatorForm or CaseForm
    answers : mapping
        Empty for a blank form. The working figures have a section of their own.
    target : str, Path or binary file
        Where to. The same answers always give the same bytes.
    unit : Unit, optional
        For whom the file is made; its code stands in the hidden sheet.
    mailbox : str
        Where to send it; blank leaves a line to write on.
    demonstration : bool
        Whether to say 演示数据 on every page.

    Raises
    ------
    CallError
        If the file cannot be written, or a text is longer than a cell can hold.
    ValueError
        If an answer belongs to no field of the form, or a figure is not finite.
    """
    require_known(form, answers)
    sheet = _Indicators if isinstance(form, IndicatorForm) else _Case
    data = sheet(form, answers, unit, demonstration).written(mailbox)
    if isinstance(target, str | Path):
        with whole_file(target) as draft:
            draft.write_bytes(data)
    else:
        target.write(data)


class _Book:
    """A workbook while it is written. Rows and columns count from 0, as xlsxwriter counts."""

    title = ""
    widths: Sequence[int] = ()

    def __init__(self, form: AnyForm, answers: Answers, unit: Unit | None, demonstration: bool) -> None:
        import xlsxwriter

        self.form, self.answers, self.unit = form, answers, unit
        self._buffer = io.BytesIO()
        self._look = {"font_name": form.style.font, "font_size": form.style.points}
        settings = {"in_memory": True, "default_format_properties": self._look}
        self._book = xlsxwriter.Workbook(self._buffer, settings)
        self._book.set_properties({"title": form.title.zh, "created": _CREATED})
        self._formats: dict[str, Any] = {}
        self.sheet = self._book.add_worksheet(self.title)
        self._notes = self._book.add_worksheet(NOTES)
        self._hidden = self._book.add_worksheet(MARK)
        self._passed_over: list[str] = []
        self._options = 0
        self.row = 0
        self._set_page(demonstration)

    def written(self, mailbox: str) -> bytes:
        """Write everything and return the file."""
        self.fill()
        self._write_notes(mailbox)
        self._hidden.write_row(0, 0, [MARK_SIGN, self.form.name, self.unit.code if self.unit else ""])
        self._hidden.write_row(1, 0, [NOTES, LIST])
        self._hidden.write_row(2, 0, self._passed_over)
        self._hidden.very_hidden()
        self._hidden.protect()
        self._book.close()
        return self._buffer.getvalue()

    def fill(self) -> None:
        """Write the sheet of the form."""
        raise NotImplementedError

    def style(self, **look: Any) -> Any:
        """Return a format: that of the form, bordered and wrapped, with what is given."""
        key = repr(sorted(look.items()))
        if key not in self._formats:
            usual = {"border": 1, "text_wrap": True, "valign": "vcenter", "locked": True}
            self._formats[key] = self._book.add_format({**self._look, **usual, **look})
        return self._formats[key]

    def heading(self, text: str, **look: Any) -> None:
        """Write a line over the whole width, and go on to the next row."""
        last = len(self.widths) - 2
        self.sheet.merge_range(self.row, 0, self.row, last, text, self.style(bold=True, **look))
        self.row += 1

    def beside(self, row: int, text: str, **look: Any) -> None:
        """Write into the last column something that is no answer."""
        column = len(self.widths) - 1
        self.sheet.write_string(row, column, text, self.style(border=0, **look))
        self.pass_over(row, column)

    def pass_over(self, row: int, column: int) -> None:
        """Keep a cell from being read as part of the form."""
        self._passed_over.append(f"{self.title}!{letters(column + 1)}{row + 1}")

    def put_text(self, row: int, column: int, last: int, text: str, look: Any) -> None:
        """Write a text into one cell, or into several merged ones.

        Raises
        ------
        CallError
            If it is longer than a cell can hold.
        """
        if len(text) > _LONGEST_TEXT:
            raise CallError(
                _("Excel 单元格最多写 {most} 个字符").format(most=_LONGEST_TEXT),
                where=f"{self.title} {letters(column + 1)}{row + 1}",
                remedy=_("请缩短文字, 或改用 Word 表"),
            )
        if last > column:
            self.sheet.merge_range(row, column, row, last, "", look)
        self.sheet.write_string(row, column, text, look)

    def options(self, texts: Sequence[str]) -> str:
        """Write options where nobody sees them; return the range they stand in."""
        column = self._options
        self._options += 1
        self._hidden.write_column(3, column, texts)
        name = letters(column + 1)
        return f"={MARK}!${name}$4:${name}${3 + len(texts)}"

    def _set_page(self, demonstration: bool) -> None:
        for column, width in enumerate(self.widths):
            self.sheet.set_column(column, column, width)
        for sheet in (self.sheet, self._notes):
            sheet.set_paper(_A4)
            sheet.set_portrait()
            sheet.fit_to_pages(1, 0)
            sheet.set_margins(left=0.6, right=0.6, top=0.8, bottom=0.8)
            sheet.protect("", {"format_rows": True, "format_columns": True})
            if demonstration:
                sheet.set_header(f'&C&"{self.form.style.font}"&12演示数据')
        self.heading(self.form.title.zh, border=0, align="center", font_size=16)
        self.sheet.set_default_row(22)
        self.sheet.set_row(0, 36)
        if demonstration:
            self.beside(0, "演示数据", bold=True, font_color="#C00000", align="center")

    def _write_notes(self, mailbox: str) -> None:
        texts = [f"注：{NOTES}"]
        texts += [note.zh.replace("{mailbox}", mailbox or _BLANK_ADDRESS) for note in self.form.notes]
        self._notes.set_column(0, 0, 90)
        look = self.style(border=0, valign="top")
        for row, text in enumerate([*texts, *self.advice()]):
            self._notes.write_string(row, 0, text, look)

    def advice(self) -> Sequence[str]:
        """Return what the notes say besides the form's own."""
        return ()


class _Indicators(_Book):
    """The indicator form: a row each, then the working figures."""

    title = "指标数据"
    widths = _INDICATOR_WIDTHS
    form: IndicatorForm

    def fill(self) -> None:
        named = f"{self.unit.path}（{self.unit.code}）" if self.unit else ""
        self.sheet.merge_range(self.row, 0, self.row, 1, "填报单位", self.style(align="center"))
        self.put_text(self.row, 2, len(self.widths) - 1, named, self.style(locked=False))
        self.row += 1
        self._head("序号", self.form.headings.indicator)
        self.sheet.repeat_rows(self.row - 1)
        for number, (id, row) in enumerate(self.form.rows.items(), start=1):
            self._line(str(number), row.label, row.note, row.note, id, row)
        if self.form.working:
            self.pass_over(self.row, 0)
            self.heading("以下为计算依据（选填），供复核公式、留存备查", border=0, font_color="#7F7F7F")
            self._head("", "计算依据")
            for id, figure in self.form.working.items():
                self._line("", f"{figure.title.zh}（{figure.unit}）", "", self._used_in(id), id, figure)

    def _head(self, number: str, indicator: str) -> None:
        years = [self.form.headings.of_year(year) for year in self.form.years]
        texts = [number, indicator, "计量单位", *years, self.form.headings.note]
        self.sheet.write_row(self.row, 0, texts, self.style(bold=True, align="center", bg_color="#F2F2F2"))
        self.row += 1

    def _line(self, number: str, label: str, note: str, hint: str, id: str, figure: Figure) -> None:
        self.sheet.set_row(self.row, 28)
        self.sheet.write_string(self.row, 0, number, self.style(align="center"))
        self.sheet.write_string(self.row, 1, label, self.style())
        self.sheet.write_string(self.row, 2, figure.unit, self.style(align="center"))
        for column, year in enumerate(self.form.years, start=3):
            self._figure(column, self.answers.get((id, year)), figure, hint)
        self.sheet.write_string(self.row, 3 + len(self.form.years), note, self.style())
        self.row += 1

    def _figure(self, column: int, answer: Answer, figure: Figure, hint: str) -> None:
        ours = isinstance(figure, Row) and figure.filled_by != "unit"
        look = {"num_format": f"0.{'0' * figure.decimals}" if figure.decimals else "0", "align": "right"}
        style = self.style(**look, bg_color="#D9D9D9") if ours else self.style(**look, locked=False)
        if isinstance(answer, Decimal) and _held(answer):
            self.sheet.write_number(self.row, column, answer, style)
        elif answer:
            text = figure_text(answer, figure.decimals) if isinstance(answer, Decimal) else answer
            self.put_text(self.row, column, column, text, style)
        else:
            self.sheet.write_blank(self.row, column, None, style)
        if not ours:
            self.sheet.data_validation(self.row, column, self.row, column, _range(figure, hint))

    def _used_in(self, id: str) -> str:
        names = [
            row.title.zh
            for row in self.form.rows.values()
            if any(id in formula.parsed.names for formula in row.formula.values())
        ]
        return f"用于：{'、'.join(names)}" if names else ""


class _Case(_Book):
    """The case form: the head as the letter prints it, then a tall cell for each section."""

    title = "案例"
    widths = _CASE_WIDTHS
    form: CaseForm

    def fill(self) -> None:
        for line in self.form.head:
            self._head_line(line.fields)
        self.heading(self.form.content.label)
        self.beside(self.row - 1, "字数", align="center", font_color="#7F7F7F")
        counted = []
        for part in self.form.content.parts:
            self.heading(part.title.zh)
            for section in part.sections:
                counted.append(self.row)
                self._section(section)
        self._total(counted)
        self._wide(self.form.seal.label, "seal_date", self.form.seal.date, 60, self.form.seal.hint)
        self._wide(self.form.evidence.label, "evidence", "", 100, "".join(self.form.evidence.hints))

    def advice(self) -> Sequence[str]:
        headings = self.form.content.headings
        return [
            f"{section.label}\n{headings.content}{section.content}\n"
            f"{headings.data}{section.data}\n{headings.advice}{section.advice}"
            for section in self.form.sections.values()
        ]

    def _head_line(self, ids: Sequence[str]) -> None:
        self.sheet.set_row(self.row, 28)
        for position, id in enumerate(ids):
            field, column = self.form.fields[id], 2 * position
            last = len(self.widths) - 2 if id == ids[-1] else column + 1
            self.sheet.write_string(self.row, column, field.label, self.style(bold=True, align="center"))
            answer = str(self.answers.get((id, None)) or "")
            text = field.options[answer].zh if answer in field.options else answer
            self.put_text(self.row, column + 1, last, text, self.style(locked=False))
            choice = {"validate": "any", **_message(field.title.zh, field.hint)}
            if field.options:
                titles = [option.zh for option in field.options.values()]
                choice |= {"validate": "list", "source": self.options(titles)}
            self.sheet.data_validation(self.row, column + 1, self.row, column + 1, choice)
        self.row += 1

    def _section(self, section: Section) -> None:
        text = str(self.answers.get((section.id, None)) or "")
        self._count(self.row, f"=LEN({_visible(f'B{self.row + 1}')})", count_characters(text))
        headings = self.form.content.headings
        hint = f"{headings.content}{section.content}"
        self._wide(section.label, section.id, "", _SECTION_HEIGHT, hint)

    def _wide(self, label: str, id: str, blank: str, height: int, hint: str) -> None:
        text = str(self.answers.get((id, None)) or "")
        lines = sum(1 + len(line) // 36 for line in text.split("\n"))
        self.sheet.set_row(self.row, min(_TALLEST, max(height, 15 * lines)))
        self.sheet.write_string(self.row, 0, label, self.style(bold=True))
        look = self.style(locked=False, valign="top")
        self.put_text(self.row, 1, len(self.widths) - 2, text or blank, look)
        shown = {"validate": "any", **_message(label, hint)}
        self.sheet.data_validation(self.row, 1, self.row, 1, shown)
        self.row += 1

    def _count(self, row: int, formula: str, value: int) -> None:
        column = len(self.widths) - 1
        look = self.style(border=0, align="center", font_color="#7F7F7F")
        self.sheet.write_formula(row, column, formula, look, value)
        self.pass_over(row, column)

    def _total(self, rows: Sequence[int]) -> None:
        """Write the length of the whole beside the seal, red where it is too much."""
        most, column = self.form.content.most_characters, len(self.widths) - 1
        total = sum(count_characters(str(self.answers.get((id, None)) or "")) for id in self.form.sections)
        name = letters(column + 1)
        self._count(self.row, "=" + "+".join(f"{name}{row + 1}" for row in rows), total)
        red = self._book.add_format({"font_color": "#C00000", "bold": True})
        above = {"type": "cell", "criteria": ">", "value": most, "format": red}
        self.sheet.conditional_format(self.row, column, self.row, column, above)


def _held(figure: Decimal) -> bool:
    """Tell whether a cell holds this figure with every digit."""
    return figure.is_finite() and _DIGITS.create_decimal(figure) == figure and abs(figure.adjusted()) < 300


def _range(figure: Figure, hint: str) -> dict[str, Any]:
    """Write what may be typed in; a warning and no bar, since a mark such as 暂无 has a meaning too."""
    least, most = figure.limits
    rule: dict[str, Any] = {"validate": "integer" if figure.whole else "decimal"}
    if least is not None and most is not None:
        rule |= {"criteria": "between", "minimum": _plain(least), "maximum": _plain(most)}
    elif least is not None or most is not None:
        rule |= {
            "criteria": "<=" if least is None else ">=",
            "value": _plain(most if least is None else least),
        }
    else:
        rule = {"validate": "any"}
    texts = [f"计量单位：{figure.unit}" if figure.unit else "", f"保留 {figure.decimals} 位小数", hint]
    problem = {
        "error_type": "warning",
        "error_title": "请核对",
        "error_message": "这里一般填写数字。确实没有数据的，请留空。仍要保留现在的内容吗？",
    }
    return {**rule, **problem, **_message(figure.title.zh, "；".join(filter(None, texts)))}


def _plain(limit: Decimal | None) -> int | float:
    return int(limit or 0) if limit == int(limit or 0) else float(limit or 0)


def _message(title: str, text: str) -> dict[str, str]:
    """Write what shows beside a cell when it is chosen."""
    shown = text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"
    return {"input_title": title[:_LONGEST_TITLE], "input_message": shown} if text else {}


def _visible(cell: str) -> str:
    """Write a formula for a text without the white space that does not count."""
    for code in ('" "', '"　"', "CHAR(9)", "CHAR(10)", "CHAR(13)"):
        cell = f'SUBSTITUTE({cell},{code},"")'
    return cell
