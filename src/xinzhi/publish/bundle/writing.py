"""Writing a bundle: the same result gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xinzhi.analysis.report import report_dict
from xinzhi.errors import CallError
from xinzhi.forms.writing.shell import zipped
from xinzhi.index import Result, result_hash
from xinzhi.index.saving import versions
from xinzhi.language import current_language
from xinzhi.language import gettext as _
from xinzhi.methodology import methodology_hash, methodology_toml
from xinzhi.output import whole_file
from xinzhi.publish.bundle.parts import (
    ANALYSIS,
    LICENCES,
    MANIFEST,
    METHODOLOGY,
    PANEL,
    Choices,
    csv_bytes,
    json_bytes,
    panel_table,
    tables_of,
)

if TYPE_CHECKING:
    import polars as pl

    from xinzhi.analysis.catalogue import Report

FORMAT = 1
_TYPES = {
    "Int64": "integer",
    "Int32": "integer",
    "UInt32": "integer",
    "Float64": "number",
    "Boolean": "boolean",
}


def write_bundle(
    result: Result,
    path: str | Path,
    choices: Choices | None = None,
    *,
    licence: str = "CC-BY-4.0",
    publisher: str = "新质 (Xinzhi)",
    report: Report | None = None,
) -> Path:
    """Write a result with everything it rests on to one zip file.

    Nothing of a campaign but figures goes in: there is no contact, no name of a person and no file in a result.

    Parameters
    ----------
    result : Result
    path : str or Path
    choices : Choices, optional
        Of the analyses.
    licence : str
        A key of :data:`LICENCES`: that of the results. Figures of others stay theirs; their sources are named.
    publisher : str
        Who publishes, for the citation.
    report : Report, optional
        The analyses by those choices, where they are at hand.

    Raises
    ------
    CallError
        If the licence is unknown or the place cannot be written.
    """
    target = Path(path)
    if licence not in LICENCES:
        raise CallError(
            _("不认识的许可 {licence}").format(licence=licence),
            remedy=_("可用: {known}").format(known=", ".join(LICENCES)),
        )
    files = bundle_files(result, choices or Choices(), licence, publisher, report)
    with whole_file(target) as draft:
        draft.write_bytes(zipped(sorted(files.items())))
    return target


def bundle_files(
    result: Result, choices: Choices, licence: str, publisher: str, report: Report | None
) -> dict[str, bytes]:
    """Return the files of a bundle by name."""
    report = report or choices.report(result)
    tables = {PANEL: panel_table(result)} | tables_of(result, report)
    contents = {name: csv_bytes(frame) for name, frame in tables.items()}
    contents[METHODOLOGY] = methodology_toml(result.methodology).encode()
    contents[f"{ANALYSIS}/report.json"] = json_bytes(_sentences(report))
    contents["notes.txt"] = "\n".join([result.title, *result.notes, ""]).encode()
    contents["LICENCE.txt"] = _licence_text(licence).encode()
    contents["CITATION.cff"] = _citation(result, licence, publisher).encode()
    contents["datapackage.json"] = json_bytes(_datapackage(result, licence, tables, contents))
    contents[MANIFEST] = json_bytes(_manifest(result, choices, licence, contents))
    return contents


def _sentences(report: Report) -> dict[str, Any]:
    """Return titles, sentences and remarks of the analyses; their tables lie beside."""
    whole = report_dict(report)
    kept = ("title", "sentence", "remarks")
    analyses = {name: {key: one[key] for key in kept} for name, one in whole["analyses"].items()}
    return whole | {"analyses": analyses}


def _manifest(result: Result, choices: Choices, licence: str, contents: dict[str, bytes]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "language": current_language(),
        "title": result.title,
        "methodology": result.methodology.id,
        "years": list(result.years),
        "units": len(result.codes),
        "methodology_sha256": methodology_hash(result.methodology),
        "result_sha256": result_hash(result),
        "analysis": choices.to_dict(),
        "licence": licence,
        "versions": versions(),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents.items())},
    }


def _licence_text(licence: str) -> str:
    return (
        _(
            "结果、图表和文字按 {licence} 许可使用: {address}\n"
            "panel.csv 中的数据出自 source 列所列的出版物, 权利属各发布者。\n"
            "计算所用的软件 xinzhi 按 Apache-2.0 许可使用。"
        ).format(licence=licence, address=LICENCES[licence])
        + "\n"
    )


def _citation(result: Result, licence: str, publisher: str) -> str:
    """Return CITATION.cff; every text is quoted as JSON, which YAML reads."""
    lines = {
        "cff-version": "1.2.0",
        "message": _("使用这些数据时请引用"),
        "type": "dataset",
        "title": result.title,
        "abstract": str(result.methodology.source.citation),
        "version": result_hash(result)[:8],
        "license": licence,
    }
    quoted = [f"{key}: {json.dumps(text, ensure_ascii=False)}" for key, text in lines.items()]
    return "\n".join([*quoted, "authors:", f"  - name: {json.dumps(publisher, ensure_ascii=False)}", ""])


def _datapackage(
    result: Result, licence: str, tables: dict[str, pl.DataFrame], contents: dict[str, bytes]
) -> dict[str, Any]:
    """Return the description by the Frictionless Data Package specification (version 1)."""
    return {
        "profile": "tabular-data-package",
        "name": f"{result.methodology.id}-{result_hash(result)[:8]}".lower(),
        "title": result.title,
        "version": version("xinzhi"),
        "licenses": [{"name": licence, "path": LICENCES[licence]}],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": name.removesuffix(".csv").replace("/", "-"),
                "path": name,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": len(contents[name]),
                "hash": "sha256:" + hashlib.sha256(contents[name]).hexdigest(),
                "schema": {
                    "fields": [
                        {"name": column, "type": _TYPES.get(str(kind), "string")}
                        for column, kind in frame.schema.items()
                    ]
                },
            }
            for name, frame in sorted(tables.items())
        ],
    }
