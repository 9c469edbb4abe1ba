"""Tokens by which programs act for a person, within the scopes they were made for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import models

from xinzhi.declarations import Text

SCOPES: Mapping[str, Text] = {
    "read": Text(zh="读征集和填报 (不含联系方式)", en="Read campaigns and returns (no contacts)"),
    "file": Text(zh="填报和提交", en="File and send"),
    "snapshots": Text(zh="读快照", en="Read snapshots"),
}


class ApiToken(models.Model):
    """A token; of its text only a hash is kept.

    Attributes
    ----------
    scopes : list of str
        What it may be used for, out of :data:`SCOPES`; never more than its user may do.
    name : str
        What its user calls it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=60)
    scopes = models.JSONField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return self.name

    def stands_at(self, moment: datetime) -> bool:
        """Tell whether it still opens anything."""
        return self.revoked_at is None and moment < self.expires_at

    @property
    def scopes_said(self) -> list[Text]:
        """The scopes in words."""
        return [SCOPES[scope] for scope in self.scopes]
