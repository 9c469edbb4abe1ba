"""What is shared while the parts of a document are read: the package, the looks, and the document that grows."""

from __future__ import annotations

from dataclasses import dataclass, field

from xinzhi.forms.document import Document, Paragraph, Picture, Table
from xinzhi.forms.files.packages import Package, Relation
from xinzhi.forms.files.word.fields import Field
from xinzhi.forms.files.word.looks import Looks
from xinzhi.forms.files.word.names import DELETED, Element, W
from xinzhi.forms.places import Place
from xinzhi.forms.refusals import UnreadableFile

Content = list[Paragraph | Table]


@dataclass(frozen=True, slots=True)
class Framed:
    """A picture with what stands around it, from which its caption is found."""

    picture: Picture
    paragraph: Paragraph
    content: Content


@dataclass(slots=True)
class Story:
    """A part being read: body, header, footer or notes.

    Attributes
    ----------
    fields : list of Field
        Those that have begun and not ended.
    fields_broken : bool
        Whether the fields of the part do not match; their text is then read as it stands.
    boxes : list
        Text boxes of the paragraph being read, which are read after it.
    tables, pieces : int
        How many tables there were, and how many paragraphs and places of their grids.
    """

    package: Package
    looks: Looks
    document: Document
    relations: dict[str, Relation]
    framed: list[Framed]
    fields: list[Field] = field(default_factory=list)
    fields_broken: bool = False
    boxes: list[tuple[Element, Place]] = field(default_factory=list)
    tables: int = 0
    pieces: int = 0
    _pictures: dict[str, bytes | None] = field(default_factory=dict)
    _lost: set[tuple[str, Place]] = field(default_factory=set)

    def lose(self, rule: str, place: Place) -> None:
        """Note what could not be read, or has to be known, by a rule of ``files.toml``."""
        loss = (f"files.{rule}", place)
        if loss not in self._lost:
            self._lost.add(loss)
            self.document.lost.append(loss)

    def picture(self, part: str) -> bytes | None:
        """Return the bytes of a picture; None where the file has lost it."""
        if part not in self._pictures:
            try:
                self._pictures[part] = self.package.read(part)
            except (KeyError, UnreadableFile):
                self._pictures[part] = None
        return self._pictures[part]


def fields_match(root: Element) -> bool:
    """Tell whether every field ends in the cell, text box or body in which it begins."""
    begun: list[Element | None] = []
    for mark in root.iter(W + "fldChar"):
        home = None
        for above in mark.iterancestors():
            if above.tag in DELETED:
                break
            if home is None and above.tag in (W + "tc", W + "txbxContent"):
                home = above
        else:
            match mark.get(W + "fldCharType"):
                case "begin":
                    begun.append(home)
                case "end":
                    if not begun or begun.pop() is not home:
                        return False
    return not begun
