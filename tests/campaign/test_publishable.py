"""Consent to publication, whose the pictures are, and which cases come out of it; and why each other one does not."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from PIL import Image

from tests.campaign.accepted import accepted_case
from tests.campaign.clients import client_of
from tests.campaign.conftest import NOON, World
from xinzhi.campaign.audit.chain import verify
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.people.operations import check_character, register_body
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.models import Attachment, Return, Version
from xinzhi.campaign.review import operations
from xinzhi.campaign.review.models import Case, PictureRight
from xinzhi.campaign.review.publishable import (
    OBSTACLES,
    Picture,
    PublishableCase,
    obstacle,
    pictures_of,
    publishable_cases,
)
from xinzhi.campaign.storage.files import put
from xinzhi.campaign.storage.vault import vault
from xinzhi.demonstration.returns import simulated_picture

TITLE = "轴承套圈数字化改造"
PAGE = "/c/call-2025/review/cases/1/consent/"
OWN, UNCLEAR = ("own", ""), ("unclear", "")


def illustrated(filed: Return) -> list[str]:
    """Three pictures in the accepted version of a case, as if they had been there when it was sent; their ids."""
    files = []
    for n in range(3):
        image, file, said = Image.open(io.BytesIO(simulated_picture(n + 1))), io.BytesIO(), Image.Exif()
        said[0x010E] = "secret"  # ImageDescription
        image.save(file, "JPEG", exif=said)
        made = Attachment.objects.create(
            of=filed, sort="picture", name=f"{n}.jpg", caption=f"图{n} 生产线", blob=put(filed.owner, file.getvalue()),
            size=9, at=NOON,
        )  # fmt: skip
        files.append({"id": str(made.pk), "sort": "picture", "name": made.name, "caption": made.caption})
    files.append({"id": str(uuid4()), "sort": "evidence", "name": "证明.pdf", "caption": ""})
    Version.objects.filter(of=filed, number=filed.version).update(files=files)
    return [file["id"] for file in files[:3]]


def asked(world: World, filed: Return | None = None) -> Case:
    """A shortlisted case of 甲样县 that was asked for its consent."""
    filed = filed or accepted_case(world, "990121", TITLE, recommender="乙样县人民政府")
    illustrated(filed)
    case = operations.screen(world.office, filed, "in")
    operations.decide(world.office, case, "shortlisted", "成效有数据", exemplary=True)
    operations.ask_consent(world.office, case)
    return Case.objects.get(pk=case.pk)


def answered(world: World, case: Case, answer: str = "given", **rights: tuple[str, str]) -> None:
    """Answer for the unit; rights are by place, ``p0=("own", "")``."""
    ids = list(pictures_of(case))
    stated = {ids[int(place[1:])]: right for place, right in rights.items()}
    operations.answer_consent(world.reporter, case, answer, case.filed.version, stated)


def test_what_may_be_published_of_a_case(world: World):
    case = asked(world)
    answered(world, case, p0=OWN, p1=UNCLEAR, p2=("permitted", "某摄影工作室"))
    values = Version.objects.get(of=case.filed).values
    ids = list(pictures_of(case))
    sections = world.campaign.case.sections
    assert publishable_cases(world.campaign) == (
        PublishableCase(
            id=case.filed.pk,
            version=1,
            unit_code="990121",
            unit_name="甲样县",
            unit_kind=world.county.kind,
            region="990121",
            province="990000",
            title=TITLE,
            domain=values["domain"],
            sections=tuple((id, section.title, values[id]) for id, section in sections.items()),
            pictures=(Picture(UUID(ids[0]), "图0 生产线"), Picture(UUID(ids[2]), "图2 生产线")),
            exemplary=True,
        ),
    )
    assert values["domain"] in world.campaign.case.fields["domain"].options
    shown = publishable_cases(world.campaign)[0].pictures[0].jpeg()
    assert dict(Image.open(io.BytesIO(shown)).getexif()) == {} and b"secret" not in shown


def test_no_contact_is_published_wherever_it_was_written(world: World):
    case = asked(world)
    version = Version.objects.get(of=case.filed)
    private = json.loads(vault().open(case.filed.owner, bytes(version.sealed)))
    contacts = [text for text in private.values() if text]
    assert len(contacts) >= 4
    files = [file | {"caption": f"{file['caption']} 摄影 {contacts[0]}"} for file in version.files]
    written = "。".join([*contacts, "电话 0999-1234567", "mail: other@example.org"])
    Version.objects.filter(pk=version.pk).update(
        values=version.values | {"title": f"{TITLE} {contacts[1]}", "details": written}, files=files
    )
    answered(world, case, p0=OWN)
    (published,) = publishable_cases(world.campaign)
    said = json.dumps(
        [published.title, published.sections, [p.caption for p in published.pictures]],
        default=str,
        ensure_ascii=False,
    )
    assert [c for c in [*contacts, "1234567", "other@", "▇"] if c in said] == []
    assert (published.title, published.pictures[0].caption) == (f"{TITLE} (略)", "图0 生产线 摄影 (略)")
    assert {id: text for id, _title, text in published.sections}["details"].startswith("(略)")


@pytest.mark.parametrize(
    ("place", "recommender", "region", "province"),
    [
        ("990121", "", "990121", "990000"),
        ("990121", "990102", "990121", "990000"),
        (None, "990102", "990102", "990000"),
        (None, "990000", "990000", "990000"),
        (None, "", "", ""),
    ],
)
def test_where_a_body_lies(world: World, place, recommender, region, province):
    code = "91990000MA0000001" + check_character("91990000MA0000001")
    unit = register_body(
        world.reporter, world.campaign, "示例轴承有限公司", code, world.unit[place] if place else None
    )
    filed = accepted_case(world, "990121", TITLE)
    Return.objects.filter(pk=filed.pk).update(unit=unit, recommender=world.unit.get(recommender))
    filed = Return.objects.get(pk=filed.pk)
    case = asked(world, filed)
    operations.answer_consent(world.office, case, "given", 1)
    (found,) = publishable_cases(world.campaign)
    assert (found.unit_code, found.unit_name, found.unit_kind) == (code, "示例轴承有限公司", "body")
    assert (found.region, found.province) == (region, province)


# --- why a case is not among them ----------------------------------------------------------------------------


def corrected(world: World, case: Case) -> None:
    Return.objects.filter(pk=case.filed_id).update(state="accepted", version=2)
    first = Version.objects.get(of=case.filed)
    first.pk, first.number, first.receipt = None, 2, "second"
    first.save(force_insert=True)


HINDRANCES: dict[str, Callable[[World, Case], object]] = {
    "not_accepted": lambda world, case: returns.send_back(
        world.office, case.filed, case.filed.revision, {"": "请补充数据"}
    ),
    "screened_out": lambda world, case: operations.screen(world.office, case.filed, "out", "与主题不符"),
    "undecided": lambda _world, case: Case.objects.filter(pk=case.pk).update(decision=""),
    "not_shortlisted": lambda world, case: operations.decide(world.office, case, "not", "数据不足"),
    "erased": lambda world, case: returns.erase_personal_data(world.office, case.filed),
    "not_asked": lambda _world, case: Case.objects.filter(pk=case.pk).update(consent=""),
    "not_answered": lambda _world, case: Case.objects.filter(pk=case.pk).update(consent="asked"),
    "refused": lambda _world, case: Case.objects.filter(pk=case.pk).update(consent="refused"),
    "withdrawn": lambda world, case: answered(world, case, "withdrawn"),
    "other_version": corrected,
}


def test_every_obstacle_is_tried():
    assert list(HINDRANCES) == list(OBSTACLES)


@pytest.mark.parametrize("why", HINDRANCES)
def test_why_a_case_is_not_published(world: World, why):
    case = asked(world)
    answered(world, case)
    other = accepted_case(world, "990123", "竹纤维板材改造")
    second = operations.screen(world.office, other, "in")
    operations.decide(world.office, second, "shortlisted", "理由")
    operations.ask_consent(world.office, second)
    operations.answer_consent(world.office, second, "given", 1)
    assert [found.unit_code for found in publishable_cases(world.campaign)] == ["990121", "990123"]
    HINDRANCES[why](world, Case.objects.get(pk=case.pk))
    assert obstacle(Case.objects.get(pk=case.pk)) == why
    assert [found.unit_code for found in publishable_cases(world.campaign)] == ["990123"]
    told = client_of(world.office).get("/c/call-2025/review/cases/1/").content.decode()
    assert why == "undecided" or f"不能发表: {OBSTACLES[why].zh}" in told


def test_what_was_not_consented_to_is_not_accepted_either(world: World):
    """A case that nobody has reviewed, and one of another campaign."""
    accepted_case(world, "990121", TITLE)
    assert publishable_cases(world.campaign) == ()


# --- asked and answered --------------------------------------------------------------------------------------


def state_of(case: Case) -> tuple[str, int]:
    case.refresh_from_db()
    return case.consent, case.consent_version


def test_a_consent_is_given_withdrawn_and_given_again(world: World):
    case = asked(world)
    assert state_of(case) == ("asked", 1)
    with pytest.raises(Conflict):
        answered(world, case, "withdrawn")
    answered(world, case, "refused")
    answered(world, case, p0=OWN)
    answered(world, case, "withdrawn")
    with pytest.raises(Conflict):
        answered(world, case, "refused")
    answered(world, case)
    case.refresh_from_db()
    assert (state_of(case), case.consent_at, case.consent_by) == (("given", 1), NOON, world.reporter.user)
    events = Event.objects.filter(subject=case.subject, verb__startswith="consent.").order_by("sequence")
    assert [(e.verb, json.loads(e.detail), e.actor) for e in events] == [
        ("consent.asked", {"version": 1}, world.office.user.pk),
        *(
            (f"consent.{answer}", {"version": 1}, world.reporter.user.pk)
            for answer in ("refused", "given", "withdrawn", "given")
        ),
    ]
    assert verify().fault == ""


def test_a_new_version_is_asked_about_anew(world: World):
    case = asked(world)
    answered(world, case)
    with pytest.raises(Conflict):
        operations.ask_consent(world.office, case)
    corrected(world, case)
    with pytest.raises(Conflict) as refusal:
        operations.answer_consent(world.reporter, case, "given", 1)
    assert refusal.value.what == "案例 001 已有新的版本, 或正在修改"
    operations.ask_consent(world.office, case)
    assert state_of(case) == ("asked", 2)
    operations.answer_consent(world.reporter, case, "given", 2)
    assert [found.version for found in publishable_cases(world.campaign)] == [2]


def test_a_consent_is_withdrawn_while_the_case_is_changed(world: World):
    case = asked(world)
    answered(world, case)
    returns.send_back(world.office, case.filed, case.filed.revision, {"": "请补充数据"})
    with pytest.raises(Conflict):
        operations.answer_consent(world.reporter, case, "given", 1)
    operations.answer_consent(world.reporter, case, "withdrawn", 1)
    assert state_of(case) == ("withdrawn", 1)


def test_only_shortlisted_cases_are_asked_about(world: World):
    case = operations.screen(world.office, accepted_case(world, "990121", TITLE), "in")
    for decision in ("", "not"):
        Case.objects.filter(pk=case.pk).update(decision=decision)
        with pytest.raises(Refused):
            operations.ask_consent(world.office, case)
    assert state_of(case) == ("", 0)


@pytest.mark.parametrize("who", ["other_reporter", "confirmer", "expert", "media", "auditor", "city"])
def test_nobody_else_answers_for_the_unit(world: World, who):
    case, actor = asked(world), getattr(world, who)
    with pytest.raises(Forbidden):
        operations.answer_consent(actor, case, "given", 1)
    with pytest.raises(Forbidden):
        operations.state_rights(actor, case, {})
    assert [client_of(actor).get(PAGE).status_code, client_of(actor).post(PAGE).status_code] == [404, 404]


# --- whose the pictures are ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "what"),
    [
        (("permitted", "  "), "配图“图0 生产线”取得了谁的许可, 没有写明"),
        (("mine", ""), "请逐张说明配图的权利"),
    ],
)
def test_a_right_that_is_none(world: World, right, what):
    case = asked(world)
    with pytest.raises(Refused) as refusal:
        answered(world, case, p0=right)
    assert refusal.value.what == what
    assert (state_of(case), PictureRight.objects.count()) == (("asked", 1), 0)


def test_a_right_of_a_picture_of_another_case_is_none(world: World):
    case = asked(world)
    with pytest.raises(Refused):
        operations.state_rights(world.reporter, case, {str(uuid4()): OWN})


def test_the_office_takes_a_picture_out_whose_right_is_disputed(world: World):
    case = asked(world)
    answered(world, case, p0=OWN, p1=("permitted", "某报"))
    assert len(publishable_cases(world.campaign)[0].pictures) == 2
    operations.state_rights(world.office, case, {next(iter(pictures_of(case))): UNCLEAR})
    assert [p.caption for p in publishable_cases(world.campaign)[0].pictures] == ["图1 生产线"]
    stated = list(case.rights.order_by("pk").values_list("right", "holder", "by"))
    reporter, office = world.reporter.user.pk, world.office.user.pk
    assert stated == [("unclear", "", office), ("permitted", "某报", reporter), ("unclear", "", reporter)]


def test_the_database_refuses_a_permission_of_nobody(world: World):
    case = asked(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        PictureRight.objects.create(case=case, picture=uuid4(), right="permitted", at=NOON)


def test_the_page_of_the_unit(world: World):
    case = asked(world)
    first, second, _third = pictures_of(case)
    client = client_of(world.reporter)
    assert PAGE in client.get("/c/call-2025/review/").content.decode()
    html = client.get(PAGE).content.decode()
    assert [html.count(word) for word in ('value="unclear" checked', "图1 生产线", "撤回同意")] == [3, 2, 0]
    form = {"answer": "given", "version": "1", f"right-{first}": "own", f"right-{second}": "permitted"}
    assert client.post(PAGE, form).status_code == 422
    assert client.post(PAGE, form | {"version": "2"}).status_code == 409
    assert client.post(PAGE, form | {"answer": "perhaps"}).status_code == 422
    assert state_of(case) == ("asked", 1)
    assert client.post(PAGE, form | {f"holder-{second}": "某报"}).status_code == 302
    assert [p.caption for p in publishable_cases(world.campaign)[0].pictures] == ["图0 生产线", "图1 生产线"]
    assert client.post(PAGE, {"answer": "rights", f"right-{second}": "own"}).status_code == 302
    assert [p.caption for p in publishable_cases(world.campaign)[0].pictures] == ["图1 生产线"]
    assert "撤回同意" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"answer": "withdrawn"}).status_code == 302
    assert publishable_cases(world.campaign) == ()
    office = client_of(world.office)
    assert office.get(PAGE).status_code == 200
    assert office.post(PAGE, form | {f"holder-{second}": "某报"}).status_code == 302
    case.refresh_from_db()
    assert (case.consent, case.consent_by) == ("given", world.office.user)


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow_with_the_cases(world: World, django_assert_num_queries, count):
    for n in range(count):
        case = asked(world, accepted_case(world, f"99012{n + 1}", f"{TITLE}{n}"))
        operations.answer_consent(world.office, case, "given", 1)
    with django_assert_num_queries(3):
        assert len(publishable_cases(world.campaign)) == count
