"""The white paper: the blocks of each part from what an edition holds, and both files from the same tree."""

from xinzhi.publish.paper.document import document, require_sound
from xinzhi.publish.paper.parts import PARTS
from xinzhi.publish.paper.subject import Subject
from xinzhi.publish.paper.writing import BUNDLE, PDF, TEXT, WORD, write_paper

__all__ = [
    "BUNDLE",
    "PARTS",
    "PDF",
    "TEXT",
    "WORD",
    "Subject",
    "document",
    "require_sound",
    "write_paper",
]
