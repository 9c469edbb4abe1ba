"""What was chosen for the analyses of a published index, so that they can be made again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from xinzhi.analysis.catalogue import ANALYSES, Report, Settings, analyse
from xinzhi.index import Result

if TYPE_CHECKING:
    from xinzhi.analysis.robustness import Robustness

#: Sensitivity takes as long as all others together and leaves no figure that a paper shows.
USUAL_ANALYSES = tuple(name for name in ANALYSES if name != "sensitivity")


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen for the analyses of an index.

    Attributes
    ----------
    analyses : tuple of str
        Names in the catalogue.
    seed, replications, against, origin_weights
        As in :class:`xinzhi.analysis.catalogue.Settings`.
    """

    analyses: tuple[str, ...] = USUAL_ANALYSES
    seed: int = 0
    replications: int = 2_000
    against: str = ""
    origin_weights: str = ""

    def report(self, result: Result) -> Report:
        """Run the analyses."""
        if not self.analyses:
            return Report(result.title, result.notes, {}, {})
        settings = Settings(self.seed, self.replications, self.against, self.origin_weights)
        return analyse(result, self.analyses, settings)


def robustness_in(report: Report) -> Robustness | None:
    """Return the robustness analysis of a report; None where it was not made."""
    from xinzhi.analysis.robustness import Robustness

    found = report.outcomes.get("robustness")
    return found if isinstance(found, Robustness) else None
