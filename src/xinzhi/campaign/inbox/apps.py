"""The app of inbox."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.inbox"
    label = "inbox"

    def ready(self) -> None:
        """Declare the work of fetching, reading and answering what came."""
        from xinzhi.campaign.jobs.queue import recurs, works

        works("inbox.fetch", "xinzhi.campaign.inbox.fetching.fetch_job")
        works("inbox.poll", "xinzhi.campaign.inbox.fetching.poll_job")
        works("inbox.read", "xinzhi.campaign.inbox.reading.read_job")
        works("replies.post", "xinzhi.campaign.inbox.replies.post_reply")
        recurs("xinzhi.campaign.inbox.fetching.ensure_fetching")
