"""The interface for programs: what a token opens, the same rules as on the pages, and the description kept true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS

from tests.campaign.accepted import accepted_case, accepted_figures, figures_of
from tests.campaign.clients import client_of
from tests.campaign.conftest import World, world  # noqa: F401  # the fixture
from xinzhi.campaign.access.models import ApiToken
from xinzhi.campaign.access.operations import make_token
from xinzhi.campaign.acting import REHEARSAL_KEY, Actor, acting_as
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.campaigns.operations import extend
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.results.operations import freeze
from xinzhi.campaign.returns.drafts import texts_of
from xinzhi.campaign.returns.models import Return
from xinzhi.site.wsgi import application

API = "/api/v1"


def token_of(actor: Actor, *scopes: str, days: int = 30) -> str:
    """A token made now, since the interface knows no rehearsal."""
    assert actor.user is not None
    return make_token(acting_as(actor.user), "test", scopes or ("read", "file", "snapshots"), days)[1]


def call(method: str, path: str, token: str = "", body: object = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = Client(enforce_csrf_checks=True).generic(
        method, API + path, json.dumps(body) if body is not None else "", "application/json", headers=headers
    )
    return response.status_code, json.loads(response.content)


def client_now(actor: Actor) -> Client:
    """A browser that rehearses nothing, since tokens belong to no campaign that is made for trying; password just typed."""
    client = client_of(actor)
    client.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    session = client.session
    del session[REHEARSAL_KEY]
    session.save()
    return client


@pytest.fixture
def filing(world: World) -> World:  # noqa: F811
    """The county may still file by the real clock."""
    extend(world.system, world.campaign, world.county, datetime(2100, 1, 1, tzinfo=UTC), "测试")
    return world


def test_a_program_files_what_a_person_may(filing: World) -> None:
    token = token_of(filing.reporter)
    status, began = call(
        "POST", "/campaigns/call-2025/returns", token, {"unit": "990121", "sort": "indicators"}
    )
    assert (status, began["state"], began["unit_name"]) == (200, "draft", "甲样县")
    figures = {
        f"{row}@{year}": {"text": f"{number:.2f}"}
        for (row, year), number in figures_of(filing, "990121").items()
    }
    status, saved = call("PUT", f"/returns/{began['id']}/cells", token, figures)
    assert status == 200
    assert {(done["outcome"], done["revision"]) for done in saved.values()} == {("saved", 1)}
    again = {"gdp@2023": {"text": "1.00", "seen": 0}}
    status, clash = call("PUT", f"/returns/{began['id']}/cells", token, again)
    assert (status, clash["gdp@2023"]["outcome"], clash["gdp@2023"]["text"]) == (
        200, "conflict", figures["gdp@2023"]["text"],
    )  # fmt: skip
    status, read = call("GET", f"/returns/{began['id']}", token)
    assert {key: cell["text"] for key, cell in read["cells"].items()} == {
        k: v["text"] for k, v in figures.items()
    }
    status, sent = call(
        "POST", f"/returns/{began['id']}/send", token, {"revision": began["revision"], "not_secret": True}
    )
    assert (status, sent["state"]) == (200, "confirming")
    assert Return.objects.get().cells.get(key="gdp@2023").channel == "api"
    status, _late = call(
        "POST", f"/returns/{began['id']}/send", token, {"revision": began["revision"], "not_secret": True}
    )
    assert status in (409, 422)


def test_what_stands_in_the_way_is_said_and_nothing_is_changed(filing: World) -> None:
    token = token_of(filing.reporter)
    _status, began = call(
        "POST", "/campaigns/call-2025/returns", token, {"unit": "990121", "sort": "indicators"}
    )
    status, refusal = call("POST", f"/returns/{began['id']}/send", token, {"revision": 1, "not_secret": True})
    assert (status, refusal["remedy"]) == (422, "处理后再提交")
    assert Return.objects.get().stated_not_secret is False
    status, refusal = call("PUT", f"/returns/{began['id']}/cells", token, {"gpd@2023": {"text": "1"}})
    assert (status, refusal["what"]) == (422, "表中没有 gpd@2023 这一格")
    status, refusal = call("PUT", f"/returns/{began['id']}/cells", token, {"gdp@2023": {"seen": "x"}})
    assert (status, refusal["what"]) == (422, "请求的内容不对")


def test_contacts_never_leave(filing: World) -> None:
    case = accepted_case(filing, "990121", "甲样县绿色算力")
    texts = texts_of(case)
    contacts = [texts[key].text for key in ("contact", "phone", "address", "email")]
    status, read = call("GET", f"/returns/{case.pk}", token_of(filing.reporter))
    assert (status, read["cells"]["title"]["text"]) == (200, "甲样县绿色算力")
    assert [contact for contact in contacts if contact in json.dumps(read, ensure_ascii=False)] == []


def test_snapshots_are_read_and_the_reading_is_noted(filing: World) -> None:
    accepted_figures(filing, "990121")
    snapshot = freeze(filing.system, filing.campaign)
    token = token_of(filing.analyst, "snapshots")
    assert call("GET", "/campaigns/call-2025/snapshots", token)[1][0]["digest"] == snapshot.digest
    status, read = call("GET", "/campaigns/call-2025/snapshots/1", token)
    assert (status, len(read["figures"]), read["digest"]) == (200, snapshot.figures.height, snapshot.digest)
    assert Event.objects.filter(verb="export.taken", actor=filing.analyst.user.pk).count() == 1  # type: ignore[union-attr]
    assert call("GET", "/campaigns/call-2025/snapshots", token_of(filing.reporter))[0] == 404


def test_a_foreign_return_is_not_there(filing: World) -> None:
    filed = accepted_figures(filing, "990121")
    token = token_of(filing.other_reporter)
    missing = call("GET", "/returns/00000000-0000-4000-8000-000000000000", token)
    assert missing[0] == 404
    assert call("GET", f"/returns/{filed.pk}", token) == missing
    assert call("PUT", f"/returns/{filed.pk}/cells", token, {}) == missing
    assert call("POST", f"/returns/{filed.pk}/send", token, {"revision": 1, "not_secret": True}) == missing
    assert call("POST", "/campaigns/call-2025/returns", token, {"unit": "990121", "sort": "case"}) == missing
    assert call("GET", "/campaigns/call-2025/returns", token) == (200, [])
    assert call("GET", "/campaigns/other/returns", token) == missing


def test_a_token_opens_what_its_scope_says(filing: World) -> None:
    read = token_of(filing.reporter, "read")
    assert call("GET", "/campaigns", read)[0] == 200
    assert call("GET", "/campaigns/call-2025/snapshots", read)[0] == 403
    status, refusal = call("POST", "/campaigns/call-2025/returns", read, {"unit": "990121", "sort": "case"})
    assert (status, refusal["what"]) == (403, "这个令牌不能做这件事")
    assert Return.objects.count() == 0


def test_a_token_that_no_longer_stands_opens_nothing(filing: World) -> None:
    gone = (401, {"what": "令牌不对, 或已失效", "where": "", "remedy": ""})
    assert call("GET", "/campaigns") == gone
    assert call("GET", "/campaigns", "xinzhi_nothing") == gone
    token = token_of(filing.reporter)
    assert call("GET", "/campaigns", token)[0] == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert call("GET", "/campaigns", token) == gone
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now())
    assert call("GET", "/campaigns", token) == gone
    other = token_of(filing.reporter)
    filing.reporter.user.is_active = False  # type: ignore[union-attr]
    filing.reporter.user.save()  # type: ignore[union-attr]
    assert call("GET", "/campaigns", other) == gone


def test_a_session_is_no_token(filing: World) -> None:
    assert client_of(filing.office).get(f"{API}/campaigns").status_code == 401


# --- the page of tokens ----------------------------------------------------------------------------------


def test_a_token_is_made_shown_once_and_revoked(filing: World) -> None:
    client = client_now(filing.reporter)
    made = client.post("/tokens/", {"name": "填报程序", "scopes": ["read", "file"], "days": "30"})
    shown = made.content.decode()
    token = ApiToken.objects.get()
    assert (token.scopes, token.user, "xinzhi_" in shown) == (["read", "file"], filing.reporter.user, True)
    page = client.get("/tokens/").content.decode()
    assert ("填报程序" in page, "xinzhi_" in page) == (True, False)
    assert client_now(filing.office).post(f"/tokens/{token.pk}/revoke/").status_code == 404
    assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert [e.verb for e in Event.objects.filter(subject=f"token:{token.pk}")] == [
        "token.made",
        "token.revoked",
    ]
    assert "xinzhi_" not in "".join(Event.objects.values_list("detail", flat=True))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"name": "", "scopes": ["read"], "days": "30"}, "请给令牌起个名字"),
        ({"name": "x", "days": "30"}, "请选择令牌可以做什么"),
        ({"name": "x", "scopes": ["everything"], "days": "30"}, "请选择令牌可以做什么"),
        ({"name": "x", "scopes": ["read"], "days": "0"}, "有效期应当在 1 到 366 天之间"),
        ({"name": "x", "scopes": ["read"], "days": "9" * 30}, "有效期应当在 1 到 366 天之间"),
    ],
)
def test_a_token_that_is_not_made(filing: World, told: dict[str, object], said: str) -> None:
    response = client_now(filing.reporter).post("/tokens/", told)
    assert (response.status_code, said in response.content.decode()) == (422, True)
    assert ApiToken.objects.count() == 0


def test_a_program_makes_no_tokens(filing: World) -> None:
    with pytest.raises(Refused):
        make_token(acting_as(filing.reporter.user, channel="api"), "x", ["read"], 1)  # type: ignore[arg-type]


# --- the description -------------------------------------------------------------------------------------


def test_the_description_is_openapi_3_1() -> None:
    described = json.loads(Client().get(f"{API}/openapi.json").content)
    assert described["openapi"].startswith("3.1")
    assert sorted(described["paths"]) == [
        "/api/v1/campaigns",
        "/api/v1/campaigns/{slug}/returns",
        "/api/v1/campaigns/{slug}/snapshots",
        "/api/v1/campaigns/{slug}/snapshots/{number}",
        "/api/v1/returns/{id}",
        "/api/v1/returns/{id}/cells",
        "/api/v1/returns/{id}/send",
    ]


OPERATIONS = (
    ("get", "/api/v1/campaigns"),
    ("get", "/api/v1/campaigns/{slug}/returns"),
    ("post", "/api/v1/campaigns/{slug}/returns"),
    ("get", "/api/v1/campaigns/{slug}/snapshots"),
    ("get", "/api/v1/campaigns/{slug}/snapshots/{number}"),
    ("get", "/api/v1/returns/{id}"),
    ("put", "/api/v1/returns/{id}/cells"),
    ("post", "/api/v1/returns/{id}/send"),
)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests through WSGI use the connection of the test, as those of Django's own client do."""
    signals = (request_started, request_finished)
    for sent in signals:
        sent.disconnect(close_old_connections)
    yield
    for sent in signals:
        sent.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_described(filing: World, method: str, path: str) -> None:
    schema = schemathesis.openapi.from_wsgi(f"{API}/openapi.json", application)
    token = token_of(filing.reporter)
    checks = CHECKS.get_by_names(
        [
            "not_a_server_error",
            "status_code_conformance",
            "content_type_conformance",
            "response_schema_conformance",
        ]
    )

    @settings(
        max_examples=8,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy())
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=checks)

    check()
