"""Readings made by hand, to be judged: a sound one, and changes to it."""

from __future__ import annotations

from decimal import Decimal

from xinzhi.forms import Reading, Value, load_form

INDICATORS = load_form("indicators")
CASE = load_form("case")

# Invented figures of a county of the fictitious province, sound by every rule.
SOUND = {
    "gdp": ("207.46", "219.38"),
    "population": ("42.15", "41.98"),
    "loans": ("318.20", "341.75"),
    "non_tax_share": ("38.61", "36.20"),
    "technology_contracts": ("5210.00", "6120.50"),
    "invention_patents": ("41.00", "52.00"),
    "provincial_specialised_firms": ("12.00", "15.00"),
    "national_specialised_firms": ("2.00", "3.00"),
    "cable_density": ("12.40", "12.90"),
    "high_tech_share": ("21.35", "23.10"),
    "carbon_intensity": ("1.32", "1.28"),
}
SENTENCE = "改造后能耗由每吨0.52降至0.38吨标煤，产值同比增长32%，覆盖3条生产线，投入1800万元，带动就业260人。"


def figures(**changes: tuple[str | None, ...]) -> Reading:
    """The sound indicator form with some rows written otherwise; None is a blank cell."""
    written = SOUND | changes
    values = []
    for id, _figure in INDICATORS.figures():
        texts = written.get(id, (None, None))
        for year, text in zip(INDICATORS.years, texts, strict=True):
            values.append(value(id, year, text))
    return Reading(form=INDICATORS.name, format="docx", values=tuple(values))


def value(field: str, year: int | None, text: str | None) -> Value:
    if text is None:
        return Value(field=field, year=year, status="missing")
    return Value(field=field, year=year, raw=text, status="number", number=Decimal(text))


def case(**changes: str | None) -> Reading:
    """A sound case with some fields or sections written otherwise; None is left out."""
    written: dict[str, str | None] = {
        "title": "样例县智能制造示范",
        "unit": "示例省样例科技有限公司",
        "contact": "张三样例",
        "phone": "010-00000000",
        "address": "示例省样例县样例路1号",
        "email": "sample@example.com",
        "seal_date": "2025-08-15",
        **dict.fromkeys(CASE.sections, SENTENCE),
    } | changes
    values = [Value(field="domain", status="choice", raw="√高科技", text="high_technology")]
    for field in (*CASE.fields, *CASE.sections, "seal_date"):
        if field != "domain":
            text = written.get(field)
            status = "missing" if text is None else "text"
            values.append(Value(field=field, raw=text or "", text=text or "", status=status))
    return Reading(form=CASE.name, format="docx", values=tuple(values))


def rules_of(findings) -> list[tuple[str, str, int | None]]:
    """What the findings are about: rule, field and year."""
    return [(finding.rule, finding.field, finding.year) for finding in findings]
