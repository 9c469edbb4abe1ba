"""What is written into a Word form is what is read from it, whatever the answers.

A thousand random returns, half of each form; ``XINZHI_EXAMPLES`` sets another number for each.
"""

from __future__ import annotations

import io
import os

from hypothesis import HealthCheck, given, settings

from tests.forms.filling import CASE, INDICATORS, figures, stories
from xinzhi.forms.files.word import read_word
from xinzhi.forms.understanding.understand import understand
from xinzhi.forms.writing.answers import answers_of
from xinzhi.forms.writing.word import write_word

FORMS = [INDICATORS, CASE]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
SETTINGS = settings(
    max_examples=int(os.environ.get("XINZHI_EXAMPLES", "500")),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=SLOW,
)


def read_again(form, answers) -> dict:
    buffer = io.BytesIO()
    write_word(form, answers, buffer)
    (reading,) = understand(read_word(buffer.getvalue()), FORMS)
    assert reading.form == form.name
    return answers_of(reading)


@SETTINGS
@given(figures())
def test_figures_come_back(answers):
    others = [id for id, row in INDICATORS.rows.items() if row.filled_by != "unit"]
    blank = dict.fromkeys((id, year) for id in (*others, *INDICATORS.working) for year in INDICATORS.years)
    assert read_again(INDICATORS, answers) == {**answers, **blank}


@SETTINGS
@given(stories())
def test_stories_come_back(answers):
    assert read_again(CASE, answers) == answers
