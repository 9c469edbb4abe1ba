"""Why the platform does not do what it is asked; each becomes a page or an answer that helps."""

from __future__ import annotations

from xinzhi.errors import XinzhiError


class Refused(XinzhiError):  # noqa: N818  # read as a sentence: the operation is refused
    """Something that the rules of the campaign do not allow; nothing was changed.

    Attributes
    ----------
    status : int
        The answer in the terms of the web.
    """

    status = 422


class Forbidden(Refused):
    """Something that this person may not do, though the object is known to them."""

    status = 403


class Conflict(Refused):
    """Somebody else was faster; nothing was changed, and both sides are shown."""

    status = 409
