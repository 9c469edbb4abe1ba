"""The white paper: the blocks of each part from what an edition holds, and both files from the same tree."""

from xinzhi.publish.paper.document import document, require_sound
from xinzhi.publish.paper.parts import PARTS
from xinzhi.publish.paper.portraits import portrait_pdf, write_portraits
from xinzhi.publish.paper.subject import Subject
from xinzhi.publish.paper.writing import BUNDLE, PDF, TEXT, WORD, rebuild_paper, write_paper

__all__ = [
    "BUNDLE",
    "PARTS",
    "PDF",
    "TEXT",
    "WORD",
    "Subject",
    "document",
    "portrait_pdf",
    "rebuild_paper",
    "require_sound",
    "write_paper",
    "write_portraits",
]
