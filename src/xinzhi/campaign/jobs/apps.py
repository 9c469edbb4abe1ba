"""The app of jobs."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.jobs"
    label = "jobs"
