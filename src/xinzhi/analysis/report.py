"""A report of analyses: tables as CSV, and one readable text as Markdown and HTML."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xinzhi.analysis.catalogue import Report
from xinzhi.analysis.headings import heading, term
from xinzhi.language import current_language, number
from xinzhi.language import gettext as _
from xinzhi.output import whole_folder

if TYPE_CHECKING:
    import polars as pl

_ROWS = 40  # of a table shown in the text; the CSV file has them all

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
    lines = [f"# {report.title}", ""]
    for name, outcome in report.outcomes.items():
        frame = _shown(outcome.table())
        lines += [f"## {outcome.title}", "", outcome.sentence(), ""]
        lines += [f"| {' | '.join(map(heading, frame.columns))} |", "|" + "---|" * len(frame.columns)]
        for row in frame.iter_rows():
            lines.append("| " + " | ".join(_cell(v).replace("|", "\\|") for v in row) + " |")
        lines += ["", _whole(outcome.table(), frame, name), ""]
    lines += [f"- {line}" for line in _remarks(report)]
    return "\n".join(lines).rstrip() + "\n"


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
        frame = _shown(outcome.table())
        parts.append(f'<section id="{name}"><h2>{html.escape(outcome.title)}</h2>')
        parts.append(f"<p>{html.escape(outcome.sentence())}</p>{_html_table(frame, outcome.title)}")
        parts.append(f'<p class="muted">{html.escape(_whole(outcome.table(), frame, name))}</p></section>')
    parts.append("<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in _remarks(report)) + "</ul>")
    return "\n".join(parts) + "\n</main></body></html>\n"


def save_report(report: Report, folder: str | Path) -> Path:
    """Write report.md, report.html, report.json and a CSV table for each analysis; whole or not at all."""
    target = Path(folder)
    with whole_folder(target) as draft:
        write_report(report, draft)
    return target


def write_report(report: Report, folder: Path) -> None:
    """Write the files of a report into a folder that is there."""
    (folder / "report.md").write_text(report_markdown(report), encoding="utf-8")
    (folder / "report.html").write_text(report_html(report), encoding="utf-8")
    (folder / "report.json").write_text(report_json(report) + "\n", encoding="utf-8")
    for name, outcome in report.outcomes.items():
        outcome.table().write_csv(folder / f"{name}.csv", include_bom=True)


def _remarks(report: Report) -> list[str]:
    skipped = [
        _("未做 {name}: {reason}").format(name=name, reason=reason) for name, reason in report.skipped.items()
    ]
    return [*skipped, *report.notes]


def _shown(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the part of a table that the text shows: of ranks the last year in their order, and not too much."""
    if {"year", "rank"} <= set(frame.columns):
        frame = frame.filter(frame["year"] == frame["year"].max()).sort("rank", nulls_last=True)
    empty = [column.name for column in frame.get_columns() if set(column.to_list()) <= {None, ""}]
    return frame.drop(empty).head(_ROWS)


def _whole(frame: pl.DataFrame, shown: pl.DataFrame, name: str) -> str:
    if len(frame) == len(shown):
        return ""
    return _("表中列出 {shown} 行, 共 {count} 行; 全表见 {name}.csv").format(
        shown=len(shown), count=len(frame), name=name
    )


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
