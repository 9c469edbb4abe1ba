"""The page of a case: sections with advice, the live count, contacts, recommending unit; and two at one cell at once."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, connections, transaction

import xinzhi.campaign.returns
from tests.campaign.clients import client_of
from tests.campaign.conftest import World
from tests.campaign.test_filing import address, begun, post_json
from tests.campaign.test_returns import filled
from xinzhi.campaign.returns import operations as returns
from xinzhi.campaign.returns.models import Cell, Entry, Return
from xinzhi.demonstration.returns import simulated_case
from xinzhi.forms import count_characters

COUNTING = Path(xinzhi.campaign.returns.__file__).parent / "static" / "returns" / "counting.js"


def test_the_page_of_a_case_shows_what_the_letter_advises(world: World) -> None:
    filed, form = begun(world, "case"), world.campaign.case
    page = client_of(world.reporter).get(address("return", filed)).content.decode()
    for section in form.sections.values():
        for advice in (section.content, section.data, section.advice):
            assert advice.replace('"', "&quot;") in page
    assert page.count('type="radio" name="cell:domain"') == len(form.fields["domain"].options) == 3
    assert "不含国家秘密" in page and f"/ {form.content.most_characters}" in page


def test_the_count_comes_back_with_each_save(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    to = address("return_cell", filed)
    first, second = list(world.campaign.case.sections)[:2]
    post_json(client, to, {"key": first, "text": "产值 12.30 亿元。\n", "seen": 0})
    said = post_json(client, to, {"key": second, "text": "增长 23%", "seen": 0}).json()
    # 产值12.30亿元。 and 增长23%: ten and five signs without their spaces.
    assert {k: said["characters"][k] for k in (first, second, "")} == {first: 10, second: 5, "": 15}


def test_the_title_follows_and_the_recommending_unit_is_recognised(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    to = address("return_cell", filed)
    post_json(client, to, {"key": "title", "text": "智能制造", "seen": 0})
    city = world.county.parent
    assert city is not None
    said = post_json(client, to, {"key": "recommender", "text": f"{city.name}人民政府", "seen": 0}).json()
    assert said["recommender"] == city.full_name
    filed.refresh_from_db()
    assert (filed.title, filed.recommender) == ("智能制造", city)
    assert "智能制造" in client.get(address("return", filed)).content.decode()


def test_contacts_are_shown_to_the_unit_alone(world: World) -> None:
    filed = begun(world, "case")
    returns.save_cell(world.reporter, filed, "contact", "示例联系人", 0)
    returns.save_cell(world.reporter, filed, "contact", "另一示例人", 1)
    assert list(Entry.objects.values_list("text", flat=True)) == ["", ""]
    shown = {
        name: "另一示例人"
        in client_of(getattr(world, name)).get(address("return_answers", filed)).content.decode()
        for name in ("reporter", "confirmer", "office", "auditor")
    }
    assert shown == {"reporter": True, "confirmer": True, "office": False, "auditor": False}
    history = (
        client_of(world.reporter).get(address("return_history", filed) + "?key=contact").content.decode()
    )
    assert history.index("另一示例人") < history.index("示例联系人</td>")


def test_a_complete_case_saved_without_a_script(world: World) -> None:
    filed, client = begun(world, "case"), client_of(world.reporter)
    answers = simulated_case(world.campaign.case, world.county.name, "示例案例")
    said = {f"cell:{field}": str(text) for (field, _year), text in answers.items()}
    said |= {name.replace("cell:", "seen:"): "0" for name in said}
    assert client.post(address("return", filed), said | {"then": "stay"}).status_code == 302
    assert {c.key for c in filed.cells.all()} == {field for field, _year in answers}
    rules = {f.rule for f in returns.findings_of(filed) if not f.rule.startswith(("pictures", "material"))}
    assert rules == set()


# --- the count in the browser ------------------------------------------------------------------------------


def vectors() -> list[str]:
    """Return one character of every run of equal category, and texts in which they meet."""
    found, before = [], ""
    for code in range(0x110000):
        category = unicodedata.category(chr(code))
        if category != before and category not in ("Cn", "Cs"):
            found.append(chr(code))
        before = category
    return [*found, "产值 12.30 亿元。\n", "e\u0301\u200b👩\u200d🔬", "𠮷野家 ①²", "\u3000\xa0\t", ""]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs a JavaScript engine")
def test_browser_and_server_count_alike() -> None:
    script = (
        "require(process.argv[1]);"
        "const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));"
        "console.log(JSON.stringify(texts.map(countCharacters)));"
    )
    texts = vectors()
    done = subprocess.run(
        ["node", "-e", script, str(COUNTING)],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    differ = [
        (text, count_characters(text), count)
        for text, count in zip(texts, json.loads(done.stdout), strict=True)
        if count != count_characters(text)
    ]
    assert (len(texts) > 2000, differ) == (True, [])


# --- two at once -------------------------------------------------------------------------------------------


@pytest.fixture
def real_transactions(transactional_db: None) -> Iterator[None]:
    """Emptying the tables afterwards is what the triggers of the audit refuse: this connection, its last, ignores them."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
@pytest.mark.django_db(transaction=True)
def test_of_two_that_save_one_cell_at_once_one_stands_and_both_are_kept(
    real_transactions: None, world: World
) -> None:
    filed = begun(world)
    start, outcomes = threading.Barrier(2), {}

    def save(text: str) -> None:
        try:
            start.wait(10)
            outcomes[text] = returns.save_cell(world.reporter, filed, "gdp@2023", text, 0)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=(text,)) for text in ("100.00", "200.00")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(saved.outcome for saved in outcomes.values()) == ["conflict", "saved"]
    (stands,) = [text for text, saved in outcomes.items() if saved.outcome == "saved"]
    assert Cell.objects.get(of=filed, key="gdp@2023").text == stands
    assert {(e.text, e.stood) for e in filed.entries.all()} == {
        ("100.00", stands == "100.00"),
        ("200.00", stands == "200.00"),
    }


def test_a_save_that_fails_halfway_leaves_nothing(world: World) -> None:
    filed: Return = filled(world)
    before = filed.entries.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        returns.save_cell(world.reporter, filed, "gdp@2023", "1.00", 1)
        raise ZeroDivisionError
    assert filed.entries.count() == before
