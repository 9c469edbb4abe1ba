"""Every address for every role: the table is complete, and each cell is as the table says.

``matrix.toml`` has a line for each address with the roles that may open it and those that may act at it. Everybody
else gets what a stranger to the place gets: a visitor the way to the sign-in page, a person of another role 404,
which tells nothing. A new address without a line fails here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.campaign.accepted import accepted_case, accepted_figures
from tests.campaign.clients import client_of
from tests.campaign.conftest import NOON, World
from xinzhi.campaign.access.operations import make_token
from xinzhi.campaign.acting import REHEARSAL_KEY, Actor, acting_as
from xinzhi.campaign.campaigns.operations import move, open_from_template
from xinzhi.campaign.checking import letters
from xinzhi.campaign.checking.models import Letter
from xinzhi.campaign.inbox import operations as inbox
from xinzhi.campaign.opinion import operations as opinion
from xinzhi.campaign.people import operations as people
from xinzhi.campaign.people.models import Membership, User
from xinzhi.campaign.publications import operations as publications
from xinzhi.campaign.publications.choosing import Chosen
from xinzhi.campaign.publications.models import Publication
from xinzhi.campaign.results import operations as results
from xinzhi.campaign.results.choosing import methodology_of
from xinzhi.campaign.results.models import Computed
from xinzhi.campaign.returns.material import look_at
from xinzhi.campaign.returns.models import Attachment, Upload
from xinzhi.campaign.review import operations as review
from xinzhi.campaign.review.models import BlindPicture, LikePair
from xinzhi.campaign.review.queries import current_view
from xinzhi.campaign.storage.files import put
from xinzhi.declarations import Text
from xinzhi.demonstration.returns import simulated_picture

TABLE = tomllib.loads(Path(__file__).with_name("matrix.toml").read_text(encoding="utf-8"))
MATRIX: Mapping[str, Mapping[str, str]] = TABLE["addresses"]
MARKUP = "<i>&'\""
"""What one person types and others see: it has to stay text wherever it is shown."""


def addresses(patterns=None, prefix=""):
    """Yield (name, route) of every address of our own; allauth's are allauth's to test."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if not route.startswith("accounts/"):
                yield from addresses(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield entry.name, route


ROUTES = dict(addresses())


def roles_of(said: str) -> frozenset[str]:
    """The roles that a cell of the table names, groups taken apart."""
    groups = TABLE["groups"]
    return frozenset().union(*(roles_of(groups[word]) if word in groups else {word} for word in said.split()))


def test_every_address_has_a_name_and_a_line():
    assert None not in ROUTES
    assert sorted(MATRIX) == sorted(ROUTES)


# --- a campaign with one of everything -------------------------------------------------------------------


def sample(world: World) -> SimpleNamespace:
    """What the addresses lead to: an accepted case of the reporter's unit, and one of everything around it."""
    system, campaign = world.system, world.campaign
    figures = accepted_figures(world, "990121")
    case, second = (
        accepted_case(world, code, title, recommender=recommender)
        for code, title, recommender in (
            ("990121", f"甲样县轴承套圈数字化改造{MARKUP}", "乙样县人民政府"),
            ("990122", "乙样县绿色算力", ""),
        )
    )
    assert case.recommender == world.unit["990122"]
    picture, filer = simulated_picture(1), world.reporter.user
    looked = look_at(case, "picture", "a.jpg", picture)
    attachment = Attachment.objects.create(
        of=case, sort="picture", name=f"{MARKUP}.jpg", caption=f"甲样县{MARKUP}", blob=put(case.owner, picture),
        kind=looked.kind, facts=looked.facts, size=len(picture), at=NOON,
    )  # fmt: skip
    inside, mailed = (
        Attachment.objects.create(
            of=held, sort="original", name=f"{MARKUP}.docx", blob=put(held.owner, b"PK"), size=2, at=NOON
        )
        for held in (case, figures)
    )
    upload = Upload.objects.create(
        of=case, by=filer, sort="evidence", fingerprint="a", name="a", size=9, at=NOON
    )
    screened, other = (review.screen(world.office, filed, "in") for filed in (case, second))
    view = current_view(screened)
    assert view is not None
    shown = BlindPicture.objects.create(
        view=view, original=attachment.pk, blob=attachment.blob, shown=True, caption=MARKUP
    )
    review.confirm_blind(world.office, view, view.revision, [str(shown.pk)])
    assignment = review.assign(world.office, screened, world.expert.user)
    review.decide(world.office, screened, "shortlisted", MARKUP)
    review.ask_consent(world.office, screened)
    pair = LikePair.objects.create(one=screened, other=other, sort="text", share=0.5)
    ((arrival, _new),) = inbox.keep_upload(
        world.office, campaign, f"{MARKUP}.eml", b"From: a@example.org\n\nx"
    )
    item = arrival.items.create(
        position=1,
        path=f"{MARKUP}.docx",
        title=MARKUP,
        sort="form",
        form=campaign.forms["indicators"],
        of=figures,
    )
    listed = opinion.take_in(
        world.media, campaign, "a.csv",
        f"标题,媒体,日期,语言,链接,地区\n甲样县{MARKUP},样例报{MARKUP},2024-03-05,中文,https://a.example.cn/1,".encode(),
    )  # fmt: skip
    proposal = opinion.propose(world.media, campaign, complete=True)
    assert letters.write_message(world.office, campaign, [world.county], MARKUP, MARKUP) == 1
    invitation, _code = people.invite(world.office, "reader", campaign, name=MARKUP)
    body = people.register_body(
        world.person("body", "reader"), campaign, f"某某科技{MARKUP}", CREDIT_CODE, None
    )
    snapshot = results.freeze(system, campaign)
    computed = results.order(system, snapshot, methodology_of("county-2025", None))
    results.compute({"computed": computed.pk}, lambda _share: None)
    published(world, computed)
    campaign.refresh_from_db()
    move(system, campaign, "reopen", campaign.revision, MARKUP)
    User.objects.filter(pk=world.reporter.user.pk).update(name=MARKUP)
    role = Membership.objects.get(user=world.reporter.user)
    token = make_token(acting_as(world.reporter.user), MARKUP, ["read"], 9)[0]
    elsewhere = client_of(acting_as(world.reporter.user))
    device = UserSession.objects.create(
        user=filer, session_key=elsewhere.session.session_key, ip="192.0.2.1", user_agent=MARKUP
    )
    return SimpleNamespace(
        case=case, attachment=attachment, inside=inside, mailed=mailed, upload=upload,
        screened=screened, shown=shown, assignment=assignment,
        pair=pair, arrival=arrival, item=item, listed=listed, report=listed.reports.get(), proposal=proposal,
        letter=Letter.objects.get(), invitation=invitation, body=body, snapshot=snapshot, computed=computed,
        role=role, token=token, device=device,
    )  # fmt: skip


def published(world: World, computed: Computed) -> Publication:
    """An edition that two people approved and one published; its files are a page and no more."""
    computed.refresh_from_db()
    results.propose(world.office, computed)
    marked = Text(zh=MARKUP, en=MARKUP)
    chosen = Chosen(
        title=marked, results=(1,), licence="CC0-1.0", publisher=MARKUP, day=date(2025, 12, 1), notice=marked
    )
    edition = publications.prepare(world.office, world.campaign, chosen)
    with patch.object(publications, "made", lambda _edition, _report: _PAGES):
        publications.build({"publication": edition.pk, "revision": 1}, lambda _share: None)
    edition.refresh_from_db()
    for actor in (world.office, world.second_office):
        publications.approve(actor, edition, edition.digest)
    return publications.publish(world.office, edition, edition.digest)


_PAGES = dict.fromkeys(("index.html", "a.html"), b"<html><body></body></html>")
CREDIT_CODE = "91990000MA0000001" + people.check_character("91990000MA0000001")


def places(world: World, made: SimpleNamespace) -> dict[str, dict[str, object]]:
    """The arguments of each address that takes more than the campaign."""
    by_part = {
        "return": {"id": made.case.pk},
        "checking": {"pk": made.case.pk},
        "inbox": {"pk": made.arrival.pk},
    }
    given: dict[str, dict[str, object]] = {
        "language": {"code": "en"},
        "hand_over": {"id": made.role.pk},
        "role_end": {"id": made.role.pk},
        "account_confirm_email": {"key": "none"},
        "token_revoke": {"id": made.token.pk},
        "device_end": {"id": made.device.pk},
        "join_code": {"code": "AAAA-AAAA-AAAA-AAAA"},
        "campaign_form": {"form": "indicators", "kind": "xlsx"},
        "campaign_move": {"verb": "close"},
        "invitation_revoke": {"id": made.invitation.pk},
        "body_approve": {"id": made.body.pk},
        "return_step": {"verb": "withdraw"},
        "return_receipt": {"number": 1},
        "return_upload_piece": {"upload": made.upload.pk},
        "return_form_file": {"kind": "excel"},
        "board_file": {"kind": "csv"},
        "letter": {"pk": made.letter.pk},
        "checking_file": {"file": made.attachment.pk},
        "inbox_item": {"item": made.item.pk},
        "inbox_send": {"item": made.item.pk},
        "inbox_pictures": {"item": made.item.pk, "attachment": made.mailed.pk},
        "inbox_picture": {"item": made.item.pk, "attachment": made.mailed.pk, "digest": "0" * 64},
        "return_inside_picture": {"attachment": made.inside.pk, "digest": "0" * 64},
        "opinion_withdraw": {"pk": made.listed.pk},
        "opinion_report": {"pk": made.report.pk},
        "opinion_proposal": {"number": made.proposal.number},
        "review_screen": {"pk": made.case.pk},
        "review_pair": {"pk": made.pair.pk},
        "review_score": {"pk": made.assignment.pk},
        "review_picture": {"pk": made.shown.pk},
        "read_return": {"id": made.case.pk},
        "save_cells": {"id": made.case.pk},
        "send_return": {"id": made.case.pk},
    }
    found = {}
    for name, route in ROUTES.items():
        part = name.split("_")[0] if name else ""
        known = {
            "slug": world.campaign.slug, "number": 1, "name": "a.html", "attachment": made.attachment.pk, "form": "indicators",
            **by_part.get(part, {}), **given.get(name, {}),
        }  # fmt: skip
        found[name] = {
            key: value for key, value in known.items() if f":{key}>" in route or f"<{key}>" in route
        }
    return found


def forms(world: World, made: SimpleNamespace) -> dict[str, dict[str, Any]]:
    """What is sent with a request that is nothing without it."""
    both = {"before": made.computed.pk, "after": made.computed.pk}
    return {
        "filing_start": {"unit": "990121", "sort": "case"},
        "start_return": {"unit": "990121", "sort": "case"},
        "send_return": {"revision": 1, "not_secret": True},
        "results_order": {"snapshot": 1, "methodology": "county-2025"},
        "results_compare": both,
    }


# --- who asks --------------------------------------------------------------------------------------------


def company(world: World) -> dict[str, Actor | None]:
    """One of each role."""
    elsewhere = open_from_template(world.system, "letter-2025", "other-2025", year=2025, demonstration=True)
    stranger = User.objects.create_user("elsewhere@example.org", "correct horse battery", name="elsewhere")
    people.give_role(world.system, stranger, "office", elsewhere)
    return {
        "visitor": None,
        "office": world.office,
        "other_office": acting_as(stranger, NOON),
        "analyst": world.analyst,
        "reporter": world.reporter,
        "confirmer": world.confirmer,
        "recommender": world.other_reporter,
        "other_reporter": world.person("far", "reporter", world.unit["990221"]),
        "city": world.city,
        "other_city": world.person("othercity", "reviewer", world.unit["990221"].parent),
        "media": world.media,
        "expert": world.expert,
        "other_expert": world.person("peer", "expert"),
        "reader": world.person("reader", "reader"),
        "auditor": world.auditor,
    }


class Caller:
    """Somebody with a browser and a token; each request is undone, so that none changes what the next one finds."""

    def __init__(self, actor: Actor | None) -> None:
        self.browser, self.today, self.token = Client(), Client(), ""
        if actor is not None and actor.user is not None:
            self.browser, self.today = client_of(actor), client_of(actor)
            session = self.today.session
            del session[REHEARSAL_KEY]
            session.save()
            self.browser.raise_request_exception = self.today.raise_request_exception = False
            self.token = make_token(acting_as(actor.user), "matrix", ["read", "file", "snapshots"], 9)[1]

    def ask(self, name: str, method: str, place: Mapping[str, object], form: dict[str, Any]) -> Any:
        if ROUTES[name].startswith("api/"):
            address = reverse(f"api:{name}", kwargs=place)
            told = {
                "data": form, "content_type": "application/json",
                "headers": {"Authorization": f"Bearer {self.token}"} if self.token else {},
            }  # fmt: skip
            ask = self.today
            if method == "get":
                told = {"headers": told["headers"]}
        else:
            address, told = reverse(name, kwargs=place), {"data": form}
            ask = self.browser if "slug" in place else self.today
        with transaction.atomic():
            answer = getattr(ask, method)(address, **told)
            if not answer.streaming:
                answer.content  # noqa: B018  # is made before all is undone
            transaction.set_rollback(True)
        return answer


def answered(answer: Any) -> str:
    """What an answer amounts to: opened, sent to sign in, nothing here, no such method, or what must never be."""
    if answer.status_code == 401 or (answer.status_code == 302 and "/accounts/login/" in answer.url):
        return "sign in"
    fixed = {403: "403", 404: "nothing", 405: "no such method"}
    if answer.status_code >= 500:
        return "failed"
    return fixed.get(answer.status_code, "opened")


def betrayed(answer: Any, secrets: list[str]) -> list[str]:
    """What an answer tells that it must not: markup that somebody typed, secrets in a byte of it or in its headers."""
    told = answer.content + "".join(map(str, answer.headers.items())).encode()
    markup = ["markup"] if answer["Content-Type"].startswith("text/html") and b"<i>" in answer.content else []
    return markup + [secret for secret in secrets if secret.encode() in told]


def cells(callers: Mapping[str, Caller]) -> Iterator[tuple[str, str, str, str]]:
    """Yield address, method, role, and what it has to get; a method that nobody has is tried by one."""
    for name, line in MATRIX.items():
        for method in line:
            allowed = roles_of(line[method])
            for role in callers:
                strange = "sign in" if role == "visitor" else "nothing"
                yield name, method, role, "opened" if role in allowed else strange
        if not ROUTES[name].startswith("api/"):
            for method in {"get", "post"} - line.keys():
                yield name, method, "office", "no such method"


@pytest.mark.django_db
def test_each_role_gets_what_the_table_says(world: World):
    made = sample(world)
    callers = {role: Caller(actor) for role, actor in company(world).items()}
    assert callers.keys() == roles_of("everybody")
    where, form = places(world, made), forms(world, made)
    wrong, secrets = (
        [],
        ["甲样", "990121", "reporter@example.org", str(made.case.pk), str(made.attachment.pk)],
    )
    for name, method, role, due in cells(callers):
        answer = callers[role].ask(name, method, where[name], form.get(name, {}))
        got = answered(answer)
        if got != due:
            wrong.append(f"{method} {name} by {role}: {got}, not {due}")
        # Experts are blind: nothing that they can fetch tells who filed the case.
        if told := betrayed(answer, secrets if "expert" in role and got == "opened" else []):
            wrong.append(f"{method} {name} by {role} tells {told}")
    assert wrong == []
