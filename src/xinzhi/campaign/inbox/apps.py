"""The app of inbox."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.inbox"
    label = "inbox"

    def ready(self) -> None:
        """Declare the work of reading what came."""
        from xinzhi.campaign.jobs.queue import works

        works("inbox.read", "xinzhi.campaign.inbox.reading.read_job")
        works("inbox.poll", "xinzhi.campaign.inbox.reading.poll_job")
