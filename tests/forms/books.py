"""Workbooks made by hand, part by part, for what no library writes."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def packed(parts: dict[str, str | bytes]) -> bytes:
    """Pack parts as an Office file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def relations(*listed: tuple[str, str]) -> str:
    """Write relations, given as kind and target."""
    lines = "".join(
        f'<Relationship Id="r{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(listed, start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'


def workbook(
    sheet_data: str = "",
    *,
    before: str = "",
    after: str = "",
    styles: str = "",
    strings: str = "",
    properties: str = "",
    namespace: str = MAIN,
    extra: dict[str, str | bytes] | None = None,
) -> bytes:
    """Make a workbook of one sheet 表 out of the inside of its ``sheetData`` and what stands around it."""
    root = f'xmlns="{namespace}" xmlns:r="{RELATIONS}"'
    kinds = f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
    return packed(
        {
            "[Content_Types].xml": kinds,
            "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook {root}>{properties}<sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(
                ("worksheet", "worksheets/sheet1.xml"),
                ("styles", "styles.xml"),
                ("sharedStrings", "/xl/strings.xml"),
            ),
            "xl/worksheets/sheet1.xml": f"<worksheet {root}>{before}<sheetData>{sheet_data}</sheetData>{after}</worksheet>",
            "xl/styles.xml": f"<styleSheet {root}>{styles}</styleSheet>",
            "xl/strings.xml": f"<sst {root}>{strings}</sst>",
            **(extra or {}),
        }
    )


def styled(*codes: str) -> str:
    """Write styles with these formats: style 1 has the first."""
    formats = "".join(
        f'<numFmt numFmtId="{164 + at}" formatCode={quoteattr(code)}/>' for at, code in enumerate(codes)
    )
    cells = "".join(f'<xf numFmtId="{164 + at}"/>' for at in range(len(codes)))
    return f'<numFmts>{formats}</numFmts><cellXfs><xf numFmtId="0"/>{cells}</cellXfs>'
