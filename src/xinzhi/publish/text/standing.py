"""Where the units of an index stand: what the measures and the findings are made from."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xinzhi.analysis.tiers import is_apart
from xinzhi.geography import load_region_scheme
from xinzhi.index import Result, result_hash
from xinzhi.index.ranking import rank
from xinzhi.methodology import Text
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    from xinzhi.analysis.robustness import Robustness

ALL = ""
"""The region of every unit."""


@dataclass(frozen=True)
class Standing:
    """Scores and ranks of N units over T years, with the regions they lie in.

    Obtained from :func:`standing_of` or :func:`standing_in_table`; names are in the language in force then.

    Parameters
    ----------
    fingerprint : str
        SHA-256 of what it was made from.
    title : str
    level : str
        ``"province"``, ``"county"``, ...
    years, codes, names, regions : tuple
        T years; codes, names and region ids of N units.
    region_names : dict of str to str
        By id, in the order of the scheme.
    titles : dict of str to Text
        Titles of the nodes, the root first.
    scores, ranks : dict of str to ndarray, shape (T, N)
        By node.
    decimals : int
        With which scores are shown.
    relative : bool
        True where scores are normalised within each year, and so say nothing about growth.
    result : Result or None
        Where there is one: contributions, figures and weights come from it.
    robustness : Robustness or None
        Where there is one: intervals of ranks come from it.
    """

    fingerprint: str
    title: str
    level: str
    years: tuple[int, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    regions: tuple[str, ...]
    region_names: Mapping[str, str]
    titles: Mapping[str, Text]
    scores: Mapping[str, Floats]
    ranks: Mapping[str, Floats]
    decimals: int = 1
    relative: bool = False
    result: Result | None = None
    robustness: Robustness | None = None

    @property
    def root(self) -> str:
        """The node of the index itself."""
        return self.nodes[0]

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Ids of the nodes, root first."""
        return tuple(self.titles)

    @cached_property
    def year(self) -> int:
        """The last year in which a unit has a total."""
        scored = np.isfinite(self.scores[self.root]).any(axis=1)
        return self.years[int(np.flatnonzero(scored)[-1])] if scored.any() else self.years[-1]

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of the units; one that several have with its code in brackets."""
        times = Counter(self.names)
        pairs = zip(self.names, self.codes, strict=True)
        return tuple(name if times[name] == 1 else f"{name} ({code})" for name, code in pairs)

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """Positions of the units by code."""
        return {code: n for n, code in enumerate(self.codes)}

    @cached_property
    def contributions(self) -> Floats | None:
        """What each indicator brings to the total, shape (T, N, J); None without a result."""
        return None if self.result is None else self.result.contributions()

    def members(self, region: str = ALL) -> list[int]:
        """Return the positions of the units of a region, by default of all."""
        return self._members.get(region, [])

    @cached_property
    def _members(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for n, region in enumerate(self.regions):
            found.setdefault(region, []).append(n)
        return found | {ALL: list(range(len(self.codes)))}

    def mean(self, node: str, year: int, region: str = ALL) -> float:
        """Return the simple mean of the scored units of a region, by default of all; NaN where there is none."""
        place = (node, year, region)
        if place not in self._means:
            values = self.row(node, year)[self.members(region)]
            known = values[np.isfinite(values)]
            self._means[place] = float(known.mean()) if len(known) else float("nan")
        return self._means[place]

    @cached_property
    def _means(self) -> dict[tuple[str, int, str], float]:
        return {}

    def row(self, node: str, year: int) -> Floats:
        """Return the scores of a node in a year, shape (N,)."""
        values: Floats = self.scores[node][self.years.index(year)]
        return values

    def shown(self, node: str, year: int) -> Floats:
        """Return the same as readers see them: rounded to the decimals in which scores are shown."""
        return np.array([shown_value(value, self.decimals) for value in self.row(node, year)])

    def order(self, node: str, year: int) -> list[int]:
        """Return the positions of the scored units, best first; equal ones in the order of their codes."""
        places = self.ranks[node][self.years.index(year)]
        scored = np.flatnonzero(np.isfinite(places)).tolist()
        return sorted(scored, key=lambda n: (places[n], self.codes[n]))

    def listed(self, node: str, year: int) -> list[int]:
        """Return the positions of all units: the scored ones, best first, then the others."""
        scored = self.order(node, year)
        known = set(scored)
        return scored + [n for n in range(len(self.codes)) if n not in known]

    def told_apart(self, unit: int, other: int, year: int) -> bool | None:
        """Tell whether two units can be told apart by their totals; None where nobody examined it."""
        if self.robustness is None:
            return None
        probability = self.robustness.aheads[self.years.index(year)].of(unit, other)
        return None if np.isnan(probability) else bool(is_apart(np.array([probability]))[0])


def shown_value(value: float, decimals: int) -> float:
    """Return a figure as it reads when it is shown with so many decimals."""
    return float(f"{value:.{decimals}f}") + 0.0 if np.isfinite(value) else float("nan")


def standing_of(result: Result, robustness: Robustness | None = None) -> Standing:
    """Return where the units of a result stand."""
    methodology = result.methodology
    rules = [i.normalisation or methodology.normalisation for i in methodology.indicators.values()]
    groups = load_region_scheme(methodology.regions).groups if methodology.regions else ()
    present = set(result.figures.regions)
    return Standing(
        fingerprint=result_hash(result),
        title=str(methodology.title),
        level=methodology.level,
        years=result.years,
        codes=result.codes,
        names=result.names,
        regions=result.figures.regions,
        region_names={group.id: group.name for group in groups if group.id in present},
        titles={node: methodology.node_text(node) for node in result.nodes},
        scores=result.scores,
        ranks=result.ranks,
        decimals=1 if methodology.scale >= 10 else 3,
        relative=any(getattr(rule, "scope", "") == "year" for rule in rules),
        result=result,
        robustness=robustness,
    )


def standing_in_table(
    title: str,
    year: int,
    codes: Sequence[str],
    names: Sequence[str],
    titles: Mapping[str, Text],
    scores: Mapping[str, Sequence[float]],
    *,
    regions: str = "",
    decimals: int = 1,
    fingerprint: str = "",
) -> Standing:
    """Return where units stand by a table of scores of one year, as a publication prints it.

    Parameters
    ----------
    titles : dict of str to Text
        Titles of the nodes, that of the index first.
    scores : dict of str to sequence of float
        By node.
    regions : str, optional
        A region scheme that the codes belong to.
    fingerprint : str, optional
        By default that of title, year, codes and scores.
    """
    scheme = load_region_scheme(regions) if regions else None
    found = [scheme.group_of(code) if scheme else None for code in codes]
    ids = tuple(group.id if group else "" for group in found)
    values = {node: np.array([scores[node]], dtype=float) for node in titles}
    content = [title, year, list(codes), {node: list(map(float, scores[node])) for node in titles}]
    return Standing(
        fingerprint=fingerprint
        or hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest(),
        title=title,
        level="",
        years=(year,),
        codes=tuple(codes),
        names=tuple(names),
        regions=ids,
        region_names={group.id: group.name for group in (scheme.groups if scheme else ()) if group.id in ids},
        titles=dict(titles),
        scores=values,
        ranks={node: rank(table[None], "min")[0] for node, table in values.items()},
        decimals=decimals,
    )
