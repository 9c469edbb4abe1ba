"""The app of storage."""

from django.apps import AppConfig


class StorageConfig(AppConfig):
    """See the package."""

    name = "xinzhi.campaign.storage"
    label = "storage"

    def ready(self) -> None:
        """Declare the work on keys."""
        from xinzhi.campaign.jobs.queue import works
        from xinzhi.campaign.storage.vault import DESTROY

        works(DESTROY, "xinzhi.campaign.storage.vault.destroy_key")
