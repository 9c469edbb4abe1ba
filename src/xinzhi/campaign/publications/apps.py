"""The app of publications."""

from django.apps import AppConfig


class PublicationsConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.publications"
    label = "publications"

    def ready(self) -> None:
        """Say which work there is."""
        from xinzhi.campaign.jobs.queue import works

        works("publication.build", "xinzhi.campaign.publications.operations.build")
