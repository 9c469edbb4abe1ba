"""What people type about people: an invitation, a list of them, a code, a body, an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import lazy

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.people.operations import require_credit_code
from xinzhi.campaign.people.roles import ROLES
from xinzhi.campaign.places.fields import UnitField
from xinzhi.campaign.refusals import Refused
from xinzhi.language import gettext

_ = lazy(gettext, str)


class InvitationForm(forms.Form):
    """One invitation."""

    role = forms.ChoiceField(label=_("角色"))
    unit = UnitField(
        label=_("单位"), required=False, help_text=_("代码或全称; 填报人、复核人和市级、省级审核人要写")
    )
    name = forms.CharField(label=_("姓名"), max_length=60, required=False)
    email = forms.EmailField(label=_("电子邮箱"), required=False, help_text=_("写了就把邀请发到这个邮箱"))
    domains = forms.MultipleChoiceField(
        label=_("专家的领域"), required=False, widget=forms.CheckboxSelectMultiple
    )
    renew = forms.BooleanField(label=_("已有同样的邀请没有使用的, 作废旧码重新发放"), required=False)

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [("", gettext("请选择")), *((id, str(role.title)) for id, role in ROLES.items())]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        self.fields["domains"].choices = [(d.id, str(d.title)) for d in campaign.call.domains]  # type: ignore[attr-defined]
        self.fields["unit"].demonstration = campaign.demonstration  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the unit where the role needs one."""
        given = super().clean() or {}
        role = ROLES.get(given.get("role", ""))
        if role and role.reach != "campaign" and "unit" in given and given["unit"] is None:
            self.add_error("unit", gettext("“{role}”要写单位代码").format(role=role.title))
        return given


class RosterForm(forms.Form):
    """A list of people to be invited."""

    file = forms.FileField(label=_("名单 (CSV 或 XLSX)"))
    kind = forms.ChoiceField(
        label=_("邀请信"),
        choices=[("pdf", _("PDF, 直接打印")), ("docx", _("Word, 可以修改"))],
        initial="pdf",
        widget=forms.RadioSelect,
        help_text=_("一人一页, 有链接、邀请码、截止时间和联系方式"),
    )
    renew = forms.BooleanField(label=_("名单里已有未使用邀请的, 作废旧码重新发放"), required=False)


class CodeForm(forms.Form):
    """A code as somebody reads it off a letter."""

    code = forms.CharField(
        label=_("邀请码"), max_length=80, help_text=_("信上的 16 个字符, 大小写和短横都可以不管")
    )


class BodyForm(forms.Form):
    """An enterprise or another body that registers itself."""

    name = forms.CharField(label=_("单位全称"), max_length=80, min_length=4)
    code = forms.CharField(
        label=_("统一社会信用代码"), max_length=40, help_text=_("18 位, 与营业执照或法人证书一致")
    )
    place = UnitField(
        label=_("所在县(市、区)"), required=False, help_text=_("六位行政区划代码或全称, 如 330106")
    )

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["place"]
        assert isinstance(place, UnitField)
        place.demonstration, place.levels = campaign.demonstration, ("province", "city", "county")

    def clean_code(self) -> str:
        """Check the code with its last character."""
        try:
            return require_credit_code(self.cleaned_data["code"])
        except Refused as refusal:
            raise forms.ValidationError(" ".join(filter(None, (refusal.what, refusal.remedy)))) from refusal


class AccountForm(forms.Form):
    """What others read of an account."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    phone = forms.CharField(label=_("电话"), max_length=40, required=False)


class SuccessorForm(forms.Form):
    """Who takes a role over."""

    name = forms.CharField(label=_("接手人姓名"), max_length=60)
    email = forms.EmailField(
        label=_("接手人电子邮箱"), required=False, help_text=_("写了就把邀请发到这个邮箱")
    )


class ClosingForm(forms.Form):
    """That an account is really to be closed."""

    sure = forms.BooleanField(label=_("我确认注销, 知道不能恢复"))
