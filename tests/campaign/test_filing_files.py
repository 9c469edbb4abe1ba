"""Files of a return: pictures, uploads piece by piece, what is refused, Word and Excel down and up."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.campaign.clients import client_of
from tests.campaign.conftest import World
from tests.campaign.test_filing import address, begun
from tests.campaign.test_returns import filled
from xinzhi.campaign.refusals import Conflict, Refused
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns import uploads
from xinzhi.campaign.returns.exchange import KINDS, compared, written
from xinzhi.campaign.returns.material import SORTS
from xinzhi.campaign.returns.models import Attachment, Return, Upload
from xinzhi.demonstration.returns import simulated_picture
from xinzhi.forms import read
from xinzhi.forms.writing.excel import write_excel
from xinzhi.forms.writing.word import write_word

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def small_picture() -> bytes:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAMERA"
    Image.effect_noise((400, 300), 60).convert("RGB").save(file, "JPEG", quality=90, exif=exif)
    return file.getvalue()


def upload(client: Client, filed: Return, sort: str, name: str, data: bytes, **more: str) -> Any:
    said = {"sort": sort, "file": SimpleUploadedFile(name, data), **more}
    return client.post(address("return_attach", filed), said)


# --- whole, without a script -------------------------------------------------------------------------------


def test_a_picture_is_kept_as_it_came_and_shown_made_anew(world: World) -> None:
    filed, client, data = begun(world, "case"), client_of(world.reporter), small_picture()
    answer = upload(client, filed, "picture", "厂区.jpg", data, caption="新建园区")
    assert answer.headers["Location"] == address("return", filed) + "#files"
    held = Attachment.objects.get(of=filed)
    assert (held.sort, held.kind, held.caption, held.size) == ("picture", "jpeg", "新建园区", len(data))
    assert (held.facts["format"], held.facts["width"], held.facts["height"]) == ("JPEG", 400, 300)
    original = client.get(address("return_file", filed, attachment=held.pk))
    assert original.content == data
    assert original.headers["Content-Type"] == "application/octet-stream"
    assert original.headers["X-Content-Type-Options"] == "nosniff"
    assert original.headers["Content-Disposition"].startswith("attachment; ")
    shown = client.get(address("return_picture", filed, attachment=held.pk))
    assert (
        shown.headers["Content-Type"] == "image/jpeg" and shown.headers["X-Content-Type-Options"] == "nosniff"
    )
    assert b"SECRETCAMERA" in data and b"SECRETCAMERA" not in shown.content
    assert Image.open(io.BytesIO(shown.content)).size == (400, 300)
    page = client.get(address("return", filed)).content.decode()
    assert "厂区.jpg 有 0." in page and "不足 2 MB" in page


@pytest.mark.parametrize(
    ("sort", "name", "data", "said"),
    [
        ("picture", "图.jpg", b"MZ no picture", "配图不接收这种文件"),
        ("picture", "半张.jpg", small_picture()[:4000], "已损坏, 打不开"),
        ("picture", "空.jpg", b"", "文件有 0.0 MB"),
        ("evidence", "程序.exe", b"MZ\x90\x00\x03" + bytes(60), "佐证材料不接收这种文件"),
        ("scan", "表.docx", b"PK\x03\x04 broken", "盖章扫描件不接收这种文件"),
        ("original", "邮件.eml", b"From: a", "这份填报不接收这类附件"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    world: World, sort: str, name: str, data: bytes, said: str
) -> None:
    filed = begun(world, "case")
    answer = upload(client_of(world.reporter), filed, sort, name, data)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Attachment.objects.exists()


def test_a_picture_may_have_20_mb_and_evidence_64(world: World) -> None:
    assert {id: sort.most_bytes for id, sort in SORTS.items()} == {
        "picture": 20_000_000,
        "evidence": 64_000_000,
        "scan": 64_000_000,
    }
    filed = begun(world, "case")
    answer = upload(
        client_of(world.reporter), filed, "picture", "大.jpg", small_picture() + bytes(20_000_000)
    )
    assert answer.status_code == 422 and "不超过 20 MB" in answer.content.decode()


def test_figures_take_no_pictures(world: World) -> None:
    answer = upload(client_of(world.reporter), begun(world), "picture", "图.jpg", small_picture())
    assert answer.status_code == 422 and "不接收这类附件" in answer.content.decode()


def test_a_sealed_scan_may_follow_after_sending(world: World) -> None:
    filed = filled(world)
    client = client_of(world.reporter)
    filed = returns.send(world.reporter, filed, filed.revision)
    filed = returns.confirm(world.confirmer, filed, filed.revision)
    assert upload(client, filed, "scan", "盖章页.pdf", PDF).status_code == 302
    assert upload(client, filed, "evidence", "证明.pdf", PDF).status_code == 422
    assert [a.sort for a in filed.attachments.all()] == ["scan"]


def test_captions_and_removal(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    upload(client, filed, "picture", "图.jpg", small_picture())
    held = Attachment.objects.get(of=filed)
    client.post(address("return_caption", filed, attachment=held.pk), {"caption": "车间"})
    assert Attachment.objects.get(of=filed).caption == "车间"
    client.post(address("return_file_remove", filed, attachment=held.pk))
    assert not filed.attachments.filter(removed_at=None).exists()
    assert client.post(address("return_file_remove", filed, attachment=held.pk)).status_code == 404


# --- piece by piece ----------------------------------------------------------------------------------------


def begin_upload(client: Client, filed: Return, data: bytes, sort: str = "evidence") -> Any:
    said = {"sort": sort, "name": "证明.pdf", "size": len(data), "fingerprint": f"证明.pdf {len(data)} 1"}
    return client.post(address("return_upload", filed), said)


def piece(client: Client, to: str, data: bytes, offset: int) -> Any:
    return client.post(
        to, data, content_type="application/octet-stream", headers={"Upload-Offset": str(offset)}
    )


def test_an_upload_that_broke_off_goes_on_where_it_stood(
    world: World, django_capture_on_commit_callbacks
) -> None:
    filed, client, data = begun(world, "case"), client_of(world.reporter), PDF + bytes(range(256)) * 40
    begun_at = begin_upload(client, filed, data).json()
    assert begun_at["received"] == 0
    assert piece(client, begun_at["to"], data[:4000], 0).json()["received"] == 4000
    again = begin_upload(client, filed, data).json()
    assert (again["to"], again["received"]) == (begun_at["to"], 4000)
    late = piece(client, again["to"], data[:4000], 0)
    assert (late.status_code, late.json()["received"]) == (409, 4000)
    assert client.get(again["to"]).json()["received"] == 4000
    with django_capture_on_commit_callbacks(execute=True):
        done = piece(client, again["to"], data[4000:], 4000).json()
    held = Attachment.objects.get(of=filed)
    assert done["attached"] == str(held.pk) and (held.kind, held.size) == ("pdf", len(data))
    assert client.get(address("return_file", filed, attachment=held.pk)).content == data
    assert client.get(again["to"]).status_code == 404
    assert not Upload.objects.exists() and not any(_pieces(world))


def test_pieces_lie_sealed_on_the_disk(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    to = begin_upload(client, filed, PDF).json()["to"]
    piece(client, to, PDF[:20], 0)
    (lying,) = _pieces(world)
    assert b"%PDF" not in lying.read_bytes()


def _pieces(world: World) -> list[Path]:
    from django.conf import settings

    return [p for p in (Path(settings.ENVIRONMENT.home) / "pieces").rglob("*") if p.is_file()]


@pytest.mark.parametrize(
    ("offset", "data", "status"),
    [("0", b"", 422), ("0", PDF + b"x", 422), ("5", b"abc", 409), ("-1", b"abc", 422), ("٣", b"abc", 422)],
)
def test_a_piece_that_does_not_fit(world: World, offset: str, data: bytes, status: int) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    to = begin_upload(client, filed, PDF).json()["to"]
    answer = client.generic("POST", to, data, "application/octet-stream", HTTP_UPLOAD_OFFSET=offset)
    assert answer.status_code == status
    assert Upload.objects.get().received == 0 and not _pieces(world)


def test_a_piece_is_no_larger_than_told(world: World) -> None:
    filed = begun(world, "case")
    upload_ = uploads.begin(world.reporter, filed, "evidence", "大.pdf", "大.pdf", 3_000_000)
    with pytest.raises(Refused):
        uploads.receive(upload_, 0, bytes(uploads.LARGEST_PIECE + 1))


def test_of_two_that_send_the_same_piece_one_is_told(world: World) -> None:
    filed = begun(world, "case")
    one = uploads.begin(world.reporter, filed, "evidence", "证明.pdf", "证明.pdf", len(PDF))
    other = Upload.objects.get(pk=one.pk)
    uploads.receive(one, 0, PDF[:10])
    with pytest.raises(Conflict):
        uploads.receive(other, 0, PDF[:10])
    assert (Upload.objects.get().received, len(_pieces(world))) == (10, 1)


def test_an_upload_too_large_is_refused_before_a_byte_is_taken(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    said = {"sort": "picture", "name": "大.jpg", "size": 20_000_001, "fingerprint": "x"}
    answer = client.post(address("return_upload", filed), said)
    assert (answer.status_code, answer.json()["refusal"]) == (
        422, "文件有 20.0 MB; 应当大于 0, 不超过 20 MB"
    )  # fmt: skip
    assert not Upload.objects.exists()


def test_what_the_child_refuses_is_dropped_with_its_pieces(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    to = begin_upload(client, filed, b"MZ" + bytes(30)).json()["to"]
    answer = piece(client, to, b"MZ" + bytes(30), 0)
    assert answer.status_code == 422 and "佐证材料不接收这种文件" in answer.json()["refusal"]
    assert not Upload.objects.exists() and not _pieces(world) and not Attachment.objects.exists()


def test_only_so_many_uploads_at_once(world: World) -> None:
    filed = begun(world, "case")
    for n in range(uploads.MOST_UNDER_WAY):
        uploads.begin(world.reporter, filed, "evidence", "a.pdf", f"{n}", 9)
    with pytest.raises(Refused):
        uploads.begin(world.reporter, filed, "evidence", "a.pdf", "one more", 9)


# --- Word and Excel ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["word", "excel"])
def test_a_form_taken_down_and_brought_back_differs_nowhere(world: World, kind: Any) -> None:
    filed, client = filled(world), client_of(world.reporter)
    answer = client.get(address("return_form_file", filed, kind=kind))
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    found = compared(filed, f"表.{kind}", answer.content)
    # 22 cells of the unit's rows, and in the workbook six working fields besides.
    assert (found.channel, found.differences) == (kind, ())
    assert found.same == 28 if kind == "excel" else found.same >= 22


def test_only_what_a_person_chose_is_taken_over(world: World) -> None:
    filed, client = filled(world), client_of(world.reporter)
    form = world.campaign.indicators
    before = dict(filed.cells.values_list("key", "text"))
    answers = {value_key(key): Decimal(text) for key, text in before.items() if "@" in key}
    answers["gdp", 2023], answers["loans", 2024] = Decimal("321.00"), Decimal("654.00")
    file = io.BytesIO()
    write_excel(form, answers, file, unit=filed.unit.administrative)
    answer = client.post(
        address("return_compare", filed), {"file": SimpleUploadedFile("表.xlsx", file.getvalue())}
    )
    page = answer.content.decode()
    assert answer.status_code == 200 and "26 格相同, 2 格不同" in page
    assert dict(filed.cells.values_list("key", "text")) == before
    said = {"channel": "excel", "rest": "now", "file:gdp@2023": "321.00", "seen:gdp@2023": "1",
            "take:gdp@2023": "file", "file:loans@2024": "654.00", "seen:loans@2024": "1"}  # fmt: skip
    assert client.post(address("return_take_over", filed), said).status_code == 302
    assert dict(filed.cells.values_list("key", "text")) == before | {"gdp@2023": "321.00"}
    assert filed.cells.get(key="gdp@2023").channel == "excel"
    said |= {"rest": "file", "seen:gdp@2023": "2"}
    client.post(address("return_take_over", filed), said)
    assert filed.cells.get(key="loans@2024").text == "654.00"


def value_key(key: str) -> tuple[str, int]:
    field, year = key.split("@")
    return field, int(year)


def test_a_cell_changed_in_between_is_not_overwritten_by_a_file(world: World) -> None:
    filed, client = filled(world), client_of(world.reporter)
    returns.save_cell(world.reporter, filed, "gdp@2023", "300.00", 1)
    said = {"channel": "word", "file:gdp@2023": "321.00", "seen:gdp@2023": "1", "take:gdp@2023": "file"}
    page = client.post(address("return_take_over", filed), said, follow=True).content.decode()
    assert filed.cells.get(key="gdp@2023").text == "300.00"
    assert "1 格在此期间有了变化" in page and 'class="conflict"' in page
    assert filed.entries.get(text="321.00").channel == "word"


def test_a_case_by_word_fills_its_cells(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    form = world.campaign.case
    text = "建成智能车间 3 个, 产值由 2022 年的 12.30 亿元增至 2024 年的 18.60 亿元, 年均增长 23.0%。" * 2
    answers = {(id, None): text for id in form.sections} | {
        ("title", None): "智能制造",
        ("domain", None): "high_technology",
    }
    file = io.BytesIO()
    write_word(form, answers, file)
    found = compared(filed, "案例.docx", file.getvalue())
    assert {d.key: d.in_file for d in found.differences} == {
        "title": "智能制造", "domain": "high_technology", **dict.fromkeys(form.sections, text),
    }  # fmt: skip
    said: dict[str, str] = {"channel": "word", "rest": "file"}
    for d in found.differences:
        said |= {f"file:{d.key}": d.in_file, f"seen:{d.key}": str(d.seen)}
    client.post(address("return_take_over", filed), said)
    filed.refresh_from_db()
    assert (filed.title, filed.domain, filed.cells.count()) == ("智能制造", "high_technology", 9)


def test_what_comes_down_is_what_was_typed(world: World) -> None:
    """Read back by the library's own reader: the marks of the letter, and a figure in words of the typist."""
    filed = begun(world)
    for key, text in {"gdp@2023": "12.3", "gdp@2024": "暂无", "population@2023": "约30"}.items():
        returns.save_cell(world.reporter, filed, key, text, 0)
    reading = read(written(filed, KINDS["word"]), name="表.docx")
    assert [(reading.value(f, y).raw, reading.value(f, y).status) for f, y in
            (("gdp", 2023), ("gdp", 2024), ("population", 2023))] == [
        ("12.30", "number"), ("暂无", "missing"), ("约30", "question"),
    ]  # fmt: skip


def test_files_that_are_no_form_of_this_return(world: World) -> None:
    filed, client = filled(world), client_of(world.reporter)
    case, foreign, bomb = io.BytesIO(), io.BytesIO(), io.BytesIO()
    write_word(world.campaign.case, {}, case)
    write_excel(world.campaign.indicators, {}, foreign, unit=world.unit["990122"].administrative)
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(300_000_000))
    for name, data, said in (
        ("案例.docx", case.getvalue(), ""),
        ("表.xlsx", foreign.getvalue(), "另一个单位 (990122)"),
        ("炸弹.docx", bomb.getvalue(), ""),
        ("空.docx", b"", "文件有 0.0 MB"),
    ):
        answer = client.post(address("return_compare", filed), {"file": SimpleUploadedFile(name, data)})
        assert answer.status_code == 422 and said in answer.content.decode()
    assert client.post(address("return_compare", filed)).status_code == 422


def test_demonstration_files_say_so(world: World) -> None:
    filed = begun(world)
    with zipfile.ZipFile(io.BytesIO(written(filed, KINDS["word"]))) as archive:
        assert any("演示数据" in archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_pictures_as_large_as_asked_are_found_in_order(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    for n in range(3):
        assert upload(client, filed, "picture", f"图{n}.jpg", simulated_picture(n)).status_code == 302
    rules = {finding.rule for finding in returns.findings_of(filed)}
    assert not {rule for rule in rules if rule.startswith("pictures.")}
