"""The app of access."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.access"
    label = "access"
