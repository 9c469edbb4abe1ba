"""The app of returns."""

from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.returns"
    label = "returns"
