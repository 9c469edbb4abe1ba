"""Word and Excel: a return as a file for the seal, and a file held against a return cell by cell."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.returns.drafts import CellState, reading_of, texts_of
from xinzhi.campaign.returns.keys import field_of, key_of, keys_of
from xinzhi.campaign.returns.models import Return
from xinzhi.campaign.returns.opening import workshop
from xinzhi.campaign.returns.queries import cases_counted
from xinzhi.forms import AnyForm, Finding, IndicatorForm, Reading, Value, message, remedy, rules
from xinzhi.forms.opening.front_door import read_all
from xinzhi.forms.reading import PictureFacts
from xinzhi.forms.understanding.numbers import read_figure
from xinzhi.forms.writing.answers import Answer, answers_of
from xinzhi.forms.writing.excel import write_excel
from xinzhi.forms.writing.word import write_word
from xinzhi.language import gettext as _

FileChannel = Literal["word", "excel"]

LARGEST_FORM = 20_000_000  # bytes of a Word file or workbook


@dataclass(frozen=True)
class FileKind:
    """A kind of file in which a return goes down and comes up."""

    channel: FileChannel
    ending: str
    media_type: str
    write: Callable[..., None]


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS: Mapping[str, FileKind] = {
    "word": FileKind("word", "docx", f"{_OFFICE}.wordprocessingml.document", write_word),
    "excel": FileKind("excel", "xlsx", f"{_OFFICE}.spreadsheetml.sheet", write_excel),
}

_SHEETS = ("xlsx", "xlsb", "xls", "et", "ods", "excel2003xml", "text")


def written(filed: Return, kind: FileKind) -> bytes:
    """Return what a return holds now as a Word file or workbook, contacts included: it is for the unit itself."""
    form = filed.declared
    file = io.BytesIO()
    kind.write(
        form,
        _answers(filed, form),
        file,
        unit=filed.unit.administrative,
        mailbox=str(filed.campaign.contacts.get("mailbox", "")),
        demonstration=filed.campaign.demonstration,
    )
    return file.getvalue()


def _answers(filed: Return, form: AnyForm) -> dict[tuple[str, int | None], Answer]:
    texts = {key: cell.text for key, cell in texts_of(filed).items()}
    reading = reading_of(form, texts)
    answers = answers_of(reading)
    for value in reading.values:
        if value.status == "missing" and value.raw.strip():  # a mark such as 暂无 is an answer of its own
            answers[value.field, value.year] = value.raw
    if isinstance(form, IndicatorForm):
        counted = Decimal(cases_counted(filed.campaign, [filed.unit_id])[filed.unit_id])
        for id, row in form.rows.items():
            if row.filled_by == "cases":
                answers |= {(id, year): counted for year in form.years[-1:]}
    return answers


@dataclass(frozen=True)
class Difference:
    """A cell of which a file says something else than the return."""

    key: str
    now: str
    seen: int
    in_file: str


@dataclass(frozen=True)
class Compared:
    """A file held against a return: how it came, where it differs, how many cells agree, what was met in reading,
    and the pictures in it.
    """

    channel: FileChannel
    differences: tuple[Difference, ...]
    same: int
    findings: tuple[Finding, ...]
    pictures: tuple[PictureFacts, ...] = ()


def compared(filed: Return, name: str, data: bytes) -> Compared:
    """Read a file in the limited child and hold it against what a return holds now; nothing is changed.

    Raises
    ------
    Refused
        If it is not one filled-in form of this kind, is another unit's, or was made to harm.
    """
    if not 0 < len(data) <= LARGEST_FORM:
        raise Refused(
            _("文件有 {size} MB; 应当大于 0, 不超过 {most} MB").format(
                size=f"{len(data) / 1e6:.1f}", most=LARGEST_FORM // 1_000_000
            ),
            where=name,
        )
    form = filed.declared
    reading = _one_form(form, name, data)
    if reading.unit_code and reading.unit_code != filed.unit.code:
        raise Refused(
            _("这个文件是为另一个单位 ({code}) 生成的").format(code=reading.unit_code),
            where=name,
            remedy=_("请选择本单位的文件"),
        )
    stands = texts_of(filed)
    texts = texts_in(form, reading)
    differences, same = [], 0
    for key in keys_of(form):
        now = stands.get(key, CellState("", 0))
        in_file = texts.get(key, "")
        if says_the_same(form, key, now.text, in_file):
            same += 1
        elif key in texts:
            differences.append(Difference(key, now.text, now.revision, in_file))
    return Compared(
        "excel" if reading.format in _SHEETS else "word",
        tuple(differences),
        same,
        reading.findings,
        reading.pictures,
    )


def _one_form(form: AnyForm, name: str, data: bytes) -> Reading:
    readings = read_all(data, name=name, forms=[form.name], workshop=workshop())
    for finding in (finding for reading in readings for finding in reading.findings):
        if rules()[finding.rule].hostile or finding.rule.startswith("workshop."):
            raise Refused(message(finding), where=name, remedy=remedy(finding))
    readable = [reading for reading in readings if reading.form == form.name]
    if len(readable) == 1:
        return readable[0]
    said = "\n".join(message(finding) for reading in readings for finding in reading.findings)
    raise Refused(
        said or _("文件里没有一份“{form}”").format(form=form.title),
        where=name,
        remedy=_("请上传从本页下载、填好的 Word 或 Excel 文件"),
    )


def texts_in(form: AnyForm, reading: Reading) -> dict[str, str]:
    """Return what a file says as texts of cells. Fields that its layout does not have are left out.

    A figure stays as it is spelled where a cell of the page understands the same by it; otherwise (another unit of
    measure in the file's own label) it is written in the unit of the form.
    """
    askable = set(keys_of(form))
    texts = {
        key: _text(form, value)
        for value in reading.values
        if (key := key_of(value.field, value.year)) in askable
    }
    if reading.evidence:
        texts["evidence"] = "\n".join(reading.evidence)
    if (
        isinstance(form, IndicatorForm) and reading.format not in _SHEETS
    ):  # the letter's Word form has no place for them
        for id in form.working:
            for year in form.years:
                texts.pop(key_of(id, year), None)
    return texts


def says_the_same(form: AnyForm, key: str, one: str, other: str) -> bool:
    """Tell whether two texts of a cell say the same: a figure by its value, a text but for white space."""
    if isinstance(form, IndicatorForm):
        figure = form.figure(field_of(key)[0])
        numbers = [read_figure(text, figure, form.marks).number for text in (one, other)]
        if None not in numbers:
            return numbers[0] == numbers[1]
    return "".join(one.split()) == "".join(other.split())


def _text(form: AnyForm, value: Value) -> str:
    if not isinstance(form, IndicatorForm):
        return value.text if value.status in ("text", "choice") else ""
    if value.number is None:
        return value.raw.strip()
    understood = read_figure(value.raw, form.figure(value.field), form.marks)
    return value.raw.strip() if understood.number == value.number else format(value.number, "f")
