"""The commands that set the platform up, run it, back it up and verify its audit; Django is imported inside them."""

from __future__ import annotations

import os
from pathlib import Path

import click

from xinzhi.cli.commands import Group, print_json
from xinzhi.cli.filing import xinzhi
from xinzhi.errors import CallError
from xinzhi.language import gettext as _

__all__ = ["xinzhi"]  # whole, with the commands of this module

_OUTPUT = click.option(
    "-o",
    "--output",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("输出文件 .tar"),
)


def installed() -> bool:
    """Tell whether a platform was set up where the environment says; nothing is made."""
    return bool(os.environ.get("XINZHI_DATABASE")) or Path(os.environ.get("XINZHI_HOME", "platform")).is_dir()


def start_platform() -> None:
    """Start Django with the settings of the environment.

    Raises
    ------
    CallError
        If the platform is not installed, or ``XINZHI_*`` variables cannot be used.
    """
    try:
        import django
    except ModuleNotFoundError as error:
        raise CallError(_("没有安装平台"), remedy=_("请用 pip install 'xinzhi[platform]' 安装")) from error
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinzhi.site.settings")
    django.setup()


def _set_up() -> None:
    """Bring the tables up to date; nothing is lost where they are."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


# --- running ---------------------------------------------------------------------------------------------


@xinzhi.command(
    help=_(
        "运行平台: 建好数据表, 接受访问, 并在同一进程里做后台任务; 适合开发和小规模使用。"
        "设置都在 XINZHI_* 环境变量里, 见 docs/operation.md。"
    )
)
@click.option("--host", default="127.0.0.1", show_default=True, help=_("监听的地址"))
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help=_("端口"))
@click.option("--no-worker", is_flag=True, help=_("不做后台任务 (另外运行 xinzhi worker)"))
def serve(host: str, port: int, no_worker: bool) -> None:
    """Serve."""
    start_platform()
    _set_up()
    from xinzhi.site.server import Server

    click.echo(_("平台在 http://{host}:{port} (Ctrl+C 结束)").format(host=host, port=port))
    Server(host, port, works=not no_worker).run()


@xinzhi.command(help=_("做后台任务, 直到被结束; 可以同时运行几个。"))
@click.option("--once", is_flag=True, help=_("做完现在到期的任务就结束"))
def worker(once: bool) -> None:
    """Work jobs off."""
    start_platform()
    from xinzhi.campaign.jobs.queue import Worker, put_recurring, work_off

    if once:
        put_recurring()
        click.echo(_("做了 {n} 个任务").format(n=work_off()))
        return
    import signal

    thread = Worker()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: thread.stop())
    click.echo(_("等待任务 (Ctrl+C 结束)"))
    thread.run()


@xinzhi.group(cls=Group, help=_("平台: 建立数据表, 设立第一个办公室账号。"))
def platform() -> None:
    """Hold the commands that set the platform up together."""


@platform.command(help=_("建立或更新数据表, 载入行政区划名单。可以重复运行。"))
@click.option("--year", type=int, default=2024, show_default=True, help=_("行政区划名单的年份"))
def setup(year: int) -> None:
    """Set the platform up."""
    start_platform()
    _set_up()
    from xinzhi.campaign.acting import the_system
    from xinzhi.campaign.places.operations import load_units

    click.echo(_("数据表已就绪; 县级行政区 {n} 个").format(n=load_units(the_system("command"), year)))


@platform.command(help=_("设立一个办公室账号, 能管理所有征集; 打印设置密码的链接, 三天内有效。"))
@click.argument("email")
@click.option("--name", default="", help=_("姓名"))
@click.option("--address", default="http://127.0.0.1:8000", show_default=True, help=_("网站的地址"))
def office(email: str, name: str, address: str) -> None:
    """Make an account of the office."""
    start_platform()
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    from xinzhi.campaign.access.founding import found_office

    try:
        validate_email(email)
    except ValidationError as error:
        raise CallError(_("不是电子邮箱地址"), where=email) from error
    click.echo(_("请在三天内打开这个链接设置密码, 然后登录:"))
    click.echo(address.rstrip("/") + found_office(email, name))


@platform.command(help=_("在空的平台里建示例省两个年度的征集 (演示数据), 打印每个角色的账号。"))
@click.option(
    "--edition",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("把上年度可以发布的结果和案例写成一个数据包 .zip"),
)
def demonstration(edition: Path | None) -> None:
    """Build the demonstration."""
    start_platform()
    _set_up()
    from django.utils import timezone

    from xinzhi.campaign.campaigns.models import Campaign
    from xinzhi.site.demonstration import PASSWORD, build, published

    if Campaign.objects.exists():
        raise CallError(_("平台里已经有征集"), remedy=_("请换一个空的 XINZHI_HOME"))
    built = build(timezone.localtime(), lambda what: click.echo(f"… {what}"))
    if edition:
        from xinzhi.publish.bundle import write_bundle

        write_bundle(published(built.last), edition, figures=())
    click.echo(_("演示账号 (密码都是 {password}):").format(password=PASSWORD))
    for account in built.accounts:
        click.echo(f"  {account.email:<24}  {account.title}  {account.where}".rstrip())


# --- audit -----------------------------------------------------------------------------------------------


@xinzhi.group(cls=Group, help=_("审计记录。"))
def audit() -> None:
    """Hold the commands about the audit together."""


@audit.command(help=_("核对全部审计记录: 有一条被改动、删去或重写, 退出码为 1 并说明在哪里。"))
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def verify(as_json: bool) -> int:
    """Verify the chain and what bears witness beside it."""
    start_platform()
    from xinzhi.campaign.audit.witnesses import verify_with_witnesses

    found = verify_with_witnesses()
    if as_json:
        print_json({"events": found.events, "head": found.head, "fault": found.fault})
    elif not found.fault:
        click.echo(
            _("{n} 条记录, 首尾相接, 没有改动。最后一条的指纹: {head}").format(
                n=found.events, head=found.head
            )
        )
    if found.fault and not as_json:
        click.echo(_("审计记录有问题: {fault}").format(fault=found.fault), err=True)
    return 1 if found.fault else 0


# --- backup ----------------------------------------------------------------------------------------------


@xinzhi.command(help=_("备份数据库和文件, 不含密钥; --keys 单独备份密钥, 请分开存放。"))
@_OUTPUT
@click.option("--keys", is_flag=True, help=_("只备份密钥"))
def backup(file: Path, keys: bool) -> None:
    """Back up."""
    start_platform()
    from xinzhi.campaign.storage.backup import back_up, back_up_keys

    if file.exists():
        raise CallError(_("文件已经存在, 不覆盖"), where=str(file), remedy=_("请换一个文件名"))
    if keys:
        click.echo(_("已写出 {file}: {n} 个密钥").format(file=file, n=back_up_keys(file)))
    else:
        click.echo(_("已写出 {file}: 数据库和 {n} 个文件").format(file=file, n=back_up(file)))


@xinzhi.command(help=_("把备份恢复到一个空的平台 (同一种数据库); 密钥备份恢复缺少的密钥, 已销毁的不恢复。"))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(file: Path) -> int:
    """Restore a backup, then verify the audit."""
    start_platform()
    from xinzhi.campaign.storage.backup import restore as put_back

    manifest = put_back(file)
    if "keys" in manifest:
        click.echo(_("恢复了 {n} 个密钥").format(n=manifest["keys"]))
        return 0
    from xinzhi.campaign.audit.chain import verify as verify_chain

    found = verify_chain()
    stated = manifest["audit"]
    fault = found.fault
    if not fault and (found.events, found.head) != (stated["sequence"], stated["digest"]):
        fault = _("最后一条与备份的清单不符")
    if fault:
        click.echo(_("审计记录有问题: {fault}").format(fault=fault), err=True)
        return 1
    click.echo(
        _("恢复了 {at} 的备份: {n} 个文件, {events} 条审计记录首尾相接").format(
            at=manifest["at"], n=manifest["files"], events=found.events
        )
    )
    return 0
