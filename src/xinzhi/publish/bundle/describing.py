"""What describes a bundle to others: licence, citation (CFF 1.2.0), Frictionless Data Package (version 1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xinzhi.language import gettext as _
from xinzhi.publish.bundle.parts import json_bytes
from xinzhi.publish.edition import LICENCES, Assessment, Edition

if TYPE_CHECKING:
    import polars as pl

LICENCE, CITATION, DATAPACKAGE = "LICENCE.txt", "CITATION.cff", "datapackage.json"
CORRECTIONS = "CORRECTIONS.txt"
_TYPES = {
    "Int64": "integer",
    "Int32": "integer",
    "UInt32": "integer",
    "Float64": "number",
    "Boolean": "boolean",
}


def descriptions(
    edition: Edition, tables: Mapping[str, pl.DataFrame], contents: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return the files that describe an edition, by name.

    Parameters
    ----------
    edition : Edition
    tables : dict of str to DataFrame
        By the name of the file in the bundle.
    contents : dict of str to bytes
        The same as they are stored.
    """
    files = {
        LICENCE: _licence(edition),
        CITATION: _citation(edition).encode(),
        DATAPACKAGE: json_bytes(_datapackage(edition, tables, contents)),
    }
    if edition.imprint.notices:
        lines = [f"{notice.day} {notice.text}" for notice in edition.imprint.notices]
        files[CORRECTIONS] = ("\n".join([_("更正"), *lines]) + "\n").encode()
    return files


def _licence(edition: Edition) -> bytes:
    licence = edition.imprint.licence
    text = _(
        "结果、图表和文字按 {licence} 许可使用: {address}\n"
        "panel.csv 中的数据出自 source 列所列的出版物, 权利属各发布者。\n"
        "计算所用的软件 xinzhi 按 Apache-2.0 许可使用。"
    ).format(licence=licence, address=LICENCES[licence])
    printed = [str(a.printed.citation) for a in edition.assessments if a.printed]
    lines = [_("printed.csv 中的数为 {citation} 所印, 权利属其作者。").format(citation=c) for c in printed]
    cases = [_("案例的文字和图片权利属填报单位。")] if edition.cases else []
    return ("\n".join([text, *lines, *cases]) + "\n").encode()


def _citation(edition: Edition) -> str:
    """Return CITATION.cff; every text is quoted as JSON, which YAML reads."""
    imprint = edition.imprint
    lines = {
        "cff-version": "1.2.0",
        "message": _("使用这些数据时请引用"),
        "type": "dataset",
        "title": str(edition.title),
        "abstract": "; ".join(filter(None, map(_basis, edition.assessments))) or str(edition.title),
        "version": str(imprint.number),
        "license": imprint.licence,
    } | ({"date-released": imprint.day.isoformat()} if imprint.day else {})
    quoted = [f"{key}: {_quoted(text)}" for key, text in lines.items()]
    authors = ["authors:", f"  - name: {_quoted(imprint.publisher)}"]
    identifiers = ["identifiers:"]
    for assessment in edition.assessments:
        identifiers += [
            "  - type: other",
            f"    value: {_quoted(f'xinzhi:{assessment.fingerprint}')}",
            f"    description: {_quoted(assessment.title)}",
        ]
    return "\n".join([*quoted, *authors, *identifiers, ""])


def _basis(assessment: Assessment) -> str:
    if assessment.printed:
        return str(assessment.printed.citation)
    return str(assessment.result.methodology.source.citation)  # type: ignore[union-attr]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _datapackage(
    edition: Edition, tables: Mapping[str, pl.DataFrame], contents: Mapping[str, bytes]
) -> dict[str, Any]:
    imprint, main = edition.imprint, edition.main
    licence = {"name": imprint.licence, "path": LICENCES[imprint.licence]}
    return {
        "profile": "data-package",
        "name": f"{main.id}-{main.fingerprint[:8]}",
        "id": f"xinzhi:{main.fingerprint}",
        "title": str(edition.title),
        "version": str(imprint.number),
        **({"created": f"{imprint.day.isoformat()}T00:00:00Z"} if imprint.day else {}),
        "licenses": [licence],
        "contributors": [{"title": imprint.publisher, "role": "publisher"}],
        "resources": [
            _resource(name, tables.get(name), data)
            for name, data in sorted(contents.items())
            if name.endswith(".csv")
        ],
    }


def _resource(name: str, frame: pl.DataFrame | None, data: bytes) -> dict[str, Any]:
    """Describe a table; that of SDMX, which is no frame of ours, has only texts and figures."""
    if frame is None:
        heads = data[: data.index(b"\r\n")].decode().split(",")
        fields = [{"name": head, "type": "number" if head == "OBS_VALUE" else "string"} for head in heads]
    else:
        fields = [
            {"name": column, "type": _TYPES.get(str(kind), "string")} for column, kind in frame.schema.items()
        ]
    return {
        "profile": "tabular-data-resource",
        "name": name.removesuffix(".csv").replace("/", "-").replace("_", "-").lower(),
        "path": name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": "sha256:" + hashlib.sha256(data).hexdigest(),
        "schema": {"fields": fields},
    }
