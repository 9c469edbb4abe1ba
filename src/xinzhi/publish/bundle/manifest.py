"""The manifest of a bundle: what it says of itself, as a record that is checked before it is used."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from xinzhi.declarations import Identifier, Record, Text
from xinzhi.index.saving import versions
from xinzhi.language import current_language
from xinzhi.methodology import methodology_hash
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import Assessment, Edition, Imprint, Notice

MANIFEST = "bundle.json"
FORMAT = 2

_MOST = 100_000
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Figures = Annotated[tuple[Identifier, ...], Field(max_length=50)]


class NoticeRecord(Record):
    """A correction."""

    day: date
    text: Text


class ImprintRecord(Record):
    """The imprint."""

    publisher: str
    licence: str
    day: date | None
    number: int = Field(ge=1)
    notices: tuple[NoticeRecord, ...]


class AnalysisRecord(Record):
    """What the analyses of an index were made with."""

    analyses: tuple[str, ...] = Field(max_length=50)
    seed: int = Field(ge=0, le=_MOST)
    replications: int = Field(ge=0, le=_MOST)
    against: str
    origin_weights: str


class PrintedRecord(Record):
    """What stands about a printed index beside its table."""

    title: Text
    citation: Text
    year: int
    regions: str
    nodes: dict[Identifier, Text] = Field(min_length=1)


class IndexRecord(Record):
    """One index of the edition: computed, or printed."""

    id: Slug
    folder: str = Field(pattern=r"^([a-z0-9-]+/)?$")
    fingerprint: Digest
    title: str
    years: tuple[int, ...] = Field(min_length=1)
    units: int
    methodology: str
    methodology_sha256: str
    analysis: AnalysisRecord | None
    figures: Figures
    printed: PrintedRecord | None


class Manifest(Record):
    """The whole manifest.

    `seal` is the SHA-256 of the rest: nothing in it is changed by accident. What somebody changes on purpose is
    found by computing again, and by comparing with the fingerprint of the bundle that the publisher gives.
    """

    format: Literal[2]
    language: Literal["zh", "en"]
    title: Text
    imprint: ImprintRecord
    indices: tuple[IndexRecord, ...] = Field(min_length=1, max_length=50)
    cases: int = Field(ge=0)
    versions: dict[str, str]
    files: dict[str, Digest]
    seal: str = ""


def manifest_of(edition: Edition, figures: tuple[str, ...], contents: dict[str, bytes]) -> Manifest:
    """Return the manifest of an edition whose files have those contents."""
    imprint = edition.imprint
    manifest = Manifest(
        format=FORMAT,
        language=current_language(),
        title=edition.title,
        imprint=ImprintRecord(
            publisher=imprint.publisher,
            licence=imprint.licence,
            day=imprint.day,
            number=imprint.number,
            notices=tuple(NoticeRecord(day=notice.day, text=notice.text) for notice in imprint.notices),
        ),
        indices=tuple(_index(edition, assessment, figures) for assessment in edition.assessments),
        cases=len(edition.cases),
        versions=versions(),
        files={name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents.items())},
    )
    return manifest.model_copy(update={"seal": seal_of(manifest)})


def folder_of(edition: Edition, assessment: Assessment) -> str:
    """Return where the files of an index lie: those of the first at the top."""
    return "" if assessment is edition.main else f"{assessment.id}/"


def _index(edition: Edition, assessment: Assessment, figures: tuple[str, ...]) -> IndexRecord:
    shared = {
        "id": assessment.id,
        "folder": folder_of(edition, assessment),
        "fingerprint": assessment.fingerprint,
        "title": assessment.title,
    }
    if printed := assessment.printed:
        facts = PrintedRecord(
            title=printed.title, citation=printed.citation, year=printed.year, regions=printed.regions,
            nodes=dict(printed.nodes),
        )  # fmt: skip
        return IndexRecord(
            **shared, years=(printed.year,), units=len(printed.codes), methodology="", methodology_sha256="",
            analysis=None, figures=(), printed=facts,
        )  # fmt: skip
    assert assessment.result is not None
    result, choices = assessment.result, assessment.choices
    return IndexRecord(
        **shared,
        years=result.years,
        units=len(result.codes),
        methodology=result.methodology.id,
        methodology_sha256=methodology_hash(result.methodology),
        analysis=AnalysisRecord(
            analyses=choices.analyses, seed=choices.seed, replications=choices.replications,
            against=choices.against, origin_weights=choices.origin_weights,
        ),
        figures=figures,
        printed=None,
    )  # fmt: skip


def choices_of(record: AnalysisRecord) -> Choices:
    """Return the choices that a manifest tells."""
    return Choices(record.analyses, record.seed, record.replications, record.against, record.origin_weights)


def imprint_of(record: ImprintRecord) -> Imprint:
    """Return the imprint that a manifest tells."""
    notices = tuple(Notice(notice.day, notice.text) for notice in record.notices)
    return Imprint(record.publisher, record.licence, record.day, record.number, notices)


def seal_of(manifest: Manifest) -> str:
    """Return the SHA-256 of a manifest without its seal."""
    content = manifest.model_dump(mode="json", exclude={"seal"})
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
