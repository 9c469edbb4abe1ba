"""Signing up, in and out: address confirmed, second factor of the office, sessions, rehearsal, and what is recorded."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime
from unittest import mock

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from tests.campaign.clients import client_of
from tests.campaign.conftest import BEIJING, World
from xinzhi.campaign.access.models import ApiToken
from xinzhi.campaign.access.operations import make_token
from xinzhi.campaign.acting import REHEARSAL_KEY, acting_as
from xinzhi.campaign.audit.chain import verify
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.people import operations as people
from xinzhi.campaign.people.models import Membership, User
from xinzhi.campaign.refusals import Refused

PASSWORD = "correct horse battery"


def code_of(secret: str) -> str:
    """Return what an authenticator shows now (RFC 6238), by the library's own arithmetic."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def verbs() -> list[tuple[str, str]]:
    return list(Event.objects.filter(verb__startswith="user.").values_list("verb", "subject"))


def address_is_confirmed(world: World) -> None:
    """Confirm the address of the media unit, so that it can sign in by the form."""
    EmailAddress.objects.create(user=world.media.user, email="media@example.org", verified=True, primary=True)


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


NEW = {"password1": PASSWORD, "password2": PASSWORD}


def page_of(client: Client, address: str, given: dict[str, str]) -> str:
    """Return the page that a form leads to, without what differs with every form."""
    shown = client.post(address, given, follow=True).content.decode()
    return re.sub(r'value="[^"]*"', "", shown).replace(given["email"], "EMAIL")


@pytest.mark.parametrize("address", ["/accounts/signup/", "/accounts/password/reset/"])
@pytest.mark.parametrize("away", [False, True])
def test_the_page_does_not_tell_whether_an_address_has_an_account(
    world: World, settings, mailoutbox, address: str, away: bool
) -> None:
    address_is_confirmed(world)
    if away:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    known, unknown = (
        page_of(Client(), address, {"email": email, **NEW})
        for email in ("media@example.org", "nobody@example.org")
    )
    assert known == unknown
    assert ("邮件现在发不出去, 请过一会儿再试" in known) is away
    # Only whoever reads the mailbox learns more.
    told = [] if away else {
        "/accounts/signup/": ["这个邮箱已经注册过", "请确认邮箱"],
        "/accounts/password/reset/": ["重设密码", "这个邮箱没有账号"],
    }[address]  # fmt: skip
    assert [mail.subject for mail in mailoutbox] == told
    assert [mail.body.rstrip().splitlines()[-1] for mail in mailoutbox] == [
        "新质: 新质生产力发展研究测评平台"
    ] * len(told)


def test_a_link_of_confirmation_that_is_used_twice_or_broken_says_what_to_do(
    world: World, mailoutbox
) -> None:
    Client().post("/accounts/signup/", {"email": "new@example.org", **NEW})
    (link,) = re.findall(r"http://testserver(/accounts/confirm-email/\S+)", mailoutbox[0].body)
    assert "new@example.org 是你的邮箱吗?" in Client().get(link).content.decode()
    assert Client().post(link).status_code == 302
    for address in (link, "/accounts/confirm-email/none/"):
        for answer in (Client().get(address), Client().post(address)):
            assert (answer.status_code, "这个链接不能用了" in answer.content.decode()) == (200, True)


def test_a_link_of_confirmation_that_is_too_old_confirms_nothing(world: World, mailoutbox) -> None:
    Client().post("/accounts/signup/", {"email": "new@example.org", **NEW})
    (link,) = re.findall(r"http://testserver(/accounts/confirm-email/\S+)", mailoutbox[0].body)
    with mock.patch("django.core.signing.time.time", return_value=time.time() + 3 * 86_400 + 60):
        assert "这个链接不能用了" in Client().post(link).content.decode()
    assert not EmailAddress.objects.get(email="new@example.org").verified


def test_a_link_to_a_new_password_works_once(world: World, mailoutbox) -> None:
    address_is_confirmed(world)
    Client().post("/accounts/password/reset/", {"email": "media@example.org"})
    (link,) = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", mailoutbox[0].body)
    first = Client()
    assert first.post(first.get(link).headers["Location"], NEW).status_code == 302
    assert "这个链接不能用了" in Client().get(link, follow=True).content.decode()


def test_trying_is_limited(world: World, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {}  # those of the library, which other tests go without
    address_is_confirmed(world)
    caches["default"].clear()
    wrong = {"login": "media@example.org", "password": "wrong wrong"}
    for _try in range(10):
        Client().post("/accounts/login/", wrong)
    right = Client()
    right.post("/accounts/login/", wrong | {"password": PASSWORD})
    assert not is_signed_in(right)
    statuses = [
        Client().post("/accounts/signup/", {"email": f"a{n}@example.org", **NEW}).status_code
        for n in range(21)
    ]
    assert statuses == [302] * 20 + [429]
    refused = Client().post("/accounts/signup/", {"email": "b@example.org", **NEW})
    assert "尝试次数太多" in refused.content.decode()
    caches["default"].clear()


def test_the_person_is_told_by_mail_of_a_new_password(world: World, mailoutbox) -> None:
    address_is_confirmed(world)
    here = signed_in_from(WINDOWS, "192.0.2.1")
    new = "battery horse correct"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    (mail,) = mailoutbox
    assert mail.to == ["media@example.org"]
    assert ("192.0.2.1" in mail.body, "请马上重设密码" in mail.body) == (True, True)


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


# --- devices -------------------------------------------------------------------------------------------------

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0"
PHONE = (
    "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0"
)


def signed_in_from(agent: str, address: str) -> Client:
    """Return a browser in which the media unit has signed in by the form."""
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    client.post("/accounts/login/", {"login": "media@example.org", "password": PASSWORD})
    assert client.get("/account/").status_code == 200
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def ended() -> list[dict[str, object]]:
    events = Event.objects.filter(verb="sessions.ended").order_by("sequence")
    return [json.loads(detail) for detail in events.values_list("detail", flat=True)]


def devices(client: Client) -> list[tuple[str, str, bool]]:
    return [(d.what, d.address, d.here) for d in client.get("/account/").context["devices"]]


def test_devices_are_listed_on_the_account_page_and_ended_one_by_one(world: World) -> None:
    address_is_confirmed(world)
    here = signed_in_from(WINDOWS, "203.0.113.9")
    phone, third = signed_in_from(PHONE, "2001:db8:0:7::1"), signed_in_from("", "198.51.100.7")
    assert devices(here) == [
        ("Edge · Windows", "203.0.113.*", True),
        ("不认得的浏览器", "198.51.100.*", False),
        ("微信 · Android", "2001:db8:0:7:*", False),
    ]
    shown = here.get("/account/").content.decode()
    assert [hidden in shown for hidden in ("203.0.113.9", phone.session.session_key)] == [False, False]
    lost = UserSession.objects.get(session_key=phone.session.session_key).pk
    assert here.post(f"/account/devices/{lost}/end/").headers["Location"] == "/account/#devices"
    assert [is_signed_in(client) for client in (here, phone, third)] == [True, False, True]
    assert phone.get("/account/").headers["Location"].startswith("/accounts/login/")
    assert ended() == [{"sessions": [lost], "why": "asked"}]
    assert len(devices(here)) == 2


def test_all_other_devices_are_ended_at_once(world: World) -> None:
    address_is_confirmed(world)
    here, there, third = (signed_in_from(WINDOWS, f"192.0.2.{n}") for n in (1, 2, 3))
    office = client_of(acting_as(world.office.user))
    here.post("/account/devices/end-others/")
    assert [is_signed_in(client) for client in (here, there, third, office)] == [True, False, False, True]
    assert [len(event["sessions"]) for event in ended()] == [2]
    here.post("/account/devices/end-others/")  # nothing left: nothing to tell the audit
    assert len(ended()) == 1
    assert verify().fault == ""


def test_nobody_ends_what_is_anothers_or_ones_own_by_its_number(world: World) -> None:
    address_is_confirmed(world)
    mine, theirs = signed_in_from(WINDOWS, "192.0.2.1"), client_of(acting_as(world.office.user))
    theirs.get("/account/")
    for client in (mine, theirs):
        of = UserSession.objects.get(session_key=client.session.session_key)
        assert mine.post(f"/account/devices/{of.pk}/end/").status_code == 404
    assert mine.get("/account/devices/1/end/").status_code == 405
    assert [is_signed_in(client) for client in (mine, theirs)] == [True, True]
    assert ended() == []


def test_a_device_that_is_signed_out_in_the_middle_of_a_request_stays_signed_out(world: World) -> None:
    address_is_confirmed(world)
    here, there = signed_in_from(WINDOWS, "192.0.2.1"), signed_in_from(PHONE, "192.0.2.2")
    under_way = SessionStore(there.session.session_key)
    under_way["typed"] = "something"
    here.post("/account/devices/end-others/")
    with pytest.raises(UpdateError):
        under_way.save()
    assert not is_signed_in(there)


def test_the_old_page_of_devices_leads_to_the_account_and_ends_nothing(world: World) -> None:
    address_is_confirmed(world)
    here, there = signed_in_from(WINDOWS, "192.0.2.1"), signed_in_from(PHONE, "192.0.2.2")
    assert here.get("/accounts/sessions/").headers["Location"] == "/account/#devices"
    assert here.post("/accounts/sessions/").status_code == 405
    assert is_signed_in(there)


# --- what was let in by a password ends with it ------------------------------------------------------------------


def answered_to(token: str) -> int:
    return Client().get("/api/v1/campaigns", headers={"Authorization": f"Bearer {token}"}).status_code


def tokens_ended() -> list[str]:
    events = Event.objects.filter(verb="tokens.revoked").order_by("sequence")
    return [json.loads(detail)["why"] for detail in events.values_list("detail", flat=True)]


def test_a_new_password_ends_other_devices_and_tokens(world: World) -> None:
    address_is_confirmed(world)
    here, there = signed_in_from(WINDOWS, "192.0.2.1"), signed_in_from(PHONE, "192.0.2.2")
    _made, token = make_token(acting_as(world.media.user), "程序", ["read"], 9)
    _others, other = make_token(acting_as(world.analyst.user), "程序", ["read"], 9)
    new = {
        "oldpassword": PASSWORD,
        "password1": "battery horse correct",
        "password2": "battery horse correct",
    }
    assert here.post("/accounts/password/change/", new).status_code == 302
    assert [is_signed_in(here), is_signed_in(there)] == [True, False]
    assert [answered_to(token), answered_to(other)] == [401, 200]
    assert [event["why"] for event in ended()] == tokens_ended() == ["password"]
    assert len(devices(here)) == 1


def test_a_password_that_was_forgotten_ends_them_too(world: World, mailoutbox) -> None:
    address_is_confirmed(world)
    there = signed_in_from(PHONE, "192.0.2.2")
    _made, token = make_token(acting_as(world.media.user), "程序", ["read"], 9)
    visitor = Client()
    visitor.post("/accounts/password/reset/", {"email": "media@example.org"})
    (link,) = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", mailoutbox[0].body)
    form = visitor.get(link).headers["Location"]
    visitor.post(form, {"password1": "battery horse correct", "password2": "battery horse correct"})
    assert (is_signed_in(there), answered_to(token), tokens_ended()) == (False, 401, ["password"])
    again = Client()  # the link works once
    assert "location" not in again.get(link).headers or not again.get(link, follow=True).context.get("form")


@pytest.mark.parametrize("how", ["role", "handed over"])
def test_tokens_end_with_a_role_that_is_lost(world: World, how: str) -> None:
    _made, token = make_token(acting_as(world.reporter.user), "程序", ["file"], 9)
    role = Membership.objects.get(user=world.reporter.user)
    if how == "role":
        people.end_role(world.office, role)
    else:
        invitation, _code = people.hand_over(acting_as(world.reporter.user), role, "", "接手")
        assert tokens_ended() == []  # not before the successor comes
        people.take_up(acting_as(User.objects.create_user("successor@example.org")), invitation)
    assert tokens_ended() == [how]
    assert ApiToken.objects.get(user=world.reporter.user).stands_at(timezone.now()) is False
    assert answered_to(token) == 401


def test_an_account_is_closed_for_good(world: World) -> None:
    address_is_confirmed(world)
    here, there = signed_in_from(WINDOWS, "192.0.2.1"), signed_in_from(PHONE, "192.0.2.2")
    _made, token = make_token(acting_as(world.media.user), "程序", ["read"], 9)
    again = here.get("/account/close/").headers["Location"]  # the password once more
    assert here.post(again, {"password": PASSWORD}).headers["Location"] == "/account/close/"
    assert here.post("/account/close/", {"sure": ""}).status_code == 422  # not without the tick
    assert here.post("/account/close/", {"sure": "on"}).headers["Location"] == "/"
    assert [is_signed_in(here), is_signed_in(there), answered_to(token)] == [False, False, 401]
    user = User.objects.get(pk=world.media.user.pk)
    assert (user.email, user.phone, user.is_active, user.name) == (
        f"closed-{user.pk}@closed.invalid", "", False, "media",
    )  # fmt: skip
    assert acting_as(user).memberships == ()
    assert not EmailAddress.objects.filter(user=user).exists()
    again = Client()
    again.post("/accounts/login/", {"login": "media@example.org", "password": PASSWORD})
    assert not is_signed_in(again)
    assert Event.objects.filter(verb="user.closed").count() == 1
    assert verify().fault == ""


def test_closing_an_account_asks_for_the_password_once_more(world: World) -> None:
    stolen = client_of(acting_as(world.media.user))  # a session in which no password was typed
    answer = stolen.post("/account/close/", {"sure": "on"})
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert User.objects.get(pk=world.media.user.pk).is_active


def test_the_last_of_the_office_cannot_close_the_account(world: World) -> None:
    people.end_role(world.office, Membership.objects.get(user=world.second_office.user))
    with pytest.raises(Refused) as refusal:
        people.close_account(acting_as(world.office.user))
    assert refusal.value.what == f"你是“{world.campaign}”唯一的征集办公室成员"


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
