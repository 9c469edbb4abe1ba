"""A report of analyses: tables as CSV, and one readable text as Markdown and HTML."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xinzhi.analysis.catalogue import Report, called
from xinzhi.analysis.headings import heading, term
from xinzhi.analysis.outcome import Outcome
from xinzhi.index.saving import write_csv
from xinzhi.language import current_language, number
from xinzhi.language import gettext as _
from xinzhi.output import whole_folder

if TYPE_CHECKING:
    import polars as pl

_ROWS = 100  # of a table shown in the text; the CSV file has all
_TAG = re.compile(r"<(?=[A-Za-z/!?])")  # what Markdown would take for HTML

_STYLE = """
body { font: 16px/1.75 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #1b1f24;
       max-width: 1120px; margin: 0 auto; padding: 24px; }
h1 { font-size: 28px; } h2 { font-size: 22px; margin-top: 40px; }
p { max-width: 46em; } .muted { color: #57606a; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 12px; border-bottom: 1px solid #d8dee4; text-align: left; white-space: nowrap; }
td.figure, th.figure { text-align: right; }
@page { size: A4 landscape; margin: 15mm; }
@media print {
  body { font-family: "SimSun", "Noto Serif SC", serif; padding: 0; }
  h2 { break-after: avoid; } tr { break-inside: avoid; } .wide { overflow: visible; }
  table { font-size: 10px; } th, td { padding: 2px 5px; white-space: normal; }
}
"""


def report_dict(report: Report) -> dict[str, Any]:
    """Return the whole report as JSON knows it."""
    return {
        "title": report.title,
        "notes": list(report.notes),
        "analyses": {name: outcome.to_dict() for name, outcome in report.outcomes.items()},
        "skipped": dict(report.skipped),
    }


def report_json(report: Report) -> str:
    """Return the whole report as one JSON object."""
    return json.dumps(report_dict(report), ensure_ascii=False, indent=1, default=str)


def report_markdown(report: Report) -> str:
    """Return the report as Markdown: a sentence and a table for each analysis."""
    lines = [f"# {_marked(report.title)}", ""]
    for name, outcome in report.outcomes.items():
        frame = _shown(outcome)
        lines += [f"## {_marked(outcome.title)}", "", _marked(outcome.sentence()), ""]
        if remarks := [f"- {_marked(line)}" for line in outcome.remarks()]:
            lines += [*remarks, ""]
        rows = [list(map(heading, frame.columns)), ["---"] * len(frame.columns)]
        rows += [[_cell(value) for value in row] for row in frame.iter_rows()]
        lines += ["| " + " | ".join(_marked(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
        lines += ["", _whole(outcome, frame, name), ""]
    lines += [f"- {_marked(line)}" for line in _remarks(report)]
    return "\n".join(lines).rstrip() + "\n"


def _marked(text: str) -> str:
    """Return a text that stays one line of text in Markdown: no HTML, no link."""
    return _TAG.sub("&lt;", " ".join(text.split())).replace("](", "]\\(")


def report_html(report: Report) -> str:
    """Return the report as one HTML page that needs nothing else; it prints on A4."""
    language = "zh-CN" if current_language() == "zh" else "en"
    title = html.escape(report.title)
    parts = [
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main><h1>{title}</h1>",
    ]
    for name, outcome in report.outcomes.items():
        frame = _shown(outcome)
        remarks = "".join(f"<li>{html.escape(line)}</li>" for line in outcome.remarks())
        parts.append(f'<section id="{name}"><h2>{html.escape(outcome.title)}</h2>')
        parts.append(f"<p>{html.escape(outcome.sentence())}</p>")
        parts.append(f'<ul class="muted">{remarks}</ul>' if remarks else "")
        parts.append(_html_table(frame, outcome.title))
        parts.append(f'<p class="muted">{html.escape(_whole(outcome, frame, name))}</p></section>')
    parts.append("<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in _remarks(report)) + "</ul>")
    return "\n".join(parts) + "\n</main></body></html>\n"


def save_report(report: Report, folder: str | Path, inputs: Iterable[str | Path] = ()) -> Path:
    """Write report.md, report.html, report.json and a CSV table for each analysis; whole or not at all.

    Of `inputs`, the files and folders that were analysed, nothing may be replaced.
    """
    target = Path(folder)
    with whole_folder(target, "report", inputs) as draft:
        write_report(report, draft)
    return target


def write_report(report: Report, folder: Path) -> None:
    """Write the files of a report into a folder that is there."""
    (folder / "report.md").write_text(report_markdown(report), encoding="utf-8")
    (folder / "report.html").write_text(report_html(report), encoding="utf-8")
    (folder / "report.json").write_text(report_json(report) + "\n", encoding="utf-8")
    for name, outcome in report.outcomes.items():
        write_csv(outcome.table(), folder / f"{name}.csv")


def _remarks(report: Report) -> list[str]:
    skipped = [
        _("未做 {name}: {reason}").format(name=called(name), reason=reason)
        for name, reason in report.skipped.items()
    ]
    return [*skipped, *report.notes]


def _shown(outcome: Outcome) -> pl.DataFrame:
    """Return what the text shows of a table: no empty columns, ids behind titles, not too many rows."""
    frame = outcome.shown()
    empty = [column.name for column in frame.get_columns() if set(column.to_list()) <= {None, ""}]
    return _titled(frame.drop(empty)).head(_ROWS)


def _titled(frame: pl.DataFrame) -> pl.DataFrame:
    """Write an id in brackets behind the title that stands beside it."""
    import polars as pl

    if "title" not in frame.columns:
        return frame
    id = frame.columns[frame.columns.index("title") - 1]
    return frame.with_columns(pl.format("{} [{}]", "title", id).alias(id)).drop("title")


def _whole(outcome: Outcome, shown: pl.DataFrame, name: str) -> str:
    """Say where the rest is, if the text does not show the whole table."""
    if len(shown) < len(outcome.shown()):
        return _("表中列出 {shown} 行, 共 {count} 行; 全表见 {name}.csv").format(
            shown=len(shown), count=len(outcome.shown()), name=name
        )
    return "" if outcome.shown().equals(outcome.table()) else _("全部数字见 {name}.csv").format(name=name)


def _html_table(frame: pl.DataFrame, caption: str) -> str:
    figures = [frame.schema[column].is_numeric() for column in frame.columns]
    kinds = ['class="figure"' if figure else "" for figure in figures]
    head = "".join(
        f'<th scope="col" {kind}>{html.escape(heading(column))}</th>'
        for kind, column in zip(kinds, frame.columns, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td {k}>{html.escape(_cell(v))}</td>" for k, v in zip(kinds, row, strict=True))
        + "</tr>"
        for row in frame.iter_rows()
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{html.escape(caption)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, float):
        return number(float(f"{value:.4g}"))
    if isinstance(value, list):
        return ", ".join(_cell(v) for v in value)
    return term(str(value))
