"""Why the platform does not do what it is asked; each becomes a page or an answer that helps."""

from __future__ import annotations

from xinzhi.errors import XinzhiError


class Refused(XinzhiError):  # noqa: N818  # read as a sentence: the operation is refused
    """Something that the rules of the campaign do not allow; nothing was changed."""


class Forbidden(Refused):
    """Something that this person may not do, though the object is known to them."""


class Conflict(Refused):
    """Somebody else was faster; nothing was changed, and both sides are shown."""
