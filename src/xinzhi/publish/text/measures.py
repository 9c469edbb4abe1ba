"""What a key stands for: each measure is a function of where the units stand; and how its figure is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from xinzhi.errors import XinzhiError
from xinzhi.language import LANGUAGES, speaking
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats
from xinzhi.publish.text.keys import Key, NumberError
from xinzhi.publish.text.standing import ALL, Standing, shown_value
from xinzhi.publish.text.templates import grammar

_MOST_DECIMALS = 6


def value_of(standing: Standing, key: Key) -> float:
    """Return the figure that a key stands for; NaN where there is none.

    Raises
    ------
    NumberError
        If the key is of another result, or names a measure, a unit, a node or a year that is not there.
    """
    if key.result != standing.fingerprint[: len(key.result)] or len(key.result) < 8:
        raise NumberError(
            _("数字 {key} 属于另一个结果").format(key=key),
            remedy=_("请给出同一个结果的数据包: {result}").format(result=standing.fingerprint[:8]),
        )
    measure = MEASURES.get(key.measure)
    if measure is None:
        raise NumberError(_("没有叫 {measure} 的量").format(measure=key.measure), where=str(key))
    try:
        return float(measure(standing, key))
    except (ArithmeticError, KeyError, IndexError, ValueError) as error:
        if isinstance(error, XinzhiError):
            raise
        raise NumberError(_("结果里没有这个数: {key}").format(key=key)) from error


def written(value: float, form: str) -> str:
    """Write a figure in a form (see :class:`Key`), in the language in force; an en dash where there is none.

    Raises
    ------
    NumberError
        If the form is none.
    """
    if not np.isfinite(value):
        return "–"
    name, _dot, decimals = form.partition(".")
    if name in grammar().vocabularies:
        # A word follows the figure as it is shown: what reads 0.0 has not risen.
        return grammar().vocabularies[name].word(shown_value(value, _decimals(decimals or "0", form)))
    if form == "year":
        return f"{value:.0f}"
    sign, decimals = (form[0], form[1:]) if form[:1] in ("m", "+") else ("", form)
    shown = shown_value(value, _decimals(decimals, form))
    number = f"{abs(shown) if sign == 'm' else shown:,.{decimals}f}"
    return f"+{number}" if sign == "+" and shown > 0 else number.replace("-", "−")


def _decimals(text: str, form: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _MOST_DECIMALS):
        raise NumberError(_("没有叫 {form} 的写法").format(form=form))
    return int(text)


def is_shown(standing: Standing, key: Key, text: str) -> bool:
    """Tell whether `text` is how the figure of a key is written, in one of the languages."""
    return text in texts_of(value_of(standing, key), key.form)


def texts_of(value: float, form: str) -> tuple[str, ...]:
    """Return how a figure is written in each of the languages."""
    if form.partition(".")[0] not in grammar().vocabularies:
        return (written(value, form),)  # figures are written alike
    texts = []
    for language in LANGUAGES:
        with speaking(language):
            texts.append(written(value, form))
    return tuple(texts)


# --- measures ----------------------------------------------------------------------------------------------


def _node(standing: Standing, key: Key) -> str:
    if key.node.startswith("~"):
        return standing.nodes[int(key.node[1:])]
    return key.node or standing.root


def _at(standing: Standing, key: Key) -> tuple[int, int]:
    return standing.years.index(key.year), standing.positions[key.unit]


def _score(standing: Standing, key: Key) -> float:
    return float(standing.scores[_node(standing, key)][_at(standing, key)])


def _rank(standing: Standing, key: Key) -> float:
    return float(standing.ranks[_node(standing, key)][_at(standing, key)])


def _change(standing: Standing, key: Key) -> float:
    scores, n = standing.scores[_node(standing, key)], standing.positions[key.unit]
    return float(scores[standing.years.index(key.year), n] - scores[standing.years.index(int(key.more)), n])


def _pace(standing: Standing, key: Key) -> float:
    return _change(standing, key) / (key.year - int(key.more))


def _climb(standing: Standing, key: Key) -> float:
    """Places gained since an earlier year."""
    ranks, n = standing.ranks[_node(standing, key)], standing.positions[key.unit]
    return float(ranks[standing.years.index(int(key.more)), n] - ranks[standing.years.index(key.year), n])


def _mean(standing: Standing, key: Key) -> float:
    return standing.mean(_node(standing, key), key.year, key.unit)


def _gap(standing: Standing, key: Key) -> float:
    """Score of a unit above the mean of the units of a region (`more`; blank for all)."""
    mean = _mean(standing, Key(key.result, "mean", "", key.more, key.node, key.year))
    return _score(standing, key) - mean


def _count(standing: Standing, key: Key) -> float:
    return float(len(in_band(standing, _node(standing, key), key.year, key.more, key.unit)))


def _units(standing: Standing, key: Key) -> float:
    values = standing.row(_node(standing, key), key.year)[standing.members(key.unit)]
    return float(np.isfinite(values).sum())


def _low(standing: Standing, key: Key) -> float:
    return _interval(standing, key, "low")


def _high(standing: Standing, key: Key) -> float:
    return _interval(standing, key, "high")


def _interval(standing: Standing, key: Key, end: str) -> float:
    t, n = _at(standing, key)
    return float(standing.robustness.rank[end][t, n]) if standing.robustness else float("nan")


def _tier(standing: Standing, key: Key) -> float:
    if standing.robustness is None:
        return float("nan")
    tier = int(standing.robustness.tier_of(key.year)[standing.positions[key.unit]])
    return float(tier) if tier else float("nan")


def _tiers(standing: Standing, key: Key) -> float:
    if standing.robustness is None:
        return float("nan")
    return float(len(standing.robustness.tiers[standing.years.index(key.year)].starts))


def _apart(standing: Standing, key: Key) -> float:
    """1 where the ranks tell two units apart, 0 where they do not."""
    other = standing.positions[key.more]
    apart = standing.told_apart(standing.positions[key.unit], other, key.year)
    return float("nan") if apart is None else float(apart)


def _contribution(standing: Standing, key: Key) -> float:
    if standing.result is None or standing.contributions is None:
        return float("nan")
    leaf = standing.result.methodology.tree.leaves.index(_node(standing, key))
    return float(standing.contributions[(*_at(standing, key), leaf)])


def _figure(standing: Standing, key: Key) -> float:
    if standing.result is None:
        return float("nan")
    leaf = standing.result.methodology.tree.leaves.index(_node(standing, key))
    return float(standing.result.figures.values[(*_at(standing, key), leaf)])


def _weight(standing: Standing, key: Key) -> float:
    """Share of the total, in per cent."""
    if standing.result is None:
        return float("nan")
    tree, node = standing.result.methodology.tree, _node(standing, key)
    shares = standing.result.weights.of_leaves()[0]
    return 100 * float(sum(shares[tree.leaves.index(leaf)] for leaf in tree.leaves_under(node)))


def _filled(standing: Standing, key: Key) -> float:
    """Share of the weight that rests on filled figures, in per cent."""
    return 100 * float(standing.result.filled_share[_at(standing, key)]) if standing.result else float("nan")


def _year(standing: Standing, key: Key) -> float:
    return float(standing.years[standing.years.index(key.year)])


def _years(standing: Standing, key: Key) -> float:
    return float(len(standing.years))


def _indicators(standing: Standing, key: Key) -> float:
    if standing.result is None:
        return float("nan")
    return float(len(standing.result.methodology.tree.leaves_under(_node(standing, key))))


def _dimensions(standing: Standing, key: Key) -> float:
    if standing.result is None:
        return float("nan")
    methodology = standing.result.methodology
    return float(sum(n in methodology.dimensions for n in methodology.tree.children[methodology.tree.root]))


def _cell(standing: Standing, key: Key) -> float:
    """A figure of the data, gaps filled; `more` is the position of its variable."""
    if standing.result is None:
        return float("nan")
    panel = standing.result.figures.panel
    return float(panel.values[panel.years.index(key.year), standing.positions[key.unit], int(key.more)])


def _fills(standing: Standing, key: Key) -> float:
    return float(len(standing.result.fills)) if standing.result else float("nan")


def _scale(standing: Standing, key: Key) -> float:
    """Points of a full score."""
    return float(standing.result.methodology.scale) if standing.result else float("nan")


def _replications(standing: Standing, key: Key) -> float:
    return float(standing.robustness.replications) if standing.robustness else float("nan")


def _width(standing: Standing, key: Key) -> float:
    """Mean over the units of how many places the interval of the rank spans."""
    if standing.robustness is None:
        return float("nan")
    t = standing.years.index(key.year)
    widths = standing.robustness.rank["high"][t] - standing.robustness.rank["low"][t]
    known = widths[np.isfinite(widths)]
    return float(known.mean()) if len(known) else float("nan")


def _first(standing: Standing, key: Key) -> float:
    """How many of the first places, counted from the top, one region holds without a break."""
    order = standing.order(_node(standing, key), key.year)
    return float(next((k for k, n in enumerate(order) if standing.regions[n] != key.unit), len(order)))


def _edge(_standing: Standing, key: Key) -> float:
    """Edge of a band, which a sentence names: it stands for itself."""
    return float(key.more)


def _quadrant(standing: Standing, key: Key) -> float:
    """How many units are in a quadrant; `more` is its number and the node across."""
    quadrant, _dot, across = key.more.partition(".")
    other = Key(key.result, "score", "0", node=across)
    return float(len(in_quadrant(standing, _node(standing, key), key.year, _node(standing, other), quadrant)))


MEASURES: Mapping[str, Callable[[Standing, Key], float]] = {
    "score": _score,
    "rank": _rank,
    "change": _change,
    "pace": _pace,
    "climb": _climb,
    "mean": _mean,
    "gap": _gap,
    "count": _count,
    "units": _units,
    "low": _low,
    "high": _high,
    "tier": _tier,
    "tiers": _tiers,
    "apart": _apart,
    "contribution": _contribution,
    "figure": _figure,
    "weight": _weight,
    "filled": _filled,
    "year": _year,
    "years": _years,
    "indicators": _indicators,
    "dimensions": _dimensions,
    "cell": _cell,
    "fills": _fills,
    "scale": _scale,
    "replications": _replications,
    "width": _width,
    "first": _first,
    "edge": _edge,
    "quadrant": _quadrant,
}


def in_band(standing: Standing, node: str, year: int, band: str, region: str = ALL) -> list[int]:
    """Return the positions of the units in a band, best first.

    Parameters
    ----------
    band : str
        ``"0..30"``: scores, as they are shown, from 0 to below 30; ``"60.."``: 60 and more; ``"mean.."``:
        above the simple mean of all units; ``"rank..10"``: the first ten.
    """
    low, _dots, high = band.partition("..")
    inside = set(standing.members(region))
    order = [n for n in standing.order(node, year) if n in inside]
    if low == "rank":
        places = standing.ranks[node][standing.years.index(year)]
        return [n for n in order if places[n] <= float(high)]
    if low == "mean":
        values = standing.row(node, year)
        mean = float(np.nanmean(values))
        return [n for n in order if values[n] > mean]
    shown = standing.shown(node, year)
    return [n for n in order if shown[n] >= float(low) and (not high or shown[n] < float(high))]


def in_quadrant(standing: Standing, up: str, year: int, across: str, quadrant: str) -> list[int]:
    """Return the positions of the units in a quadrant about the simple means of two nodes, best first."""
    signs = {"I": (1, 1), "II": (-1, 1), "III": (-1, -1), "IV": (1, -1)}[quadrant]
    x, y = (_beyond(standing.row(node, year)) for node in (across, up))
    return [n for n in standing.order(up, year) if (x[n], y[n]) == signs]


def _beyond(values: Floats) -> Floats:
    signs: Floats = np.sign(values - np.nanmean(values))
    return signs
