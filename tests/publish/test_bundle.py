"""A bundle: the same bytes each time, recomputed to the last figure, and nothing in it believed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import polars as pl
import pytest

import xinzhi
from tests.publish.papers import rewritten
from xinzhi.errors import CallError
from xinzhi.language import speaking
from xinzhi.publish.bundle import BundleError, open_bundle, verify_bundle, write_bundle
from xinzhi.publish.bundle.parts import Choices

FEW = Choices(analyses=("robustness", "dagum", "obstacles"), replications=100)


@pytest.fixture(scope="module")
def result():
    return xinzhi.compute("province-open", years=[2021, 2022])


@pytest.fixture(scope="module")
def bundle(result, tmp_path_factory):
    return write_bundle(result, tmp_path_factory.mktemp("bundle") / "b.zip", FEW)


def test_the_same_result_gives_the_same_bytes(result, bundle, tmp_path):
    assert write_bundle(result, tmp_path / "again.zip", FEW).read_bytes() == bundle.read_bytes()


def test_what_it_holds(bundle):
    assert sorted(open_bundle(bundle).files) == [
        "CITATION.cff", "LICENCE.txt", "analysis/dagum.csv", "analysis/obstacles.csv", "analysis/report.json",
        "analysis/robustness.csv", "bundle.json", "datapackage.json", "methodology.toml", "notes.txt",
        "panel.csv", "results/contributions.csv", "results/descriptive.csv", "results/figures.csv", "results/filled.csv",
        "results/groups.csv", "results/missing.csv", "results/scores.csv", "results/weights.csv",
    ]  # fmt: skip


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


def test_the_citation_names_the_result(bundle, result):
    lines = open_bundle(bundle).files["CITATION.cff"].decode().splitlines()
    assert lines[0] == 'cff-version: "1.2.0"'
    assert f'version: "{xinzhi.index.result_hash(result)[:8]}"' in lines


def test_it_recomputes(bundle):
    assert verify_bundle(bundle) == []


def test_it_recomputes_in_the_language_it_was_written_in(result, tmp_path):
    with speaking("en"):
        written = write_bundle(result, tmp_path / "en.zip", Choices(analyses=()))
    assert verify_bundle(written) == []


def test_one_digit_changed_is_named(bundle, tmp_path):
    """Whoever changes a score and its hash in the manifest too is found by the recomputation."""
    scores = open_bundle(bundle).files["results/scores.csv"]
    line = next(line for line in scores.splitlines() if line.startswith("110000,北京,东部,2022".encode()))
    stored = line.split(b",")[4]
    other = stored[:-1] + (b"1" if stored[-1:] != b"1" else b"2")
    changed = scores.replace(line, line.replace(stored, stored[:1] + b"0" + stored[2:], 1))
    assert other != stored

    def spoil(name, data):
        if name == "results/scores.csv":
            return changed
        if name == "bundle.json":
            old, new = (hashlib.sha256(d).hexdigest().encode() for d in (scores, changed))
            return data.replace(old, new)
        return data

    (difference,) = verify_bundle(rewritten(bundle, tmp_path / "bad.zip", spoil))
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
        ("bundle.json", "result_sha256"),
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
        (lambda p: hostile(p / "a.zip", **{"bundle.json": b'{"format": 1, "files": []}'}), "清单的格式不对"),
        (lambda p: hostile(p / "a.zip", **{f"{n}": b"" for n in range(300)}), "300"),
        (lambda p: hostile(p / "a.zip", **{"../a": b""}), r"\.\./a"),
        (lambda p: hostile(p / "a.zip", zeros=bytes(50 << 20)), "zeros"),
    ],
    ids=["missing", "folder", "no manifest", "broken", "list", "half", "entries", "climbing", "bomb"],
)
def test_what_is_no_bundle(tmp_path, make, message):
    with pytest.raises(BundleError, match=message):
        open_bundle(make(tmp_path))


@pytest.mark.parametrize(
    "analysis", [{}, {"analyses": 3}, {"analyses": [], "replications": 10**9}, {"analyses": [], "seed": "x"}]
)
def test_settings_that_cannot_be_are_refused(bundle, tmp_path, analysis):
    def spoil(name, data):
        return (
            json.dumps(json.loads(data) | {"analysis": analysis}).encode() if name == "bundle.json" else data
        )

    with pytest.raises(BundleError, match="清单里分析的设置读不出来"):
        verify_bundle(rewritten(bundle, tmp_path / "bad.zip", spoil))


def test_an_unknown_licence_is_refused(result, tmp_path):
    with pytest.raises(CallError, match="不认识的许可 MINE"):
        write_bundle(result, tmp_path / "b.zip", FEW, licence="MINE")
    assert list(tmp_path.iterdir()) == []
