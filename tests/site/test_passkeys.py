"""Passkeys: a browser with an authenticator of its own makes one and signs in by it; forged ones open nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from fido2 import cbor
from fido2.utils import websafe_encode

from tests.campaign.clients import client_of
from tests.campaign.conftest import World
from tests.site.test_pages import require_language, require_sound
from tests.site.test_signing_in import PASSWORD, address_is_confirmed, is_signed_in
from xinzhi.campaign.acting import Actor, acting_as
from xinzhi.campaign.audit.chain import verify
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.campaigns.models import Campaign

FORGED = (
    "", "null", "[]", "1", '"a"', "{}", '{"id": 1}', '{"response": []}', '{"response": {"userHandle": 1}}',
    '{"response": {"userHandle": "MQ"}}', "[" * 5000, '{"id": "a", "rawId": "a", "type": "public-key", "response": {}}',
)  # fmt: skip


def heard() -> list[tuple[str, str]]:
    events = Event.objects.filter(verb__startswith="authenticator.").order_by("sequence")
    return list(events.values_list("verb", "detail"))


def signed_in_by_password(world: World) -> Client:
    """Return a browser in which the media unit has just typed its password."""
    address_is_confirmed(world)
    client = Client()
    client.post("/accounts/login/", {"login": "media@example.org", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def made_up(world: World) -> Iterator[str]:
    """Yield credentials that no browser sends: broken at each depth at which somebody reads them."""
    yield from FORGED
    client_data = websafe_encode(
        b'{"type": "webauthn.get", "challenge": "YQ", "origin": "http://testserver"}'
    )
    for data in (
        b"",
        b"\0" * 37,
        b"\xff" * 200,
        cbor.encode({"fmt": "none", "attStmt": {}, "authData": b"a" * 80}),
    ):
        for handle in ("", websafe_encode(str(world.media.user.pk).encode()), websafe_encode(b"\xff")):
            response = {
                "clientDataJSON": client_data, "authenticatorData": websafe_encode(data),
                "attestationObject": websafe_encode(data), "signature": "YQ", "userHandle": handle,
            }  # fmt: skip
            yield json.dumps({"id": "YQ", "rawId": "YQ", "type": "public-key", "response": response})


def test_forged_passkeys_are_refused_in_words_wherever_one_is_taken(world: World) -> None:
    client = signed_in_by_password(world)
    for credential in made_up(world):
        client.get("/accounts/2fa/webauthn/add/")
        answer = client.post("/accounts/2fa/webauthn/add/", {"name": "", "credential": credential})
        assert (answer.status_code, "需要修改" in answer.content.decode()) == (200, True), credential
        visitor = Client()
        visitor.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
        answer = visitor.post("/accounts/2fa/webauthn/login/", {"credential": credential})
        assert answer.headers["Location"] == "/accounts/login/", credential
        assert not is_signed_in(visitor)
    assert not Authenticator.objects.filter(user=world.media.user).exists()


def passkey_of(actor: Actor, name: str = "甲") -> Authenticator:
    """Keep a passkey that nothing opens."""
    credential_data = (
        b"\0" * 16 + b"\0\x01a" + cbor.encode({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})
    )
    attestation = {
        "fmt": "none",
        "attStmt": {},
        "authData": b"\0" * 32 + b"\x45" + b"\0" * 4 + credential_data,
    }
    response = {
        "clientDataJSON": websafe_encode(b'{"type": "webauthn.create", "challenge": "YQ", "origin": "http://a"}'),
        "attestationObject": websafe_encode(cbor.encode(attestation)),
    }  # fmt: skip
    kept = {"id": "YQ", "rawId": "YQ", "type": "public-key", "response": response}
    return Authenticator.objects.create(
        user=actor.user, type="webauthn", data={"name": name, "credential": kept}
    )


def test_a_passkey_is_asked_for_after_the_password_and_is_the_offices_second_factor(world: World) -> None:
    address_is_confirmed(world)
    Campaign.objects.update(demonstration=False)  # which asks for none
    office = client_of(world.office)
    Authenticator.objects.all().delete()
    assert office.get("/c/call-2025/").url == "/accounts/2fa/totp/activate/"
    passkey_of(world.office)
    assert office.get("/c/call-2025/").status_code == 200
    again = Client()
    again.post("/accounts/login/", {"login": "office@example.org", "password": PASSWORD})
    page = again.get("/accounts/2fa/authenticate/")
    assert "data-passkey" in page.content.decode()
    require_sound(page)
    for credential in ("", "{}", "[1]"):
        answer = again.post("/accounts/2fa/authenticate/", {"credential": credential})
        assert (answer.status_code, is_signed_in(again)) == (200, False)


def test_a_passkey_is_named_and_removed_by_its_owner_alone(world: World) -> None:
    client = signed_in_by_password(world)
    mine, theirs = passkey_of(world.media), passkey_of(world.reporter)
    for verb in ("edit", "remove"):
        assert (
            client.post(f"/accounts/2fa/webauthn/keys/{theirs.pk}/{verb}/", {"name": "乙"}).status_code == 404
        )
    address = f"/accounts/2fa/webauthn/keys/{mine.pk}/"
    assert client.post(f"{address}edit/", {"name": "a" * 61}).status_code == 200
    assert client.post(f"{address}edit/", {"name": "<i>乙"}).status_code == 302
    assert "&lt;i&gt;乙" in client.get("/accounts/2fa/webauthn/").content.decode()
    assert client.post(f"{address}remove/").url == "/accounts/2fa/webauthn/"
    assert list(Authenticator.objects.values_list("pk", flat=True)) == [theirs.pk]
    of = '{"sort":"webauthn"}'
    assert heard() == [("authenticator.renamed", of), ("authenticator.removed", of)]
    assert verify().fault == ""


def test_a_stolen_session_makes_no_passkey(world: World) -> None:
    stolen = client_of(acting_as(world.media.user))  # in which no password was typed
    for address in (
        "add/",
        f"keys/{passkey_of(world.media).pk}/edit/",
        f"keys/{passkey_of(world.media).pk}/remove/",
    ):
        answer = stolen.post(f"/accounts/2fa/webauthn/{address}", {"name": "乙", "credential": "{}"})
        assert answer.url.startswith("/accounts/reauthenticate/")


def test_a_wrong_code_is_heard_of(world: World) -> None:
    client_of(world.office)  # sets an authenticator up
    again = Client()
    again.post("/accounts/login/", {"login": "office@example.org", "password": PASSWORD})
    assert again.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert heard() == [("authenticator.refused", '{"sort":"totp"}')]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "path", ["", "webauthn/", "webauthn/add/", "webauthn/reauthenticate/", "reauthenticate/", "webauthn/keys/{}/edit/",
             "webauthn/keys/{}/remove/"],
)  # fmt: skip
def test_pages_of_passkeys(world: World, path: str, language: str) -> None:
    client = signed_in_by_password(world)
    client.cookies["xinzhi_language"] = language
    kept = passkey_of(world.media, "a1")
    TOTP.activate(world.media.user, generate_totp_secret())
    page = client.get("/accounts/2fa/" + path.format(kept.pk))
    assert page.status_code == 200
    require_sound(page)
    require_language(page, language)
