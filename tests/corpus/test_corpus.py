"""Every file of the corpus: what comes of it, to the last value and rule, and what it costs."""

from __future__ import annotations

import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.corpus.build import build
from tests.corpus.collection import CHANNELS, ENTRIES, kind_of, outcome_of
from tests.corpus.entries import Entry, Read, Returned, figures
from xinzhi.forms.opening import workshop as workshops
from xinzhi.forms.opening.office import SECONDS as CONVERSION
from xinzhi.forms.opening.workshop import MEMORY, SECONDS, Workshop


class Laboratory:
    """One workshop for all files, and what each costs."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self.seconds = 0.0
        self.peak = 0

    def outcome(self, entry: Entry, data: bytes, folder: Path) -> Read | Returned:
        """Do with a file what the product does, and measure it."""
        self.peak, began = 0, time.monotonic()
        outcome = outcome_of(entry, data, self._workshop, folder)
        self.seconds = time.monotonic() - began
        return outcome

    def weigh(self, child: workshops._Child) -> None:
        """Note the most memory that a child has held so far; nothing where the system does not tell."""
        status = Path(f"/proc/{child._process.pid}/status")
        for line in status.read_text().splitlines() if status.exists() else ():
            if line.startswith("VmHWM"):
                self.peak = max(self.peak, 1024 * int(line.split()[1]))


@pytest.fixture(scope="module")
def laboratory():
    asked = workshops._Child.ask
    with Workshop() as workshop, pytest.MonkeyPatch.context() as patch:
        laboratory = Laboratory(workshop)

        def weighed(child, request, data):
            answer = asked(child, request, data)
            laboratory.weigh(child)
            return answer

        patch.setattr(workshops._Child, "ask", weighed)
        yield laboratory


# One test a file and not one a question, since each file is read only once that way, in however many processes.
@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])
def test_what_comes_of_a_file_and_what_it_costs(entry, laboratory, tmp_path):
    data = entry.make()
    if data is None:
        pytest.skip("LibreOffice is not installed")
    outcome = laboratory.outcome(entry, data, tmp_path)
    assert outcome == entry.expected
    # Independent of what is expected: the true figures are known, and no other may come out, at no other place.
    numbers = {key: value for key, value in outcome.values.items() if isinstance(value, Decimal)}
    assert numbers == {key: entry.truth.get(key) for key in numbers}
    assert kind_of(outcome) == entry.kind
    assert laboratory.peak < MEMORY
    assert laboratory.seconds < (CONVERSION if "reading.converted" in outcome.rules else SECONDS)
    assert not [rule for rule in outcome.rules if rule.startswith("workshop.")]  # no child died of it


def test_there_are_as_many_as_promised():
    assert len(ENTRIES) >= 120
    assert sum(entry.hostile for entry in ENTRIES) >= 40
    assert min(Counter(entry.kind for entry in ENTRIES).values()) >= 20
    assert min(map(len, CHANNELS.values())) >= 15
    assert [name for name, count in Counter(entry.name for entry in ENTRIES).items() if count > 1] == []


def test_the_true_figures_differ_from_each_other():
    numbers = list(figures().values())
    assert len(set(numbers)) == len(numbers)


def test_the_files_can_be_looked_at(tmp_path, monkeypatch):
    few = ENTRIES[:3]
    monkeypatch.setattr("tests.corpus.build.ENTRIES", few)
    assert build(tmp_path) == 3
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")} == {
        f"{entry.kind}/{entry.name}" for entry in few
    }
