"""Moments as letters write them."""

from __future__ import annotations

from datetime import datetime, timedelta

from xinzhi.campaign.campaigns.models import Campaign


def said(campaign: Campaign, moment: datetime) -> str:
    """Write a moment as letters do: midnight is the end of the day before, 2025年8月31日 24:00."""
    local = moment.astimezone(campaign.call.zone)
    clock = f"{local:%H:%M}"
    if clock == "00:00":
        local, clock = local - timedelta(seconds=1), "24:00"
    return f"{local.year}年{local.month}月{local.day}日 {clock} (北京时间)"
