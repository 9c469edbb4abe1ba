"""What is wrong with a file, gathered so that a person mends it in one go."""

from __future__ import annotations

from dataclasses import dataclass, field

from xinzhi.errors import PanelError
from xinzhi.language import gettext as _

SHOWN = 20
"""Findings that one error spells out; the rest are counted."""


@dataclass
class Findings:
    """The findings of one file, each with its place and its remedy."""

    file: str
    lines: list[tuple[int, str]] = field(default_factory=list)
    remedies: dict[str, None] = field(default_factory=dict)
    unchecked: int = 0
    """Units that nobody looked up any more, after so many unknown ones."""

    def add(self, what: str, *, remedy: str = "", row: int = 0, column: str = "", subject: str = "") -> None:
        """Note a finding; `subject` says whose figure it is (unit, year, variable)."""
        place = self.file
        if row:
            place += " " + _("第 {row} 行").format(row=row)
        if column:
            place += " " + _("{column} 列").format(column=column)
        self.lines.append((row, f"{place} ({subject}): {what}" if subject else f"{place}: {what}"))
        if remedy:
            self.remedies.setdefault(remedy)

    def take(self, others: Findings) -> None:
        """Take over the findings of another file, after those about the whole of this one."""
        self.lines.extend((0, line) for _row, line in others.in_order())
        self.remedies |= others.remedies

    def in_order(self) -> list[tuple[int, str]]:
        """Return the findings in the order of their rows."""
        return sorted(self.lines, key=lambda finding: finding[0])

    def tell(self) -> None:
        """Raise one error with all findings; do nothing when there is none.

        Raises
        ------
        PanelError
        """
        if not self.lines:
            return
        shown = [line for _row, line in self.in_order()[:SHOWN]]
        if len(self.lines) > SHOWN:
            shown.append(_("另有 {count} 处").format(count=len(self.lines) - SHOWN))
        if self.unchecked:
            shown.append(_("此外 {count} 个单位没有再核对").format(count=self.unchecked))
        raise PanelError("\n".join(shown), remedy="\n".join([*self.remedies][:SHOWN]))
