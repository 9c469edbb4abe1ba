"""Pictures inside a Word form of a case: offered with size and check, taken by a person, kept with the form."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.campaign.arrivals import taken
from tests.campaign.clients import client_of
from tests.campaign.conftest import World
from tests.campaign.test_filing import address, begun
from tests.campaign.test_filing_files import small_picture
from tests.intake.mails import delivery
from xinzhi.campaign.audit.models import Event
from xinzhi.campaign.inbox import operations
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.returns import inside
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.models import Attachment, Return
from xinzhi.forms.opening.workshop import Workshop
from xinzhi.forms.refusals import UnreadableFile
from xinzhi.forms.writing.word import write_word

TEXT = "建成智能车间 3 个, 产值由 2022 年的 12.30 亿元增至 2024 年的 18.60 亿元, 年均增长 23.0%。" * 2


def word_form(world: World, *pictures: bytes) -> bytes:
    """A filled-in case form with pictures below it, each with a caption, as a filer makes it in Word."""
    form, file = world.campaign.case, io.BytesIO()
    answers: dict[tuple[str, int | None], Any] = {(id, None): TEXT for id in form.sections}
    answers |= {("title", None): "智能制造", ("domain", None): "high_technology"}
    write_word(form, answers, file)
    document = docx.Document(io.BytesIO(file.getvalue()))
    for n, picture in enumerate(pictures, start=1):
        document.add_picture(io.BytesIO(picture))
        document.add_paragraph(f"图{n} 车间")
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def other_picture() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").save(file, "PNG")
    return file.getvalue()


def digest_of(picture: bytes) -> str:
    return hashlib.sha256(picture).hexdigest()


def sorts(filed: Return) -> list[str]:
    return sorted(a.sort for a in filed.attachments.filter(removed_at=None))


def test_pictures_of_an_uploaded_form_are_offered_and_none_is_taken_by_itself(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    first, second = small_picture(), other_picture()
    data = word_form(world, first, second)
    shown = client.post(address("return_compare", filed), {"file": SimpleUploadedFile("案例.docx", data)})
    assert "文件里有 2 张图片, 没有自动附上" in shown.content.decode()
    assert sorts(filed) == ["original"]
    original = filed.attachments.get()
    assert client.get(address("return_file", filed, attachment=original.pk)).content == data
    page = client.get(address("return", filed)).content.decode()
    assert page.count('name="picture"') == 2 and "400×300 像素" in page and "256×256 像素" in page
    assert "只有 0." in page and "不足 2 MB" in page  # what Word has shrunk is said of it

    to = address("return_inside", filed, attachment=original.pk)
    assert client.post(to).status_code == 422  # nothing was ticked
    answer = client.post(to, {"picture": [digest_of(first), "0" * 64]})
    assert answer.headers["Location"] == address("return", filed) + "#files"
    held = filed.attachments.get(sort="picture")
    assert (held.kind, held.size, held.facts["width"], held.caption) == ("jpeg", len(first), 400, "图1 车间")
    assert held.name.startswith("案例-image")
    assert client.get(address("return_file", filed, attachment=held.pk)).content == first
    page = client.get(address("return", filed)).content.decode()
    assert page.count('name="picture"') == 1 and page.count("已取用") == 1
    assert client.post(to, {"picture": digest_of(first)}).status_code == 422  # none comes twice
    assert sorts(filed) == ["original", "picture"]
    assert [e.verb for e in Event.objects.filter(subject=filed.subject)].count("file.attached") == 2

    client.post(address("return_file_remove", filed, attachment=held.pk))
    assert client.get(address("return", filed)).content.decode().count('name="picture"') == 2


def test_a_picture_inside_is_shown_made_anew(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    picture = small_picture()
    data = word_form(world, picture)
    client.post(address("return_compare", filed), {"file": SimpleUploadedFile("案例.docx", data)})
    original = filed.attachments.get()
    at = address("return_inside_picture", filed, attachment=original.pk, digest=digest_of(picture))
    shown = client.get(at)
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert b"SECRETCAMERA" in picture and b"SECRETCAMERA" not in shown.content
    assert Image.open(io.BytesIO(shown.content)).size == (400, 300)
    none = address("return_inside_picture", filed, attachment=original.pk, digest="0" * 64)
    assert client.get(none).status_code == 422


def test_the_same_form_is_kept_once_and_one_without_pictures_not_at_all(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    data = word_form(world, small_picture())
    for name, file in (("案例.docx", data), ("案例 (1).docx", data), ("无图.docx", word_form(world))):
        client.post(address("return_compare", filed), {"file": SimpleUploadedFile(name, file)})
    assert [a.name for a in filed.attachments.all()] == ["案例.docx"]


def test_a_picture_that_does_not_decode_says_so_and_is_not_offered(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    whole = small_picture()
    data = word_form(world, whole[: len(whole) // 2])
    client.post(address("return_compare", filed), {"file": SimpleUploadedFile("案例.docx", data)})
    page = client.get(address("return", filed)).content.decode()
    assert "已损坏, 打不开" in page and 'name="picture"' not in page
    original = filed.attachments.get()
    (holder,) = inside.holders_of(filed.declared, [original])
    digest = holder.pictures[0].facts.sha256
    assert inside.take_out(world.reporter, filed, original, [digest]) == []


def test_no_picture_is_taken_into_what_was_sent(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    picture = small_picture()
    file = SimpleUploadedFile("案例.docx", word_form(world, picture))
    client.post(address("return_compare", filed), {"file": file})
    original = filed.attachments.get()
    Return.objects.filter(pk=filed.pk).update(state="submitted")
    filed.refresh_from_db()
    with pytest.raises(Refused):
        inside.take_out(world.reporter, filed, original, [digest_of(picture)])
    assert sorts(filed) == ["original"]
    with pytest.raises(Refused):
        returns.attach(world.reporter, filed, "original", "a.docx", b"x")


def test_pictures_of_a_mailed_form_are_taken_by_the_office_or_the_unit(world: World) -> None:
    first, second = small_picture(), other_picture()
    data = delivery(("案例.docx", word_form(world, first, second)))
    arrival = taken(world, "a.eml", data)
    operations.match(world.office, arrival, arrival.revision, world.county)
    item = arrival.items.exclude(form="").get()
    filed = operations.make_draft(world.office, item)
    assert sorts(filed) == ["original"]
    client = client_of(world.office)
    at = f"/c/{world.campaign.slug}/inbox/{arrival.pk}/{item.pk}/"
    original = filed.attachments.get()
    assert client.get(at).content.decode().count('name="picture"') == 2
    place = f"{at}files/{original.pk}/inside/"
    assert client.get(f"{place}{digest_of(first)}/").headers["Content-Type"] == "image/jpeg"
    assert client.post(place).status_code == 422
    assert client.post(place, {"picture": digest_of(first)}).headers["Location"] == at
    unit = client_of(world.reporter)
    unit.post(address("return_inside", filed, attachment=original.pk), {"picture": digest_of(second)})
    assert sorts(filed) == ["original", "picture", "picture"]
    assert {a.by for a in filed.attachments.filter(sort="picture")} == {
        world.office.user, world.reporter.user,
    }  # fmt: skip
    assert client.get(f"{at}files/{Attachment.objects.first().pk}/inside/x/").status_code in (404, 422)  # type: ignore[union-attr]


def test_the_child_finds_pictures_in_word_files_alone() -> None:
    with Workshop() as workshop:
        for data in (b"PK no document", b"MZ", b"", small_picture()):
            with pytest.raises(UnreadableFile):
                workshop.picture(data, "a.docx", "0" * 64)
