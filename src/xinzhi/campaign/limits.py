"""How often something may be tried from one address, counted in the database that all processes share."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from xinzhi.campaign.refusals import Refused
from xinzhi.language import gettext as _

HOUR = 3600


class TooMany(Refused):  # read as a sentence, as all refusals are
    """Tried too often from one address."""

    status = 429


def count_try(request: HttpRequest, what: str, most: int, seconds: int = HOUR) -> None:
    """Count a try; each stands for `seconds`.

    Raises
    ------
    TooMany
        If as many as are allowed stand already.
    """
    address = get_adapter().get_client_ip(request)
    key = salted_hmac("xinzhi.limits", f"{what} {address}", algorithm="sha256").hexdigest()
    # A place is taken with one statement, so that tries at the same moment do not share one.
    if not any(cache.add(f"{key}:{place}", 1, seconds) for place in range(most)):
        raise TooMany(_("尝试次数太多"), remedy=_("请 {n} 分钟后再试").format(n=seconds // 60))
