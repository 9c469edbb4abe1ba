"""The commands about forms and about what arrives."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xinzhi.cli.commands import Group, print_json, xinzhi
from xinzhi.errors import CallError
from xinzhi.language import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xinzhi.forms import AnyForm, Finding, Reading
    from xinzhi.forms.checks import Circumstances
    from xinzhi.forms.opening.workshop import Workshop
    from xinzhi.geography import Unit
    from xinzhi.intake.copies import FiledCase
    from xinzhi.intake.gazetteer import Gazetteer
    from xinzhi.intake.records import Return
    from xinzhi.intake.sources import Delivery
    from xinzhi.intake.store import Store

_KNOWN = click.option(
    "--known",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("已知的数 (CSV): 往年、官方、普查、同类范围, 与填报数核对"),
)

__all__ = ["xinzhi"]  # whole, with the commands of this module

_OUTPUT = ["-o", "--output"]


@xinzhi.group(cls=Group, help=_("填报表: 列出、查看、生成、检查、批注。"))
def form() -> None:
    """Hold the commands about forms together."""


@form.command("list", help=_("列出内置的填报表。"))
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def list_forms(as_json: bool) -> None:
    """List the forms."""
    from xinzhi.forms import forms, load_form

    loaded = [load_form(name) for name in forms()]
    if as_json:
        print_json([{"name": f.name, "kind": f.kind, "title": f.title.model_dump()} for f in loaded])
        return
    for each in loaded:
        click.echo(f"{each.name:<26} {each.title}")


@form.command("show", help=_("显示一份填报表的全部内容 (Markdown); --schema 给出它的 JSON Schema。"))
@click.argument("name", metavar="FORM")
@click.option("--schema", is_flag=True, help=_("输出 JSON Schema"))
def show_form(name: str, schema: bool) -> None:
    """Show a form."""
    from xinzhi.forms import load_form

    loaded = load_form(name)
    if schema:
        from xinzhi.forms.writing.schema import json_schema

        print_json(json_schema(loaded))
    else:
        from xinzhi.forms.writing.documentation import form_page

        click.echo(form_page(loaded))


@form.command("rules", help=_("列出审核规则: 等级、说什么、为什么、怎样修改 (Markdown)。"))
def show_rules() -> None:
    """Show all rules."""
    from xinzhi.forms.writing.documentation import rules_page

    click.echo(rules_page())


@form.command("difference", help=_("列出一份填报表两个版本的差别。"))
@click.argument("before")
@click.argument("after")
def show_difference(before: str, after: str) -> None:
    """Show what changed between two versions of a form."""
    from xinzhi.forms import difference, load_form

    changes = difference(load_form(before), load_form(after))
    for change in changes:
        click.echo(f"{change.key}: {change.before or '–'} → {change.after or '–'}")
    if not changes:
        click.echo(_("没有差别"))


@form.command("new", help=_("生成一份空白的填报表, Word 或 Excel。"))
@click.argument("name", metavar="FORM")
@click.option(
    *_OUTPUT,
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("输出文件 .docx 或 .xlsx"),
)
@click.option("--unit", "code", metavar="CODE", default="", help=_("填报单位: 行政区划代码或名称"))
@click.option("--mailbox", metavar="ADDRESS", default="", help=_("报送的电子邮箱, 印在填报说明里"))
def new_form(name: str, file: Path, code: str, mailbox: str) -> None:
    """Write a blank form."""
    from xinzhi.forms import load_form

    loaded = load_form(name)
    if file.exists():
        raise CallError(_("文件已经存在, 不覆盖"), where=str(file), remedy=_("请换一个文件名"))
    unit = _unit(code) if code else None
    if unit is not None:
        _require_eligible(loaded, unit)
    match file.suffix.lower():
        case ".docx":
            from xinzhi.forms.writing.word import write_word

            write_word(loaded, {}, file, unit=unit, mailbox=mailbox)
        case ".xlsx":
            from xinzhi.forms.writing.excel import write_excel

            write_excel(loaded, {}, file, unit=unit)
        case _:
            raise CallError(_("只能写成 .docx 或 .xlsx"), where=str(file), remedy=_("请换一个文件名"))
    click.echo(_("已写出 {file}").format(file=file))


@form.command("check", help=_("读取并检查填好的表 (Word, Excel, CSV); 有问题时退出码为 1。"))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--values", is_flag=True, help=_("同时列出读到的每个值和它的位置"))
@_KNOWN
@click.option("--unit", "code", metavar="CODE", default="", help=_("填报单位: 行政区划代码或名称"))
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def check_forms(files: tuple[Path, ...], values: bool, known: Path | None, code: str, as_json: bool) -> int:
    """Read and check filled forms."""
    from xinzhi.cli.returns import checked_dict, checked_lines

    found = []
    with _workshop() as workshop:
        for file in files:
            for reading, loaded, findings in _checked(file, workshop, _circumstances(known), code):
                found.append((file, reading, loaded, findings))
    if as_json:
        print_json([checked_dict(*each) for each in found])
    else:
        for each in found:
            click.echo("\n".join(checked_lines(*each, values=values)))
    return 1 if any(findings for _file, _reading, _form, findings in found) else 0


@form.command("annotate", help=_("把检查出的问题写进表的副本: 原来的版式, 批注在原处, 首页列出全部。"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    *_OUTPUT,
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("输出文件; 默认在文件名后加 -审核"),
)
def annotate_form(file: Path, output: Path | None) -> int:
    """Write findings into a copy of a form."""
    from xinzhi.output import whole_file

    target = output or file.with_name(f"{file.stem}-审核{file.suffix}")
    if target.exists() and target.samefile(file):
        raise CallError(_("不能写在原文件上"), where=str(file), remedy=_("请换一个文件名"))
    with _workshop() as workshop:
        checked = list(_checked(file, workshop))
        findings = [finding for _reading, _form, found in checked for finding in found]
        name = next((reading.form for reading, _form, _found in checked if reading.form), "")
        data = workshop.annotate(file.read_bytes(), file.name, findings, name)
    with whole_file(target) as draft:
        draft.write_bytes(data)
    click.echo(_("{count} 处问题, 已写出 {file}").format(count=len(findings), file=target))
    return 1 if findings else 0


@xinzhi.command(
    help=_(
        "收取填报: 文件夹、邮件文件、mbox、Maildir 或 imaps://用户@服务器/文件夹。原件、记录和回复草稿都存入 --store; "
        "再运行一次不会重复收取。有问题时退出码为 1。"
    )
)
@click.argument("source")
@click.option(
    "--store",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help=_("存放的文件夹"),
)
@click.option(
    "--reply",
    type=click.Choice(["drafts", "none", "send"]),
    default="drafts",
    show_default=True,
    help=_("drafts 只起草回复; send 由 --smtp 发出; none 不起草"),
)
@click.option("--smtp", metavar="URL", default="", help=_("发信服务器 smtps://用户@服务器"))
@click.option("--from", "sender", metavar="ADDRESS", default="", help=_("发信地址"))
@click.option(
    "--password-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("邮箱密码或授权码所在的文件; 不给出就询问"),
)
@click.option("--admit", metavar="CODE", multiple=True, help=_("点名准予填报的单位代码, 可重复"))
@_KNOWN
@click.option("--demonstration", is_flag=True, help=_("按虚构的示例省认单位 (演示数据)"))
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def intake(
    source: str,
    folder: Path,
    reply: str,
    smtp: str,
    sender: str,
    password_file: Path | None,
    admit: tuple[str, ...],
    known: Path | None,
    demonstration: bool,
    as_json: bool,
) -> int:
    """Take in what arrived."""
    from xinzhi.cli.returns import summary_dict, summary_lines
    from xinzhi.forms import load_call
    from xinzhi.forms.opening.workshop import Workshop
    from xinzhi.intake.returns import Office
    from xinzhi.intake.returns import intake as run
    from xinzhi.intake.services import standard_services
    from xinzhi.intake.sources import require
    from xinzhi.intake.store import Store

    if reply == "send" and not (smtp and sender):
        raise CallError(_("发出回复要同时给出 --smtp 和 --from"))
    password, call = _Password(password_file), load_call()
    met: list[Return] = []
    places = _places(demonstration)
    for code in admit:
        if places.unit(code) is None:
            raise CallError(_("没有这个单位代码"), where=code[:60], remedy=_("请核对六位行政区划代码"))
    if not _is_mailbox(source):
        require(source, folder)
    office = Office(admitted=admit, places=places, own_addresses=_own_addresses(source, smtp, sender))
    circumstances = _circumstances(known)
    with ExitStack() as stack:
        opened = stack.enter_context(Store(folder))
        workshop = stack.enter_context(Workshop(children=os.cpu_count() or 1))
        step = stack.enter_context(_counting(_("正在收取"), _known_number(source)))

        def taken(made: Return) -> None:
            met.append(made)
            step(made.name)

        run(
            _arriving(source, opened, password, stack),
            call=call,
            store=opened,
            services=standard_services(workshop, _now, circumstances=circumstances),
            office=office,
            replies=reply != "none",
            progress=taken,
        )
        met = [opened.get(made.id) or made for made in met]  # what came later may have changed what is said
        if as_json:
            print_json(summary_dict(met, opened))
        else:
            click.echo("\n".join(summary_lines(met, opened, call, places)))
        if reply == "send":
            click.echo(_send(opened, smtp, sender, password))
    return 1 if any(made.all_findings() for made in met) else 0


@xinzhi.group(cls=Group, help=_("已收的填报: 列出、查看、比对案例。"))
def store() -> None:
    """Hold the commands about what was taken in together."""


_STORE = click.option(
    "--store",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help=_("xinzhi intake 存放的文件夹"),
)


@store.command("list", help=_("列出已收的填报。"))
@_STORE
@click.option("--demonstration", is_flag=True, help=_("按虚构的示例省认单位 (演示数据)"))
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def list_returns(folder: Path, demonstration: bool, as_json: bool) -> None:
    """List the returns in a store."""
    from xinzhi.cli.returns import summary_dict, summary_lines
    from xinzhi.forms import load_call

    with _opened(folder) as opened:
        met = list(opened.returns())
        if as_json:
            print_json(summary_dict(met, opened))
        else:
            click.echo("\n".join(summary_lines(met, opened, load_call(), _places(demonstration))))


@store.command("show", help=_("显示一件填报的全部内容: 文件、读到的值和出处、审核、案例摘要、回复草稿。"))
@click.argument("receipt")
@_STORE
@click.option("--demonstration", is_flag=True, help=_("按虚构的示例省认单位 (演示数据)"))
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def show_return(receipt: str, folder: Path, demonstration: bool, as_json: bool) -> None:
    """Show one return."""
    from xinzhi.cli.returns import return_lines, summary_dict
    from xinzhi.forms import load_call

    with _opened(folder) as opened:
        made = opened.get(receipt.strip().upper())
        if made is None:
            raise CallError(_("没有这件填报"), where=receipt[:60], remedy=_("用 xinzhi store list 查看编号"))
        if as_json:
            print_json(summary_dict([made], opened)["returns"][0])
        else:
            click.echo("\n".join(return_lines(made, opened, load_call(), _places(demonstration))))


@store.command("copies", help=_("列出不同单位的案例之间相同的文字和图片; 给出两个编号时并排显示。"))
@click.argument("pair", nargs=-1)
@_STORE
@click.option(
    "--threshold",
    type=click.FloatRange(0.05, 1),
    default=0.3,
    show_default=True,
    help=_("相同文字占较短一篇的最小比例"),
)
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def show_copies(pair: tuple[str, ...], folder: Path, threshold: float, as_json: bool) -> None:
    """Show what cases share."""
    from xinzhi.cli.returns import copies_dict, copies_lines
    from xinzhi.intake.copies import compared, copies, filed_cases

    if len(pair) not in (0, 2):
        raise CallError(_("请给出两个编号, 或都不给出"))
    with _opened(folder) as opened:
        if not pair:
            found = copies(opened, threshold)
            if as_json:
                print_json(copies_dict(found))
            else:
                click.echo("\n".join(copies_lines(found)))
            return
        cases = filed_cases(opened)
        one, other = (_case(cases, key) for key in pair)
        click.echo(str(compared(one, other)))


# --- the parts of the commands -----------------------------------------------------------------------------


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _workshop() -> Iterator[Workshop]:
    from xinzhi.forms.opening.workshop import Workshop

    with Workshop() as workshop:
        yield workshop


def _checked(
    file: Path,
    workshop: Workshop,
    circumstances: Callable[[Unit | None], Circumstances] | None = None,
    code: str = "",
) -> Iterator[tuple[Reading, AnyForm | None, tuple[Finding, ...]]]:
    """Yield the forms in a file with all that is to be said about each."""
    from xinzhi.forms import Finding, load_form, read_all
    from xinzhi.forms.checks import check, in_order

    for reading in read_all(file, workshop=workshop):
        if not reading.form:
            found = reading.findings or (Finding(rule="files.no_form", facts={"kind": reading.format}),)
            yield reading, None, in_order(found)
            continue
        loaded = load_form(reading.form)
        unit = _unit(code or reading.unit_code) if code or reading.unit_code else None
        known = circumstances(unit) if circumstances else None
        yield reading, loaded, check(loaded, reading, known)


@contextmanager
def _opened(folder: Path) -> Iterator[Store]:
    from xinzhi.intake.sources import DATABASE
    from xinzhi.intake.store import Store

    if not (folder / DATABASE).is_file():
        raise CallError(_("这里没有收过填报"), where=str(folder), remedy=_("先用 xinzhi intake 收取"))
    with Store(folder) as opened:
        yield opened


def _places(demonstration: bool) -> Gazetteer:
    from xinzhi.geography import demonstration_units
    from xinzhi.intake.gazetteer import Gazetteer, gazetteer

    return Gazetteer(demonstration_units()) if demonstration else gazetteer()


def _case(cases: Mapping[str, FiledCase], key: str) -> FiledCase:
    found = cases.get(key.strip().upper())
    if found is None:
        raise CallError(_("没有这个案例"), where=key[:60], remedy=_("用 xinzhi store copies 查看编号"))
    return found


def _unit(code: str) -> Unit:
    from xinzhi.geography import demonstration_units, find

    for unit in demonstration_units():
        if unit.code == code:
            return unit
    return find(code, "county")


def _require_eligible(loaded: AnyForm, unit: Unit) -> None:
    from xinzhi.forms import filers_of, load_call, may_file

    call = load_call(loaded.template)
    if not may_file(call, unit, loaded.id):
        filers = filers_of(call, unit)
        raise CallError(
            _("{unit} ({kind}) 不填报这份表").format(
                unit=unit.path, kind=filers.title if filers else unit.kind
            ),
            where=loaded.name,
        )


class _Password:
    """The password of a mailbox, asked for once and only when it is needed."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def of(self, account: str) -> str:
        if self._file is not None:
            try:
                return self._file.read_text(encoding="utf-8").strip()
            except OSError as error:
                from xinzhi.errors import reason

                raise CallError(
                    _("读不出来: {reason}").format(reason=reason(error)), where=str(self._file)
                ) from error
        return str(
            click.prompt(_("{account} 的密码或授权码").format(account=account), hide_input=True, err=True)
        )


def _arriving(source: str, store: Store, password: _Password, stack: ExitStack) -> Iterable[Delivery]:
    """Return the deliveries of a source; a mailbox stays open as long as the stack."""
    from xinzhi.intake.sources import deliveries

    if not _is_mailbox(source):
        return deliveries(source)
    from xinzhi.intake.transport import ImapMailbox, MailServer

    server = MailServer.from_url(source)
    mailbox = ImapMailbox(server, password.of(server.user), known=store.knows, sleep=time.sleep)
    return stack.enter_context(mailbox)


def _is_mailbox(source: str) -> bool:
    return source.startswith(("imap://", "imaps://"))


def _own_addresses(source: str, smtp: str, sender: str) -> frozenset[str]:
    """Return the addresses of the office in lower case: its sender's, and those with which it logs in."""
    from email.utils import parseaddr

    from xinzhi.intake.transport import MailServer

    servers = [url for url in (source if _is_mailbox(source) else "", smtp) if url]
    names = [parseaddr(sender)[1], *(MailServer.from_url(url).user for url in servers)]
    return frozenset(name.lower() for name in names if "@" in name)


def _circumstances(table: Path | None) -> Callable[[Unit | None], Circumstances]:
    """Return what is known beside a return of a unit, from the table of known figures where there is one."""
    from xinzhi.forms.checks import Circumstances

    if table is None:
        return Circumstances
    from xinzhi.forms import IndicatorForm, load_form
    from xinzhi.forms.checks.known_figures import read_known_figures

    indicators = load_form("indicators")
    assert isinstance(indicators, IndicatorForm)
    return read_known_figures(table, indicators).of


def _send(store: Store, smtp: str, sender: str, password: _Password) -> str:
    """Send the drafts that may go out and say how many did."""
    from functools import partial

    from xinzhi.intake.replies import may_send
    from xinzhi.intake.transport import MailServer, SmtpSender, send_replies

    server = MailServer.from_url(smtp)
    now = _now()
    with SmtpSender(server, password.of(server.user), sender=sender, clock=_now) as transport:
        outcome = send_replies(
            store.replies(),
            transport,
            may_send=lambda reply: may_send(reply, store.replies(reply.address), now.date()),
            mark_sent=partial(store.mark_sent, now=now),
        )
    return _("发出 {sent} 封, 留下 {held} 封, 被拒 {refused} 封").format(
        sent=len(outcome.sent), held=len(outcome.held), refused=len(outcome.refused)
    )


def _known_number(source: str) -> int | None:
    """Return how many deliveries a source holds; None of a mailbox, which is only known while it is read."""
    from xinzhi.intake.sources import deliveries

    return None if _is_mailbox(source) else sum(1 for _delivery in deliveries(source))


@contextmanager
def _counting(label: str, total: int | None) -> Iterator[Callable[[str], None]]:
    """Show a bar on the terminal, or a count where nobody knows how much there will be."""
    shown = sys.stderr.isatty()
    if total is not None:
        with click.progressbar(
            length=total, label=label, file=sys.stderr, hidden=not shown, item_show_func=lambda name: name
        ) as bar:
            yield lambda name: bar.update(1, name)
        return
    count = 0

    def step(name: str) -> None:
        nonlocal count
        count += 1
        if shown:
            click.echo(f"\r\033[K{label} {count}: {name[:60]}", err=True, nl=False)

    yield step
    if shown and count:
        click.echo(err=True)
