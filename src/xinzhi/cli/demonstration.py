"""The demonstration: what the library makes of the official figures that come with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import click

from xinzhi.analysis.catalogue import Report, Settings, analyse
from xinzhi.analysis.column import analyse_file
from xinzhi.analysis.report import write_report
from xinzhi.index import Result, compute, save_folder
from xinzhi.index.folder import STEPS
from xinzhi.index.saving import save
from xinzhi.index.tables import ranking_text, sparkline
from xinzhi.language import gettext as _
from xinzhi.output import whole_folder
from xinzhi.reproduction import agreement, reproduce
from xinzhi.reproduction.case import path_of

_ABOUT = "DEMO.txt"
Progress = Callable[[str, int], AbstractContextManager[Callable[[str], None]]]


def demonstrate(folder: Path, program: str, progress: Progress) -> None:
    """Compute the open indices and the reproduction, write them to `folder`, and say what was made.

    `program` is how the reader calls the command.
    """
    with whole_folder(folder) as draft, progress(_("计算并写出"), 2 * STEPS + 7) as step:
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
        for name, analysed in _analyses(provinces).items():
            step(name)
            (draft / name).mkdir()
            write_report(analysed, draft / name)
        step("agreement")
        agreements = agreement(provinces)
        (draft / "agreement.json").write_text(
            json.dumps([a.to_dict() for a in agreements], ensure_ascii=False, indent=1) + "\n",
            encoding="utf-8",
        )
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
    click.echo(_("已写出:"))
    for name, about in (
        ("province-open.csv / .xlsx / .json", _("省级指数: 得分、排名; 工作簿; 全部内容")),
        ("province-open/", _("省级结果文件夹: 方法、数据、结果表、版本和指纹")),
        ("national-open/", _("全国走势的结果文件夹")),
        ("analysis/report.html", _("省级指数的分析报告: 名次的区间和档次、区域差异、收敛、空间、障碍")),
        ("table3/report.html", _("论文表 3 的区域分析")),
        ("agreement.json", _("省级指数的名次与论文印出的名次逐省比较")),
        ("reproduction.txt / .json", _("论文再现: 逐项的印出值、重算值、结论")),
    ):
        click.echo(f"  {folder / name}  {about}")
    click.echo(
        _("下一步: {program} trace {folder} 北京 --year 2022").format(
            program=program, folder=folder / "province-open"
        )
    )


def _analyses(provinces: Result) -> dict[str, Report]:
    """Return the reports of the demonstration by the name of their folder."""
    table3 = path_of("ye-xu-2024").with_suffix("") / "table3.csv"
    return {
        "analysis": analyse(provinces, settings=Settings(against="gdp_per_resident")),
        "table3": analyse_file(table3, "total", group="region", name="name"),
    }
