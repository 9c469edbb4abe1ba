"""Cases as they are published: accepted, consented to, without contacts."""

from __future__ import annotations

from dataclasses import dataclass

from xinzhi.declarations import Text


@dataclass(frozen=True, slots=True)
class CasePicture:
    """A picture of a case, already encoded anew by whoever took it in: a JPEG or PNG, and what stands below it."""

    data: bytes
    caption: str

    @property
    def suffix(self) -> str:
        """How its file ends."""
        return "png" if self.data.startswith(b"\x89PNG") else "jpg"


@dataclass(frozen=True, slots=True)
class CaseSection:
    """A section of a case: its title and its text, paragraphs apart by line ends."""

    id: str
    title: Text
    text: str


@dataclass(frozen=True, slots=True)
class PublishedCase:
    """A case that may be shown to everybody.

    Attributes
    ----------
    id : str
        Of letters, digits and hyphens; unique within the edition.
    title : str
    field : Text
        What it is about, of the fields that the call names.
    unit : str
        Name of the body that filed it.
    code : str
        Code of the county, city or province it lies in; blank where nobody knows.
    place : str
        Name of that place.
    sections : tuple of CaseSection
    pictures : tuple of CasePicture
        Those whose right to be published is clear.
    outstanding : bool
        Whether it is one of the 精品案例.
    """

    id: str
    title: str
    field: Text
    unit: str
    code: str
    place: str
    sections: tuple[CaseSection, ...]
    pictures: tuple[CasePicture, ...] = ()
    outstanding: bool = False
