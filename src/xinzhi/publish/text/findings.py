"""Findings: what the numbers say, as sentences whose every figure carries its key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import numpy as np

from xinzhi.analysis.quadrant import QUADRANTS
from xinzhi.language import current_language
from xinzhi.language import gettext as _
from xinzhi.publish.blocks import Name, Number, Paragraph, Span, Spans, Words
from xinzhi.publish.text.keys import Key, short_node
from xinzhi.publish.text.measures import in_band, in_quadrant, value_of, written
from xinzhi.publish.text.standing import ALL, Standing, shown_value
from xinzhi.publish.text.templates import grammar, pieces, template_of

Fact = Span | Sequence[Span]

FEW = 12
"""Units that a sentence lists; more are only counted."""
_FOLLOWERS = 4
_LAST = 3
_TOP = 10
_OUTSTANDING = 3


class Writer:
    """Makes spans and sentences about a standing.

    Parameters
    ----------
    standing : Standing
    """

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self._result = standing.fingerprint[:8]

    # --- spans -------------------------------------------------------------------------------------------

    def number(
        self, measure: str, form: str = "0", unit: str = "", node: str = "", year: int = 0, more: str = ""
    ) -> Number:
        """Return a figure with its key, written in the language in force."""
        key = Key(self._result, measure, form, unit, short_node(node, self.standing.nodes), year, more)
        return Number(key, written(value_of(self.standing, key), form))

    def score(self, n: int, node: str, year: int) -> Number:
        """Return the score of the unit at position `n`."""
        return self.number("score", self.decimals, self.standing.codes[n], node, year)

    def rank(self, n: int, node: str, year: int) -> Number:
        """Return the rank of the unit at position `n`; a half rank is shown as one."""
        value = self.standing.ranks[node][self.standing.years.index(year), n]
        form = "0" if not np.isfinite(value) or value == int(value) else "1"
        return self.number("rank", form, self.standing.codes[n], node, year)

    def year(self, year: int) -> Number:
        """Return a year."""
        return self.number("year", "year", year=year)

    def edge(self, text: str) -> Number:
        """Return a bound that a sentence sets itself."""
        return self.number("edge", str(len(text.partition(".")[2])), more=text)

    def title(self, node: str) -> Name:
        """Return the title of a node."""
        return Name(str(self.standing.titles[node]))

    def name(self, n: int) -> Name:
        """Return the name of the unit at position `n`."""
        return Name(self.standing.labels[n])

    def region(self, region: str) -> Name:
        """Return the name of a region."""
        return Name(self.standing.region_names[region])

    @property
    def decimals(self) -> str:
        """The form in which scores are written."""
        return str(self.standing.decimals)

    # --- sentences ---------------------------------------------------------------------------------------

    def say(self, finding: str, case: str, **facts: Fact) -> Spans:
        """Return the sentence of a finding with its facts put in.

        Raises
        ------
        KeyError
            If the template names a fact that was not given.
        """
        spans: list[Span] = []
        for piece in pieces(template_of(finding, case)):
            if isinstance(piece, str):
                spans.append(Words(piece))
                continue
            fact = facts[piece.fact]
            if piece.vocabulary:
                assert isinstance(fact, Number)
                spans.append(self._word(fact, piece.vocabulary))
            elif isinstance(fact, Sequence):
                spans += listed(fact)
            else:
                spans.append(fact)
        return tuple(spans)

    def _word(self, figure: Number, vocabulary: str) -> Number:
        decimals = figure.key.form.lstrip("m+")
        form = f"{vocabulary}.{decimals}" if grammar().vocabularies[vocabulary].by == "sign" else vocabulary
        value = value_of(self.standing, figure.key)
        return Number(figure.key.written(form), written(value, form))

    # --- findings ----------------------------------------------------------------------------------------

    def level(self, n: int, node: str) -> Iterator[Spans]:
        """Levels and increments of one unit over the years."""
        standing, code = self.standing, self.standing.codes[n]
        series = standing.scores[node][:, n]
        known = [t for t in range(len(standing.years)) if np.isfinite(series[t])]
        if not known:
            return
        year, since = standing.years[known[-1]], standing.years[known[0]]
        facts: dict[str, Fact] = {
            "unit": self.name(n),
            "node": self.title(node),
            "year": self.year(year),
            "score": self.score(n, node, year),
        }
        if len(known) == 1 or standing.relative:
            yield self.say("level", "alone", **facts)
            return
        magnitude = f"m{self.decimals}"
        facts |= {"since": self.year(since), "base": self.score(n, node, since)}
        facts["change"] = change = self.number("change", magnitude, code, node, year, str(since))
        facts["pace"] = pace = self.number("pace", magnitude, code, node, year, str(since))
        nil = written(0.0, self.decimals)
        case = "steady" if change.text == nil else "moved_slightly" if pace.text == nil else "moved"
        yield self.say("level", case, **facts)
        steps = np.diff(series)
        if len(steps) > 2 and np.isfinite(steps).all() and all(b > a for a, b in pairwise(steps.tolist())):
            about = {"node": facts["node"], "since": facts["since"], "year": facts["year"]}
            yield self.say("acceleration", "faster", **about)

    def drivers(self, n: int, nodes: Sequence[str]) -> Spans:
        """Yearly changes of the parts of one unit's index, largest first."""
        standing, code = self.standing, self.standing.codes[n]
        first, last = standing.years[0], standing.year

        def pace(node: str) -> Number:
            return self.number("pace", f"+{self.decimals}", code, node, last, str(first))

        ordered = sorted(nodes, key=lambda node: -value_of(standing, pace(node).key))
        return self.say(
            "drivers",
            "plain",
            nodes=[self.title(node) for node in ordered],
            paces=[pace(node) for node in ordered],
            node=self.title(standing.root),
            pace=pace(standing.root),
        )

    def leaders(self, node: str, year: int) -> Iterator[Spans]:
        """Who is first, whether surely, and who follows; ties are said."""
        standing = self.standing
        order = standing.order(node, year)
        if not order:
            return
        facts: dict[str, Fact] = {
            "year": self.year(year),
            "node": self.title(node),
            "leader": self.name(order[0]),
            "score": self.score(order[0], node, year),
        }
        tied = self._tied_first(order, node, year)
        if len(tied) > 1:
            names = [self.name(n) for n in tied[:FEW]]
            yield self.say(
                "tied_first",
                "plain",
                year=facts["year"],
                node=facts["node"],
                leaders=names,
                score=facts["score"],
            )
        elif len(order) == 1:
            yield self.say("leaders", "one", **facts)
            return
        else:
            yield self._ahead(order, node, year, facts)
        yield from self._ties(order[: 1 + _FOLLOWERS], node, year, skip=tied)

    def _ahead(self, order: Sequence[int], node: str, year: int, facts: dict[str, Fact]) -> Spans:
        standing, first, second = self.standing, order[0], order[1]
        facts |= {"next": self.name(second), "next_score": self.score(second, node, year)}
        apart = standing.told_apart(first, second, year) if node == standing.root else None
        followers = order[1 : 1 + _FOLLOWERS] if apart is None else order[2 : 2 + _FOLLOWERS]
        facts["others"] = [self.name(n) for n in followers]
        facts["scores"] = [self.score(n, node, year) for n in followers]
        if len(followers) < 2:
            return self.say("leaders", "few", **facts)
        if apart is None:
            return self.say("leaders", "plain", **facts)
        facts["apart"] = self.number("apart", "0", standing.codes[first], node, year, standing.codes[second])
        return self.say("leaders", "examined", **facts)

    def _tied_first(self, order: Sequence[int], node: str, year: int) -> list[int]:
        shown = self.standing.shown(node, year)
        return [n for n in order if shown[n] == shown[order[0]]]

    def _ties(self, order: Sequence[int], node: str, year: int, skip: Sequence[int] = ()) -> Iterator[Spans]:
        shown = self.standing.shown(node, year)
        for _score, run in groupby(order, key=lambda n: shown[n]):
            units = list(run)
            if len(units) > 1 and units[0] not in skip:
                names = [self.name(n) for n in units[:FEW]]
                yield self.say("ties", "plain", units=names, score=self.score(units[0], node, year))

    def last(self, node: str, year: int) -> Iterator[Spans]:
        """Who is last, ties said; nothing where there are few units."""
        order = self.standing.order(node, year)
        if len(order) < 2 * (1 + _FOLLOWERS):
            return
        tail = order[-_LAST:]
        yield self.say(
            "last",
            "plain",
            units=[self.name(n) for n in tail],
            scores=[self.score(n, node, year) for n in tail],
        )
        yield from self._ties(tail, node, year)

    def tiers(self, year: int) -> Iterator[Spans]:
        """How many tiers the intervals of the ranks leave, and who is in the first."""
        robustness = self.standing.robustness
        if robustness is None or not robustness.tiers[self.standing.years.index(year)].order:
            return
        first = robustness.tiers[self.standing.years.index(year)].members[0]
        yield self.say(
            "indistinct",
            "plain",
            year=self.year(year),
            count=self.number("units", year=year),
            tiers=self.number("tiers", year=year),
            units=[self.name(n) for n in first[:FEW]],
        )

    def gradient(self, node: str, year: int) -> Iterator[Spans]:
        """The regions in the order of their simple means."""
        means = {region: self._mean(region, node, year) for region in self.standing.region_names}
        known = [region for region, mean in means.items() if mean.text != "–"]
        if len(known) < 2:
            return
        order = sorted(known, key=lambda region: -value_of(self.standing, means[region].key))
        runs = [list(run) for _text, run in groupby(order, key=lambda region: means[region].text)]
        tied = next((run for run in runs if len(run) > 1), [])
        yield self.say(
            "gradient",
            "tied" if tied else "strict",
            year=self.year(year),
            node=self.title(node),
            regions=[self.region(region) for region in order],
            means=[means[region] for region in order],
            tied=[self.region(region) for region in tied],
        )

    def _mean(self, region: str, node: str, year: int) -> Number:
        return self.number("mean", self.decimals, region, node, year)

    def first_places(self, node: str, year: int, top: int = _TOP) -> Iterator[Spans]:
        """How many of the first places each region has, and which holds the first without a break."""
        standing = self.standing
        order = in_band(standing, node, year, f"rank..{top}")
        if len(standing.region_names) < 2 or len(order) < top:
            return
        inside = {r: sum(standing.regions[n] == r for n in order) for r in standing.region_names}
        have = [region for region, count in inside.items() if count]
        leader = standing.regions[order[0]]
        facts: dict[str, Fact] = {
            "year": self.year(year),
            "node": self.title(node),
            "places": self.edge(str(top)),
            "regions": [self.region(region) for region in have],
            "counts": [
                self.number("count", unit=region, node=node, year=year, more=f"rank..{top}")
                for region in have
            ],
        }
        if len(have) == 1:
            yield self.say("first_places", "single", **facts)
            return
        run = self.number("first", unit=leader, node=node, year=year)
        if int(value_of(standing, run.key)) > 2:
            yield self.say("first_places", "run", **facts, top=run, region=self.region(leader))
        else:
            yield self.say("first_places", "plain", **facts)

    def above_mean(self, node: str, year: int) -> Spans:
        """The simple mean and who has more."""
        above = in_band(self.standing, node, year, "mean..")
        facts: dict[str, Fact] = {
            "year": self.year(year),
            "node": self.title(node),
            "count": self.number("units", node=node, year=year),
            "mean": self._mean(ALL, node, year),
            "above": self.number("count", node=node, year=year, more="mean.."),
            "units": [self.name(n) for n in above],
        }
        return self.say("mean", "listed" if 0 < len(above) <= FEW else "counted", **facts)

    def band(self, node: str, year: int, band: str) -> Spans:
        """How many units lie in a band such as ``"0..30"`` or ``"60.."``, and which."""
        low, _dots, high = band.partition("..")
        inside = in_band(self.standing, node, year, band)
        facts: dict[str, Fact] = {
            "node": self.title(node),
            "low": self.edge(low),
            "count": self.number("count", node=node, year=year, more=band),
            "units": [self.name(n) for n in inside],
        }
        case = "none" if not inside else "listed" if len(inside) <= FEW else "counted"
        if high:
            return self.say("between", case, **facts, high=self.edge(high))
        return self.say("at_least", case, **facts)

    def quadrants(self, up: str, year: int, across: str) -> Iterator[Spans]:
        """Units by two nodes about their simple means, the quadrants numbered as mathematics does."""
        cases = dict(zip(QUADRANTS, ("first", "second", "third", "fourth"), strict=True))
        for quadrant, case in cases.items():
            inside = in_quadrant(self.standing, up, year, across, quadrant)
            if inside:
                more = f"{quadrant}.{short_node(across, self.standing.nodes)}"
                yield self.say(
                    "quadrant",
                    case,
                    across=self.title(across),
                    up=self.title(up),
                    count=self.number("quadrant", node=up, year=year, more=more),
                    units=[self.name(n) for n in inside],
                )

    def climbers(self, node: str, since: int, year: int) -> Iterator[Spans]:
        """Whose rank moved furthest, and whose furthest the other way."""
        standing = self.standing
        gained = (
            standing.ranks[node][standing.years.index(since)]
            - standing.ranks[node][standing.years.index(year)]
        )
        if not np.isfinite(gained).any() or not np.nanmax(np.abs(gained)):
            return
        furthest = int(np.nanargmax(np.abs(gained)))
        yield self._climb("up", furthest, node, since, year)
        other = int(np.nanargmin(gained) if gained[furthest] > 0 else np.nanargmax(gained))
        if gained[other] * gained[furthest] < 0:
            yield self._climb("other", other, node, since, year)

    def _climb(self, case: str, n: int, node: str, since: int, year: int) -> Spans:
        facts: dict[str, Fact] = {
            "since": self.year(since),
            "year": self.year(year),
            "node": self.title(node),
            "unit": self.name(n),
            "climb": self.number("climb", "m0", self.standing.codes[n], node, year, str(since)),
            "from": self.rank(n, node, since),
            "to": self.rank(n, node, year),
        }
        return self.say("climbers", case, **facts)

    # --- one unit ----------------------------------------------------------------------------------------

    def portrait(self, n: int, year: int) -> Iterator[Spans]:
        """Where a unit stands, how its rank moved, its strengths and weaknesses against its peers."""
        standing, root, code = self.standing, self.standing.root, self.standing.codes[n]
        peers = standing.regions[n]
        facts: dict[str, Fact] = {
            "year": self.year(year),
            "unit": self.name(n),
            "node": self.title(root),
        }
        if not np.isfinite(standing.row(root, year)[n]):
            yield self.say("portrait", "none", **facts)
            return
        facts |= {
            "score": self.score(n, root, year),
            "rank": self.rank(n, root, year),
            "count": self.number("units", year=year),
        }
        low, high, tier = (self.number(m, "0", code, root, year) for m in ("low", "high", "tier"))
        examined = "–" not in (low.text, high.text, tier.text)
        case = "examined" if examined else "plain"
        yield self.say("portrait", case, **facts, low=low, high=high, tier=tier)
        gap = self.number("gap", f"m{self.decimals}", code, root, year, peers)
        same = gap.text == written(0.0, self.decimals)
        yield self.say("against", "same" if same else "apart", gap=gap, peers=self.peers(peers))
        since = standing.years[0]
        if since < year and np.isfinite(standing.row(root, since)[n]):
            climb = self.number("climb", "m0", code, root, year, str(since))
            yield self.say(
                "moved",
                "same" if climb.text == "0" else "changed",
                since=self.year(since),
                climb=climb,
                **{"from": self.rank(n, root, since)},
            )
        yield from self.strengths(n, year)

    def peers(self, region: str) -> Name:
        """Return what the units are called that a unit is compared with: its region, or all."""
        return Name(self.standing.region_names.get(region) or _("全部单位"))

    def strengths(self, n: int, year: int) -> Iterator[Spans]:
        """What a unit is best and worst at, indicator by indicator, against the mean of its region."""
        standing, code, peers = self.standing, self.standing.codes[n], self.standing.regions[n]
        leaves = standing.result.methodology.tree.leaves if standing.result else standing.nodes[1:]
        gaps = {}
        for node in leaves:
            gap = self.number("gap", f"+{self.decimals}", code, node, year, peers)
            if gap.text != "–":
                gaps[node] = (shown_value(value_of(standing, gap.key), standing.decimals), gap)
        ordered = sorted(gaps, key=lambda node: -gaps[node][0])
        strong = [node for node in ordered if gaps[node][0] > 0][:_OUTSTANDING]
        weak = [node for node in reversed(ordered) if gaps[node][0] < 0][:_OUTSTANDING]
        for case, nodes in (("strong", strong), ("weak", weak)):
            yield self.say(
                "strengths",
                case if nodes else f"none_{case}",
                peers=self.peers(peers),
                nodes=[self.title(node) for node in nodes],
                gaps=[gaps[node][1] for node in nodes],
            )


def listed(spans: Sequence[Span]) -> list[Span]:
    """Return spans as people list them."""
    found: list[Span] = []
    for place, span in enumerate(spans):
        if place:
            found.append(Words(_("、") if place < len(spans) - 1 else _("和")))
        found.append(span)
    return found


def paragraph(*sentences: Spans) -> Paragraph:
    """Return sentences as a paragraph, spaced as the language does."""
    spans: list[Span] = []
    for sentence in sentences:
        if spans and current_language() == "en":
            spans.append(Words(" "))
        spans += sentence
    return Paragraph(tuple(spans))
