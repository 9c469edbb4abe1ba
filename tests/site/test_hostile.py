"""Attacks from outside and from within: what is too large, forged, stolen, smuggled in, or spied out."""

from __future__ import annotations

import json
import logging
import re
import sys
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from tests.campaign.accepted import accepted_case
from tests.campaign.clients import client_of
from tests.campaign.conftest import World
from tests.site.test_permission_matrix import MATRIX, ROUTES
from xinzhi.campaign.access.models import ApiToken
from xinzhi.campaign.access.operations import make_token
from xinzhi.campaign.acting import acting_as
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.campaigns.operations import open_from_template
from xinzhi.campaign.people.models import Invitation, Membership, User
from xinzhi.campaign.people.operations import give_role
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.models import Explanation, Return
from xinzhi.campaign.returns.queries import visible_to
from xinzhi.campaign.returns.states import STATES
from xinzhi.site.logs import JsonLine
from xinzhi.site.middleware import LARGEST_SENT, LARGEST_SENT_BY_A_VISITOR

CASE = "00000000-0000-0000-0000-000000000000"


def filled_in(route: str) -> str:
    """An address with arguments that lead nowhere."""
    kinds = {"uuid": CASE, "int": "1", "slug": "a", "str": "a"}
    route = route.replace("<slug:slug>", "call-2025")
    return "/" + re.sub(r"<(\w+):\w+>", lambda found: kinds[found[1]], route)


# --- requests --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["visitor", "reporter"])
def test_what_is_too_large_is_turned_away_unread(world: World, who):
    client = Client() if who == "visitor" else client_of(world.reporter)
    most = LARGEST_SENT_BY_A_VISITOR if who == "visitor" else LARGEST_SENT
    for said in (str(most + 1), "9" * 5000):
        answer = client.post("/join/", {"code": ""}, headers={"content-length": said})
        assert answer.status_code == 413
        assert f"发来的内容超过 {most // 1_000_000} MB" in answer.content.decode()


def test_a_request_that_django_refuses_is_answered_in_words(world: World):
    client = client_of(world.reporter)
    for sent in ({"name": "a" * 6_000_000}, {f"f{n}": "" for n in range(3000)}):
        answer = client.post("/c/call-2025/file/start/", sent)
        assert (answer.status_code, "写法不对" in answer.content.decode()) == (400, True)


def test_signs_that_no_database_keeps_are_refused_everywhere(world: World):
    client = client_of(world.office)
    for address in ("check/", "check/board/", "people/", "results/audit/", "opinion/reports/", "review/"):
        for name in ("branch", "who", "words", "verb", "unit", "q"):
            assert client.get(f"/c/call-2025/{address}", {name: "a\0"}).status_code == 400
    reporter = client_of(world.reporter)
    assert reporter.post("/c/call-2025/file/start/", {"unit": "99\0", "sort": "case"}).status_code == 400


def test_no_number_is_too_long(world: World):
    answer = client_of(world.office).post("/c/call-2025/settings/move/close/", {"seen": "9" * 5000})
    assert answer.status_code == 409


def test_every_form_takes_its_token(world: World):
    """Each address that takes a POST, those for programs apart, which take a token of their own."""
    client = client_of(world.office, enforce_csrf_checks=True)
    taken = {name for name, line in MATRIX.items() if "post" in line and not ROUTES[name].startswith("api/")}
    statuses = {name: client.post(filled_in(ROUTES[name])).status_code for name in taken}
    assert (len(taken) > 50, {name for name in taken if statuses[name] != 403}) == (True, set())


def test_a_form_sent_where_a_script_writes_is_refused(world: World):
    filed = returns.start(world.reporter, world.campaign, world.county, "case")
    client = client_of(world.reporter, enforce_csrf_checks=True)
    client.get("/account/")
    token = client.cookies["csrftoken"].value
    answer = client.post(
        reverse("return_cell", args=["call-2025", filed.pk]), {"csrfmiddlewaretoken": token, "key": "title"}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "onward",
    ["//evil.example/", "/\\evil.example/", "https://evil.example/", "https:///evil", "javascript:alert(1)"],
)
def test_nothing_leads_away(world: World, onward):
    assert Client().post("/language/en/", {"next": onward}).url == "/"
    EmailAddress.objects.create(
        user=world.reporter.user, email="reporter@example.org", verified=True, primary=True
    )
    signing_in = {"login": "reporter@example.org", "password": "correct horse battery", "next": onward}
    answer = Client().post("/accounts/login/", signing_in)
    assert (answer.status_code, answer.url) == (302, "/")


# --- accounts --------------------------------------------------------------------------------------------


def test_a_stolen_session_ends_with_the_password(world: World):
    owner, thief = client_of(world.reporter), client_of(world.reporter)
    assert thief.get("/account/").status_code == 200
    changed = owner.post(
        "/accounts/password/change/",
        {
            "oldpassword": "correct horse battery",
            "password1": "staple-9-orange",
            "password2": "staple-9-orange",
        },
    )
    assert changed.status_code == 302
    assert thief.get("/account/").url == "/accounts/login/?next=/account/"
    assert owner.get("/account/").status_code == 200


def test_a_stolen_session_takes_no_account_over(world: World, mailoutbox):
    """An address of the thief's own could set the password anew; a token or a handed role would outlive the session."""
    thief = client_of(acting_as(world.office.user))
    role = Membership.objects.get(user=world.office.user)
    for address, sent in (
        ("/accounts/email/", {"action_add": "", "email": "thief@example.com"}),
        ("/tokens/", {"name": "a", "scopes": ["read"], "days": "9"}),
        ("/account/close/", {"sure": "on"}),
        (f"/account/roles/{role.pk}/hand-over/", {"name": "thief", "email": "thief@example.com"}),
    ):
        assert thief.post(address, sent).url.startswith("/accounts/reauthenticate/?next="), address
        wrong = thief.post(f"/accounts/reauthenticate/?next={address}", {"password": "wrong wrong"})
        assert wrong.status_code == 200
    assert not EmailAddress.objects.filter(email="thief@example.com").exists()
    assert (ApiToken.objects.count(), Invitation.objects.count(), mailoutbox) == (0, 0, [])


def test_what_was_asked_goes_on_once_the_password_was_typed(world: World, mailoutbox):
    """The office too may change its address, though it has a second factor."""
    owner, right = client_of(acting_as(world.office.user)), {"password": "correct horse battery"}
    leads = owner.post("/tokens/", {"name": "a", "scopes": ["read"], "days": "9"}).url
    made = owner.post(leads, {**right, "next": "/tokens/"})
    assert (made.status_code, "xinzhi_" in made.content.decode(), ApiToken.objects.count()) == (200, True, 1)
    added = owner.post("/accounts/email/", {"action_add": "", "email": "new@example.org"})
    assert added.status_code == 302
    assert [mail.to for mail in mailoutbox] == [["new@example.org"]]
    assert EmailAddress.objects.get(email="new@example.org").user == world.office.user


def test_the_interface_asks_the_office_for_its_authenticator(world: World):
    """A token made before somebody joined the office opens nothing until the authenticator is set up."""
    user = User.objects.create_user("new@example.org", "correct horse battery", name="new")
    token = make_token(acting_as(user), "a", ["read"], 9)[1]
    ask = {"headers": {"Authorization": f"Bearer {token}"}}
    assert Client().get("/api/v1/campaigns", **ask).status_code == 200
    real = open_from_template(world.system, "letter-2025", "real-2025", year=2025)
    give_role(world.system, user, "office", real)
    assert Client().get("/api/v1/campaigns", **ask).status_code == 403
    client_of(acting_as(user))
    assert [found["slug"] for found in Client().get("/api/v1/campaigns", **ask).json()] == ["real-2025"]


def test_tries_are_counted_by_the_address_that_the_proxy_saw(db, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def tried(said: str) -> int:
        headers = {"x-forwarded-for": said}
        return Client().post("/join/", {"code": "AAAA-AAAA-AAAA-AAAA"}, headers=headers).status_code

    assert [tried(f"10.0.0.{n}, 192.0.2.1") for n in range(21)] == [422] * 20 + [429]
    assert tried("10.0.0.1, 192.0.2.2") == 422


# --- what may be seen ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
def test_what_is_being_corrected_is_seen_by_its_unit_and_the_office_alone(world: World, state):
    case = accepted_case(world, "990121", "案例", recommender="乙样县人民政府")
    Return.objects.filter(pk=case.pk).update(state=state)
    at_work = state not in ("reviewing", "submitted", "accepted", "declined")
    for who in (world.city, world.other_reporter):
        assert visible_to(who).filter(pk=case.pk).exists()  # its versions are seen
        page = client_of(who).get(reverse("return_answers", args=["call-2025", case.pk]))
        token = make_token(acting_as(who.user), "a", ["read"], 9)[1]
        read = Client().get(f"/api/v1/returns/{case.pk}", headers={"Authorization": f"Bearer {token}"})
        assert (page.status_code, read.status_code) == ((404, 404) if at_work else (200, 200))
    for who in (world.reporter, world.confirmer, world.office, world.auditor):
        page = client_of(who).get(reverse("return_answers", args=["call-2025", case.pk]))
        assert page.status_code == 200


def test_a_draft_is_nowhere_to_be_found_by_others(world: World):
    case = returns.start(world.reporter, world.campaign, world.county, "case")
    returns.save_cells(world.reporter, case, {"recommender": "乙样县人民政府"}, {})
    for who in (world.city, world.other_reporter, world.analyst, world.media, world.expert):
        assert not visible_to(who).filter(pk=case.pk).exists()


def test_the_audit_takes_no_free_text_from_an_explanation(world: World):
    filed = returns.start(world.reporter, world.campaign, world.county, "indicators")
    client = client_of(world.reporter)
    address = reverse("return_explanation", args=["call-2025", filed.pk])
    for rule, key in (
        ("张三 13800000000", ""),
        ("row.jump", "张三"),
        ("row.jump\ud800", ""),
        ("a" * 500, ""),
    ):
        sent = json.dumps({"rule": rule, "key": key, "text": "说明"})
        assert client.post(address, sent, content_type="application/json").status_code == 422
    assert (Explanation.objects.count(), Event.objects.filter(verb="explanation.saved").count()) == (0, 0)


def test_a_name_of_a_download_cannot_add_a_header(world: World):
    case = accepted_case(world, "990121", "案例\n\tSet-Cookie: a=b\r\n\"'.exe")
    answer = client_of(world.reporter).get(reverse("return_form_file", args=["call-2025", case.pk, "word"]))
    assert answer.status_code == 200
    name = quote("甲样县-案例 Set-Cookie: a=b \"'.exe.docx", safe="-._~")
    assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"


def test_a_log_names_nobody():
    try:
        raise ValueError("Key (email)=(zhang.san@example.org) exists; 138 0000-0000; /join/ABCD-EFGH/ failed")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "a.py", 1, "to %s", ("li@example.cn",), sys.exc_info())
    line = json.loads(JsonLine().format(record))
    assert line["message"] == "to …"
    assert line["traceback"].endswith("ValueError: Key (email)=(…) exists; …; /join/…/ failed")


def test_a_fault_tells_nothing(world: World, monkeypatch):
    def broken(*_given: object) -> None:
        raise RuntimeError("postgresql://user:password@database")

    monkeypatch.setattr("xinzhi.campaign.returns.views.tasks_of", broken)
    client = client_of(world.reporter)
    client.raise_request_exception = False
    answer = client.get("/c/call-2025/file/")
    assert (answer.status_code, b"postgresql" in answer.content, b"RuntimeError" in answer.content) == (
        500, False, False,
    )  # fmt: skip
