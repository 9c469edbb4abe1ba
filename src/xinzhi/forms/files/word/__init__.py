"""Word files read as they are shown: content controls, tracked insertions, boxes of every making, nested tables."""

from xinzhi.forms.files.word.reading import read_word

__all__ = ["read_word"]
