"""The commands about forms and about what arrives, as a person types them."""

from __future__ import annotations

import json

import pytest

from xinzhi.cli.filing import _own_addresses
from xinzhi.demonstration import simulated_mails
from xinzhi.forms import load_form, read
from xinzhi.geography import demonstration_units

SOUND, SLIPS = "01-figures-word", "03-figures-slips"


@pytest.fixture(scope="module")
def mails():
    return {mail.name: mail for mail in simulated_mails()}


def attachment(mail, folder):
    """Save the form that came with a mail."""
    import email
    import email.policy

    parsed = email.message_from_bytes(mail.data, policy=email.policy.default)
    (part,) = parsed.iter_attachments()
    file = folder / part.get_filename()
    file.write_bytes(part.get_payload(decode=True))
    return file


@pytest.fixture
def run(xinzhi):
    """Run the command and require how it ends."""

    def ended(*arguments, exits=0):
        done = xinzhi(*arguments)
        assert done.status == exits, done.err or done.out
        return done

    return ended


@pytest.fixture
def mailbox(tmp_path, mails):
    folder = tmp_path / "mailbox"
    folder.mkdir()
    for name in (SOUND, SLIPS, "11-again"):
        (folder / f"{name}.eml").write_bytes(mails[name].data)
    return folder


# --- forms -----------------------------------------------------------------------------------------------


def test_forms_are_listed(run):
    assert run("form", "list").out.splitlines() == [
        "letter-2025/case@1         新质生产力发展研究测评典型案例填报表",
        "letter-2025/indicators@1   县域新质生产力发展研究测评指标数据填报表",
    ]


def test_a_form_is_shown_and_has_a_schema(run):
    assert run("form", "show", "indicators").out.startswith("# ")
    schema = json.loads(run("form", "show", "indicators", "--schema").out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_rule_is_listed(run):
    from xinzhi.forms import rules

    out = run("form", "rules").out
    assert [id for id in rules() if id not in out] == []


@pytest.mark.parametrize("form", ["indicators", "case"])
@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_a_new_form_reads_back_as_itself(run, tmp_path, form, ending):
    file = tmp_path / f"form.{ending}"
    assert run("form", "new", form, "-o", file).out == f"已写出 {file}\n"
    assert read(file).form == load_form(form).name


def test_a_form_is_not_made_for_a_unit_that_does_not_file_it(run, tmp_path):
    district = next(unit for unit in demonstration_units() if unit.kind == "市辖区")
    told = run("form", "new", "indicators", "-o", tmp_path / "a.docx", "--unit", district.code, exits=2)
    assert told.err == "letter-2025/indicators@1: 示例省样例市东样区 (市辖区) 不填报这份表\n"


def test_other_endings_are_refused(run, tmp_path):
    told = run("form", "new", "case", "-o", tmp_path / "a.pdf", exits=2)
    assert told.err == f"{tmp_path / 'a.pdf'}: 只能写成 .docx 或 .xlsx\n请换一个文件名\n"


def test_a_sound_form_is_checked_without_findings(run, tmp_path, mails):
    file = attachment(mails[SOUND], tmp_path)
    assert run("form", "check", file).out.splitlines() == [
        f"{file}: 县域新质生产力发展研究测评指标数据填报表 [letter-2025/indicators@1]",
        "  没有问题",
    ]


def test_findings_are_told_with_place_and_remedy(run, tmp_path, mails):
    file = attachment(mails[SLIPS], tmp_path)
    lines = run("form", "check", file, exits=1).out.splitlines()
    assert lines[1:3] == [
        "  1. [必须修改] 地区生产总值 2024 年 (附件1.docx: 第 1 个表 第 2 行第 4 列): "
        "5,617,000 大于可能的最大值 100,000",
        "     请按表中的计量单位重新填写",
    ]
    assert lines[-1] == "  必须修改 2, 必须说明 2"


def test_checking_as_json(run, tmp_path, mails):
    (found,) = json.loads(run("form", "check", attachment(mails[SLIPS], tmp_path), "--json", exits=1).out)
    assert [finding["rule"] for finding in found["findings"]] == [
        "figures.too_large",
        "figures.slip",
        "figures.missing",
        "figures.ratio",
    ]


def test_what_is_no_form_is_said(run, tmp_path):
    file = tmp_path / "a.docx"
    file.write_bytes(b"not a document \x00")
    assert run("form", "check", file, exits=1).out.splitlines()[0] == f"{file}: 不是填报表"


def test_a_missing_file_is_told(run, tmp_path):
    assert (
        run("form", "check", tmp_path / "no.docx", exits=2).err
        == f"{tmp_path / 'no.docx'}: 读不出来: 文件或文件夹不存在\n"
    )


def test_annotating_leaves_the_original_alone(run, tmp_path, mails):
    file = attachment(mails[SLIPS], tmp_path)
    before = file.read_bytes()
    target = tmp_path / "附件1-审核.docx"
    assert run("form", "annotate", file, exits=1).out == f"4 处问题, 已写出 {target}\n"
    assert file.read_bytes() == before
    assert [v.number for v in read(target).values] == [v.number for v in read(file).values]
    told = run("form", "annotate", file, "-o", file, exits=2)
    assert told.err == f"{file}: 不能写在原文件上\n请换一个文件名\n"


# --- intake ----------------------------------------------------------------------------------------------


def test_a_mailbox_is_taken_in_once(run, tmp_path, mailbox):
    store = tmp_path / "store"
    first = run("intake", mailbox, "--store", store, "--demonstration", exits=1).out
    assert first.splitlines()[-2:] == ["共 3 件: 已读 3", f"回复草稿 3 封: {store / 'drafts'}"]
    files = sorted(path.relative_to(store) for path in store.rglob("*") if path.is_file())
    assert run("intake", mailbox, "--store", store, "--demonstration", exits=1).out == first
    assert sorted(path.relative_to(store) for path in store.rglob("*") if path.is_file()) == files
    assert run("store", "list", "--store", store, "--demonstration").out == first


def test_one_return_is_shown_down_to_the_place_of_every_value(run, tmp_path, mailbox):
    store = tmp_path / "store"
    made = json.loads(run("intake", mailbox, "--store", store, "--demonstration", "--json", exits=1).out)
    (receipt,) = [each["id"] for each in made["returns"] if each["name"] == f"{SLIPS}.eml"]
    lines = run("store", "show", receipt.lower(), "--store", store, "--demonstration").out.splitlines()
    assert lines[:5] == [
        f"{receipt}  {SLIPS}.eml  已读",
        "收到: 2025年7月3日 23:14:00",
        "来自: sample@example.com",
        "主题: 县域数据＋丙样县人民政府＋张三样例＋010-00000000",
        "填报单位: 丙样县",
    ]
    assert [line.split() for line in lines if line.startswith("  地区生产总值 2024")] == [
        ["地区生产总值", "2024", "5,617,000.00", "亿元", "第", "1", "个表", "第", "2", "行第", "4", "列"]
    ]


def test_replies_are_not_drafted_when_not_wanted(run, tmp_path, mailbox):
    store = tmp_path / "store"
    run("intake", mailbox, "--store", store, "--demonstration", "--reply", "none", exits=1)
    assert list((store / "drafts").iterdir()) == []


def test_copies_of_cases(run, tmp_path, mails):
    folder, store = tmp_path / "cases", tmp_path / "store"
    folder.mkdir()
    for name in ("08-case", "10-case-copied"):
        (folder / f"{name}.eml").write_bytes(mails[name].data)
    run("intake", folder, "--store", store, "--demonstration", exits=1)
    (line,) = run("store", "copies", "--store", store).out.splitlines()
    assert line.startswith("100% 相同: ")
    one, other = (part.split()[0] for part in line.removeprefix("100% 相同: ").split(" 与 "))
    assert run("store", "copies", one, other, "--store", store).out.startswith("共同的段落: 1\n【1 ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["store", "list", "--store", "nothing"], "nothing: 这里没有收过填报\n先用 xinzhi intake 收取\n"),
        (["intake", "nothing", "--store", "s"], "nothing: 没有这个文件或文件夹\n请核对路径\n"),
        (["intake", "nothing", "--store", "s", "--reply", "send"], "发出回复要同时给出 --smtp 和 --from\n"),
    ],
)
def test_wrong_calls(run, tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    assert run(*arguments, exits=2).err == told


def test_known_figures_are_held_against_a_form(run, tmp_path, mails):
    table = tmp_path / "known.csv"
    table.write_text("unit,kind,indicator,year,value\n990121,official,gdp,2024,1.00\n", encoding="utf-8")
    file = attachment(mails[SOUND], tmp_path)
    lines = run("form", "check", file, "--known", table, exits=1).out.splitlines()
    assert lines[-1] in ("  必须说明 1", "  必须修改 1")
    assert "官方数据 1 (亿元)" in lines[1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--admit", "999999"], "999999: 没有这个单位代码\n请核对六位行政区划代码\n"),
        (["--known", "no.csv"], "no.csv: 读不出来: 文件或文件夹不存在\n"),
    ],
)
def test_a_wrong_call_of_intake_makes_no_store(run, tmp_path, mailbox, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    assert run("intake", mailbox, "--store", "s", "--demonstration", *arguments, exits=2).err == told
    assert not (tmp_path / "s").exists()


def test_a_source_that_is_not_there_makes_no_store(run, tmp_path):
    run("intake", tmp_path / "no", "--store", tmp_path / "s", exits=2)
    assert not (tmp_path / "s").exists()


def test_a_store_is_not_taken_in_and_stays_as_it_was(run, tmp_path, mailbox):
    told = run("intake", mailbox, "--store", mailbox, exits=2)
    assert told.err == f"{mailbox}: 来件文件夹就是收件库\n请把来件和收件库放在不同的文件夹\n"
    assert sorted(path.suffix for path in mailbox.iterdir()) == [".eml"] * 3


def test_mails_of_the_office_are_no_returns(run, tmp_path, mailbox):
    store, sent = tmp_path / "store", "sample@example.com"  # the address from which the simulated mails come
    arguments = ["intake", mailbox, "--store", store, "--demonstration", "--from", f"办公室 <{sent.upper()}>"]
    made = json.loads(run(*arguments, "--json").out)["returns"]
    assert {(each["status"], each["match"]["unit"]) for each in made} == {("question", "")}
    assert [r for each in made for item in each["items"] for r in item["readings"]] == []
    assert list((store / "drafts").iterdir()) == []
    lines = run("store", "list", "--store", store, "--demonstration").out.splitlines()
    assert sum(line.endswith("  本办公室发出的邮件, 不作填报") for line in lines) == 3


@pytest.mark.parametrize(
    ("source", "smtp", "sender", "addresses"),
    [
        ("mailbox", "", "", set()),
        ("mailbox", "", "办公室 <Office@Example.com>", {"office@example.com"}),
        ("imaps://Box%40Example.com@imap.example.com/INBOX", "", "", {"box@example.com"}),
        ("imaps://box@imap.example.com", "smtps://Out%40example.com@smtp.example.com", "a@example.com",
         {"out@example.com", "a@example.com"}),
    ],
)  # fmt: skip
def test_addresses_of_the_office(source, smtp, sender, addresses):
    assert _own_addresses(source, smtp, sender) == addresses


def test_a_form_is_not_written_over(run, tmp_path):
    file = tmp_path / "a.docx"
    file.write_bytes(b"mine")
    told = run("form", "new", "case", "-o", file, exits=2)
    assert told.err == f"{file}: 文件已经存在, 不覆盖\n请换一个文件名\n"
    assert file.read_bytes() == b"mine"


def test_a_pipe_is_not_waited_for(run, tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe")
    told = run("form", "check", tmp_path / "pipe", exits=2)
    assert told.err == f"{tmp_path / 'pipe'}: 这不是普通文件\n"
