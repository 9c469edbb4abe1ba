"""The app of opinion."""

from django.apps import AppConfig


class OpinionConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.opinion"
    label = "opinion"
