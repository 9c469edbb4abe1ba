"""The app of places."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.places"
    label = "places"
