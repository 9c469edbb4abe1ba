"""What pages say of a delivery in a line: what it holds, and how its reply stands."""

from __future__ import annotations

from collections import Counter

from xinzhi.campaign.inbox.models import Arrival, ArrivedFile, Reply
from xinzhi.campaign.returns.models import CASE
from xinzhi.forms import load_form
from xinzhi.intake.replies import reply_texts
from xinzhi.language import gettext as _

_MOST = 3  # forms that are named

TONES = {
    "draft": "plain", "queued": "note", "sending": "note", "sent": "done", "unsure": "explain", "refused": "mend",
    "failed": "mend", "dropped": "plain",
}  # fmt: skip
"""How the state of a reply is marked."""


def contents_of(arrival: Arrival) -> str:
    """Say what a delivery holds: its forms, or how many files of each sort; blank before it was read."""
    if arrival.status == "waiting":
        return ""
    items = list(arrival.items.all())
    forms = [_form(item) for item in items if item.form]
    if forms:
        more = _("等 {n} 份").format(n=len(forms)) if len(forms) > _MOST else ""
        return "、".join(forms[:_MOST]) + more
    count = Counter(item.sort for item in items)
    return "、".join(f"{sort_of(sort)} {n}" for sort, n in count.items()) or _("没有填报表")


def sort_of(sort: str) -> str:
    """Return what people call a sort of file."""
    return str(reply_texts().sorts[sort])


def reply_of(arrival: Arrival) -> Reply | None:
    """Return the reply to a delivery; None where none is due."""
    return getattr(arrival, "reply", None)


def _form(item: ArrivedFile) -> str:
    if load_form(item.form).kind != CASE:
        return _("指标数据")
    return _("案例《{title}》").format(title=item.title) if item.title else _("案例")
