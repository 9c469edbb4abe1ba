"""The commands, one function each; imports of the library wait until a command runs."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xinzhi import __version__
from xinzhi.errors import CallError, XinzhiError
from xinzhi.language import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable

    from xinzhi.index import Result
    from xinzhi.index.weights.survey import Kind, Survey
    from xinzhi.methodology import Methodology

_LANG = click.Option(
    ["--lang"],
    type=click.Choice(["zh", "en"]),
    expose_value=False,
    help=_("语言: zh 或 en; 默认随系统区域设置, 否则中文"),
)


class Command(click.Command):
    """A command that accepts ``--lang`` at any place."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(_LANG)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command
    group_class = type

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(_LANG)


@click.group(cls=Group, help=_("新质生产力指数: 从方法和数据到每个数都能追溯的得分与排名。"))
@click.version_option(__version__, help=_("显示版本并退出。"))
def xinzhi() -> None:
    """Hold the commands together."""


# --- methodology -----------------------------------------------------------------------------------------


@xinzhi.group(help=_("方法: 列出、查看、复制、检查。"))
def methodology() -> None:
    """Hold the commands about methodologies together."""


@methodology.command("list", help=_("列出内置的方法。"))
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def list_methodologies(as_json: bool) -> None:
    """List the built-in methodologies."""
    from xinzhi.cli.showing import level_name
    from xinzhi.methodology import load_methodology, methodologies

    loaded = [load_methodology(id) for id in methodologies()]
    if as_json:
        print_json(
            [
                {"id": m.id, "title": m.title.model_dump(), "level": m.level, "years": list(m.years)}
                for m in loaded
            ]
        )
        return
    for m in loaded:
        years = f"{m.years[0]}" if len(m.years) == 1 else f"{m.years[0]}-{m.years[-1]}"
        click.echo(f"{m.id:<20} {m.title}  [{level_name(m.level)}, {years}]")


@methodology.command(help=_("显示一个方法: 出处、指标树、权重、读法。ID 是内置方法或 TOML 文件。"))
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def show(id: str, as_json: bool) -> None:
    """Show a methodology."""
    from xinzhi.cli.showing import methodology_lines
    from xinzhi.methodology import load_methodology

    loaded = load_methodology(id)
    if as_json:
        print_json(loaded.model_dump(mode="json"))
    else:
        click.echo("\n".join(methodology_lines(loaded)))


@methodology.command(help=_("把一个方法复制为文件, 以便修改。新方法以文件名为标识。"))
@click.argument("id")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def copy(id: str, file: Path) -> None:
    """Copy a methodology to a file."""
    from xinzhi.methodology import copied_text
    from xinzhi.output import whole_file

    if file.exists():
        raise CallError(_("文件已经存在, 不覆盖"), where=str(file), remedy=_("请换一个文件名"))
    text = copied_text(id, file.stem)
    with whole_file(file) as draft:
        draft.write_text(text, encoding="utf-8")
    click.echo(_("已写出 {file}; 修改后用 xinzhi methodology check {file} 检查").format(file=file))


@methodology.command(help=_("检查方法文件, 含每个读法的每个选项; 有问题时退出码为 1。"))
@click.argument("files", nargs=-1, required=True)
def check(files: tuple[str, ...]) -> int:
    """Check methodology files."""
    from xinzhi.methodology import check_readings, load_methodology

    findings = 0
    for file in files:
        try:
            loaded = load_methodology(file)
            check_readings(loaded)
        except CallError:
            raise
        except XinzhiError as error:
            findings += 1
            click.echo(str(error), err=True)
        else:
            click.echo(_("{file}: 没有问题 ({count} 个指标)").format(file=file, count=len(loaded.indicators)))
    return 1 if findings else 0


# --- data and results ------------------------------------------------------------------------------------


@xinzhi.command(help=_("写出一个方法的空白数据表 (XLSX), 填好后可以直接读入。"))
@click.argument("id")
@click.option(
    "-o",
    "--output",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("输出文件 .xlsx"),
)
def template(id: str, file: Path) -> None:
    """Write a blank data sheet."""
    from xinzhi.methodology import load_methodology
    from xinzhi.panel import write_template

    write_template(load_methodology(id), file)
    click.echo(_("已写出 {file}").format(file=file))


@xinzhi.command(
    help=_(
        "计算指数。ID 是内置方法或 TOML 文件; DATA 是 CSV, XLSX, Parquet 或 JSON, 省略时用方法自带的数据。"
        "给出 -o 时写出结果文件夹: 方法、数据、全部结果表、版本和指纹, 后面的命令都以它为 RESULT。"
    )
)
@click.argument("id")
@click.argument("data", required=False)
@click.option(
    "-o", "--output", "folder", type=click.Path(file_okay=False, path_type=Path), help=_("结果文件夹")
)
@click.option("--year", "years", multiple=True, type=int, help=_("只算这些年份, 可重复"))
@click.option(
    "--weights",
    metavar="METHOD|FILE",
    help=_(
        "赋权方法: given, equal, entropy, critic, variation, pca, factor, scatter; 或一个 CSV 权重表 (指标, 权重)"
    ),
)
@click.option("--without", metavar="A,B", default="", help=_("去掉这些指标或标签, 逗号分隔"))
@click.option("--reading", "readings", metavar="R=O", multiple=True, help=_("选定一处读法, 可重复"))
@click.option(
    "--top", type=click.IntRange(min=1), default=None, help=_("只显示前几名; 默认全部, 单位很多时前 31 名")
)
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def compute(
    id: str,
    data: str | None,
    folder: Path | None,
    years: tuple[int, ...],
    weights: str | None,
    without: str,
    readings: tuple[str, ...],
    top: int | None,
    as_json: bool,
) -> int:
    """Compute an index; 1 when the data give no unit a score."""
    from xinzhi.index import compute as compute_index
    from xinzhi.methodology import load_methodology
    from xinzhi.methodology.methods import Weighting, method_names
    from xinzhi.methodology.weight_sheet import read_weights
    from xinzhi.output import require_replaceable

    inputs = [file for file in (id, data, weights) if file is not None]
    if folder is not None:
        require_replaceable(folder, "result", inputs)
    base = load_methodology(id)
    chosen = weights if weights is None or weights in method_names(Weighting) else read_weights(weights, base)
    result = compute_index(
        base,
        data,
        readings=_pairs(readings),
        without=[name.strip() for name in without.split(",") if name.strip()],
        weights=chosen,
        years=sorted(set(years)) or None,
    )
    if folder is not None:
        _save_folder(result, folder, inputs)
    if as_json:
        print_json(
            {"title": result.title, "notes": list(result.notes), "scores": result.to_polars().to_dicts()}
        )
    else:
        click.echo(_ranking(result, top))
        if folder is not None:
            click.echo(_("结果在 {folder}").format(folder=folder))
    if result.is_scored:
        return 0
    click.echo(_("没有一个单位有得分: 数据是空的, 或缺得太多"), err=True)
    return 1


@xinzhi.command(
    help=_(
        "由专家的表得出权重。SHEETS 是 CSV 或 XLSX: 第一列是指标, 其后每位专家一列 (点数或打分); "
        "或前两列是一对指标, 其后每位专家一列判断 (前项的重要性是后项的几倍, 如 3 或 1/3)。"
        "几张表依次是德尔菲法的各轮。给出 --new 时不读表, 写出空白表。"
    )
)
@click.argument("sheets", nargs=-1)
@click.option(
    "--kind",
    type=click.Choice(["budget", "score", "pairwise"]),
    help=_("表的内容: budget 点数, score 打分, pairwise 两两比较; 默认由表看出"),
)
@click.option(
    "--budget",
    type=click.FloatRange(min=0, min_open=True),
    default=100,
    show_default=True,
    help=_("每位专家的总点数"),
)
@click.option(
    "--mix", type=float, default=1, show_default=True, help=_("专家权重所占的比例 (0 到 1), 其余为等权")
)
@click.option("-m", "--methodology", "id", metavar="ID", help=_("给这个方法赋权: 内置方法或 TOML 文件"))
@click.option("--node", default="", help=_("只给这个节点的下级赋权; 默认由表看出"))
@click.option("--new", "experts", type=click.IntRange(min=1), help=_("写出给这么多位专家的空白表"))
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("输出文件: .csv 是权重表, .toml 是换了权重的方法"),
)
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def weights(
    sheets: tuple[str, ...],
    kind: Kind | None,
    budget: float,
    mix: float,
    id: str | None,
    node: str,
    experts: int | None,
    file: Path | None,
    as_json: bool,
) -> None:
    """Weigh by experts."""
    from xinzhi.cli.experts import survey_dict, survey_lines
    from xinzhi.index.weights.survey import survey
    from xinzhi.methodology import load_methodology

    if bool(sheets) == (experts is not None):
        raise CallError(_("请给出专家的表, 或用 --new 写出空白表, 二者之一"))
    if node and id is None:
        raise CallError(_("--node 要同时用 --methodology 指明方法"))
    if file is not None and file.exists():
        raise CallError(_("文件已经存在, 不覆盖"), where=str(file), remedy=_("请换一个文件名"))
    loaded = load_methodology(id) if id is not None else None
    if experts is not None:
        _write_blank_sheet(loaded, node, experts, kind, file)
        return
    found = survey(sheets, loaded, node=node, kind=kind, budget=budget, mix=mix)
    if file is not None:
        _write_weights(found, loaded, file)
    if as_json:
        print_json(survey_dict(found, guessed=kind is None))
        return
    click.echo("\n".join(survey_lines(found, loaded, guessed=kind is None)))
    if file is not None:
        click.echo(_("已写出 {file}").format(file=file))


@xinzhi.command(
    help=_(
        "追溯一个得分, 直到原始数据、来源和补齐方法。RESULT 是结果文件夹; UNIT 是名称或代码; NODE 是指标或维度, 省略为总指数。"
        "RESULT 是白皮书 (.pdf, .docx)、网页 (.html) 或网站文件夹时, 把其中每个带键的数与 --bundle 数据包核对, "
        "不符时退出码为 1。"
    )
)
@click.argument("result")
@click.argument("unit", required=False)
@click.argument("node", required=False)
@click.option("--year", type=int, help=_("年份, 默认最后一年"))
@click.option("--bundle", type=click.Path(path_type=Path), help=_("核对白皮书或网站所用的数据包 (.zip)"))
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def trace(
    result: str, unit: str | None, node: str | None, year: int | None, bundle: Path | None, as_json: bool
) -> int:
    """Trace a score to its cells, or every number of a paper or a site to its bundle."""
    from xinzhi.index import load_result

    if bundle is not None or Path(result).suffix.lower() in (".pdf", ".docx", ".html", ".htm"):
        if unit is not None:
            raise CallError(_("用 --bundle 核对时不要给出 UNIT"))
        return _trace_paper(Path(result), bundle, as_json)
    if unit is None:
        raise CallError(_("追溯结果文件夹要给出 UNIT; 核对网站文件夹要给出 --bundle"))
    found = load_result(result).trace(unit, node, year)
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo(str(found))
    return 0


def _trace_paper(file: Path, bundle: Path | None, as_json: bool) -> int:
    """Compare every number of a paper or a site with its bundle; 1 when one differs."""
    from dataclasses import asdict

    from xinzhi.publish.tracing import trace_document

    if bundle is None:
        raise CallError(_("核对白皮书和网页要用 --bundle 指明数据包"), where=str(file))
    traced = trace_document(file, bundle)
    if as_json:
        print_json({"file": str(file), **asdict(traced)})
    else:
        for mismatch in traced.mismatches:
            click.echo(str(mismatch))
        click.echo(
            _("{file}: {count} 个数, {wrong} 个与数据包不符").format(
                file=file, count=traced.count, wrong=len(traced.mismatches)
            )
        )
    return 1 if traced.mismatches else 0


@xinzhi.command(
    help=_(
        "分析一个结果: 名次的区间和档次、敏感性、区域差异、收敛、空间相关、障碍等。RESULT 是结果文件夹; "
        "或用 --table 分析任意一张表的一列。给出 -o 时写出各表和可读的报告 (Markdown, HTML)。"
    )
)
@click.argument("result", required=False)
@click.option("--what", metavar="A,B", default="", help=_("只做这些分析, 逗号分隔; 默认全部适用的"))
@click.option("--list", "listed", is_flag=True, help=_("列出分析和因素的名称"))
@click.option(
    "-o", "--output", "folder", type=click.Path(file_okay=False, path_type=Path), help=_("输出文件夹")
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help=_("随机数种子"))
@click.option(
    "--replications",
    type=click.IntRange(min=100),
    default=10_000,
    show_default=True,
    help=_("稳健性分析的重复次数"),
)
@click.option("--factors", metavar="A,B", default="", help=_("稳健性和敏感性只变动这些因素, 逗号分隔"))
@click.option("--against", metavar="NAME", default="", help=_("四象限的横轴: 指标或维度, 或表中的一列"))
@click.option(
    "--origin-weights",
    metavar="NAME",
    default="",
    help=_("四象限加权原点的权重, 例如人口: 指标或原始数据, 或表中的一列"),
)
@click.option("--table", "table", metavar="FILE.csv", help=_("分析这张 CSV 表, 不用结果文件夹"))
@click.option("--value", metavar="COLUMN", help=_("表中的数值列"))
@click.option("--group", metavar="COLUMN", help=_("表中的分组列"))
@click.option("--name", "label", metavar="COLUMN", help=_("表中的单位名称列; 默认第一列"))
@click.option("--weights-matrix", "matrix", metavar="FILE", help=_("空间权重矩阵 (CSV)"))
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
def analyse(
    result: str | None,
    what: str,
    listed: bool,
    folder: Path | None,
    seed: int,
    replications: int,
    factors: str,
    against: str,
    origin_weights: str,
    table: str | None,
    value: str | None,
    group: str | None,
    label: str | None,
    matrix: str | None,
    as_json: bool,
) -> int:
    """Analyse a result or a column of a table; 1 when an analysis asked for by name is not done."""
    from xinzhi.analysis.catalogue import ANALYSES, Settings, called
    from xinzhi.analysis.catalogue import analyse as run
    from xinzhi.analysis.column import analyse_file
    from xinzhi.analysis.report import report_json, save_report
    from xinzhi.index import load_result
    from xinzhi.output import require_replaceable

    if listed:
        from xinzhi.cli.showing import analysis_lines

        click.echo("\n".join(analysis_lines()))
        return 0
    names, chosen = ([name.strip() for name in text.split(",") if name.strip()] for text in (what, factors))
    if (result is None) == (table is None):
        raise CallError(_("请给出结果文件夹, 或用 --table 给出一张表, 二者之一"))
    if table is None and (others := _given_options(_OF_TABLES)):
        raise CallError(_("{options} 用于表, 不用于结果文件夹").format(options=", ".join(others)))
    if table is not None and (others := _given_options(_OF_RESULTS)):
        raise CallError(_("{options} 用于结果文件夹, 不用于表").format(options=", ".join(others)))
    inputs = [file for file in (result, table, matrix) if file is not None]
    if folder is not None:
        require_replaceable(folder, "report", inputs)
    if table is not None:
        if value is None:
            raise CallError(_("--table 要同时用 --value 指明数值列"))
        report = analyse_file(
            table,
            value,
            group=group,
            name=label,
            matrix=matrix,
            against=against or None,
            origin_weights=origin_weights or None,
            what=names,
            seed=seed,
        )
    else:
        loaded = load_result(result or "")
        with _progress_within(_("正在分析"), len(names) or len(ANALYSES)) as (step, within):
            settings = Settings(seed, replications, against, origin_weights, tuple(chosen), within)
            report = run(loaded, names, settings, step)
    if folder is not None:
        save_report(report, folder, inputs)
    if as_json:
        click.echo(report_json(report))
    else:
        click.echo(report.title)
        for name, outcome in report.outcomes.items():
            click.echo(f"{called(name)}: {outcome.sentence()}")
    undone = [name for name in names if name in report.skipped]
    for name, reason in report.skipped.items():
        if name in undone or not as_json:
            click.echo(
                _("未做 {name}: {reason}").format(name=called(name), reason=reason), err=name in undone
            )
    if folder is not None and not as_json:
        click.echo(_("报告在 {folder}").format(folder=folder / "report.html"))
    return 1 if undone else 0


#: Options of `analyse` that say something about one of the two things it analyses.
_OF_TABLES = ("value", "group", "label", "matrix")
_OF_RESULTS = ("replications", "factors")


def _given_options(parameters: tuple[str, ...]) -> list[str]:
    """Return which of some parameters of the command under way were given, as a person types them."""
    context = click.get_current_context()
    source = context.get_parameter_source
    return [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name in parameters and source(parameter.name) is click.core.ParameterSource.COMMANDLINE
    ]


@xinzhi.command(
    help=_(
        "重算一篇论文印出的每个数: 再现、矛盾或无法核对。CASE 默认 ye-xu-2024; 全部与预期相符时退出码为 0。"
    )
)
@click.argument("case", default="ye-xu-2024")
@click.option("--json", "as_json", is_flag=True, help=_("输出 JSON"))
@click.option("--summary", is_flag=True, help=_("只输出摘要"))
def reproduce(case: str, as_json: bool, summary: bool) -> int:
    """Recompute what a paper printed."""
    from xinzhi.reproduction import reproduce as recompute

    report = recompute(case)
    if as_json:
        print_json(report.to_dict())
    else:
        click.echo(report.summary() if summary else str(report))
    return 0 if report.as_expected else 1


@xinzhi.command(
    help=_(
        "走一遍: 用随附的官方公开数据计算省级指数、全国走势, 再现论文; 建一个虚构省份的平台, 并在本机打开。"
        "结果写进文件夹。"
    )
)
@click.option(
    "--out",
    "folder",
    default="demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help=_("输出文件夹"),
)
@click.option("--no-serve", is_flag=True, help=_("建好就结束, 不打开平台"))
@click.option("--no-platform", is_flag=True, help=_("不建平台"))
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help=_("平台的端口"))
def demo(folder: Path, no_serve: bool, no_platform: bool, port: int) -> None:
    """Run the demonstration."""
    from xinzhi.cli.demonstration import demonstrate, serve_platform

    program = "xinzhi" if shutil.which("xinzhi") else sys.argv[0]
    demonstrate(folder, program, progress=_progress, platform=not no_platform)
    if not (no_serve or no_platform):
        serve_platform(folder, port)


# --- shared by the commands ------------------------------------------------------------------------------


def _pairs(readings: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for reading in readings:
        name, sign, option = reading.partition("=")
        if not sign:
            raise CallError(_("--reading 要写成 读法=选项"), where=reading)
        pairs[name] = option
    return pairs


def _write_blank_sheet(
    methodology: Methodology | None, node: str, experts: int, kind: Kind | None, file: Path | None
) -> None:
    from xinzhi.index.weights.blank import write_blank_sheet
    from xinzhi.index.weights.items import children_of, indicators_of

    if methodology is None or file is None:
        raise CallError(_("--new 要同时用 --methodology 指明方法, 用 -o 指明文件"))
    items = children_of(methodology, node) if node else indicators_of(methodology)
    write_blank_sheet(items, file, experts=experts, pairs=kind == "pairwise")
    click.echo(_("已写出 {file}").format(file=file))


def _write_weights(found: Survey, methodology: Methodology | None, file: Path) -> None:
    """Write the weights as a table, or the methodology with them and, as a comment, where they come from."""
    import polars as pl

    from xinzhi.cli.experts import survey_lines
    from xinzhi.methodology import copied_text, load_methodology
    from xinzhi.output import whole_file

    match file.suffix.lower():
        case ".csv":
            headings = {"id": _("标识"), "weight": _("权重"), "title": _("名称")}
            frame = pl.DataFrame(list(found.rows())).select(*headings).rename(headings)
            with whole_file(file) as draft:
                frame.write_csv(draft, include_bom=True)
        case ".toml" if methodology is not None:
            changed = load_methodology(methodology, weights=found.indicator_weights(methodology))
            lines = survey_lines(found, methodology, guessed=False)
            plain = ("".join(c if c.isprintable() else " " for c in line) for line in lines)
            comment = "".join(f"# {line}\n" for line in plain)
            with whole_file(file) as draft:
                draft.write_text(comment + copied_text(changed, file.stem), encoding="utf-8")
        case ".toml":
            raise CallError(_("写出方法要同时用 --methodology 指明原来的方法"), where=str(file))
        case _other:
            raise CallError(
                _("不知道写成什么"),
                where=str(file),
                remedy=_("请用 .csv (权重表) 或 .toml (换了权重的方法) 结尾的文件名"),
            )


def _ranking(result: Result, top: int | None) -> str:
    from xinzhi.index.tables import ranking_text

    return ranking_text(result, top=top or 31)


def _save_folder(result: Result, folder: Path, inputs: list[str]) -> None:
    from xinzhi.index import save_folder
    from xinzhi.index.folder import STEPS

    with _progress(_("写出结果"), STEPS) as step:
        save_folder(result, folder, step, inputs)


@contextmanager
def _progress(label: str, steps: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on the terminal while work goes on; nothing where stderr is no terminal."""
    with click.progressbar(length=steps, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield lambda _name: bar.update(1)


@contextmanager
def _progress_within(
    label: str, steps: int
) -> Iterator[tuple[Callable[[str], None], Callable[[int, int], None]]]:
    """Show such a bar that names the analysis under way, and moves within it as far as that is done."""
    from xinzhi.analysis.catalogue import analysis_titles

    titles = analysis_titles()

    def shown(name: str | None) -> str:
        return titles.get(name or "", "")

    with click.progressbar(
        length=100 * steps,
        label=label,
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
        item_show_func=shown,
    ) as bar:
        begun = 0

        def step(name: str) -> None:
            nonlocal begun
            begun += 1
            bar.update(100 * (begun - 1) - bar.pos, name)

        def within(done: int, total: int) -> None:
            bar.update(100 * (begun - 1) + 100 * done // total - bar.pos, bar.current_item)

        yield step, within
        bar.update(100 * steps - bar.pos)


def print_json(content: Any) -> None:
    """Print for programs."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=1, default=str))
