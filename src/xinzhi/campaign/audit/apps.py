"""The app of audit."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.audit"
    label = "audit"
