"""The commands that publish a result: its bundle, the check of a bundle, and the white paper."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from xinzhi.cli.commands import print_json
from xinzhi.cli.platform import installed, start_platform, xinzhi
from xinzhi.language import gettext as _

__all__ = ["xinzhi"]  # whole, with the commands of this module

_REPLICATIONS = click.option(
    "--replications",
    type=click.IntRange(20, 100_000),
    default=2_000,
    show_default=True,
    help=_("稳健性分析的重复次数"),
)
_SEED = click.option(
    "--seed", type=click.IntRange(0, 100_000), default=0, show_default=True, help=_("随机数种子")
)
_FOLDER = click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help=_("输出文件夹"),
)
_PRINTED = click.option(
    "--printed", multiple=True, metavar="CASE", help=_("加上一个再现案例印出的指数, 例如 ye-xu-2024")
)
_FONTS = click.option(
    "--fonts", type=click.Path(file_okay=False, path_type=Path), help=_("字体文件夹, 默认用随项目取得的字体")
)
_SHORT_NAME = re.compile(r"[a-z0-9-]+")  # of a campaign
_STEPS = 4
_SHOWN = 50


@xinzhi.command(
    help=_(
        "把一个结果连同它依据的一切写成一个数据包: 方法、数据 (状态和来源)、结果表、分析、版本、指纹、许可和引用。"
        "任何人都可以用 xinzhi verify 重算。RESULT 是结果文件夹。"
    )
)
@click.argument("result")
@click.option(
    "-o",
    "--output",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("输出文件 .zip"),
)
@_REPLICATIONS
@_SEED
@click.option("--licence", default="CC-BY-4.0", show_default=True, help=_("结果的许可: CC-BY-4.0 或 CC0-1.0"))
@click.option("--publisher", default="新质 (Xinzhi)", show_default=True, help=_("发布者, 写入引用信息"))
def bundle(result: str, file: Path, replications: int, seed: int, licence: str, publisher: str) -> None:
    """Write a bundle."""
    from xinzhi.index import load_result
    from xinzhi.publish.bundle import write_bundle
    from xinzhi.publish.choices import Choices
    from xinzhi.publish.edition import Imprint, edition_of

    found = load_result(result)
    edition = edition_of(
        [found],
        title=found.methodology.title,
        choices=Choices(seed=seed, replications=replications),
        imprint=Imprint(publisher, licence),
    )
    write_bundle(edition, file)
    click.echo(_("已写出 {file}").format(file=file))


@xinzhi.command(help=_("重算一个数据包, 列出每个不一致的数; 有不一致时退出码为 1。"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def verify(file: Path, as_json: bool) -> int:
    """Verify a bundle."""
    from dataclasses import asdict

    from xinzhi.publish.bundle import verify_bundle

    differences = verify_bundle(file)
    if as_json:
        print_json({"file": str(file), "differences": [asdict(difference) for difference in differences]})
        return 1 if differences else 0
    for difference in differences[:_SHOWN]:
        click.echo(str(difference))
    if len(differences) > _SHOWN:
        click.echo(_("另有 {count} 处").format(count=len(differences) - _SHOWN))
    if differences:
        click.echo(_("{file}: {count} 处不一致").format(file=file, count=len(differences)), err=True)
        return 1
    click.echo(_("{file}: 重算的每个数都一致").format(file=file))
    return 0


@xinzhi.command(
    help=_(
        "由一个或几个结果写出白皮书: paper.pdf, paper.docx, 以及可以追溯其中每个数的 bundle.zip。"
        "编者自己的文字放在输出文件夹的 text/<章>.md, 重新生成时保持不动。"
        "RESULT 是结果文件夹, 第一个是主要的; 也可以是一个 bundle.zip, 由它写出同样的文件。"
    )
)
@click.argument("results", metavar="RESULT...", nargs=-1, required=True)
@_FOLDER
@_PRINTED
@click.option(
    "--outline", type=click.Path(dir_okay=False, path_type=Path), help=_("大纲 (TOML), 默认用内置的一份")
)
@click.option(
    "--text",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("编者文字的文件夹, 默认是输出文件夹里的 text"),
)
@_FONTS
@_REPLICATIONS
@_SEED
def paper(
    results: tuple[str, ...],
    folder: Path,
    printed: tuple[str, ...],
    outline: Path | None,
    text: Path | None,
    fonts: Path | None,
    replications: int,
    seed: int,
) -> None:
    """Write a white paper."""
    from xinzhi.index import load_result
    from xinzhi.publish.choices import Choices
    from xinzhi.publish.edition import edition_of
    from xinzhi.publish.fonts import font_folder
    from xinzhi.publish.outline import editors_texts, load_outline
    from xinzhi.publish.paper import rebuild_paper, write_paper
    from xinzhi.reproduction import printed_index

    fonts = fonts or font_folder()
    if results[0].lower().endswith(".zip"):
        if len(results) > 1 or printed or outline or text:
            raise click.UsageError(_("由数据包重做时不用其他的结果、印出的指数、大纲和文字"))
        rebuild_paper(results[0], folder, fonts)
        click.echo(_("已写出 {file}").format(file=folder))
        return
    chosen = load_outline(outline)
    edition = edition_of(
        [load_result(result) for result in results],
        [printed_index(case) for case in printed],
        title=chosen.title,
        choices=Choices(seed=seed, replications=replications),
    )
    shown = sys.stderr.isatty()
    with click.progressbar(length=_STEPS, label=_("写出白皮书"), file=sys.stderr, hidden=not shown) as bar:
        write_paper(
            edition,
            folder,
            fonts,
            outline=chosen,
            texts=editors_texts(text, chosen) if text else None,
            progress=lambda _name: bar.update(1),
        )
    click.echo(_("已写出 {file}").format(file=folder))


@xinzhi.command(
    help=_("写出一个结果里各单位的画像, 每个单位一页, 每省一个 PDF, 以省的代码为名。RESULT 是结果文件夹。")
)
@click.argument("result")
@_FOLDER
@click.option(
    "--by", type=click.Choice(["province"]), default="province", show_default=True, help=_("怎样分成文件")
)
@_FONTS
@_REPLICATIONS
@_SEED
def portraits(result: str, folder: Path, by: str, fonts: Path | None, replications: int, seed: int) -> None:
    """Write the portraits of all units."""
    from xinzhi.index import load_result
    from xinzhi.publish.choices import Choices
    from xinzhi.publish.edition import edition_of
    from xinzhi.publish.paper import write_portraits

    choices = Choices(analyses=("robustness",), seed=seed, replications=replications)
    assessment = edition_of([load_result(result)], choices=choices).main
    written = write_portraits(assessment, folder, fonts)
    units = len(assessment.standing.codes)
    click.echo(
        _("已写出 {count} 个文件, {units} 个单位: {folder}").format(
            count=len(written), units=units, folder=folder
        )
    )


@xinzhi.command(
    help=_(
        "写出公开网站: 中英文静态网页、各表、图和数据包, 任何网站服务器都能放。"
        "RESULT 是结果文件夹, 第一个是主要的; 也可以是一个 bundle.zip, 由它写出同样的网站; "
        "或平台上一个征集的短名 CAMPAIGN (例如 call-2025), 写出它最新发布的一版。"
    )
)
@click.argument("results", metavar="RESULT...|CAMPAIGN", nargs=-1, required=True)
@_FOLDER
@_PRINTED
@click.option(
    "--paper",
    "papers",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=_("放在下载页上的白皮书文件, 可多次给出"),
)
@click.option("--portraits/--no-portraits", default=True, help=_("是否也写出 PDF 画像"))
@_REPLICATIONS
@_SEED
def publish(
    results: tuple[str, ...],
    folder: Path,
    printed: tuple[str, ...],
    papers: tuple[Path, ...],
    portraits: bool,
    replications: int,
    seed: int,
) -> None:
    """Write the public site."""
    if (
        len(results) == 1
        and _SHORT_NAME.fullmatch(results[0])
        and not Path(results[0]).exists()
        and installed()
    ):
        _publish_campaign(results[0], folder)
        return
    from xinzhi.index import load_result
    from xinzhi.publish.bundle import open_bundle
    from xinzhi.publish.choices import Choices
    from xinzhi.publish.edition import edition_of
    from xinzhi.publish.website import write_site
    from xinzhi.reproduction import printed_index

    if results[0].lower().endswith(".zip"):
        if len(results) > 1 or printed:
            raise click.UsageError(_("由数据包重做时不用其他的结果和印出的指数"))
        edition = open_bundle(results[0]).edition
    else:
        edition = edition_of(
            [load_result(result) for result in results],
            [printed_index(case) for case in printed],
            choices=Choices(seed=seed, replications=replications),
        )
    count = 0

    def written(_page: str) -> None:
        nonlocal count
        count += 1

    files = {path.name: path.read_bytes() for path in papers}
    write_site(edition, folder, papers=files, portraits=portraits, progress=written)
    click.echo(_("已写出 {count} 个网页: {folder}").format(count=count, folder=folder))


def _publish_campaign(slug: str, folder: Path) -> None:
    start_platform()
    from xinzhi.campaign.publications.taking import write_published

    edition = write_published(slug, folder)
    click.echo(_("已写出 {file}: 第 {n} 版").format(file=folder, n=edition.number))
