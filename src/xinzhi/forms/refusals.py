"""Files that are not read: hostile ones, which go to quarantine, and those that cannot be read, to be sent again.

Both carry a finding, so that a refusal is told, kept and answered like everything else a reader finds.
"""

from __future__ import annotations

from typing import Self

from xinzhi.errors import XinzhiError
from xinzhi.forms.reading import Finding
from xinzhi.forms.rules import message, remedy


class Refusal(XinzhiError):  # noqa: N818, a refusal is an answer, not a mistake
    """A file that is not read.

    Parameters
    ----------
    finding : Finding
        The rule, the place and the facts; the words of the error are those of the rule.
    """

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(message(finding), where=str(finding.place), remedy=remedy(finding))

    def __reduce__(self) -> tuple[type[Self], tuple[Finding]]:
        # Refusals cross from the child process to its parent.
        return type(self), (self.finding,)


class HostileFile(Refusal):
    """A file made to cost or to deceive: read no further and put into quarantine."""


class UnreadableFile(Refusal):
    """A file that is damaged, locked or of a kind we do not read: kept, and asked for again."""
