"""How a unit is typed into a form."""

from __future__ import annotations

from typing import Any

from django import forms

from xinzhi.campaign.places.models import BODY, Unit
from xinzhi.language import gettext as _


class UnitField(forms.CharField):
    """A unit by its code or its full name, among those of a campaign's kind."""

    demonstration = False
    levels: tuple[str, ...] = ("province", "city", "county", BODY)

    def clean(self, value: Any) -> Unit | None:
        """Return the unit; several of one name have to be told apart by their codes."""
        text = super().clean(value).strip()
        if not text:
            return None
        among = Unit.objects.filter(demonstration=self.demonstration, level__in=self.levels)
        found = list(among.filter(code=text.upper())) or list(among.filter(name=text)[:4])
        if len(found) == 1:
            return found[0]
        if found:
            raise forms.ValidationError(
                _("有几个单位叫“{name}”, 请写代码: {codes}").format(
                    name=text, codes=", ".join(f"{u.code} ({u.full_name})" for u in found)
                )
            )
        raise forms.ValidationError(_("单位表中没有“{name}”, 请写六位代码或全称").format(name=text))
