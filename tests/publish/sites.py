"""An edition for the tests of the public site: the provinces, the printed table, a hostile case, a correction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.publish.test_edition import case
from xinzhi.declarations import Text
from xinzhi.index import Result
from xinzhi.publish.cases import CaseSection
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import Edition, Imprint, Notice, edition_of
from xinzhi.reproduction import printed_index

CHOICES = Choices(analyses=("robustness", "obstacles"), replications=100)
HOSTILE = "<script>alert(1)</script>"


def edition_to_publish(provinces: Result) -> Edition:
    section = CaseSection("summary", Text(zh="背景摘要", en="Summary"), f"{HOSTILE}\n第二段 & 其他")
    hostile = replace(case(), title=f"案例 {HOSTILE}", sections=(section,), outstanding=True, code="440000")
    notice = Notice(date(2026, 1, 2), Text(zh="更正一处", en="One thing corrected"))
    imprint = Imprint(day=date(2025, 12, 1), number=2, notices=(notice,))
    return edition_of([provinces], [printed_index()], choices=CHOICES, cases=[hostile], imprint=imprint)
