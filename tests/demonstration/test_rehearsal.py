"""The rehearsal: sound returns of a province that does not exist, and what becomes of each of its mails."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from itertools import combinations

import pytest
from PIL import Image

from tests.forms.readings import rules_of
from xinzhi.demonstration import (
    rehearse,
    simulated_case,
    simulated_figures,
    simulated_mails,
    simulated_picture,
)
from xinzhi.forms import Reading, Value, count_characters, load_form, read
from xinzhi.forms.checks import check, recompute
from xinzhi.geography import demonstration_units
from xinzhi.intake.copies import THRESHOLD, copies
from xinzhi.intake.likeness import alike
from xinzhi.intake.store import Store

INDICATORS, CASE = load_form("indicators"), load_form("case")
UNITS = demonstration_units()


def reading_of(form, filed) -> Reading:
    values = []
    for (field, year), answer in filed.items():
        if year is None:
            status = "choice" if field == "domain" else "text"
            values.append(Value(field=field, status=status, raw=answer, text=answer))
        else:
            values.append(Value(field=field, year=year, status="number", raw=str(answer), number=answer))
    return Reading(form=form.name, values=tuple(values))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.code)
def test_simulated_figures_are_sound_and_their_formulas_agree(unit):
    reading = reading_of(INDICATORS, simulated_figures(INDICATORS, unit))
    assert rules_of(check(INDICATORS, reading)) == []
    assert {outcome.status for outcome in recompute(INDICATORS, reading)} == {"agrees"}


def test_a_simulated_case_is_sound_and_fits():
    filed = simulated_case(CASE, "示例省甲样县样品有限公司", "样品改造")
    assert rules_of(check(CASE, reading_of(CASE, filed))) == []
    assert 1000 < sum(count_characters(filed[id, None]) for id in CASE.sections) < 3000


def test_unrelated_cases_share_less_text_than_a_person_is_asked_about():
    filed = [simulated_case(CASE, f"示例省样{n}县样品有限公司", f"样品{n}改造") for n in range(24)]
    texts = ["\n".join(each[id, None] for id in CASE.sections) for each in filed]
    # Two at a time: among many, what stands in more than one case in twenty would not count.
    pairs = [alike({"one": one, "other": other}, 0.0) for one, other in combinations(texts, 2)]
    assert len(pairs) == 24 * 23 / 2
    assert max(pair.containment for found in pairs for pair in found) < THRESHOLD * 0.9


def test_the_same_seed_gives_the_same_mails_and_another_one_others():
    one, again, other = simulated_mails(), simulated_mails(), simulated_mails(seed=7)
    assert [mail.data for mail in one] == [mail.data for mail in again]
    assert one[0].data != other[0].data


def test_a_simulated_picture_meets_the_demands_of_the_form():
    data = simulated_picture(1)
    image = Image.open(io.BytesIO(data))
    assert len(data) >= CASE.pictures.least_bytes
    assert image.width * image.height >= CASE.pictures.least_pixels


# What each mail of the demonstration shows, in the order in which they come.
OUTCOMES = {
    "01-figures-word": ("understood", "990121", []),
    "02-figures-excel": ("understood", "990122", []),
    "03-figures-slips": (
        "understood",
        "990123",
        ["figures.missing", "figures.ratio", "figures.slip", "figures.too_large"],
    ),
    "04-gbk": ("understood", "990181", []),
    "05-forwarded": ("understood", "990223", []),
    "06-homonym": ("question", "", ["units.homonyms"]),
    "07-district": ("question", "990102", ["units.district_indicators"]),
    "08-case": ("understood", "示例省甲样县样品轴承有限公司", []),
    "09-case-short": (
        "understood",
        "示例省丁样市样品建材有限公司",
        ["case.promotional", "case.results_without_figures", "material.evidence_missing", "material.no_seal", "pictures.few"],
    ),
    "10-case-copied": ("understood", "示例省己样县样品水泵有限公司", ["package.sent_before"]),
    "11-again": ("understood", "990121", ["package.sent_before"]),
    "12-link": ("understood", "990221", ["mail.linked_attachment", "package.nothing_readable"]),
    "13-automatic": ("understood", "", ["mail.automatic"]),
    "14-bomb": ("quarantine", "", ["package.ratio", "units.subject_incomplete", "units.unknown"]),
    "15-classified": (
        "quarantine",
        "示例省样品研究院",
        ["package.nothing_readable", "secrecy.classified"],
    ),
    "16-late": ("late", "990321", ["timing.late"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rehearsal")
    rehearse(folder, lambda: datetime(2025, 9, 2, tzinfo=UTC))
    return folder


def test_every_mail_becomes_what_it_shows(rehearsed):
    with Store(rehearsed / "store") as store:
        outcomes = {
            made.name.removesuffix(".eml"): (
                made.status,
                made.match.unit or made.match.body,
                sorted({finding.rule for finding in made.all_findings()}),
            )
            for made in store.returns()
        }
    assert outcomes == OUTCOMES


def test_only_the_automatic_and_the_classified_mail_get_no_reply(rehearsed):
    with Store(rehearsed / "store") as store:
        answered = {reply.delivery for reply in store.replies()}
        silent = [made.name for made in store.returns() if made.id not in answered]
    assert silent == ["13-automatic.eml", "15-classified.eml"]


def test_of_the_cases_only_the_planted_copy_stands_out(rehearsed):
    with Store(rehearsed / "store") as store:
        found = copies(store, 0.01)
    shares = {
        frozenset((found.cases[pair.one].filer, found.cases[pair.other].filer)): pair.containment
        for pair in found.texts
    }
    planted = frozenset(("示例省甲样县样品轴承有限公司", "示例省己样县样品水泵有限公司"))
    assert shares.pop(planted) == 1
    assert max(shares.values()) < THRESHOLD * 0.9


def test_figures_arrive_as_they_were_simulated(rehearsed):
    with Store(rehearsed / "store") as store:
        (made,) = [made for made in store.returns() if made.name == "02-figures-excel.eml"]
        read_back = {(v.field, v.year): v.number for v, _from in made.values() if v.number is not None}
    assert read_back == simulated_figures(INDICATORS, UNITS[2])


def test_everything_says_that_it_is_a_demonstration(rehearsed):
    assert (rehearsed / "mails.txt").read_text(encoding="utf-8").startswith("演示数据")
    with Store(rehearsed / "store") as store:
        for made in store.returns():
            for item, _reading in made.readings():
                data = store.path(item.sha256).read_bytes()
                with zipfile.ZipFile(io.BytesIO(data)) as package:
                    assert any("演示数据".encode() in package.read(name) for name in package.namelist())


def test_blank_forms_lie_beside(rehearsed):
    assert {path.name: read(path).form for path in (rehearsed / "forms").iterdir()} == {
        "case.docx": "letter-2025/case@1",
        "case.xlsx": "letter-2025/case@1",
        "indicators.docx": "letter-2025/indicators@1",
        "indicators.xlsx": "letter-2025/indicators@1",
    }
