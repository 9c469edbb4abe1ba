"""The app of results."""

from django.apps import AppConfig


class ResultsConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.results"
    label = "results"

    def ready(self) -> None:
        """Say which work there is."""
        from xinzhi.campaign.jobs.queue import works

        works("result.compute", "xinzhi.campaign.results.operations.compute")
