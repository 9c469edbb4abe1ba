"""Passkeys and codes as second factor: their forms in our words, bounded, and deaf to what no browser sends."""

from __future__ import annotations

import json
import struct
from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.functional import lazy

from xinzhi.campaign.acting import Actor
from xinzhi.campaign.audit.chain import record
from xinzhi.language import gettext

_ = lazy(gettext, str)

_MALFORMED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    InvalidSignature,
    LookupError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    struct.error,
)
"""What the reading of made-up bytes ends with; the libraries foresee two of these."""


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """What a passkey is called until its owner names it."""

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Count them."""
        had = Authenticator.objects.filter(user=user, type=type).count()
        return gettext("通行密钥 {n}").format(n=had + 1)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the platform as the owner of a passkey reads it."""
        return {**super().get_public_key_credential_rp_entity(), "name": gettext("新质")}


class _Code(forms.Form):
    code = forms.CharField(
        label=_("验证码"),
        help_text=_("验证器上的六位数字, 或者一个恢复码"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )


class CodeForm(_Code, AuthenticateForm):  # type: ignore[misc]
    """A code as second factor."""


class CodeAgainForm(_Code, ReauthenticateForm):  # type: ignore[misc]
    """A code before something that touches the account's security."""


def _name(required: bool) -> forms.CharField:
    help_text = _("例如“办公室的电脑”, 以后好认")
    return forms.CharField(label=_("名称"), max_length=60, required=required, help_text=help_text)


class _Credential(forms.CharField):
    """What a script of ours hands over; Django's own field fails at brackets in brackets without end."""

    def clean(self, value: Any) -> Any:
        try:
            said = json.loads(super().clean(value))
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict) or not said:  # allauth looks at nothing that is empty
            raise ValidationError(gettext("这把通行密钥没有通过, 请再试一次"))
        return said


def _credential() -> forms.CharField:
    return _Credential(max_length=20_000, widget=forms.HiddenInput)


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey: always one that asks for PIN or finger, so it may also be used alone."""

    name = _name(required=False)
    credential = _credential()
    passwordless = None

    def clean(self) -> dict[str, Any]:
        """Take what the browser made, if it answers what was asked."""
        try:
            return dict(super().clean())
        except (ValidationError, *_MALFORMED) as error:
            raise ValidationError(gettext("这把通行密钥没有加上, 请再试一次")) from error


class PasskeyNameForm(EditWebAuthnForm):  # type: ignore[misc]
    """Another name of a passkey."""

    name = _name(required=True)

    @transaction.atomic
    def save(self) -> Authenticator:
        """Rename it; the audit hears that, and not the name."""
        renamed: Authenticator = super().save()
        actor = Actor(renamed.user, timezone.now())
        record(actor, "authenticator.renamed", f"user:{renamed.user_id}", sort=renamed.type)
        return renamed


class _Shown(AuthenticateWebAuthnForm):  # type: ignore[misc]
    credential = _credential()

    def clean_credential(self) -> Authenticator:
        """Return the passkey that answered what was asked."""
        try:
            shown: Authenticator = super().clean_credential()
        except ValidationError as error:
            if error.message == account_adapter().error_messages["too_many_login_attempts"]:
                raise
            raise ValidationError(gettext("这把通行密钥没有通过, 请再试一次")) from error
        except _MALFORMED as error:
            raise ValidationError(gettext("这把通行密钥没有通过, 请再试一次")) from error
        return shown


class PasskeyAsSecondForm(_Shown):
    """A passkey after the password."""


class PasskeyAgainForm(_Shown, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey before something that touches the account's security."""


class PasskeyAloneForm(_Shown, LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey in place of address and password."""
