"""The site is tested with the people of a campaign."""

from tests.campaign.conftest import world

__all__ = ["world"]
