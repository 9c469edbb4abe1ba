"""The app of campaigns."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.campaigns"
    label = "campaigns"
