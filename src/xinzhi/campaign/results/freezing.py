"""What a campaign's data set is at a moment: figures with the version each comes from, units, cases. No contacts.

Only three things are read: the figures of accepted indicator returns (their last version), the approved counts of
media reports, and the number of accepted cases. None of them has a private field.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.campaigns.queries import asked_units
from xinzhi.campaign.opinion.queries import approved_counts
from xinzhi.campaign.places.models import Unit
from xinzhi.campaign.returns.drafts import figures_of
from xinzhi.campaign.returns.models import CASE, INDICATORS, Return, Version
from xinzhi.forms import IndicatorForm, load_form

FORMAT = 1
OPINION_SOURCE, CASES_SOURCE = "舆情采集, 已核准", "审核通过的案例计数"

Figure = tuple[str, int, str, str, str, str]
"""Code of the unit, year, indicator, number as text (blank: missing), unit of measure, source."""


@dataclass(frozen=True)
class Frozen:
    """A data set.

    Attributes
    ----------
    figures : list of Figure
        In the order of units, rows of the form and years.
    names : mapping
        Of the units by code.
    about : mapping
        Campaign, forms, units with the state and version of their returns, counts of states, accepted cases.
    """

    figures: list[Figure]
    names: Mapping[str, str]
    about: dict[str, Any]

    @property
    def content(self) -> str:
        """SHA-256 over forms, figures and cases; what is still under way does not count."""
        said = [self.about["forms"], self.figures, self.about["cases"]]
        return hashlib.sha256(canonical(said)).hexdigest()

    def parquet(self) -> bytes:
        """Return the figures as a file that :func:`xinzhi.read_panel` takes."""
        import polars as pl

        codes, years, indicators, numbers, measures, sources = zip(*self.figures, strict=True)
        frame = pl.DataFrame(
            {
                "code": codes,
                "name": [self.names[code] for code in codes],
                "year": years,
                "indicator": indicators,
                "value": pl.Series([float(n) if n else None for n in numbers], dtype=pl.Float64),
                "measure": measures,
                "status": ["reported" if number else "missing" for number in numbers],
                "source": sources,
            }
        )
        file = io.BytesIO()
        frame.write_parquet(file)
        return file.getvalue()


def data_set(campaign: Campaign) -> Frozen:
    """Return the data set of a campaign as it stands now."""
    form = campaign.indicators
    returns = {
        r.unit_id: r for r in Return.objects.filter(campaign=campaign, sort=INDICATORS).select_related("unit")
    }
    accepted = [r for r in returns.values() if r.state == "accepted"]
    versions = _last_versions(accepted)
    opinion = approved_counts(campaign)
    cases = list(
        Return.objects.filter(campaign=campaign, sort=CASE, state="accepted")
        .select_related("unit", "recommender")
        .order_by("pk")
    )
    counted = cases_accepted(cases)
    figures = [
        figure
        for filed in sorted(accepted, key=lambda r: r.unit.code)
        for figure in _figures(form, filed, versions[filed.pk], opinion, counted[filed.unit_id])
    ]
    units = {u.pk: u for u in asked_units(campaign, INDICATORS)} | {
        r.unit_id: r.unit for r in returns.values()
    }
    return Frozen(
        figures,
        {filed.unit.code: filed.unit.name for filed in accepted},
        {
            "format": FORMAT,
            "campaign": campaign.slug,
            "title": campaign.title,
            "year": campaign.year,
            "demonstration": campaign.demonstration,
            "forms": campaign.forms,
            "years": list(form.years),
            "states": dict(sorted(Counter(r.state for r in returns.values()).items())),
            "units": [
                _unit(unit, returns.get(unit.pk), versions)
                for unit in sorted(units.values(), key=lambda u: u.code)
            ],
            "cases": [
                {
                    "id": str(case.pk),
                    "version": case.version,
                    "domain": case.domain,
                    "unit": case.unit.code,
                    "recommender": case.recommender.code if case.recommender else "",
                }
                for case in cases
            ],
        },
    )


def cases_accepted(cases: list[Return]) -> Counter[int]:
    """Return how many of these cases each unit (by id) filed or recommended; both of one case count once."""
    return Counter(unit for case in cases for unit in {case.unit_id, case.recommender_id} if unit is not None)


def canonical(value: object) -> bytes:
    """Return a value as the one JSON text that is hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _last_versions(accepted: list[Return]) -> dict[object, Version]:
    wanted = {r.pk: r.version for r in accepted}
    return {
        v.of_id: v
        for v in Version.objects.filter(of__in=accepted).defer("sealed", "findings", "explanations", "files")
        if wanted[v.of_id] == v.number
    }


def _figures(
    form: IndicatorForm,
    filed: Return,
    version: Version,
    opinion: Mapping[tuple[int, str, int], Decimal],
    cases: int,
) -> Iterator[Figure]:
    """Yield a figure of every row and year; of working fields only those that were filled in."""
    own = load_form(version.form)
    assert isinstance(own, IndicatorForm)
    known = figures_of(own, version.values)
    receipt = f"{version.receipt} v{version.number}"
    code = filed.unit.code
    for id, row in form.figures():
        filler = form.rows[id].filled_by if id in form.rows else "working"
        for year in form.years:
            number: Decimal | int | None
            match filler:
                case "media":
                    number, source = opinion.get((filed.unit_id, id, year)), OPINION_SOURCE
                case "cases":
                    number, source = cases, CASES_SOURCE
                case _unit:
                    number, source = known.get((id, year)), receipt
            if number is None and filler == "working":
                continue
            text = "" if number is None else f"{Decimal(number).normalize():f}"
            yield code, year, id, text, row.unit, source if text else ""


def _unit(unit: Unit, filed: Return | None, versions: Mapping[object, Version]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "code": unit.code,
        "name": unit.name,
        "state": filed.state if filed else "",
        "version": filed.version if filed else 0,
    }
    if filed and (version := versions.get(filed.pk)):
        said |= {"return": str(filed.pk), "receipt": version.receipt, "digest": version.digest}
    return said
