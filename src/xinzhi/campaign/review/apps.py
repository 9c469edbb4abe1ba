"""The app of review."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.review"
    label = "review"

    def ready(self) -> None:
        """Say which jobs this part does."""
        from xinzhi.campaign.jobs.queue import works

        works("review.pictures", "xinzhi.campaign.review.blinding.make_pictures")
        works("review.likeness", "xinzhi.campaign.review.likeness.compare")
