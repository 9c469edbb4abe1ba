"""The command that draws figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xinzhi.cli.commands import print_json
from xinzhi.cli.publishing import xinzhi
from xinzhi.language import gettext as _

__all__ = ["xinzhi"]  # whole, with the command of this module


@xinzhi.command(
    help=_(
        "画一幅图, 写成 .svg、.png 或 .pdf, 带标题和图注。NAME 是图的名称 (--list 列出), RESULT 是 xinzhi compute -o 写出的结果文件夹。"
    )
)
@click.argument("name", required=False)
@click.argument("result", required=False)
@click.option("-o", "--output", "file", type=click.Path(dir_okay=False, path_type=Path), help=_("输出文件"))
@click.option("--list", "listed", is_flag=True, help=_("列出图的名称和各自的选项"))
@click.option("--year", type=int, help=_("年份, 默认最后一年"))
@click.option("--since", type=int, help=_("比较的起始年份, 默认第一年"))
@click.option("--node", metavar="NODE", help=_("指标或维度, 默认总指数"))
@click.option("--unit", "units", metavar="UNIT", multiple=True, help=_("只画这些单位, 可重复"))
@click.option("--top", type=click.IntRange(min=1), help=_("只画名次在前的这么多个"))
@click.option("--against", metavar="NAME", help=_("四象限的横轴: 指标、维度或变量"))
@click.option("--replications", type=click.IntRange(min=20), help=_("名次区间的重复次数, 默认 1000"))
@click.option("--map-number", metavar="NUMBER", help=_("地图的审图号; 没有时图上标明示意图"))
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON: 标题、图注、替代文本、选项、数据"))
def figure(
    name: str | None, result: str | None, file: Path | None, listed: bool, as_json: bool, **given: Any
) -> None:
    """Draw a figure."""
    from xinzhi.index import load_result
    from xinzhi.publish.figures import catalogue
    from xinzhi.publish.figures import figure as draw

    if listed:
        for kind in catalogue().values():
            click.echo(f"{kind.name:<14} {kind.title}  [{', '.join(kind.choices)}]")
        return
    if name is None or result is None:
        raise click.UsageError(_("缺少图的名称或结果文件夹; 用 --list 列出图的名称"))
    if file is None and not as_json:
        raise click.UsageError(_("请用 -o 给出输出文件 .svg、.png 或 .pdf"))
    drawn = draw(name, load_result(result), **{key: v for key, v in given.items() if v not in (None, ())})
    if file is not None:
        drawn.save(file)
    if as_json:
        print_json(
            {
                "title": drawn.title, "caption": drawn.caption, "alt": drawn.alt, "option": drawn.option,
                "table": drawn.table.to_dicts(),
            }
        )  # fmt: skip
    else:
        click.echo(drawn.title)
        click.echo(_("已写出 {file}").format(file=file))
