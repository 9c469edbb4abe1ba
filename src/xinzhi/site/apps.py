"""The site as an app: its templates and static files."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """See the package."""

    name = "xinzhi.site"
    label = "site"
