"""What is typed on pages of no campaign in particular."""

from __future__ import annotations

from django import forms
from django.utils.functional import lazy

from xinzhi.campaign.campaigns.forms import Moment
from xinzhi.language import gettext

_ = lazy(gettext, str)


class RehearsalForm(forms.Form):
    """The moment that is rehearsed."""

    moment = Moment(label=_("演练的时间 (北京时间)"))
