"""One family of errors: what happened, where, and what to do next."""

from __future__ import annotations


class XinzhiError(ValueError):
    """A wrong input or call, told so that the reader can mend it.

    Parameters
    ----------
    what : str
        What is wrong, in the reader's language.
    where : str, optional
        File, table, unit, year, cell: whatever leads to the place.
    remedy : str, optional
        What to do next.
    """

    #: What the command line exits with: 1 when the data or a file has findings.
    exit_status = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__("\n".join(part for part in (f"{where}: {what}" if where else what, remedy) if part))


class MethodologyError(XinzhiError):
    """A methodology that cannot be used as it is written."""


class PanelError(XinzhiError):
    """Data that cannot be read without guessing."""


class ComputeError(XinzhiError):
    """A call or an input for which no index is defined."""


class CallError(XinzhiError):
    """A call that names something that does not exist, or a place that cannot be written."""

    exit_status = 2
