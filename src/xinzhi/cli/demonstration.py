"""The demonstration: what the library makes of the official figures that come with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path

import click

from xinzhi.analysis.catalogue import Report, Settings, analyse
from xinzhi.analysis.report import write_report
from xinzhi.cli.returns import copies_lines, summary_lines
from xinzhi.demonstration import rehearse
from xinzhi.demonstration.rehearsal import STORE
from xinzhi.errors import CallError, XinzhiError
from xinzhi.forms import load_call
from xinzhi.geography import demonstration_units
from xinzhi.index import Result, compute, save_folder
from xinzhi.index.folder import STEPS
from xinzhi.index.saving import save, write_csv
from xinzhi.index.tables import ranking_text, sparkline
from xinzhi.intake.copies import copies
from xinzhi.intake.gazetteer import Gazetteer
from xinzhi.intake.store import Store
from xinzhi.language import Language, current_language, speaking
from xinzhi.language import gettext as _
from xinzhi.output import whole_folder
from xinzhi.reproduction import Reproduction, agreement, regional, regional_table, reproduce

_ABOUT = "DEMO.txt"
_TABLE = "table3.csv"
_PLATFORM, _PAPER, _BUNDLE, _SITE = "platform", "white-paper", "bundle.zip", "site"
_PAPERS: Mapping[Language, str] = {"en": "-en", "zh": ""}  # the bundle is the last one's, and serves both
_DOING = "… "  # begins a line of the building process that only says what is being done
Progress = Callable[[str, int], AbstractContextManager[Callable[[str], None]]]


def demonstrate(folder: Path, program: str, progress: Progress, *, platform: bool = True) -> None:
    """Compute the open indices and the reproduction, write them to `folder`, and say what was made.

    `program` is how the reader calls the command; `platform` whether to build the campaigns of 示例省 too.
    """
    accounts = ""
    with whole_folder(folder, "demonstration") as draft, progress(_("计算并写出"), 2 * STEPS + 39) as step:
        provinces, nation = compute("province-open"), compute("national-open")
        save_folder(provinces, draft / "province-open", step)
        save_folder(nation, draft / "national-open", step)
        for suffix in ("csv", "xlsx", "json"):
            step(suffix)
            save(provinces, draft / f"province-open.{suffix}")
        step("reproduction")
        report = reproduce()
        (draft / "reproduction.json").write_text(
            json.dumps(report.to_dict(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        (draft / "reproduction.txt").write_text(str(report) + "\n", encoding="utf-8")
        for name, analysed in _analyses(provinces, report).items():
            step(name)
            (draft / name).mkdir()
            write_report(analysed, draft / name)
        write_csv(regional_table().table(), draft / "table3" / _TABLE)
        step("agreement")
        agreements = agreement(provinces)
        (draft / "agreement.json").write_text(
            json.dumps([a.to_dict() for a in agreements], ensure_ascii=False, indent=1) + "\n",
            encoding="utf-8",
        )
        (draft / "intake").mkdir()
        rehearse(draft / "intake", partial(datetime.now, UTC), step)
        unwritten = _unpublishable()
        with tempfile.TemporaryDirectory() as temporary:
            campaign = Path(temporary) / "campaign.zip" if platform and not unwritten else None
            if platform:
                accounts = _build_platform(draft / _PLATFORM, campaign, step)
            if not unwritten:
                _publish(provinces, nation, campaign, draft, step)
        (draft / _ABOUT).write_text(
            _("由 xinzhi demo 写出; 再次运行会整体替换本文件夹。\n"), encoding="utf-8"
        )
    click.echo(ranking_text(provinces, top=None))
    click.echo("")
    click.echo(f"{nation.title}")
    for node in (nation.methodology.tree.root, *nation.methodology.dimensions):
        series = nation.scores[node][:, 0]
        click.echo(
            f"  {sparkline(series)}  {series[0]:.1f} → {series[-1]:.1f}  {nation.methodology.node_title(node)}"
        )
    click.echo("")
    click.echo(
        _("{year} 年名次与 {publication} 印出的名次比较:").format(
            year=agreements[0].year, publication=agreements[0].publication
        )
    )
    for comparison in agreements:
        click.echo(f"  {comparison}")
    click.echo("")
    click.echo(report.summary())
    click.echo("")
    _show_intake(folder / "intake")
    click.echo("")
    click.echo(_("已写出:"))
    for name, about in (
        ("province-open.csv / .xlsx / .json", _("省级指数: 得分、排名; 工作簿; 全部内容")),
        ("province-open/", _("省级结果文件夹: 方法、数据、结果表、版本和指纹")),
        ("national-open/", _("全国走势的结果文件夹")),
        ("analysis/report.html", _("省级指数的分析报告: 名次的区间和档次、区域差异、收敛、空间、障碍")),
        ("table3/report.html", _("论文表 3 的区域分析: 四大地区、空间、与人均 GDP 的四象限")),
        ("agreement.json", _("省级指数的名次与论文印出的名次逐省比较")),
        (f"{_PAPER}/", unwritten or _("白皮书: PDF 和 Word, 中文和英文; 虚构的部分逐页标明")),
        *(
            []
            if unwritten
            else [
                (_BUNDLE, _("它的数据包: xinzhi verify 重算, xinzhi trace 追溯每个数")),
                (f"{_SITE}/index.html", _("同样内容的公开网站, 中文和英文")),
            ]
        ),
        ("reproduction.txt / .json", _("论文再现: 逐项的印出值、重算值、结论")),
        ("intake/forms/", _("空白的填报表, Word 和 Excel")),
        ("intake/mailbox/", _("模拟邮件 (演示数据), 每封一种情形; 见 intake/mails.txt")),
        ("intake/store/", _("收件库: 原件、记录、回复草稿")),
    ):
        click.echo(f"  {folder / name}  {about}")
    if accounts:
        click.echo(
            f"  {folder / _PLATFORM}  "
            + _("平台: 示例省两个年度的征集 (演示数据), 邮件留在 {mail}").format(
                mail=folder / _PLATFORM / "data" / "mail"
            )
        )
        click.echo("")
        click.echo(accounts)
    click.echo(
        _("下一步: {program} trace {folder} 北京 --year 2022").format(
            program=program, folder=folder / "province-open"
        )
    )


def _unpublishable() -> str:
    """Return why nothing can be published here; blank where it can."""
    try:
        from xinzhi.publish.fonts import font_folder

        import_module("xinzhi.publish.paper")  # with what is installed for publication alone
        font_folder()
    except ModuleNotFoundError as error:
        return _("没有写白皮书: 没有安装 {package}, 请用 pip install 'xinzhi[publish]' 安装").format(
            package=error.name
        )
    except XinzhiError as error:
        return _("没有写白皮书: {reason}").format(reason=error)
    return ""


def _publish(
    provinces: Result, nation: Result, campaign: Path | None, folder: Path, step: Callable[[str], None]
) -> None:
    """Write white paper, bundle and public site of the demonstration's edition; `campaign` is the bundle of last year's."""
    from xinzhi.publish.bundle import open_bundle
    from xinzhi.publish.demonstration import demonstration_edition
    from xinzhi.publish.fonts import font_folder
    from xinzhi.publish.paper import BUNDLE, PDF, WORD, write_paper
    from xinzhi.publish.website import write_site

    counties = open_bundle(campaign).edition if campaign else None
    edition = demonstration_edition(counties, provinces=provinces, nation=nation)
    (folder / _PAPER).mkdir()
    for language, ending in _PAPERS.items():
        with speaking(language), tempfile.TemporaryDirectory(dir=folder) as draft:
            write_paper(edition, draft, font_folder(), progress=step)
            for name in (PDF, WORD):
                (Path(draft) / name).rename(folder / _PAPER / f"{_PAPER}{ending}{Path(name).suffix}")
            (Path(draft) / BUNDLE).replace(folder / _BUNDLE)
    step(_SITE)
    papers = {path.name: path.read_bytes() for path in sorted((folder / _PAPER).iterdir())}
    write_site(edition, folder / _SITE, papers=papers, bundle=(folder / _BUNDLE).read_bytes())


def _build_platform(folder: Path, edition: Path | None, step: Callable[[str], None]) -> str:
    """Build the platform in a process of its own, since its settings are those of a process; return the accounts.

    What may be published of last year's campaign is written to `edition`.
    """
    command = [sys.executable, "-m", "xinzhi", "--lang", current_language(), "platform", "demonstration"]
    command += ["--edition", str(edition)] if edition else []
    said = []
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as log,
        subprocess.Popen(
            command, env=_environment(folder), stdout=subprocess.PIPE, stderr=log, encoding="utf-8"
        ) as building,
    ):
        assert building.stdout is not None
        for line in building.stdout:
            if line.startswith(_DOING):
                step(line.removeprefix(_DOING).strip())
            else:
                said.append(line)
        if building.wait():
            log.seek(0)
            told = [line for line in log if '"level": "info"' not in line]
            reason = "".join(told).strip()[-2000:] or _("退出码 {code}").format(code=building.returncode)
            raise CallError(_("平台没有建成"), where=str(folder), remedy=reason)
    return "".join(said)


def serve_platform(folder: Path, port: int) -> None:
    """Become the process that serves the platform of a demonstration."""
    command = [sys.executable, "-m", "xinzhi", "--lang", current_language(), "serve", "--port", str(port)]
    sys.stdout.flush()
    os.execve(sys.executable, command, _environment(folder / _PLATFORM))


def _environment(folder: Path) -> dict[str, str]:
    """Return the settings of the demonstration's platform: its own data and keys, SQLite, mail kept as files."""
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("XINZHI_", "DJANGO_"))
    }
    own = {"XINZHI_HOME": folder / "data", "XINZHI_KEYS": folder / "keys", "PYTHONIOENCODING": "utf-8"}
    return inherited | {key: str(value) for key, value in own.items()}


def _show_intake(folder: Path) -> None:
    """Print what became of the simulated mails."""
    with Store(folder / STORE) as store:
        click.echo(_("收取示例省的模拟邮件 (演示数据):"))
        places = Gazetteer(demonstration_units())
        click.echo("\n".join(summary_lines(list(store.returns()), store, load_call(), places)))
        click.echo("\n".join(copies_lines(copies(store))))


def _analyses(provinces: Result, reproduction: Reproduction) -> dict[str, Report]:
    """Return the reports of the demonstration by the name of their folder."""
    settings = Settings(against="gdp_per_resident", origin_weights="population")
    return {
        "analysis": analyse(provinces, settings=settings),
        "table3": regional(reproduction=reproduction),
    }
