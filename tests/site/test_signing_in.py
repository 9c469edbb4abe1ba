"""Signing up, in and out: address confirmed, second factor of the office, sessions, rehearsal, and what is recorded."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from tests.campaign.clients import client_of
from tests.campaign.conftest import BEIJING, World
from xinzhi.campaign.acting import REHEARSAL_KEY, acting_as
from xinzhi.campaign.audit.chain import verify
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.people.models import User

PASSWORD = "correct horse battery"


def code_of(secret: str) -> str:
    """Return what an authenticator shows now (RFC 6238), by the library's own arithmetic."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def verbs() -> list[tuple[str, str]]:
    return list(Event.objects.filter(verb__startswith="user.").values_list("verb", "subject"))


def test_signing_up_needs_the_address_confirmed(world: World, mailoutbox) -> None:
    client = Client()
    given = {"email": "New@Example.org", "password1": PASSWORD, "password2": PASSWORD}
    response = client.post("/accounts/signup/", given)
    assert response.headers["Location"] == "/accounts/confirm-email/"
    assert client.get("/account/").status_code == 302  # not signed in yet
    (link,) = re.findall(r"http://testserver(/accounts/confirm-email/\S+)", mailoutbox[0].body)
    client.post(link)
    client.post("/accounts/login/", {"login": "new@example.org", "password": PASSWORD})
    assert client.get("/account/").status_code == 200
    assert User.objects.get(email="new@example.org").memberships.count() == 0


def test_an_unknown_and_a_known_address_are_answered_alike(world: World) -> None:
    client = client_of(world.media)  # whose address is confirmed
    client.post("/accounts/logout/")
    wrong = [
        Client().post("/accounts/login/", {"login": email, "password": "wrong wrong"})
        for email in ("media@example.org", "nobody@example.org")
    ]
    texts = [re.sub(r'value="[^"]*"', "", response.content.decode()) for response in wrong]
    assert texts[0] == texts[1]


def test_the_audit_hears_of_signing_in_and_out_and_keeps_no_address(world: World) -> None:
    client_of(world.media)  # confirms the address
    before = len(verbs())
    client = Client()
    client.post("/accounts/login/", {"login": "media@example.org", "password": "wrong wrong"})
    client.post("/accounts/login/", {"login": "MEDIA@example.org", "password": "wrong again"})
    client.post("/accounts/login/", {"login": "media@example.org", "password": PASSWORD})
    client.post("/accounts/logout/")
    heard = verbs()[before:]
    user = f"user:{world.media.user.pk}"
    assert [verb for verb, _subject in heard] == [
        "user.sign_in_failed", "user.sign_in_failed", "user.signed_in", "user.signed_out",
    ]  # fmt: skip
    assert heard[0][1] == heard[1][1] and re.fullmatch(r"address:[0-9a-f]{32}", heard[0][1])
    assert [subject for _verb, subject in heard[2:]] == [user, user]
    assert verify().fault == ""


def test_the_office_sets_its_authenticator_up_before_anything_else(world: World) -> None:
    user = world.office.user
    client_of(world.office)
    Campaign.objects.update(demonstration=False)  # which asks for none
    Authenticator.objects.all().delete()
    client = Client()
    client.post("/accounts/login/", {"login": "office@example.org", "password": PASSWORD})
    assert client.get("/c/call-2025/").headers["Location"] == "/accounts/2fa/totp/activate/"
    again = client.get("/accounts/2fa/totp/activate/").headers["Location"]  # the password once more
    assert client.post(again, {"password": PASSWORD}).headers["Location"] == "/accounts/2fa/totp/activate/"
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    assert client.get("/c/call-2025/").status_code == 200
    assert set(Authenticator.objects.filter(user=user).values_list("type", flat=True)) == {
        "totp", "recovery_codes",
    }  # fmt: skip
    # From now on the password alone does not sign in; a recovery code does, once.
    codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    for expected in (200, 302):
        again = Client()
        again.post("/accounts/login/", {"login": "office@example.org", "password": PASSWORD})
        assert again.get("/c/call-2025/").headers["Location"].startswith("/accounts/login/")
        given = codes[0] if expected == 302 else "00000000"
        response = again.post("/accounts/2fa/authenticate/", {"code": given})
        assert response.status_code == expected
    assert again.get("/c/call-2025/").status_code == 200


def test_sessions_are_listed_and_ended(world: World) -> None:
    client_of(world.media)
    here, there = Client(HTTP_USER_AGENT="here"), Client(HTTP_USER_AGENT="there")
    for client in (here, there):
        client.post("/accounts/login/", {"login": "media@example.org", "password": PASSWORD})
        assert client.get("/account/").status_code == 200
    listed = here.get("/accounts/sessions/").content.decode()
    assert ("here" in listed, "there" in listed) == (True, True)
    here.post("/accounts/sessions/")
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").headers["Location"].startswith("/accounts/login/")


# --- rehearsal -----------------------------------------------------------------------------------------------


def test_the_office_rehearses_another_day_and_comes_back(world: World) -> None:
    client = client_of(acting_as(world.office.user))
    assert "正在演练" not in client.get("/").content.decode()
    client.post("/rehearsal/", {"moment": "2025-08-31T23:59:59"})
    assert client.session[REHEARSAL_KEY] == datetime(2025, 8, 31, 23, 59, 59, tzinfo=BEIJING).isoformat()
    assert "2025年8月31日 23:59" in client.get("/").content.decode()
    client.post("/rehearsal/", {"end": "1"})
    assert REHEARSAL_KEY not in client.session


@pytest.mark.parametrize("who", ["reporter", "auditor", "expert", "analyst"])
def test_nobody_else_rehearses(world: World, who: str) -> None:
    client = client_of(acting_as(getattr(world, who).user))
    assert client.post("/rehearsal/", {"moment": "2025-08-31T23:59:59"}).status_code == 404
    assert REHEARSAL_KEY not in client.session


def test_a_real_campaign_is_looked_at_and_not_changed_in_rehearsal(world: World) -> None:
    client = client_of(world.office)
    address = "/c/call-2025/settings/move/close/"
    Campaign.objects.update(demonstration=False)
    assert client.get("/c/call-2025/settings/").status_code == 200
    refused = client.post(address, {"seen": world.campaign.revision})
    assert (refused.status_code, "正在演练, 真实的征集只能看, 不能改" in refused.content.decode()) == (
        422,
        True,
    )
    assert Campaign.objects.get().state == "open"
    Campaign.objects.update(demonstration=True)
    assert client.post(address, {"seen": world.campaign.revision}).status_code == 302
    assert Campaign.objects.get().state == "closed"
