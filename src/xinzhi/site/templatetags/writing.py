"""How templates write: texts in the reader's language, moments in Beijing time, figures."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from xinzhi.declarations import Text
from xinzhi.language import current_language, gettext, number

register = template.Library()
_BEIJING = ZoneInfo("Asia/Shanghai")


@register.simple_tag(name="_")
def say(text: str, **facts: object) -> str:
    """Write a Chinese text of the source in the reader's language: ``{% _ "已提交 {n} 份" n=count %}``."""
    return conditional_escape(gettext(text).format(**facts)) if facts else conditional_escape(gettext(text))


@register.filter
def moment(value: datetime | None, how: str = "") -> str | SafeString:
    """Write a moment in Beijing time: 2025年8月31日 24:00 for the midnight that ends a day (``end``)."""
    if value is None:
        return ""
    local = value.astimezone(_BEIJING)
    if how == "end" and local.time() == time():
        return format_html(
            '<time datetime="{}">{} 24:00</time>',
            local.isoformat(timespec="seconds"),
            _date(local - timedelta(days=1)),
        )
    shown = (
        _date(local)
        if how == "date"
        else f"{_date(local)} {local:%H:%M:%S}"
        if how == "seconds"
        else (f"{_date(local)} {local:%H:%M}")
    )
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), shown)


@register.filter
def figure(value: float | None) -> str:
    """Write a figure as all pages do."""
    return "" if value is None else number(float(value))


@register.filter
def score(value: float | str | None) -> str:
    """Write a score with two decimals, so that a column lines up."""
    return "" if value is None or value == "" else f"{float(value):.2f}"


@register.filter
def size(value: int) -> str:
    """Write a number of bytes."""
    return f"{value / 1e6:.1f} MB" if value >= 100_000 else f"{value / 1e3:.1f} kB"


@register.filter
def at(mapping: dict[str, object], key: str) -> object:
    """Return what a mapping holds at a key that is itself a variable; blank for nothing."""
    return mapping.get(key, "")


@register.filter
def as_json(value: object) -> str:
    """Write what a script of the page reads from an attribute."""
    return json.dumps(value)


@register.filter
def both(text: Text | str) -> str:
    """Write a text of a declaration in the reader's language."""
    return str(text)


def _date(local: datetime) -> str:
    if current_language() == "en":
        return f"{local.day} {local:%B %Y}"
    return f"{local.year}年{local.month}月{local.day}日"
