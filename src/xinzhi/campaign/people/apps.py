"""The app of people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Accounts and roles."""

    name = "xinzhi.campaign.people"
    label = "people"

    def ready(self) -> None:
        """Listen to signing in and out; mails of invitations leave by a job."""
        from xinzhi.campaign.jobs.queue import works
        from xinzhi.campaign.people import signins  # noqa: F401

        works("invitations.post", "xinzhi.campaign.people.mails.post_mail")
