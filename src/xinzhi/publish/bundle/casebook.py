"""The cases of an edition as files: their texts in one JSON file, their pictures beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pydantic import Field

from xinzhi.declarations import Record, Text, validated
from xinzhi.errors import CallError
from xinzhi.language import gettext as _
from xinzhi.publish.bundle.refusing import BundleError
from xinzhi.publish.cases import CasePicture, CaseSection, PublishedCase

FOLDER = "cases"
CASES = f"{FOLDER}/cases.json"
_ID = r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$"


class PictureRecord(Record):
    """A picture of a case: its file, and what stands below it."""

    file: str
    caption: str


class SectionRecord(Record):
    """A section of a case."""

    id: str
    title: Text
    text: str


class CaseRecord(Record):
    """A case."""

    id: str = Field(pattern=_ID, max_length=80)
    title: str
    field: Text
    unit: str
    code: str
    place: str
    outstanding: bool
    sections: tuple[SectionRecord, ...]
    pictures: tuple[PictureRecord, ...]


class Casebook(Record):
    """All cases of an edition."""

    cases: tuple[CaseRecord, ...] = Field(max_length=10_000)


def case_files(cases: Sequence[PublishedCase]) -> dict[str, bytes]:
    """Return the files of cases by name; none where there is no case.

    Raises
    ------
    CallError
        If the id of a case cannot name a file.
    """
    if not cases:
        return {}
    files: dict[str, bytes] = {}
    records = []
    for case in cases:
        pictures = []
        for number, picture in enumerate(case.pictures, start=1):
            name = f"{FOLDER}/{case.id}-{number}.{picture.suffix}"
            files[name] = picture.data
            pictures.append(PictureRecord(file=name, caption=picture.caption))
        records.append(_record(case, tuple(pictures)))
    book = Casebook(cases=tuple(records)).model_dump(mode="json")
    files[CASES] = (json.dumps(book, ensure_ascii=False, indent=1) + "\n").encode()
    return files


def _record(case: PublishedCase, pictures: tuple[PictureRecord, ...]) -> CaseRecord:
    try:
        return CaseRecord(
            id=case.id, title=case.title, field=case.field, unit=case.unit, code=case.code, place=case.place,
            outstanding=case.outstanding, pictures=pictures,
            sections=tuple(SectionRecord(id=s.id, title=s.title, text=s.text) for s in case.sections),
        )  # fmt: skip
    except ValueError as error:
        raise CallError(
            _("案例的标识 {id} 不能用作文件名").format(id=case.id),
            remedy=_("请用字母、数字和连字符"),
        ) from error


def cases_in(files: Mapping[str, bytes], where: str) -> tuple[PublishedCase, ...]:
    """Read the cases of a bundle from its files.

    Raises
    ------
    BundleError
        If they are not as :func:`case_files` writes them, or a picture is not there.
    """
    if CASES not in files:
        return ()
    try:
        document = json.loads(files[CASES])
    except (ValueError, RecursionError) as error:
        raise BundleError(_("案例读不出来"), where=f"{where} {CASES}") from error
    book = validated(Casebook, document, f"{where} {CASES}", BundleError)
    return tuple(_case(record, files, where) for record in book.cases)


def _case(record: CaseRecord, files: Mapping[str, bytes], where: str) -> PublishedCase:
    for picture in record.pictures:
        if picture.file not in files:
            raise BundleError(_("数据包里没有 {name}").format(name=picture.file), where=where)
    return PublishedCase(
        record.id, record.title, record.field, record.unit, record.code, record.place,
        tuple(CaseSection(s.id, s.title, s.text) for s in record.sections),
        tuple(CasePicture(files[p.file], p.caption) for p in record.pictures),
        record.outstanding,
    )  # fmt: skip
