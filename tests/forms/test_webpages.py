"""Web pages: marks that their conversion loses, so that other digits than those seen would stand in a cell."""

from __future__ import annotations

import base64
import quopri
import subprocess
from pathlib import Path

import pytest

from tests.forms.word_files import docx, p, r, tbl, tr
from xinzhi.forms.files.webpages import has_lost_looks
from xinzhi.forms.opening.office import installed
from xinzhi.forms.opening.perusal import peruse


def page(inside: str, style: str = "") -> str:
    return f"<html><head><meta charset='utf-8'><style>{style}</style></head><body><table><tr>{inside}</tr></table></body></html>"


def packed(text: str, encoding: str) -> bytes:
    """A page as MHT packs it."""
    body = base64.encodebytes(text.encode()) if encoding == "base64" else quopri.encodestring(text.encode())
    head = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n"
    head += f"Content-Type: text/html\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + body + b"\r\n--x--\r\n"


LOST = [
    page("<td>120<sup>1</sup></td>"),
    page("<td>120<SUB class=x>1</SUB></td>"),
    page("<td><del>12</del>15</td>"),
    page("<td><s>12</s>15</td>"),
    page("<td><strike>12</strike>15</td>"),
    page("<td>12<ins>15</ins></td>"),
    page("<td><span style='display:none'>9</span>207</td>"),
    page("<td><span style='DISPLAY : none'>9</span>207</td>"),
    page("<td><span style='display:/**/none'>9</span>207</td>"),
    page("<td><span style='display&#58;none'>9</span>207</td>"),
    page("<td><span hidden>9</span>207</td>"),
    page("<td><span style='visibility:hidden'>9</span>207</td>"),
    page("<td><span style='font-size:0'>9</span>207</td>"),
    page("<td><span style='font-size:0.1pt'>9</span>207</td>"),
    page("<td><span style='font-size:1px'>9</span>207</td>"),
    page("<td><span style='vertical-align:super'>9</span>207</td>"),
    page("<td><span style='text-decoration:line-through'>9</span>207</td>"),
    page("<td><span class=a>9</span>207</td>", ".a{mso-hide:all}"),
    page("<td><bdo dir=rtl>64.702</bdo></td>"),
    page("<td class=a>207</td>", ".a::before{content:'9'}"),
    page("<td><span style='color:transparent'>9</span>207</td>"),
    page("<td><span style='color:rgba(0,0,0,0)'>9</span>207</td>"),
    page("<td><span style='position:absolute;left:-9999px'>9</span>207</td>"),
    page("<td><span style='width:0;overflow:hidden'>9</span>207</td>"),
    page("<td sdval=999>207.46</td>"),
    page("<td sdval='0.35' sdnum='2052;'>0.4<b>5</b></td>"),
]
KEPT = [
    page("<td>207.46</td>"),
    page(
        "<td style='vertical-align:middle;font-size:10.5pt'>207.46</td>",
        "td{font-size:12pt;vertical-align:top}",
    ),
    page("<td style='font-size:1.2em;direction:ltr'>207.46</td>"),
    page("<td style='border-width:0;width:54pt;color:rgba(0,0,0,1)'>207.46</td>"),
    page("<td sdval='1207.4567' sdnum='2052;'><font>1,207.46</font></td><td sdval='0.352'>35.2%</td>"),
    # the last row of every table that Excel saves as a page
    page(
        "<td>207.46</td></tr><![if supportMisalignedColumns]><tr height=0 style='display:none'>"
        "<td width=72 style='width:54pt'></td><td width=72></td></tr><![endif]><tr>"
    ),
]


@pytest.mark.parametrize("text", LOST)
def test_a_mark_that_conversion_loses_is_found(text):
    found = [has_lost_looks(text.encode(encoding), "html") for encoding in ("utf-8", "gbk", "utf-16")]
    found += [has_lost_looks(packed(text, encoding), "mht") for encoding in ("base64", "quoted-printable")]
    assert found == [True] * 5


@pytest.mark.parametrize("text", KEPT)
def test_an_ordinary_page_has_none(text):
    found = [has_lost_looks(text.encode(encoding), "html") for encoding in ("utf-8", "gbk", "utf-16")]
    found += [has_lost_looks(packed(text, encoding), "mht") for encoding in ("base64", "quoted-printable")]
    assert found == [False] * 5


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("207.46", False),
        ("207<B>.46</B>", True),  # LibreOffice reads 207 alone
        ("207.46<html:Sup>1</html:Sup>", True),
        ("<Font>207.46</Font>", True),
    ],
)
def test_a_workbook_in_xml_may_have_looks_inside_its_cells(text, lost):
    cells = (
        f'<Cell><Data ss:Type="String">{text}</Data></Cell><Cell><ss:Data ss:Type="Number">1</ss:Data></Cell>'
    )
    data = f'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Row>{cells}</Row></Workbook>'
    assert has_lost_looks(data.encode(), "excel2003xml") is lost


def test_such_a_page_is_asked_for_in_another_format():
    for data, kind in ((LOST[0].encode(), "html"), (packed(LOST[0], "base64"), "mht")):
        (reading,) = peruse(data)
        assert [(finding.rule, finding.facts) for finding in reading.findings] == [
            ("files.lost_looks", {"kind": kind})
        ]
    (reading,) = peruse(KEPT[0].encode())
    assert [finding.rule for finding in reading.findings] == ["files.old_format"]


@pytest.mark.skipif(not installed(), reason="LibreOffice is not installed")
@pytest.mark.parametrize(("properties", "lost"), [('<w:vertAlign w:val="superscript"/>', True), ("", False)])
def test_a_page_that_libreoffice_saves(properties, lost, tmp_path):
    content = p(inside=r("120") + r("1", properties))
    (tmp_path / "form.docx").write_bytes(docx(tbl(tr("地区生产总值", content))))
    command = [
        installed(),
        f"-env:UserInstallation={tmp_path.as_uri()}/p",
        "--headless",
        "--convert-to",
        "html",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(tmp_path / "form.docx")], check=True, capture_output=True
    )
    assert has_lost_looks(Path(tmp_path, "form.html").read_bytes(), "html") is lost
