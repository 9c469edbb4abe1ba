"""The edition that the demonstration publishes: what is real, what a paper prints, and what is made up, side by side."""

from __future__ import annotations

from xinzhi.declarations import Text
from xinzhi.index import Result, compute
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import Assessment, Edition, edition_of
from xinzhi.reproduction import printed_index

TITLE = Text(
    zh="中国新质生产力发展白皮书（演示）",
    en="White Paper on New Quality Productive Forces in China (demonstration)",
)


def demonstration_edition(
    campaign: Edition | None = None, *, provinces: Result | None = None, nation: Result | None = None
) -> Edition:
    """Return the edition of the demonstration.

    Parameters
    ----------
    campaign : Edition, optional
        The index and the published cases of a campaign of the fictitious province; its analyses are the usual
        ones, whatever the campaign chose. Without it the edition is of real figures alone.
    provinces, nation : Result, optional
        Open indices that are computed already.
    """
    real = edition_of(
        [provinces or compute("province-open"), nation or compute("national-open")],
        [printed_index()],
        choices=Choices(against="gdp_per_resident", origin_weights="population"),
    )
    first, second, printed = real.assessments
    if campaign is None:
        return Edition(TITLE, (first, second, printed))
    counties = [Assessment(a.id, a.result, a.printed) for a in campaign.assessments]
    return Edition(TITLE, (first, second, *counties, printed), campaign.cases)
