"""People: invited one by one and by the list, coming in by a code, registering, handing over."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document
from openpyxl import Workbook
from pypdf import PdfReader

from tests.campaign.clients import client_of
from tests.campaign.conftest import World
from xinzhi.campaign.acting import acting_as
from xinzhi.campaign.audit.chain import verify
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.jobs.queue import work_off
from xinzhi.campaign.people import operations as people
from xinzhi.campaign.people.models import Invitation, InvitationMail, Membership, User
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.refusals import Forbidden, Refused
from xinzhi.campaign.returns.models import Return

CODE = re.compile(r"(?:[2-9A-HJ-NP-Z]{4}-){3}[2-9A-HJ-NP-Z]{4}")
BODY = "91350100M000100Y43"
"""The worked example of GB 32100-2015, whose last character is its check character."""


def errors(response) -> list[str]:
    return [error for listed in response.context["form"].errors.values() for error in listed]


def roster(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("名单.csv", text.encode("utf-8-sig"))


def newcomer(name: str = "newcomer") -> Client:
    """Return the browser of somebody signed in who has no role, at the real time."""
    from allauth.account.models import EmailAddress

    user = User.objects.create_user(f"{name}@example.org", "correct horse battery", name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client = Client()
    client.force_login(user)
    return client


# --- the office ----------------------------------------------------------------------------------------------


def test_the_list_of_people_takes_as_many_queries_for_three_as_for_one(
    world: World, django_assert_num_queries
) -> None:
    office = client_of(world.office)
    address = "/c/call-2025/people/?role=expert"
    assert office.get(address).context["listed"].paginator.count == 1
    with django_assert_num_queries(11):
        office.get(address)
    world.person("expert2", "expert")
    world.person("expert3", "expert")
    with django_assert_num_queries(11):
        assert office.get(address).context["listed"].paginator.count == 3


def test_people_are_found_by_name_unit_and_role(world: World) -> None:
    office = client_of(world.office)

    def found(query: str) -> list[str]:
        listed = office.get(f"/c/call-2025/people/?{query}").context["listed"]
        return [membership.user.name for membership in listed]

    assert found("who=990122") == ["other"]
    assert found(f"who={world.county.name}") == ["confirmer", "reporter"]
    assert found("who=REPORTER%40") == ["reporter"]
    assert found("role=media") == ["media"]
    assert found("who=nobody") == []


def test_one_is_invited_told_once_and_mailed_a_link_that_is_kept_nowhere(world: World, mailoutbox) -> None:
    Campaign.objects.update(contacts={"mailbox": "office@example.org", "phone": "010-0000"})
    response = client_of(acting_as(world.office.user)).post(
        "/c/call-2025/people/invite/",
        {"role": "reporter", "unit": "990122", "name": "接手", "email": "Next@example.org"},
    )
    shown = response.content.decode()
    (code,) = set(CODE.findall(shown))
    assert [text in shown for text in (
        f"http://testserver/join/{code}/", "邮箱: office@example.org; 电话: 010-0000", "2025年8月31日 24:00",
    )] == [True] * 3  # fmt: skip
    invitation = people.find_invitation(code)
    assert invitation is not None
    assert (invitation.role, invitation.unit, invitation.name, invitation.email) == (
        "reporter", world.unit["990122"], "接手", "next@example.org",
    )  # fmt: skip
    assert (work_off(), invitation.mail.state) == (1, "sent")
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["next@example.org"], f"【演示数据】邀请: {world.campaign.title}")
    assert mail.body.startswith("演示数据\n") and code not in mail.body
    (link,) = re.findall(r"http://testserver(/join/\S+)", mail.body)
    known = link.removeprefix("/join/").rstrip("/")
    assert people.find_invitation(known) == invitation
    assert people.find_invitation(known[:-1] + ("a" if known[-1] != "a" else "b")) is None
    kept = "".join(Event.objects.values_list("detail", flat=True)) + str(
        list(InvitationMail.objects.values())
    )
    assert (code in kept, known in kept) == (False, False)
    successor = client_of(acting_as(User.objects.create_user("next@example.org")))
    assert successor.get(link).status_code == 200


def test_a_form_that_is_sent_twice_invites_once_unless_asked_to(world: World, mailoutbox) -> None:
    office = client_of(acting_as(world.office.user))
    given = {"role": "expert", "name": "某专家", "email": "expert@example.org"}
    assert office.post("/c/call-2025/people/invite/", given).status_code == 200
    again = office.post("/c/call-2025/people/invite/", given)
    assert (again.status_code, errors(again)) == (
        422, ["已有一份同样的邀请还没有使用\n请写明姓名, 或选择作废旧码重新发放"],
    )  # fmt: skip
    assert office.post("/c/call-2025/people/invite/", given | {"renew": "on"}).status_code == 200
    assert [i.revoked_at is None for i in Invitation.objects.order_by("pk")] == [False, True]
    # The mail of the one that was taken back does not leave any more.
    work_off()
    assert [mail.state for mail in InvitationMail.objects.order_by("pk")] == ["refused", "sent"]
    assert len(mailoutbox) == 1


def test_a_mail_server_that_is_down_stops_no_invitation(world: World, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    office = client_of(acting_as(world.office.user))
    response = office.post("/c/call-2025/people/invite/", {"role": "expert", "email": "expert@example.org"})
    assert response.status_code == 200 and CODE.search(response.content.decode())
    work_off()
    assert "邮件服务器连不上, 稍后再试" in office.get("/c/call-2025/people/?show=invited").content.decode()


def test_a_role_of_a_unit_needs_the_unit_and_keeps_what_was_typed(world: World) -> None:
    office = client_of(world.office)
    response = office.post("/c/call-2025/people/invite/", {"role": "reporter", "name": "某人"})
    assert (response.status_code, errors(response)) == (422, ["“填报人”要写单位代码"])
    assert 'value="某人"' in response.content.decode()
    response = office.post("/c/call-2025/people/invite/", {"role": "reporter", "unit": "110101"})
    assert errors(response) == ["单位表中没有“110101”, 请写六位代码或全称"]
    assert Invitation.objects.count() == 0


def book_of(rows: Sequence[Sequence[str]]) -> SimpleUploadedFile:
    book = Workbook()
    for row in (["单位代码", "角色", "姓名", "电子邮箱"], *rows):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("a.xlsx", file.getvalue())


def guests_of(world: World) -> list[list[str]]:
    counties = [unit for unit in world.unit.values() if unit.level == "county"]
    rows = [[unit.code, "填报人", f"{unit.name}经办", ""] for unit in counties]
    rows += [[unit.code, "confirmer", "", f"c{unit.code}@example.org"] for unit in counties]
    return [*rows, ["", "专家", "", ""]]


def test_thousands_are_invited_by_one_list_and_their_codes_stand_in_the_letters_alone(world: World) -> None:
    rows = guests_of(world)
    response = client_of(world.office).post(
        "/c/call-2025/people/invite/many/", {"file": book_of(rows), "kind": "docx"}
    )
    name = quote("call-2025-邀请信.docx")
    assert response["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}"
    letters = Document(io.BytesIO(response.content))
    codes = [p.text for p in letters.paragraphs if CODE.fullmatch(p.text)]
    assert (len(codes), len(set(codes)), Invitation.objects.count()) == (len(rows),) * 3
    assert sum(bool(p.paragraph_format.page_break_before) for p in letters.paragraphs) == len(rows)
    assert letters.sections[0].header.paragraphs[0].text == "演示数据"
    first = people.find_invitation(codes[0])
    assert first is not None and (first.unit.code, first.role) == (rows[0][0], "reporter")
    assert Event.objects.filter(verb="invitations.made").count() == 1
    assert verify().fault == ""


def test_a_letter_says_who_what_until_when_where_and_whom_to_ask(world: World) -> None:
    Campaign.objects.update(contacts={"mailbox": "office@example.org", "address": "示例路 1 号"})
    (row,) = ([world.county.code, "填报人", "某经办", ""],)
    response = client_of(world.office).post(
        "/c/call-2025/people/invite/many/", {"file": book_of([row]), "kind": "docx"}
    )
    said = [p.text for p in Document(io.BytesIO(response.content)).paragraphs]
    (code,) = (text for text in said if CODE.fullmatch(text))
    assert said == [
        "关于征集新质生产力发展研究测评相关数据、案例的函",
        f"{world.county} 某经办:",
        "邀请你作为“填报人”参加本次征集。",
        "填报时间: 2025年6月2日 24:00 (北京时间) 至 2025年8月31日 24:00 (北京时间)",
        f"请打开链接 http://testserver/join/{code}/ , 或者打开 http://testserver/join/ 填入下面的邀请码。"
        "注册或登录后即可开始。",
        "邀请码只能使用一次, 2025年8月30日 12:00 (北京时间) 前有效, 请勿转给他人。",
        code,
        "联系我们: 邮箱: office@example.org; 通信地址: 示例路 1 号",
        "中国生产力学会",
        "2025年7月1日",
    ]


def test_letters_as_pdf_are_a_page_each_with_the_same_words(world: World) -> None:
    rows = guests_of(world)
    response = client_of(world.office).post(
        "/c/call-2025/people/invite/many/", {"file": book_of(rows), "kind": "pdf"}
    )
    assert response.content[:5] == b"%PDF-", response.content[:2000].decode()
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages]
    codes = [CODE.findall(text) for text in pages]
    assert len(pages) == len(rows)
    assert all(len(found) >= 1 for found in codes)
    assert len({found[-1] for found in codes}) == len(rows)
    for (unit, *_rest), found in zip(rows, codes, strict=True):
        invitation = people.find_invitation(found[-1])
        assert invitation is not None and (invitation.unit.code if invitation.unit else "") == unit
    assert "演示数据" in pages[0]


def test_a_letter_that_cannot_be_set_invites_nobody(world: World) -> None:
    row = [world.county.code, "填报人", "\U0001f9ff", "guest@example.org"]  # a sign that no font has
    response = client_of(world.office).post(
        "/c/call-2025/people/invite/many/", {"file": book_of([row]), "kind": "pdf"}
    )
    assert response.status_code == 422
    assert (Invitation.objects.count(), InvitationMail.objects.count()) == (0, 0)


def test_mails_of_a_list_are_drafts_that_the_office_sends(world: World, mailoutbox) -> None:
    office = client_of(acting_as(world.office.user))
    rows = [["", "专家", f"专家{n}", f"expert{n}@example.org"] for n in range(3)] + [["", "专家", "无", ""]]
    office.post("/c/call-2025/people/invite/many/", {"file": book_of(rows), "kind": "docx"})
    mails = list(InvitationMail.objects.order_by("pk"))
    assert ([mail.state for mail in mails], work_off(), mailoutbox) == (["draft"] * 3, 0, [])
    address = "/c/call-2025/people/invitations/mails/"
    office.post(address, {"pick": f"{mails[0].invitation_id}:{mails[0].revision}"})
    work_off()
    assert [mail.to for mail in mailoutbox] == [["expert0@example.org"]]
    office.post(address, {"pick": f"{mails[0].invitation_id}:{mails[0].revision}"})  # the same page once more
    office.post(address, {"all": "1"})
    work_off()
    assert sorted(mail.to[0] for mail in mailoutbox) == [f"expert{n}@example.org" for n in range(3)]
    assert verify().fault == ""


def test_mails_of_a_list_leave_by_themselves_where_that_is_switched_on(world: World, mailoutbox) -> None:
    Campaign.objects.update(reminders={"automatic": True})
    rows = [["", "专家", "专家", "expert@example.org"]]
    client_of(acting_as(world.office.user)).post(
        "/c/call-2025/people/invite/many/", {"file": book_of(rows), "kind": "docx"}
    )
    work_off()
    assert [mail.to for mail in mailoutbox] == [["expert@example.org"]]


def test_all_faults_of_a_list_are_told_at_once_with_their_cells_and_nobody_is_invited(world: World) -> None:
    rows = [
        ["990121", "填报人", "甲", ""],
        ["110101", "填报人", "乙", ""],
        ["990122", "村长", "丙", ""],
        ["", "复核人", "丁", ""],
        ["990122", "复核人", "戊", "不是邮箱"],
        ["990121", "reporter", "甲", ""],
    ]
    response = client_of(world.office).post(
        "/c/call-2025/people/invite/many/", {"file": book_of(rows), "kind": "pdf"}
    )
    assert errors(response) == [
        "A3: 单位代码“110101”不在单位表中",
        "B4: 角色“村长”不认得, 可用: 征集办公室, 分析人员, 填报人, 复核人, 市级、省级审核人, 舆情单位, 专家, 读者, 审计人员",
        "A5: “复核人”要写单位代码",
        "D6: 电子邮箱“不是邮箱”不对",
        "A7: 与第 2 行重复",
    ]
    assert Invitation.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"x", "a.txt: 应当是 CSV 或 XLSX 文件"),
        ("a.csv", "姓名\n甲\n".encode(), "a.csv: 缺少这些列: 单位代码, 角色\n第一行应当是表头"),
        ("a.xlsx", b"PK\x03\x04 not a workbook", None),
        ("a.csv", b"\x00\x01\x02", None),
    ],
)
def test_a_file_that_is_no_list_is_refused(world: World, name: str, content: bytes, said: str | None) -> None:
    response = client_of(world.office).post(
        "/c/call-2025/people/invite/many/", {"file": SimpleUploadedFile(name, content), "kind": "docx"}
    )
    assert response.status_code == 422
    (error,) = errors(response)
    assert said is None or error == said
    assert Invitation.objects.count() == 0


def test_a_list_that_the_child_finds_too_long_is_refused(world: World) -> None:
    response = client_of(world.office).post(
        "/c/call-2025/people/invite/many/",
        {"file": SimpleUploadedFile("a.csv", b"a,b\n" + b"1,2\n" * 300_001), "kind": "docx"},
    )
    assert response.status_code == 422
    assert errors(response) == ["a.csv: 表超过 600,000 格\n请只保留需要的列, 或拆成几个文件"]
    assert Invitation.objects.count() == 0


def test_a_list_sent_twice_makes_no_second_codes_unless_the_first_are_taken_back(world: World) -> None:
    office, text = client_of(world.office), "单位代码,角色\n990121,填报人\n"
    assert (
        office.post("/c/call-2025/people/invite/many/", {"file": roster(text), "kind": "docx"}).status_code
        == 200
    )
    response = office.post("/c/call-2025/people/invite/many/", {"file": roster(text), "kind": "docx"})
    assert response.status_code == 422 and "1 人的邀请还没有使用" in errors(response)[0]
    again = office.post(
        "/c/call-2025/people/invite/many/", {"file": roster(text), "kind": "docx", "renew": "on"}
    )
    assert again.content[:2] == b"PK"
    assert [i.revoked_at is None for i in Invitation.objects.order_by("pk")] == [False, True]


def test_an_invitation_is_taken_back(world: World) -> None:
    invitation, _code = people.invite(world.office, "reader", world.campaign)
    office = client_of(world.office)
    assert office.post(f"/c/call-2025/people/invitations/{invitation.pk}/revoke/").status_code == 302
    invitation.refresh_from_db()
    assert invitation.revoked_at == world.office.now
    assert office.post(f"/c/call-2025/people/invitations/{invitation.pk}/revoke/").status_code == 404


def test_a_role_ends_and_what_was_done_in_it_stays(world: World) -> None:
    membership = Membership.objects.get(user=world.media.user)
    office = client_of(world.office)
    assert office.post(f"/c/call-2025/people/roles/{membership.pk}/end/").status_code == 302
    membership.refresh_from_db()
    assert membership.until == world.office.now
    assert acting_as(world.media.user, world.office.now).memberships == ()


def test_the_last_of_the_office_stays(world: World) -> None:
    mine, second = Membership.objects.filter(role="office").order_by("pk")
    people.end_role(world.office, second)
    with pytest.raises(Refused) as refusal:
        people.end_role(world.office, mine)
    assert refusal.value.what == "至少要有一名征集办公室成员"


def test_a_role_in_all_campaigns_is_given_and_ended_only_by_who_holds_one(world: World) -> None:
    everywhere = world.person("everywhere", "office", everywhere=True)
    held = Membership.objects.get(user=everywhere.user)
    with pytest.raises(Forbidden):
        people.end_role(world.office, held)
    with pytest.raises(Forbidden):
        people.give_role(world.office, world.office.user, "office")
    assert people.give_role(everywhere, world.office.user, "office").campaign is None


@pytest.mark.parametrize("who", ["reporter", "confirmer", "city", "auditor", "expert", "media", "analyst"])
def test_people_are_the_offices_alone(world: World, who: str) -> None:
    client = client_of(getattr(world, who))
    membership = Membership.objects.get(user=world.media.user)
    invitation, _code = people.invite(world.office, "reader", world.campaign)
    statuses = {
        path: (client.post if path.endswith(("end/", "revoke/", "approve/")) else client.get)(
            f"/c/call-2025/people/{path}"
        ).status_code
        for path in (
            "", "invite/", "invite/many/", "bodies/", f"roles/{membership.pk}/end/",
            f"invitations/{invitation.pk}/revoke/", f"bodies/{world.county.pk}/approve/",
        )
    }  # fmt: skip
    assert set(statuses.values()) == {404}
    with pytest.raises(Forbidden):
        people.invite(getattr(world, who), "office", world.campaign)


# --- coming in -----------------------------------------------------------------------------------------------


def test_a_code_leads_through_signing_in_to_the_role_and_works_once(world: World) -> None:
    _invitation, code = people.invite(acting_as(world.office.user), "reporter", world.campaign, world.county)
    visitor = Client()
    page = visitor.get(f"/join/{code}/")
    assert page.status_code == 200 and world.county.full_name in page.content.decode()
    assert "/accounts/signup/?next=/join/" in page.content.decode()
    client = newcomer()
    typed = code.lower().replace("-", " ")
    assert client.post("/join/", {"code": typed}).status_code == 200
    assert code not in str(dict(client.session))  # a backup of the sessions holds no code
    assert "有一份邀请等你接受" in client.get("/").content.decode()
    assert client.post("/join/", {"agreed": "1"}).status_code == 302
    membership = Membership.objects.get(user__email="newcomer@example.org")
    assert (membership.role, membership.unit, membership.campaign) == (
        "reporter",
        world.county,
        world.campaign,
    )
    again = newcomer("another").post("/join/", {"code": code, "agreed": "1"})
    assert (again.status_code, errors(again)) == (422, ["没有这个邀请码, 或者它已经使用、收回、过期"])


def test_nobody_signed_out_takes_an_invitation_up(world: World) -> None:
    invitation, code = people.invite(acting_as(world.office.user), "reader", world.campaign)
    assert Client().post("/join/", {"code": code, "agreed": "1"}).status_code == 200
    invitation.refresh_from_db()
    assert invitation.used_at is None


def test_codes_cannot_be_guessed_by_trying(world: World) -> None:
    cache.clear()
    _invitation, code = people.invite(acting_as(world.office.user), "reader", world.campaign)
    client = newcomer()
    statuses = [client.post("/join/", {"code": f"AAAA-{n}"}).status_code for n in range(20)]
    assert statuses == [422] * 20
    assert client.post("/join/", {"code": code, "agreed": "1"}).status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.get(f"/join/{code}/").status_code == 200
    cache.clear()


# --- bodies --------------------------------------------------------------------------------------------------


def enterprise(world: World) -> Client:
    """Return somebody without a role, at the time of the campaign."""
    user = User.objects.create_user("works@example.org", "correct horse battery", name="works")
    return client_of(acting_as(user, world.office.now))


def test_an_enterprise_registers_and_the_office_approves_it(world: World) -> None:
    cache.clear()
    client = enterprise(world)
    given = {"name": "虚构样例制造有限公司", "code": "91350100-m000100y43", "place": world.county.code}
    assert client.post("/c/call-2025/people/register/", given).status_code == 302
    unit = Unit.objects.get(code=BODY)
    assert (unit.name, unit.parent, unit.path, unit.approved_at, unit.demonstration) == (
        "虚构样例制造有限公司", world.county, f"{world.county.path}{BODY}/", None, True,
    )  # fmt: skip
    assert client.get("/c/call-2025/").status_code == 200
    office = client_of(world.office)
    assert [u.code for u in office.get("/c/call-2025/people/bodies/").context["listed"]] == [BODY]
    assert office.post(f"/c/call-2025/people/bodies/{unit.pk}/approve/").status_code == 302
    unit.refresh_from_db()
    assert unit.approved_at == world.office.now
    assert list(office.get("/c/call-2025/people/bodies/").context["listed"]) == []


def test_a_wrong_check_character_is_told_and_nothing_is_lost(world: World) -> None:
    response = enterprise(world).post(
        "/c/call-2025/people/register/", {"name": "虚构样例制造有限公司", "code": BODY[:-1] + "4"}
    )
    assert errors(response) == ["统一社会信用代码的校验位不对 请对照营业执照逐位核对"]
    assert "虚构样例制造有限公司" in response.content.decode()
    assert not Unit.objects.filter(level="body").exists()


def test_nobody_takes_a_body_that_somebody_files_for(world: World) -> None:
    cache.clear()
    first = acting_as(User.objects.create_user("first@example.org"), world.office.now)
    second = acting_as(User.objects.create_user("second@example.org"), world.office.now)
    unit = people.register_body(first, world.campaign, "虚构样例制造有限公司", BODY, world.county)
    with pytest.raises(Refused) as refusal:
        people.register_body(second, world.campaign, "虚构样例制造有限公司", BODY, world.county)
    assert refusal.value.what == "这个统一社会信用代码已有人填报"
    # One that came in by mail has returns and no reporter: its code is public and opens nothing.
    Membership.objects.filter(unit=unit).delete()
    Return.objects.create(
        campaign=world.campaign, unit=unit, form="letter-2025/case@1", sort="case",
        made_at=world.office.now, changed_at=world.office.now,
    )  # fmt: skip
    with pytest.raises(Refused):
        people.register_body(second, world.campaign, "虚构样例制造有限公司", BODY, world.county)


def test_an_approved_body_that_another_claims_is_approved_anew(world: World) -> None:
    unit = Unit.objects.create(
        code=BODY, name="虚构样例制造有限公司", level="body", kind="body", path=f"{BODY}/",
        demonstration=True, approved_at=world.office.now,
    )  # fmt: skip
    claimant = acting_as(User.objects.create_user("claims@example.org"), world.office.now)
    people.register_body(claimant, world.campaign, unit.name, BODY, None)
    unit.refresh_from_db()
    assert unit.approved_at is None


def test_registering_is_limited_confirmed_and_inside_the_window(world: World) -> None:
    cache.clear()
    client = enterprise(world)
    good = {"name": "虚构样例制造有限公司", "code": BODY}
    assert [client.post("/c/call-2025/people/register/", good).status_code for _n in range(6)] == [
        302
    ] * 5 + [429]
    cache.clear()
    from allauth.account.models import EmailAddress

    EmailAddress.objects.filter(email="works@example.org").update(verified=False)
    assert client.get("/c/call-2025/people/register/").status_code == 422
    late = client_of(world.at(world.reporter, 2025, 9, 1))
    assert late.get("/c/call-2025/people/register/").status_code == 404


# --- one's own -----------------------------------------------------------------------------------------------


def test_a_role_is_handed_over_and_ends_when_the_successor_comes(world: World) -> None:
    mine = Membership.objects.get(user=world.reporter.user)
    client = client_of(acting_as(world.reporter.user))
    client.post("/accounts/reauthenticate/", {"password": "correct horse battery"})
    page = client.post(f"/account/roles/{mine.pk}/hand-over/", {"name": "接手"})
    (code,) = set(CODE.findall(page.content.decode()))
    invitation = people.find_invitation(code)
    assert invitation is not None
    with pytest.raises(Refused):
        people.take_up(world.reporter, invitation)
    mine.refresh_from_db()
    assert mine.until is None
    successor = acting_as(User.objects.create_user("successor@example.org"))
    people.take_up(successor, invitation)
    mine.refresh_from_db()
    assert mine.until == successor.now
    assert Membership.objects.get(user=successor.user).unit == world.county


def test_a_role_that_ended_meanwhile_is_not_handed_over(world: World) -> None:
    mine = Membership.objects.get(user=world.reporter.user)
    invitation, _code = people.hand_over(world.reporter, mine, "", "接手")
    people.end_role(world.office, mine)
    successor = acting_as(User.objects.create_user("successor@example.org"), world.reporter.now)
    with pytest.raises(Refused) as refusal:
        people.take_up(successor, Invitation.objects.get(pk=invitation.pk))
    assert refusal.value.what == "移交的角色已经结束"


def test_the_last_code_of_a_hand_over_counts(world: World) -> None:
    mine = Membership.objects.get(user=world.reporter.user)
    first, _code = people.hand_over(world.reporter, mine, "", "发错的人")
    second, _code = people.hand_over(world.reporter, mine, "", "接手")
    strangers = [acting_as(User.objects.create_user(f"s{n}@example.org"), world.reporter.now) for n in (1, 2)]
    with pytest.raises(Refused):
        people.take_up(strangers[0], Invitation.objects.get(pk=first.pk))
    assert people.take_up(strangers[1], Invitation.objects.get(pk=second.pk)).unit == world.county


def test_nobody_hands_over_what_is_anothers(world: World) -> None:
    theirs = Membership.objects.get(user=world.confirmer.user)
    assert (
        client_of(acting_as(world.reporter.user)).get(f"/account/roles/{theirs.pk}/hand-over/").status_code
        == 404
    )


def test_an_account_is_described(world: World) -> None:
    client = client_of(acting_as(world.reporter.user))
    assert client.post("/account/", {"name": "新名", "phone": "000"}).status_code == 302
    user = User.objects.get(pk=world.reporter.user.pk)
    assert (user.name, user.phone) == ("新名", "000")
    assert "新名" not in "".join(Event.objects.values_list("detail", flat=True))


def test_a_guest_without_a_name_is_called_as_the_invitation_called_them(world: World) -> None:
    for name, expected in (("", "张三样例"), ("李四样例", "李四样例")):
        user = User.objects.create_user(f"guest{len(name)}@example.org", "correct horse battery", name=name)
        invitation, _code = people.invite(
            world.office, "reporter", world.campaign, world.county, name="张三样例"
        )
        people.take_up(acting_as(user, world.office.now), invitation)
        user.refresh_from_db()
        assert user.name == expected
