"""A bundle: the same bytes each time, recomputed to the last figure, and nothing in it believed."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import stat
import zipfile
from collections import Counter
from datetime import date
from random import Random

import polars as pl
import pytest

import xinzhi
from tests.publish.papers import rewritten
from xinzhi.declarations import Text
from xinzhi.errors import CallError, XinzhiError
from xinzhi.index import result_hash
from xinzhi.language import speaking
from xinzhi.publish.bundle import BundleError, open_bundle, reading, verify_bundle, write_bundle
from xinzhi.publish.bundle.exchange import sdmx_csv
from xinzhi.publish.cases import CasePicture, CaseSection, PublishedCase
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import Assessment, Edition, Imprint, Notice, edition_of, printed_standing
from xinzhi.publish.figures import figure
from xinzhi.reproduction import printed_index

FEW = Choices(analyses=("robustness", "dagum", "obstacles"), replications=100)
DRAWN = ("ranking", "dagum", "trend")
IMPRINT = Imprint(
    "某研究会",
    "CC0-1.0",
    date(2026, 1, 2),
    3,
    (Notice(date(2026, 2, 1), Text(zh="更正一处", en="One corrected")),),
)


@pytest.fixture(scope="module")
def result():
    return xinzhi.compute("province-open", years=[2021, 2022])


def edition_with(result, **more):
    return edition_of([result], title=result.methodology.title, choices=FEW, **more)


@pytest.fixture(scope="module")
def bundle(result, tmp_path_factory):
    return write_bundle(edition_with(result), tmp_path_factory.mktemp("bundle") / "b.zip", figures=DRAWN)


def case(id="c1"):
    return PublishedCase(
        id, "竹纤维餐具量产", Text(zh="制造", en="Manufacturing"), "甲公司", "990102", "甲样县",
        (CaseSection("summary", Text(zh="背景摘要", en="Summary"), "一段。\n又一段。"),),
        (CasePicture(b"\x89PNG\r\n one", "图1"), CasePicture(b"\xff\xd8 two", "")), True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole(result, tmp_path_factory):
    """A bundle with all that an edition may hold: a second index, a printed one, a case, texts of a paper."""
    national = Assessment("national", xinzhi.compute("national-open"), None, Choices(analyses=()))
    printed = Assessment("ye-xu-table-3", None, printed_index())
    main = Assessment("province-open", result, None, FEW)
    edition = Edition(Text(zh="测评", en="Assessment"), (main, national, printed), (case(),), IMPRINT)
    extra = {"paper/outline.toml": b"title = 1\n", "paper/text/advice.md": "建议".encode()}
    return write_bundle(
        edition, tmp_path_factory.mktemp("bundle") / "w.zip", figures=("ranking", "trend"), extra=extra
    )


def test_the_same_result_gives_the_same_bytes(result, bundle, tmp_path):
    again = write_bundle(edition_with(result), tmp_path / "again.zip", figures=DRAWN)
    assert again.read_bytes() == bundle.read_bytes()


INDEX = [
    "analysis/dagum.csv", "analysis/obstacles.csv", "analysis/report.json", "analysis/robustness.csv",
    "figures/dagum.svg", "figures/ranking.svg", "figures/trend.svg", "methodology.toml", "notes.txt",
    "panel.csv", "results/contributions.csv", "results/descriptive.csv", "results/figures.csv",
    "results/filled.csv", "results/groups.csv", "results/missing.csv", "results/scores.csv",
    "results/scores.sdmx.csv", "results/weights.csv",
]  # fmt: skip


def test_what_it_holds(bundle):
    about = ["CITATION.cff", "LICENCE.txt", "bundle.json", "datapackage.json"]
    assert sorted(open_bundle(bundle).files) == sorted([*about, *INDEX])


def test_what_a_whole_edition_holds(whole):
    """The first index lies at the top, each further one in the folder of its id; one unit has no ranking."""
    further = [n for n in INDEX if n.split("/")[0] not in ("analysis", "figures")]
    national = ["analysis/report.json", "figures/ranking.svg", "figures/trend.svg", *further]
    assert sorted(open_bundle(whole).files) == sorted(
        [
            "CITATION.cff", "CORRECTIONS.txt", "LICENCE.txt", "bundle.json", "datapackage.json",
            *(n for n in INDEX if n != "figures/dagum.svg"), *(f"national/{n}" for n in national),
            "ye-xu-table-3/notes.txt", "ye-xu-table-3/printed.csv",
            "cases/c1-1.png", "cases/c1-2.jpg", "cases/cases.json", "paper/outline.toml", "paper/text/advice.md",
        ]
    )  # fmt: skip


def test_an_edition_comes_back_as_it_was(whole, result):
    opened = open_bundle(whole)
    edition = opened.edition
    assert edition.title == Text(zh="测评", en="Assessment")
    assert [a.id for a in edition.assessments] == ["province-open", "national", "ye-xu-table-3"]
    assert [a.fingerprint for a in edition.assessments] == [
        result_hash(result),
        result_hash(xinzhi.compute("national-open")),
        printed_standing(printed_index()).fingerprint,
    ]
    printed, once = edition.assessments[2].printed, printed_index()
    assert (printed.codes, printed.cells, printed.year, printed.regions) == (
        once.codes, once.cells, 2022, "nbs-4",
    )  # fmt: skip
    assert [(name.zh, name.en) for name in printed.names] == [(name.zh, name.en) for name in once.names]
    assert {node: title.en for node, title in printed.nodes.items()} == {
        node: title.en for node, title in once.nodes.items()
    }
    assert [a.choices for a in edition.assessments[:2]] == [FEW, Choices(analyses=())]
    assert edition.cases == (case(),)
    assert edition.imprint == IMPRINT
    assert opened.paper == {"paper/outline.toml": b"title = 1\n", "paper/text/advice.md": "建议".encode()}
    assert opened.result.codes == result.codes


def test_a_whole_edition_recomputes(whole):
    assert verify_bundle(whole) == []


def test_the_ranks_of_a_printed_index_are_recomputed(whole):
    """Ye and Xu (2024), Table 3: 北京 is first by the total and fourth by its industry."""
    standing = open_bundle(whole).edition.assessments[2].standing
    place = standing.positions["110000"]
    assert (standing.ranks["total"][0, place], standing.ranks["industry"][0, place]) == (1, 4)


def test_figures_are_those_of_the_paper(short_paper):
    """The same bytes as the picture of the paper: drawn once more from what the bundle holds."""
    opened = open_bundle(short_paper / "bundle.zip")
    with speaking("zh"):
        assessment = opened.edition.main
        drawn = figure("density", assessment.result, dict(assessment.report.outcomes)).svg()
    assert opened.files["figures/density.svg"] == drawn.encode()


def test_every_figure_of_the_panel_has_status_and_source(bundle, result):
    panel = pl.read_csv(io.BytesIO(open_bundle(bundle).files["panel.csv"]), infer_schema_length=None)
    assert panel.columns[:8] == ["code", "name", "year", "indicator", "value", "status", "source", "file"]
    known = panel.filter(pl.col("value").is_not_null())
    assert known["source"].null_count() == 0
    assert set(known["file"]) == {"province-open.csv"}  # a name, no place on anybody's disk


def test_the_data_package_describes_its_tables(bundle):
    files = open_bundle(bundle).files
    resources = json.loads(files["datapackage.json"])["resources"]
    assert {r["path"] for r in resources} == {name for name in files if name.endswith(".csv")}
    for resource in resources:
        data = files[resource["path"]]
        heads = data.decode("utf-8-sig").splitlines()[0].split(",")
        assert [field["name"] for field in resource["schema"]["fields"]] == heads
        assert resource["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()


def test_the_citation_names_the_indices(whole, result):
    lines = open_bundle(whole).files["CITATION.cff"].decode().splitlines()
    assert lines[0] == 'cff-version: "1.2.0"'
    assert [line for line in lines if line.startswith(("version", "date-released", "license", "title"))] == [
        'title: "测评"', 'version: "3"', 'license: "CC0-1.0"', 'date-released: "2026-01-02"',
    ]  # fmt: skip
    assert lines[lines.index("authors:") + 1] == '  - name: "某研究会"'
    assert f'    value: "xinzhi:{result_hash(result)}"' in lines


def test_corrections_are_told(whole):
    assert open_bundle(whole).files["CORRECTIONS.txt"].decode() == "更正\n2026-02-01 更正一处\n"


def observations(data):
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    return {(row["REF_AREA"], row["INDICATOR"], row["TIME_PERIOD"]): row for row in rows}


def test_scores_for_exchange(bundle, result):
    """SDMX-CSV 2.0: three columns of the message, then dimensions, the value and its status."""
    found = observations(open_bundle(bundle).files["results/scores.sdmx.csv"])
    first = found["110000", "nqpf", "2022"]
    assert list(first) == [
        "STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", "REF_AREA", "INDICATOR", "TIME_PERIOD", "OBS_VALUE",
        "OBS_STATUS",
    ]  # fmt: skip
    assert {tuple(row.values())[:4] for row in found.values()} == {
        ("dataflow", "XINZHI:PROVINCE_OPEN(1.0)", "I", "A")
    }
    assert len(found) == len(result.nodes) * 2 * 31
    assert float(first["OBS_VALUE"]) == result.scores["nqpf"][1, 0]
    assert {row["OBS_STATUS"] for row in found.values()} == {"A"}


def test_imputed_scores_for_exchange():
    """In 2017 two columns of high technology are filled (31 units each); a share and a dimension rest on them."""
    found = observations(sdmx_csv(xinzhi.compute("province-open", years=[2017])))
    imputed = Counter(node for (_code, node, _year), row in found.items() if row["OBS_STATUS"] == "I")
    assert imputed.pop("nqpf") == 31
    assert set(imputed.values()) == {31}
    derived = {"hightech_revenue_share", "industry"}
    assert set(imputed) == {"hightech_industry_firms", "hightech_industry_revenue"} | derived


def with_hashes(source, target, change=lambda told: None):
    """Write a bundle with the hashes and the seal of its manifest mended, as a forger would."""
    with zipfile.ZipFile(source) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    told = json.loads(contents["bundle.json"])
    told["files"] = {n: hashlib.sha256(d).hexdigest() for n, d in contents.items() if n != "bundle.json"}
    change(told)
    del told["seal"]
    told["seal"] = hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    contents["bundle.json"] = json.dumps(told, ensure_ascii=False).encode()
    return hostile(target, **contents)


@pytest.mark.parametrize(
    ("change", "places"),
    [
        (lambda t: t["imprint"].update(publisher="别人"), {("CITATION.cff", "第 10 行"), "datapackage.json"}),
        (
            lambda t: t["imprint"].update(licence="CC-BY-4.0"),
            {"CITATION.cff", "LICENCE.txt", "datapackage.json"},
        ),
        (lambda t: t["imprint"].update(number=4), {"CITATION.cff", "datapackage.json"}),
        (lambda t: t["imprint"].update(day="2026-01-03"), {"CITATION.cff", "datapackage.json"}),
        (lambda t: t["imprint"].update(notices=[]), {"CORRECTIONS.txt"}),
        (lambda t: t.update(title={"zh": "别的", "en": "Other"}), {"CITATION.cff", "datapackage.json"}),
        (lambda t: t["indices"][1].update(units=2), {("bundle.json", "indices[2].units")}),
        (lambda t: t["indices"][0].update(fingerprint="0" * 64), {("bundle.json", "indices[1].fingerprint")}),
        (lambda t: t["indices"][2]["printed"].update(year=2021), {("bundle.json", "indices[3].fingerprint")}),
        (lambda t: t.update(cases=2), {("bundle.json", "cases")}),
    ],
)
def test_a_manifest_that_was_forged_is_found(whole, tmp_path, change, places):
    """Whoever changes what the manifest says and mends its seal is found by what is made from it."""
    found = verify_bundle(with_hashes(whole, tmp_path / "forged.zip", change))
    assert {(d.file, d.place) if (d.file, d.place) in places else d.file for d in found} >= places


def test_a_manifest_that_was_changed_breaks_its_seal(whole, tmp_path):
    def spoil(name, data):
        return data.replace("某研究会".encode(), "别人".encode()) if name == "bundle.json" else data

    found = verify_bundle(rewritten(whole, tmp_path / "bad.zip", spoil))
    assert [(d.file, d.place) for d in found[:1]] == [("bundle.json", "seal")]


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("figures/ranking.svg", b"77.2", b"72.2", "figures/ranking.svg"),
        ("national/figures/trend.svg", b"2012", b"2013", "national/figures/trend.svg"),
        ("ye-xu-table-3/printed.csv", b"69.8", b"68.9", "bundle.json"),
        ("cases/cases.json", "甲公司".encode(), "乙公司".encode(), None),
        ("national/notes.txt", b"2012", b"2013", "national/notes.txt"),
    ],
)
def test_one_change_in_any_part(whole, tmp_path, file, old, new, expected):
    """What is computed is found even where all hashes were mended; what an editor wrote by its hash alone."""
    assert old in open_bundle(whole).files[file]

    def spoil(name, data):
        return data.replace(old, new, 1) if name == file else data

    spoilt = rewritten(whole, tmp_path / "bad.zip", spoil)
    assert (file, "SHA-256") in {(d.file, d.place) for d in verify_bundle(spoilt)}
    forged = verify_bundle(with_hashes(spoilt, tmp_path / "forged.zip"))
    assert expected in {d.file for d in forged} if expected else forged == []


def test_one_digit_changed_is_named(bundle, tmp_path):
    """Whoever changes a score and its hash in the manifest too is found by the recomputation."""
    scores = open_bundle(bundle).files["results/scores.csv"]
    line = next(line for line in scores.splitlines() if line.startswith("110000,北京,东部,2022".encode()))
    stored = line.split(b",")[4]
    other = stored[:-1] + (b"1" if stored[-1:] != b"1" else b"2")
    changed = scores.replace(line, line.replace(stored, stored[:1] + b"0" + stored[2:], 1))
    assert other != stored

    def spoil(name, data):
        return changed if name == "results/scores.csv" else data

    forged = with_hashes(rewritten(bundle, tmp_path / "bad.zip", spoil), tmp_path / "forged.zip")
    package, difference = sorted(verify_bundle(forged), key=lambda d: d.file)
    assert package.file == "datapackage.json"  # its own hash of the table, which nobody mended
    assert (difference.file, difference.place) == ("results/scores.csv", "[110000 北京 2022 东部] nqpf")
    assert difference.made == stored.decode()


def test_a_changed_input_is_named_with_what_follows_from_it(bundle, tmp_path):
    """The papers of 北京 in 2022 made twice as many: its own score is the maximum, the others' fall."""

    def spoil(name, data):
        if name != "panel.csv":
            return data
        lines = data.decode().splitlines(keepends=True)
        at = next(i for i, line in enumerate(lines) if line.startswith("110000,北京,2022,papers_sci,"))
        value = lines[at].split(",")[4]
        lines[at] = lines[at].replace(value, str(2 * float(value)), 1)
        return "".join(lines).encode()

    found = verify_bundle(rewritten(bundle, tmp_path / "bad.zip", spoil))
    assert [(d.file, d.place) for d in found[:2]] == [
        ("panel.csv", "SHA-256"),
        ("bundle.json", "indices[1].fingerprint"),
    ]
    of_scores = {d.place for d in found if d.file == "results/scores.csv"}
    assert "[310000 上海 2022 东部] papers_sci" in of_scores
    assert {place.split()[2] for place in of_scores} == {"2022"}


@pytest.mark.parametrize("name", ["results/weights.csv", "notes.txt"])
def test_a_file_left_out_is_named(bundle, tmp_path, name):
    spoilt = rewritten(bundle, tmp_path / "bad.zip", lambda n, data: None if n == name else data)
    assert (name, "没有这个文件") in {(d.file, d.stored) for d in verify_bundle(spoilt)}


def test_a_file_slipped_in_is_named(bundle, tmp_path):
    spoilt = rewritten(bundle, tmp_path / "bad.zip", lambda _name, data: data)
    with zipfile.ZipFile(spoilt, "a") as archive:
        archive.writestr("results/more.csv", "a,b\n")
    assert [(d.file, d.made) for d in verify_bundle(spoilt)] == [("results/more.csv", "清单里没有")]


def hostile(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: p / "none.zip", "读不出来: 文件或文件夹不存在"),
        (lambda p: p, "读不出来: 这是文件夹"),
        (lambda p: hostile(p / "a.zip", a=b"b"), "没有清单 bundle.json"),
        (lambda p: hostile(p / "a.zip", **{"bundle.json": b"{"}), "清单读不出来"),
        (lambda p: hostile(p / "a.zip", **{"bundle.json": b"[]"}), "清单的格式不对"),
        (
            lambda p: hostile(p / "a.zip", **{"bundle.json": b'{"format": 1, "files": []}'}),
            "数据包是格式 1, 这里只读格式 2",
        ),
        (lambda p: hostile(p / "a.zip", **{"bundle.json": b'{"format": 2, "files": []}'}), "缺少这一项"),
        (lambda p: hostile(p / "a.zip", **{f"{n}": b"" for n in range(5001)}), "5,?001"),
        (lambda p: hostile(p / "a.zip", **{"../a": b""}), r"\.\./a"),
        (lambda p: hostile(p / "a.zip", zeros=bytes(50 << 20)), "zeros"),
        (lambda p: hostile(p / "a.zip", **{"bundle.json": Random(0).randbytes(5 << 20)}), "bundle.json 超过 4 MB"),
        (lambda p: hostile(p / "a.zip", **{"cases/cases.json": Random(0).randbytes(33 << 20)}), "cases.json 超过 32 MB"),
        (lambda p: hostile(p / "a.zip", **{"bundle.json": b"[" * 100_000}), "清单读不出来"),
        (lambda p: hostile(p / "a.zip", **{"bundle.json": b"9" * 5_000}), "清单读不出来"),
        (lambda p: hostile(p / "a.zip", **{"bundle.json": b'{"format": NaN}'}), "数据包是格式 nan"),
    ],
    ids=[
        "missing", "folder", "no manifest", "broken", "list", "old", "half", "entries", "climbing", "bomb",
        "long manifest", "long cases", "deep", "long number", "no number",
    ],
)  # fmt: skip
def test_what_is_no_bundle(tmp_path, make, message):
    with pytest.raises(BundleError, match=message):
        open_bundle(make(tmp_path))


def changed(told, path, value):
    *inside, last = path
    for key in inside:
        told = told[key]
    told[last] = value


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("indices", 0, "analysis", "seed"), "x", "类型不对, 写的是 x"),
        (("indices", 0, "analysis", "replications"), 10**9, "应当 <= 100000"),
        (("indices", 0, "analysis", "replications"), float("nan"), "类型不对"),
        (("indices", 0, "analysis", "analyses"), 3, "类型不对"),
        (("indices", 0, "analysis", "analyses"), ["nothing"], "nothing"),
        (("indices", 0, "analysis"), None, "指数 province-open 没有分析的设置"),
        (("indices", 0, "folder"), "../../", "bundle.json"),
        (("indices", 0, "figures"), ["nothing"], "没有叫 nothing 的图"),
        (("indices", 0, "id"), "a/b", "bundle.json"),
        (("indices", 1, "id"), "province-open", "标识 province-open 有 2 次"),
        (("indices",), [], "不能为空"),
        (("indices", 2, "printed", "regions"), "none", "没有区域划分“none”"),
        (("indices", 2, "printed", "nodes"), {"total": {"zh": "总"}}, "各列应为 code, name_zh, name_en, total"),
        (("imprint", "licence"), "MINE", "不认识的许可 MINE"),
        (("imprint", "number"), 0, "应当 >= 1"),
        (("imprint", "day"), "tomorrow", "类型不对, 写的是 tomorrow"),
        (("files", "panel.csv"), 7, "类型不对, 写的是 7"),
        (("language",), "fr", "只能是 zh, en"),
        (("more",), 1, "没有这一项"),
    ],
)  # fmt: skip
def test_a_manifest_of_wrong_kinds_is_refused(whole, tmp_path, path, value, message):
    bad = with_hashes(whole, tmp_path / "bad.zip", lambda told: changed(told, path, value))
    with pytest.raises(XinzhiError) as refused:
        verify_bundle(bad)
    assert message in str(refused.value)


def test_a_manifest_that_asks_for_endless_work_is_refused_before_it_is_done(whole, tmp_path, monkeypatch):
    """Of 31 provinces with 11 indicators 100,000 repetitions are 34 million; nothing of it is begun."""
    ask = lambda told: changed(told, ("indices", 0, "analysis", "replications"), 100_000)  # noqa: E731
    monkeypatch.setattr(reading, "_MOST_DRAWN", 30_000_000)
    monkeypatch.setattr(Choices, "report", lambda *_arguments: pytest.fail("it was begun"))
    with pytest.raises(BundleError, match="重算起来没有尽头: 至多 30,000,000"):
        verify_bundle(with_hashes(whole, tmp_path / "bad.zip", ask))


def test_a_link_in_a_bundle_is_a_file_that_nobody_listed(whole, tmp_path):
    """Nothing is unpacked to the disk, so that a link leads nowhere."""
    spoilt = rewritten(whole, tmp_path / "bad.zip", lambda _name, data: data)
    link = zipfile.ZipInfo("results/passwd.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(spoilt, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert open_bundle(spoilt).files["results/passwd.csv"] == b"/etc/passwd"
    assert [(d.file, d.made) for d in verify_bundle(spoilt)] == [("results/passwd.csv", "清单里没有")]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("ye-xu-table-3/printed.csv", "code,name_zh\n110000,北京\n", "各列应为"),
        ("ye-xu-table-3/printed.csv", b"\xff\xfe", "读不出来"),
        ("ye-xu-table-3/printed.csv", "{heads}110000,北京,,x,1,1,1\n", "不是数: x"),
        ("ye-xu-table-3/printed.csv", "{heads}110000,北京,,nan,1,1,1\n", "不是数: nan"),
        ("ye-xu-table-3/printed.csv", "{heads}1,北京,,1,1,1,1\n1,天津,,1,1,1,1\n", "单位的代码重复"),
        ("ye-xu-table-3/printed.csv", "{heads}", "单位的代码重复, 或没有名称"),
        ("cases/cases.json", b"{", "案例读不出来"),
        ("cases/cases.json", b'{"cases": [{"id": "../a"}]}', "cases.json"),
        ("cases/c1-1.png", None, "数据包里没有 cases/c1-1.png"),
        ("national/panel.csv", None, "数据包里没有 national/panel.csv"),
        ("national/methodology.toml", b"[", "TOML"),
    ],
)  # fmt: skip
def test_a_part_that_cannot_be_read_is_named(whole, tmp_path, file, content, message):
    if isinstance(content, str):
        content = content.format(heads="code,name_zh,name_en,total,technology,factors,industry\n").encode()
    bad = rewritten(whole, tmp_path / "bad.zip", lambda name, data: content if name == file else data)
    with pytest.raises(XinzhiError) as refused:
        verify_bundle(bad)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "name", ["paper/../a.md", "/etc/a.md", "results/scores.csv", "paper/a.exe", "paper/"]
)
def test_other_files_are_not_taken_in(result, tmp_path, name):
    with pytest.raises(CallError, match="数据包不收名为"):
        write_bundle(edition_with(result), tmp_path / "b.zip", figures=(), extra={name: b""})
    assert list(tmp_path.iterdir()) == []


def test_a_case_whose_id_names_no_file_is_refused(result, tmp_path):
    with pytest.raises(CallError, match=r"案例的标识 \.\./a 不能用作文件名"):
        write_bundle(edition_with(result, cases=[case("../a")]), tmp_path / "b.zip", figures=())
    assert list(tmp_path.iterdir()) == []
