"""Keys of numbers: what is measured, of which unit, node and year, and how the figure is written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xinzhi.errors import XinzhiError
from xinzhi.language import gettext as _

#: What every key begins with: a link of this scheme in a PDF, a tag in Word.
SCHEME = "xinzhi:"

_LONGEST_NODE = 16  # characters; a Word tag has room for 64, other parts of the key included
_LONGEST = 400


class NumberError(XinzhiError):
    """A key that cannot be read, or names what the result does not have."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a number is.

    Parameters
    ----------
    result : str
        The first eight digits of the fingerprint of the result.
    measure : str
        Name of one of :data:`xinzhi.publish.text.measures.MEASURES`.
    form : str
        Decimals of a figure (``"1"``; ``"m1"`` without its sign, ``"+1"`` always with it), or the name of a
        vocabulary whose word follows the figure of so many decimals (``"direction.1"``).
    unit : str
        Code of a unit, id of a region, or blank for all units.
    node : str
        Id of a node; blank where there is none. ``~7`` is the node at position 7, where an id is long.
    year : int
        0 where there is none.
    more : str
        What else the measure asks for: an earlier year, a band.
    """

    result: str
    measure: str
    form: str
    unit: str = ""
    node: str = ""
    year: int = 0
    more: str = ""

    def __str__(self) -> str:
        parts = (self.result, self.measure, self.unit, self.node, str(self.year or ""), self.more, self.form)
        return SCHEME + "/".join(parts)

    def written(self, form: str) -> Key:
        """Return the key of the same figure written in another form."""
        return replace(self, form=form)


def read_key(text: str) -> Key:
    """Return the key that was written as `text`.

    Raises
    ------
    NumberError
        If it is none.
    """
    parts = text[: _LONGEST + 1].removeprefix(SCHEME).split("/")
    if not text.startswith(SCHEME) or len(text) > _LONGEST or len(parts) != 7:
        raise NumberError(_("读不出数字的键: {key}").format(key=text[:80]))
    result, measure, unit, node, year, more, form = parts
    if year and not (year.isascii() and year.isdigit() and len(year) <= 4):
        raise NumberError(_("读不出数字的键: {key}").format(key=text[:80]))
    return Key(result, measure, form, unit, node, int(year or 0), more)


def short_node(node: str, nodes: tuple[str, ...]) -> str:
    """Return how a key names a node: by its id, or by its position where the id is long."""
    return node if len(node) <= _LONGEST_NODE else f"~{nodes.index(node)}"
