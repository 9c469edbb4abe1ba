"""The app of checking."""

from django.apps import AppConfig


class CheckingConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.checking"
    label = "checking"

    def ready(self) -> None:
        """Count the findings of every version that is made; begin reminders as a campaign opens."""
        from django.db.models.signals import post_save

        from xinzhi.campaign.campaigns.operations import opened
        from xinzhi.campaign.checking.counts import count_findings
        from xinzhi.campaign.checking.reminders import begin
        from xinzhi.campaign.jobs.queue import works

        post_save.connect(count_findings, sender="returns.Version", dispatch_uid="checking.count_findings")
        opened.connect(begin, dispatch_uid="checking.begin")
        works("letters.post", "xinzhi.campaign.checking.post.post_letter")
        works("letters.daily", "xinzhi.campaign.checking.reminders.draft_daily")
