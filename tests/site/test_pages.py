"""Every page: bound by its headers, nothing inline, one heading, labelled fields, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from lxml import html

from tests.campaign.clients import client_of
from tests.campaign.conftest import World
from xinzhi.campaign.acting import acting_as
from xinzhi.campaign.people import operations as people
from xinzhi.site.middleware import CONTENT_SECURITY_POLICY

PUBLIC = ("/", "/join/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nowhere/")
ACCOUNT = (
    "/account/", "/accounts/email/", "/accounts/password/change/", "/accounts/2fa/",
    "/accounts/logout/", "/accounts/confirm-email/",
)  # fmt: skip
OFFICE = (
    "/", "/rehearsal/", "/campaigns/new/", "/c/call-2025/", "/c/call-2025/settings/", "/c/call-2025/settings/extend/",
    "/c/call-2025/settings/admit/", "/c/call-2025/settings/clone/", "/c/call-2025/settings/figures/",
    "/c/call-2025/settings/reopen/", "/c/call-2025/people/", "/c/call-2025/people/?show=invited",
    "/c/call-2025/people/invite/", "/c/call-2025/people/invite/many/", "/c/call-2025/people/bodies/",
    "/c/call-2025/people/register/",
)  # fmt: skip
CHINESE = re.compile("[一-鿿]")


def require_sound(response) -> None:
    """Check what holds of every page."""
    assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert {name: response.headers[name] for name in ("X-Frame-Options", "X-Content-Type-Options")} == {
        "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    assert "no-store" in response.headers["Cache-Control"]
    tree = html.fromstring(response.content)
    inline = tree.xpath("//@style | //style | //script[not(@src)] | //@*[starts-with(name(), 'on')]")
    assert inline == []
    assert len(tree.xpath("//h1")) == 1
    fields = tree.xpath("//input[not(@type='hidden')] | //select | //textarea")
    unlabelled = [
        html.tostring(field)
        for field in fields
        if not (
            field.get("aria-label")
            or tree.xpath("//label[@for=$id]", id=field.get("id", ""))
            or field.xpath("ancestor::label")
        )
    ]
    assert unlabelled == []
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert tree.xpath("//th[not(@scope)]") == []
    filled = tree.xpath("//main//a[@class='button'] | //main//button[not(@class) or @class='button']")
    assert len(filled) <= 1, [element.text_content() for element in filled]


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_public_pages(world: World, path: str, language: str) -> None:
    client = Client()
    client.cookies["xinzhi_language"] = language
    response = client.get(path)
    assert response.status_code == (404 if path == "/nowhere/" else 200)
    require_sound(response)
    require_language(response, language)


@pytest.mark.parametrize("path", ACCOUNT)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_of_an_account(world: World, path: str, language: str) -> None:
    client = client_of(acting_as(world.media.user))
    client.cookies["xinzhi_language"] = language
    response = client.get(path)
    assert response.status_code == 200
    require_sound(response)
    require_language(response, language)


@pytest.mark.parametrize("path", OFFICE)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_of_the_office(world: World, path: str, language: str) -> None:
    people.invite(world.office, "reporter", world.campaign, world.county, name="甲")
    client = client_of(world.office)
    client.cookies["xinzhi_language"] = language
    response = client.get(path)
    assert response.status_code == 200
    require_sound(response)
    require_language(response, language)


def require_language(response, language: str) -> None:
    """Check that a page says what it is in the reader's language: title, headings, buttons and labels."""
    tree = html.fromstring(response.content)
    assert tree.get("lang") == {"zh": "zh-Hans", "en": "en"}[language]
    said = [
        element.text_content().strip()
        for element in tree.xpath("//main//h1 | //main//button | //main//label | //main//th[ancestor::thead]")
    ]
    said += [title.split("·")[0] for title in tree.xpath("//title/text()")]
    names = {"", "CSV", "XLSX"}
    wrong = [
        text
        for text in said
        if text not in names
        and bool(CHINESE.search(text)) is (language == "en")
        and any(map(str.isalpha, text))
    ]
    assert [text for text in wrong if "example.org" not in text and "关于征集" not in text] == []


def test_a_wrong_form_has_a_summary_that_leads_to_the_field(world: World) -> None:
    response = client_of(world.office).post("/c/call-2025/people/invite/", {"role": "reporter"})
    tree = html.fromstring(response.content)
    (link,) = tree.xpath("//div[@class='summary']//a")
    assert tree.xpath("//*[@id=$id]", id=link.get("href")[1:])[0].get("name") == "unit"
    require_sound(response)


def views(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, object]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), pattern.callback


OURS = ("xinzhi.campaign.people.views", "xinzhi.campaign.campaigns.views")


def test_whoever_is_not_signed_in_is_led_to_sign_in_everywhere(world: World) -> None:
    client = Client()
    open_to_all = {"join/", "join/<str:code>/"}
    told = {}
    for address, view in views(get_resolver()):
        if getattr(view, "__module__", "") in OURS and address not in open_to_all:
            filled = re.sub(r"<int:\w+>", "1", address.replace("<slug:slug>", "call-2025"))
            filled = (
                filled.replace("<slug:form>", "case")
                .replace("<slug:kind>", "docx")
                .replace("<slug:verb>", "open")
            )
            response = client.get(f"/{filled}")
            told[address] = response.status_code == 405 or response.headers.get("Location", "").startswith(
                "/accounts/login/"
            )
    assert len(told) > 15
    assert [address for address, guarded in told.items() if not guarded] == []


def test_a_form_without_its_token_changes_nothing(world: World) -> None:
    client = client_of(world.office, enforce_csrf_checks=True)
    response = client.post("/c/call-2025/people/invite/", {"role": "reader"})
    assert response.status_code == 403
    require_sound(response)
    assert world.campaign.invitations.count() == 0
