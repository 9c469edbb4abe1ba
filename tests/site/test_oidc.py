"""Signing in at the server of one's own house: who is let in, who is not, and what an attacker may try with it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from pydantic import SecretStr

from tests.campaign.clients import client_of
from tests.campaign.conftest import World
from tests.site.oidc import CLIENT, SECRET, Server, serving
from tests.site.test_signing_in import address_is_confirmed, is_signed_in, verbs
from xinzhi.campaign.acting import acting_as
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.people import operations as people
from xinzhi.campaign.people.models import User
from xinzhi.site.environment import SignInServer
from xinzhi.site.settings import provider_of

LOGIN = "/accounts/oidc/office/login/"


def switched_on(settings, address: str) -> None:
    server = SignInServer(address=address, client=CLIENT, secret=SecretStr(SECRET), name="学会")
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"sign_in_server": server})
    settings.SOCIALACCOUNT_PROVIDERS = provider_of(server)


@pytest.fixture
def server(settings) -> Iterator[Server]:
    with serving() as made:
        switched_on(settings, made.address)
        yield made


def claims(email: str, *, verified: bool = True, sub: str = "1") -> dict[str, object]:
    return {"sub": sub, "email": email, "email_verified": verified, "name": "某人"}


def comes_back(client: Client, begun: str = LOGIN, **given: str):
    """Go to the server, be let in there, and come back."""
    asked = parse_qs(urlsplit(client.get(begun).headers["Location"]).query)
    return client.get(f"{LOGIN}callback/", {"code": "c", "state": asked["state"][0], **given})


def test_nothing_is_there_unless_the_environment_says_so(world: World) -> None:
    for address in (LOGIN, f"{LOGIN}callback/", "/accounts/oidc/openid_connect/login/"):
        assert Client().get(address).status_code == 404
    assert "oidc" not in Client().get("/accounts/login/").content.decode()


def test_a_verified_address_opens_its_account_and_the_server_is_asked_as_it_should(
    world: World, server: Server
) -> None:
    address_is_confirmed(world)
    server.claims = claims("MEDIA@example.org")
    page = Client().get("/accounts/login/?next=/account/").content.decode()
    assert ('href="/accounts/oidc/office/login/?next=%2Faccount%2F"' in page, "用学会登录" in page) == (
        True,
        True,
    )
    client = Client()
    leads = urlsplit(client.get(f"{LOGIN}?next=/account/").headers["Location"])
    asked = {name: values[0] for name, values in parse_qs(leads.query).items()}
    assert f"{leads.scheme}://{leads.netloc}{leads.path}" == f"{server.address}/authorize"
    assert {name: asked[name] for name in ("client_id", "response_type", "code_challenge_method")} == {
        "client_id": CLIENT, "response_type": "code", "code_challenge_method": "S256",
    }  # fmt: skip
    assert sorted(asked["scope"].split()) == ["email", "openid", "profile"]
    assert asked["redirect_uri"] == f"http://testserver{LOGIN}callback/"
    answer = client.get(f"{LOGIN}callback/", {"code": "c", "state": asked["state"]})
    assert (answer.headers["Location"], is_signed_in(client)) == ("/account/", True)
    (sent,) = (given for path, given in server.asked if path == "/token")
    assert (sent["client_secret"], len(sent["code_verifier"][0]) >= 43) == ([SECRET], True)
    assert verbs()[-1] == ("user.signed_in", f"user:{world.media.user.pk}")
    # What came back once comes back no second time.
    again = client.get(f"{LOGIN}callback/", {"code": "c", "state": asked["state"]})
    assert again.headers["Location"] == "/accounts/login/"


@pytest.mark.parametrize(
    "told",
    [
        claims("nobody@example.org"),
        claims("media@example.org", verified=False),
        claims("reporter@example.org"),  # has an account whose address is not confirmed
        {"sub": "1"},
    ],
)
def test_others_get_no_account(world: World, server: Server, told: dict[str, object]) -> None:
    address_is_confirmed(world)
    server.claims = told
    before, client = User.objects.count(), Client()
    answer = comes_back(client)
    assert answer.headers["Location"] == "/accounts/login/"
    assert "这里没有这个邮箱的账号" in client.get("/accounts/login/").content.decode()
    assert (is_signed_in(client), User.objects.count(), SocialAccount.objects.count()) == (False, before, 0)


def test_somebody_invited_gets_an_account_without_a_role(world: World, server: Server) -> None:
    invitation, _code = people.invite(
        world.office, "reporter", world.campaign, world.county, name="甲", email="guest@example.org"
    )
    type(invitation).objects.update(expires_at="2099-01-01T00:00:00Z")
    server.claims = claims("Guest@example.org")
    client = Client()
    comes_back(client)
    assert is_signed_in(client)
    user = User.objects.get(email="guest@example.org")
    assert (user.memberships.count(), user.has_usable_password()) == (0, False)
    assert EmailAddress.objects.get(user=user).verified
    type(invitation).objects.update(revoked_at="2025-01-01T00:00:00Z")
    server.claims = claims("guest2@example.org", sub="2")
    type(invitation).objects.update(email="guest2@example.org")
    comes_back(Client())
    assert not User.objects.filter(email="guest2@example.org").exists()


def test_the_office_still_owes_its_second_factor(world: World, server: Server) -> None:
    Campaign.objects.update(demonstration=False)  # which asks for none
    client_of(world.office)  # sets an authenticator up
    server.claims = claims("office@example.org")
    client = Client()
    assert comes_back(client).headers["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(client)


def test_no_link_of_another_adds_or_swaps_an_account(world: World, server: Server) -> None:
    address_is_confirmed(world)
    owner = client_of(acting_as(world.reporter.user))
    assert owner.get(f"{LOGIN}?process=connect").status_code == 404
    server.claims = claims("attacker@example.org")
    comes_back(owner, "/accounts/oidc/openid_connect/login/?process=connect")
    server.claims = claims("media@example.org")
    comes_back(owner)
    assert SocialAccount.objects.filter(user=world.reporter.user).count() == 0
    assert owner.get("/account/").context["actor"].user == world.reporter.user
    assert comes_back(Client(), f"{LOGIN}?next=https://evil.example/").headers["Location"] == "/"


@pytest.mark.parametrize(
    "wrong", [{"sub": "2"}, {"aud": "other"}, {"iss": "https://evil.example"}, {"exp": 1}]
)
def test_a_token_for_others_opens_nothing(world: World, server: Server, wrong: dict[str, object]) -> None:
    address_is_confirmed(world)
    server.claims, server.token = claims("media@example.org"), wrong
    client = Client()
    assert comes_back(client).headers["Location"] == "/accounts/login/"
    assert not is_signed_in(client)


def test_what_is_forged_or_away_is_answered_in_words(world: World, settings) -> None:
    switched_on(settings, "http://127.0.0.1:9")  # nobody listens there
    client = Client()
    for address in (
        LOGIN,
        f"{LOGIN}callback/",
        f"{LOGIN}callback/?code=a&state=b",
        f"{LOGIN}callback/?error=a",
    ):
        assert client.get(address).headers["Location"] == "/accounts/login/", address
        assert "学会" in client.get("/accounts/login/").content.decode()


def test_closing_an_account_forgets_the_server(world: World, server: Server) -> None:
    address_is_confirmed(world)
    server.claims = claims("media@example.org")
    comes_back(Client())
    assert SocialAccount.objects.count() == 1
    people.close_account(acting_as(world.media.user))
    assert SocialAccount.objects.count() == 0
