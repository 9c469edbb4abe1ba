"""Files by the hash of what lies on the disk, each encrypted with its owner's key and stored once."""

from __future__ import annotations

from django.db import models


class Blob(models.Model):
    """A stored file.

    Attributes
    ----------
    address : str
        SHA-256 of the encrypted bytes, and the place on the disk.
    owner : str
        Whose key opens it: the id of a return, or of a campaign.
    digest : str
        Keyed hash of the plain bytes; equal files of one owner are stored once.
    size : int
        Bytes of the plain file.
    """

    address = models.CharField(max_length=64, unique=True)
    owner = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    stored_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["owner", "digest"], name="blob_once"),)

    def __str__(self) -> str:
        return self.address
