"""The error of a file that is no bundle."""

from __future__ import annotations

from xinzhi.errors import XinzhiError


class BundleError(XinzhiError):
    """A file that is no bundle, or one that cannot be opened."""
