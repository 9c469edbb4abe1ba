"""The public site as files: every link leads somewhere, every number is the bundle's, nothing runs that is not ours."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from urllib.parse import unquote, urldefrag

import numpy as np
import openpyxl
import polars as pl
import pytest
from lxml import etree, html

import xinzhi
from tests.publish.sites import CHOICES, HOSTILE
from xinzhi.errors import CallError
from xinzhi.index.ranking import rank
from xinzhi.language import number
from xinzhi.publish.blocks import Formula
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import Edition, edition_of
from xinzhi.publish.notation import AGGREGATION, NORMALISATION, WEIGHTING
from xinzhi.publish.tracing import trace_document
from xinzhi.publish.website import write_site
from xinzhi.publish.website.exhibit import Exhibit
from xinzhi.publish.website.markup import page_parts

pytestmark = pytest.mark.xdist_group("website")


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def parsed(path: Path) -> html.HtmlElement:
    return html.document_fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))


def test_the_pages_in_both_languages(site: Path, provinces):
    """Home, downloads, case list and case; per index map, compare, parts, method, trust, ranking and a page a unit."""
    expected = 2 + 2 + 2 * (6 + len(provinces.codes))
    names = [path.relative_to(site).as_posix() for path in pages(site)]
    assert len([name for name in names if not name.startswith("en/")]) == expected
    assert sorted(name.removeprefix("en/") for name in names if name.startswith("en/")) == sorted(
        name for name in names if not name.startswith("en/")
    )


def test_every_link_leads_somewhere(site: Path):
    ids: dict[Path, set[str]] = {}
    broken = []
    for page in pages(site):
        root = parsed(page)
        ids.setdefault(page.resolve(), set(root.xpath("//@id")))
        for address in root.xpath("//@href | //@src | //meta[@property='og:image']/@content"):
            path, fragment = urldefrag(address)
            target = (page.parent / unquote(path.partition("?")[0])).resolve() if path else page.resolve()
            if not target.is_file() or not target.is_relative_to(site.resolve()):
                broken.append((page.name, address))
            elif fragment and target.suffix == ".html":
                found = ids.setdefault(target, set(parsed(target).xpath("//@id")))
                if fragment not in found:
                    broken.append((page.name, address))
    assert broken == []


def test_every_number_is_that_of_the_bundle(site: Path, tmp_path: Path):
    found = trace_document(site, site / "bundle.zip")
    assert found.mismatches == ()
    assert (
        found.count > 31 * 2 * 2 * 15
    )  # scores and ranks of every node of every province, in both languages
    page = tmp_path / "one.html"
    text = (site / "province-open" / "index.html").read_text(encoding="utf-8")
    shown = re.search(r">(\d+\.\d)</a></td>", text)
    assert shown is not None
    spoiled = str(round(float(shown[1]) + 0.1, 1))
    page.write_text(text[: shown.start(1)] + spoiled + text[shown.end(1) :], encoding="utf-8")
    assert len(trace_document(page, site / "bundle.zip").mismatches) == 1


def test_the_ranking_of_the_printed_table(site: Path):
    """Values: Ye and Xu (2024), table 3: 北京 69.8, 83.2, 63.5 and 55.8, the first."""
    rows = parsed(site / "ye-xu-table-3" / "index.html").xpath("//table[@id='ranking']/tbody/tr")
    first = [" ".join(cell.text_content().split()) for cell in rows[0]]
    assert first == ["1", "北京", "东部", "69.8", "83.2", "63.5", "55.8"]
    assert len(rows) == 31


def test_nothing_runs_or_loads_that_is_not_of_the_site(site: Path):
    for page in pages(site):
        root = parsed(page)
        assert root.xpath("//@style | //style | //script[not(@src)] | //*[@onclick or @onload]") == []
        policy = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert len(policy) == 1
        assert "unsafe" not in policy[0]
        outside = root.xpath("//@src | //link/@href | //a/@href")
        assert [a for a in outside if re.match(r"[a-z]+:|//", a)] == []
    for script in (site / "static").glob("*.js"):
        assert "innerHTML" not in script.read_text(encoding="utf-8")


def test_a_hostile_case_is_text(site: Path):
    for name in ("cases/index.html", "cases/c1.html", "index.html", "en/cases/c1.html"):
        assert parsed(site / name).xpath("//script[contains(., 'alert')]") == []
    root = parsed(site / "cases" / "c1.html")
    assert root.xpath("string(//h1)") == f"案例 {HOSTILE}"
    assert [p.text for p in root.xpath("//main//div/p")] == [HOSTILE, "第二段 & 其他"]
    assert root.xpath("//a[contains(@href, '440000')]/@href") == ["../province-open/units/440000.html"]


def test_marks_and_corrections_stand_on_every_page(site: Path):
    for page in pages(site):
        told = " ".join(parsed(page).xpath("//p[@class='mark']//text()"))
        english = page.relative_to(site).parts[0] == "en"
        assert ("One thing corrected" if english else "更正一处") in told
    printed = parsed(site / "ye-xu-table-3" / "trust.html").xpath("string(//p[@class='mark'][1])")
    assert printed.startswith("各数为论文所印, 不是本项目计算的")


def test_tables_are_the_same_in_every_format(site: Path, provinces):
    expected = provinces.table("scores")
    folder = site / "data" / "province-open"
    assert pl.read_parquet(folder / "scores.parquet").equals(expected)
    rows = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    assert rows == expected.to_dicts()
    sheet = openpyxl.load_workbook(io.BytesIO((folder / "scores.xlsx").read_bytes())).active
    assert [cell.value for cell in sheet[1]] == expected.columns
    assert [cell.value for cell in sheet[2]][:4] == list(expected.row(0))[:4]
    assert sheet.max_row == expected.height + 1
    text = (folder / "scores.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == ",".join(expected.columns)


def test_visits_name_the_first_of_each_region_and_the_outstanding_case(site: Path, provinces):
    """Regions by the scheme of the National Bureau of Statistics; the case lies in 广东."""
    visits = pl.read_csv(site / "data" / "province-open" / "visits.csv").to_dicts()
    reasons = {row["name"]: row["reason"] for row in visits}
    scores = dict(zip(provinces.names, provinces.scores["nqpf"][-1], strict=True))
    regions = dict(zip(provinces.names, provinces.figures.regions, strict=True))
    for region, title in (("east", "东部"), ("central", "中部"), ("west", "西部"), ("northeast", "东北")):
        best = max((n for n in scores if regions[n] == region), key=lambda n: scores[n])
        assert f"{title}得分最高" in reasons[best]
    assert "有精品案例" in reasons["广东"]


def test_what_the_sliders_compute_with_gives_the_published_ranks(site: Path, provinces):
    data = json.loads((site / "province-open" / "data.json").read_text(encoding="utf-8"))
    parts = np.array([data["scores"][data["nodes"].index(part)] for part in data["parts"]], dtype=float).T
    again = rank((parts @ np.array(data["weights"]))[None], "min")[0]
    assert again.tolist() == data["ranks"][0] == provinces.ranks["nqpf"][-1].tolist()
    printed = json.loads((site / "ye-xu-table-3" / "data.json").read_text(encoding="utf-8"))
    assert printed["weights"] == []  # no figures are published with it
    assert parsed(site / "ye-xu-table-3" / "method.html").xpath("//*[@id='weights']") == []


def test_a_unit_that_lacks_a_part_takes_the_sliders_away(provinces):
    exhibit = Exhibit(edition_of([provinces], choices=CHOICES), edition_of([provinces], choices=CHOICES).main)
    assert exhibit.recomputable
    spoiled = exhibit.part_scores.copy()
    spoiled[3, 1] = np.nan
    other = Exhibit(exhibit.edition, exhibit.assessment)
    other.__dict__["part_scores"] = spoiled
    assert not other.recomputable


def test_an_explanation_ends_at_the_source(site: Path, provinces):
    root = parsed(site / "province-open" / "units" / "110000.html")
    trace = provinces.trace("110000")
    wanted = next(node for node in trace.walk() if node.cells)
    (summary,) = root.xpath(f"//summary[@id='x-{wanted.node}']")
    told = " ".join(summary.getparent().text_content().split())
    assert wanted.how in told
    for cell in wanted.cells:
        assert cell.source in told
        assert cell.place in told
    # Its own score has its key too, and so has each figure of the data, so that xinzhi trace reads them.
    fingerprint = parsed(site / "downloads.html").xpath("string(//p[contains(., 'SHA-256')])").split()[-1][:8]
    (key,) = summary.xpath("./span/@data-key")
    assert key == f"xinzhi:{fingerprint}/score/110000/{wanted.node}/2022//2"
    figures = summary.getparent().xpath("./ul[@class='cells']/li/span[@data-key]")
    assert [figure.text for figure in figures] == [number(cell.value) for cell in wanted.cells]
    assert {figure.get("data-key").split("/")[1] for figure in figures} == {"cell"}
    ids = {node.get("id") for node in root.xpath("//summary")}
    assert ids == {f"x-{node}" for node in provinces.nodes}


def test_a_portrait_leads_to_its_page_in_the_file_of_its_province(site: Path):
    (link,) = parsed(site / "province-open" / "units" / "310000.html").xpath("//a[.='PDF']/@href")
    assert link == "../portraits/310000.pdf#page=1"
    assert (site / "province-open" / "portraits" / "310000.pdf").read_bytes().startswith(b"%PDF-1.7")


def test_shared_pages_have_a_picture(site: Path):
    from PIL import Image

    for base in (site, site / "en"):
        with Image.open(base / "share.png") as picture:
            assert (picture.format, picture.size) == ("PNG", (1200, 630))


def test_one_unit_has_no_ranks(tmp_path: Path):
    nation = xinzhi.compute("national-open")
    folder = write_site(edition_of([nation], choices=Choices(analyses=())), tmp_path / "site")
    names = {
        path.relative_to(folder / "national-open").as_posix()
        for path in (folder / "national-open").rglob("*.html")
    }
    units = {f"units/{code}.html" for code in nation.codes}
    assert names == {"index.html", "parts.html", "method.html", "trust.html"} | units
    assert trace_document(folder, folder / "bundle.zip").mismatches == ()


def test_only_a_site_replaces_a_site(published: Edition, tmp_path: Path):
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(CallError, match="这里已有别的内容, 不覆盖"):
        write_site(published, folder)
    assert (folder / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "notation",
    [
        *(told for ways in NORMALISATION.values() for told in ways.values()),
        *AGGREGATION.values(),
        *(told for lines in WEIGHTING.values() for told in lines),
    ],
)
def test_formulas_are_well_formed(notation):
    made = etree.fromstring(f"<div>{page_parts([Formula(notation)])}</div>")
    assert len(made.findall(".//math")) == 1
