"""What the office types about a campaign: its settings, another year, more time, figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import lazy

from xinzhi.campaign.campaigns.models import LEVELS, Campaign
from xinzhi.campaign.places.fields import UnitField
from xinzhi.forms import forms as known_forms
from xinzhi.forms import load_call, load_form
from xinzhi.language import gettext

_ = lazy(gettext, str)

LEVEL_TITLES = {"confirm": _("本单位第二人复核"), "city": _("市级审核"), "province": _("省级审核")}
_CONTACTS = ("mailbox", "phone", "address")
_LONGEST_BEFORE = 365


class Moment(forms.DateTimeField):
    """A moment in Beijing time, to the second."""

    def __init__(self, **given: Any) -> None:
        widget = forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M:%S", attrs={"type": "datetime-local", "step": "1"}
        )
        super().__init__(widget=widget, **given)


class Window(forms.Form):
    """A window: from the first moment on, before the second."""

    opens_at = Moment(label=_("开始 (北京时间)"))
    closes_at = Moment(
        label=_("截止 (北京时间)"), help_text=_("到这一刻之前; 8月31日整天有效, 写 9月1日 00:00:00")
    )

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning."""
        given = super().clean() or {}
        if {"opens_at", "closes_at"} <= given.keys() and given["opens_at"] >= given["closes_at"]:
            self.add_error("closes_at", gettext("截止时间应当在开始时间之后"))
        return given

    @property
    def window(self) -> tuple[datetime, datetime]:
        """What was typed."""
        return self.cleaned_data["opens_at"], self.cleaned_data["closes_at"]


class SettingsForm(Window):
    """Settings of a campaign."""

    title = forms.CharField(label=_("名称"), max_length=120)
    title_en = forms.CharField(label=_("英文名称"), max_length=200, required=False)
    levels = forms.MultipleChoiceField(
        label=_("提交前的审核级别"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("2025 年的函要求核对后再报, 没有规定市级、省级必须审核"),
    )
    return_days = forms.IntegerField(label=_("退回后补正的天数"), min_value=1, max_value=90)
    mailbox = forms.EmailField(label=_("收件邮箱"), required=False)
    phone = forms.CharField(label=_("联系电话"), max_length=60, required=False)
    address = forms.CharField(label=_("通信地址"), max_length=200, required=False)
    days_before = forms.CharField(
        label=_("截止前几天提醒"), max_length=60, required=False, help_text=_("如 30, 14, 7, 3, 1")
    )
    automatic = forms.BooleanField(
        label=_("提醒、通知和名单里的邀请自动发出 (不选则只生成草稿)"), required=False
    )
    receipts = forms.BooleanField(
        label=_("来件已读懂、无须人核实的, 自动回复 (不选则只生成草稿)"), required=False
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    field_order = ("title", "title_en", "opens_at", "closes_at")

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        reminders = campaign.reminders
        kwargs["initial"] = {
            **{name: getattr(campaign, name) for name in ("title", "title_en", "levels", "return_days")},
            **{name: getattr(campaign, name) for name in ("opens_at", "closes_at")},
            **{name: campaign.contacts.get(name, "") for name in _CONTACTS},
            "days_before": ", ".join(map(str, reminders.get("days_before", ()))),
            "automatic": reminders.get("automatic", False),
            "receipts": reminders.get("receipts", False),
            "seen": campaign.revision,
        }
        super().__init__(*args, **kwargs)
        self._reminders = reminders
        self._contacts = campaign.contacts
        self.fields["levels"].choices = [(level, LEVEL_TITLES[level]) for level in LEVELS]  # type: ignore[attr-defined]

    def clean_days_before(self) -> list[int]:
        """Read days as whole numbers, the farthest first."""
        words = (
            self.cleaned_data["days_before"].replace(",", " ").replace("、", " ").replace(",", " ").split()
        )
        if not all(word.isdecimal() and 0 < int(word) <= _LONGEST_BEFORE for word in words):
            raise forms.ValidationError(gettext("请写 1 至 {n} 的整数, 用逗号隔开").format(n=_LONGEST_BEFORE))
        return sorted({int(word) for word in words}, reverse=True)

    def changes(self) -> dict[str, object]:
        """Return what was typed as the operation takes it."""
        given = self.cleaned_data
        plain = ("title", "title_en", "opens_at", "closes_at", "return_days")
        return {
            **{name: given[name] for name in plain},
            "levels": [level for level in LEVELS if level in given["levels"]],
            "contacts": {**self._contacts, **{name: given[name] for name in _CONTACTS}},
            "reminders": {
                **self._reminders,
                "days_before": given["days_before"],
                "automatic": given["automatic"],
                "receipts": given["receipts"],
            },
        }


class ReasonForm(forms.Form):
    """Why a campaign is opened again."""

    reason = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    seen = forms.IntegerField(widget=forms.HiddenInput)


class _OneUnit(forms.Form):
    """A unit and a reason."""

    unit = UnitField(label=_("单位"), help_text=_("代码或全称"))
    reason = forms.CharField(label=_("理由"), max_length=200)

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].demonstration = campaign.demonstration  # type: ignore[attr-defined]


class AdmissionForm(_OneUnit):
    """A unit admitted by name."""


class ExtensionForm(_OneUnit):
    """More time for one unit."""

    until = Moment(label=_("延至 (北京时间)"), help_text=_("到这一刻之前"))
    field_order = ("unit", "until", "reason")


class _NamedYear(Window):
    """A campaign to be made: its address and its year."""

    slug = forms.SlugField(
        label=_("网址标识"), max_length=40, help_text=_("小写英文字母、数字和短横, 如 call-2026")
    )
    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2100)
    field_order = ("template", "slug", "year", "opens_at", "closes_at")


class CloneForm(_NamedYear):
    """Next year's campaign."""


class NewForm(_NamedYear):
    """A campaign from a template of the library."""

    template = forms.ChoiceField(label=_("模板"))
    demonstration = forms.BooleanField(label=_("演示用 (虚构的单位, 每页标明演示数据)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        templates = sorted({load_form(name).template for name in known_forms()})
        self.fields["template"].choices = [  # type: ignore[attr-defined]
            (id, f"{load_call(id).title} ({load_call(id).number})") for id in templates
        ]


class FiguresForm(forms.Form):
    """A sheet of figures that returns are held against."""

    sort = forms.ChoiceField(label=_("数据种类"))
    file = forms.FileField(label=_("数据表 (CSV 或 XLSX)"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sort"].choices = [  # type: ignore[attr-defined]
            ("official", gettext("官方统计数据")),
            ("census", gettext("普查数据")),
            ("earlier", gettext("往年填报数据")),
        ]
