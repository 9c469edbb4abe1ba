"""The app of people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Accounts and roles."""

    name = "xinzhi.campaign.people"
    label = "people"

    def ready(self) -> None:
        """Listen to signing in and out."""
        from xinzhi.campaign.people import signins  # noqa: F401
