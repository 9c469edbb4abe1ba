"""Do units draw together: sigma convergence (their spread shrinks) and beta convergence (the low grow faster)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from xinzhi.analysis.inputs import (
    ascending,
    at_least,
    figures,
    matrix,
    membership,
    refuse,
    refuse_cells,
    vector,
)
from xinzhi.analysis.outcome import Outcome
from xinzhi.analysis.outputs import LEVEL, TIE, alike, frame, listed, p_text, plain, say, span
from xinzhi.errors import CallError, ComputeError
from xinzhi.language import gettext as _
from xinzhi.panel.panel import Floats

if TYPE_CHECKING:
    import polars as pl


# --- sigma --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trend:
    """A straight line through a yearly series, by least squares.

    Attributes
    ----------
    slope : float
        Change a year.
    p_value : float or None
        Two-sided, by Student's t with T - 2 degrees of freedom; None with two years, through which every
        line is exact.
    """

    slope: float
    p_value: float | None

    @property
    def is_significant(self) -> bool:
        """True when the slope differs from 0 at the 5 % level."""
        return self.p_value is not None and self.p_value < LEVEL


@dataclass(frozen=True)
class SigmaConvergence(Outcome):
    """The spread between units, year by year.

    Attributes
    ----------
    years : tuple of int
    groups : tuple of str
        All units first, then each group.
    sizes : tuple of int
    measure : {"cv", "log"}
    sigma : ndarray of float, shape (G, T)
        NaN for a group of one unit, in which nobody can differ.
    trends : tuple of Trend or None, length G
    value_name : str
        What people call the figures; blank when it was not said.
    """

    years: tuple[int, ...]
    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    measure: str
    sigma: Floats
    trends: tuple[Trend | None, ...]
    value_name: str

    @property
    def title(self) -> str:
        """What was analysed."""
        return _("σ 收敛")

    def table(self) -> pl.DataFrame:
        """One row a group and year; a group of one unit has a note in the place of its figure."""
        count = len(self.years)
        notes = ["" if trend else _("只有一个单位") for trend in self.trends]
        return frame({
            "group": np.repeat(self.groups, count).tolist(),
            "units": np.repeat(self.sizes, count).tolist(),
            "year": list(self.years) * len(self.groups),
            "sigma": self.sigma.ravel(),
            "trend": [trend.slope if trend else None for trend in self.trends for _year in self.years],
            "p_value": [trend.p_value if trend else None for trend in self.trends for _year in self.years],
            "note": np.repeat(notes, count).tolist(),
        })  # fmt: skip

    def shown(self) -> pl.DataFrame:
        """One row a group: its sigma year by year, then the trend."""
        once = self.table()[:: len(self.years)]
        years = frame({str(year): self.sigma[:, t] for t, year in enumerate(self.years)})
        return once.select("group", "units").hstack(years).hstack(once.select("trend", "p_value", "note"))

    def sentence(self) -> str:
        """Say how the spread of all units moved, whether its trend is told from chance, and of which groups."""
        first, last, trend = float(self.sigma[0, 0]), float(self.sigma[0, -1]), self.trends[0]
        assert trend is not None
        if math.isclose(first, last, rel_tol=TIE, abs_tol=1e-12):
            moved = _("σ 不变 ({first:.4f})")
        elif last < first:
            moved = _("σ 由 {first:.4f} 降到 {last:.4f}")
        else:
            moved = _("σ 由 {first:.4f} 升到 {last:.4f}")
        clauses = [f"{span(self.years, self.value_name)}: " + moved.format(first=first, last=last)]
        if trend.p_value is None:
            clauses.append(_("只有两年, 趋势无从检验"))
        else:
            if not trend.is_significant:
                verdict = _("趋势在 5% 水平上不显著, 不能断定收敛或发散 ({p})")
            elif trend.slope < 0:
                verdict = _("趋势显著向下, 存在 σ 收敛 ({p})")
            else:
                verdict = _("趋势显著向上, 是发散 ({p})")
            clauses.append(verdict.format(p=p_text(trend.p_value)))
            inside = list(zip(self.groups, self.trends, strict=True))[1:]
            tested = [(group, trend) for group, trend in inside if trend and trend.is_significant]
            if down := [group for group, trend in tested if trend.slope < 0]:
                clauses.append(_("组内显著收敛: {groups}").format(groups=listed(down)))
            if up := [group for group, trend in tested if trend.slope > 0]:
                clauses.append(_("组内显著发散: {groups}").format(groups=listed(up)))
        if single := [group for group, trend in zip(self.groups, self.trends, strict=True) if trend is None]:
            clauses.append(_("只有一个单位, 没有 σ: {groups}").format(groups=listed(single)))
        return say(*clauses)

    def figure(self) -> dict[str, Any]:
        """Return one line a group."""
        return {"years": list(self.years), "groups": list(self.groups), "sigma": plain(self.sigma)}


def sigma_convergence(
    values: npt.ArrayLike,
    years: Sequence[int],
    names: Sequence[object] | None = None,
    groups: Sequence[object] | None = None,
    measure: Literal["cv", "log"] = "cv",
    value_name: str = "",
) -> SigmaConvergence:
    """Return the spread of the units in each year and its linear trend.

    Parameters
    ----------
    values : array_like of float, shape (T, N)
    years : sequence of int, length T
        Ascending.
    names : sequence, length N, optional
    groups : sequence, length N, optional
        Also within each group.
    measure : {"cv", "log"}
        ``"cv"``: population standard deviation over mean, which asks for positive means; ``"log"``:
        population standard deviation of logarithms, which asks for positive figures.
    value_name : str, optional
        What people call the figures, for the sentence.

    Returns
    -------
    SigmaConvergence
        A series whose sigma differs by less than 1e-9 of the largest has no trend: slope 0, p = 1.

    Raises
    ------
    ComputeError
        For fewer than two years or units, missing figures, or figures that the measure does not allow.

    References
    ----------
    R. J. Barro and X. Sala-i-Martin (1992), Convergence, Journal of Political Economy 100, 223-251.
    """
    if measure not in ("cv", "log"):
        raise CallError(
            _("没有这个选项: {option}").format(option=measure),
            remedy=_("可选: {options}").format(options="cv, log"),
        )
    array, dates, names = _panel(values, years, names)
    at_least(len(names), 2, _("σ 收敛"))
    positions: list[npt.NDArray[np.intp]] = [np.arange(len(names))]
    titles = [_("全部")]
    if groups is not None:
        group_names, group = membership(groups, names)
        titles += group_names
        positions += [np.flatnonzero(group == k) for k in range(len(group_names))]
    if measure == "log":
        _all_positive(array, dates, names)
    measured = np.log(array) if measure == "log" else array
    sigma = np.full((len(titles), len(dates)), np.nan)
    for row, members in enumerate(positions):
        if len(members) < 2:
            continue
        part = measured[:, members]
        spread = np.where(alike(array[:, members], axis=1), 0.0, part.std(axis=1))
        if measure == "cv":
            means = part.mean(axis=1)
            cells = [f"{titles[row]}, {year}" for year in dates]
            refuse(means <= 0, cells, _("均值不是正数, 变异系数没有定义"), _("请用不产生负值的标准化方法"))
            spread = spread / means
        sigma[row] = spread
    trends = tuple(None if np.isnan(row).any() else _trend(row, dates) for row in sigma)
    return SigmaConvergence(
        dates, tuple(titles), tuple(map(len, positions)), measure, sigma, trends, value_name
    )


def _trend(series: Floats, years: tuple[int, ...]) -> Trend:
    time = np.array(years, dtype=np.float64) - np.mean(years)
    if alike(series):
        return Trend(0.0, 1.0 if len(years) > 2 else None)
    slope = float(time @ series / (time @ time))
    if len(years) == 2:
        return Trend(slope, None)
    residuals = series - series.mean() - slope * time
    error = math.sqrt(float(residuals @ residuals) / (len(years) - 2) / float(time @ time))
    return Trend(slope, _two_sided(slope, error, len(years) - 2))


# --- beta ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Regression:
    """A regression of growth on the initial level by ordinary least squares.

    Attributes
    ----------
    terms : tuple of str
        The constant, the initial level, then the controls.
    coefficients, errors, p_values : ndarray of float, shape (K,)
        Errors are robust to heteroskedasticity (HC1); p values are two-sided, by Student's t with N - K
        degrees of freedom.
    r_squared : float or None
        None when all units grew alike, so that there is nothing to explain.
    speed, half_life : float or None
        Speed of convergence a year, negative when units diverge, and the years in which half of the gap
        closes.
    note : str
        Why speed or half-life is None; blank where both are given.
    """

    terms: tuple[str, ...]
    coefficients: Floats
    errors: Floats
    p_values: Floats
    r_squared: float | None
    speed: float | None
    half_life: float | None
    note: str

    @property
    def beta(self) -> float:
        """The coefficient of the initial level."""
        return float(self.coefficients[1])

    @property
    def p_value(self) -> float:
        """Two-sided p value of beta."""
        return float(self.p_values[1])


@dataclass(frozen=True)
class BetaConvergence(Outcome):
    """Beta convergence between the first and the last year.

    Attributes
    ----------
    years : tuple of int
        First and last.
    form : {"rate", "total"}
        What is regressed.
    names : tuple of str
    initial, growth : ndarray of float, shape (N,)
        ``ln y_0`` and the regressand.
    absolute : Regression
    conditional : Regression or None
        With the controls, where there are any.
    value_name : str
        What people call the figures; blank when it was not said.
    """

    years: tuple[int, int]
    form: str
    names: tuple[str, ...]
    initial: Floats
    growth: Floats
    absolute: Regression
    conditional: Regression | None
    value_name: str

    @property
    def spreads(self) -> tuple[float, float]:
        """Population standard deviation of ``ln y`` in the first and in the last year."""
        growth = self.growth * (self.years[1] - self.years[0] if self.form == "rate" else 1)
        return float(self.initial.std()), float((self.initial + growth).std())

    @property
    def title(self) -> str:
        """What was analysed."""
        return _("β 收敛")

    @property
    def models(self) -> dict[str, Regression]:
        """The regressions by name."""
        return {"absolute": self.absolute} | ({"conditional": self.conditional} if self.conditional else {})

    def table(self) -> pl.DataFrame:
        """One row a term of each regression; speed and half-life stand in the rows of the initial level."""
        rows = [
            {
                "model": name,
                "term": term,
                "coefficient": float(model.coefficients[k]),
                "standard_error": float(model.errors[k]),
                "p_value": float(model.p_values[k]),
                "speed": model.speed if k == 1 else None,
                "half_life": model.half_life if k == 1 else None,
                "r_squared": model.r_squared if k == 1 else None,
                "note": model.note if k == 1 else "",
            }
            for name, model in self.models.items()
            for k, term in enumerate(model.terms)
        ]
        return frame({column: [row[column] for row in rows] for column in rows[0]})

    def sentence(self) -> str:
        """Say for each regression whether low units grew faster and how surely, and whether gaps have closed."""
        absolute = _("绝对 β 收敛: {reading}").format(reading=_reading(self.absolute))
        clauses = [f"{span(self.years, self.value_name)}: {absolute}"]
        if self.conditional:
            clauses.append(
                _("条件 β 收敛 (控制 {controls}): {reading}").format(
                    controls=listed(self.conditional.terms[2:]), reading=_reading(self.conditional)
                )
            )
        return say(*clauses, self._spread_told())

    def _spread_told(self) -> str:
        """Say how the spread of the logarithms moved: low units that grow faster may overtake and move away."""
        first, last = self.spreads
        if math.isclose(first, last, rel_tol=TIE, abs_tol=TIE):
            text = _("对数的标准差不变 ({first:.4f})")
        elif last < first:
            text = _("对数的标准差由 {first:.4f} 降到 {last:.4f}, 差距缩小")
        elif self.absolute.beta < 0 and self.absolute.p_value < LEVEL:
            text = _(
                "但对数的标准差由 {first:.4f} 升到 {last:.4f}, 差距扩大: b 为负是差距缩小的必要条件, 不是充分条件"
            )
        else:
            text = _("对数的标准差由 {first:.4f} 升到 {last:.4f}, 差距扩大")
        return text.format(first=first, last=last)

    def figure(self) -> dict[str, Any]:
        """Return the points of a scatter of growth on the initial level, and the line of the absolute model."""
        return {
            "names": list(self.names),
            "initial": plain(self.initial),
            "growth": plain(self.growth),
            "intercept": float(self.absolute.coefficients[0]),
            "slope": self.absolute.beta,
        }


def _reading(model: Regression) -> str:
    numbers = _("b = {beta:.4f}, HC1 标准误 {error:.4f}, {p}").format(
        beta=model.beta, error=model.errors[1], p=p_text(model.p_value)
    )
    if model.p_value >= LEVEL:
        return _("在 5% 水平上不显著, 不能断定收敛或发散 ({numbers})").format(numbers=numbers)
    if model.beta > 0:
        return _("起点高的增长更快 ({numbers})").format(numbers=numbers)
    pace = (
        model.note
        if model.speed is None or model.half_life is None
        else _("年收敛速度 {speed:.2%}, 半衰期 {years:.1f} 年").format(
            speed=model.speed, years=model.half_life
        )
    )
    return _("起点低的增长更快, {pace} ({numbers})").format(pace=pace, numbers=numbers)


def beta_convergence(
    values: npt.ArrayLike,
    years: Sequence[int],
    names: Sequence[object] | None = None,
    controls: Mapping[str, npt.ArrayLike] | None = None,
    form: Literal["rate", "total"] = "rate",
    value_name: str = "",
) -> BetaConvergence:
    """Regress growth between the first and the last year on the initial level, across units.

    With T = last year - first year:

    * ``form="rate"``: ``ln(y_T / y_0) / T = a + b ln y_0 + c'x + e``, speed ``-ln(1 + b T) / T``;
    * ``form="total"``: ``ln(y_T / y_0) = a + b ln y_0 + c'x + e``, speed ``-ln(1 + b) / T``.

    The b of the second is T times that of the first; speed, half-life ``ln 2 / speed`` and p values are the
    same.

    Parameters
    ----------
    values : array_like of float, shape (T, N)
        Positive in the first and the last year; the years between are not used and may have
        gaps.
    years : sequence of int, length T
        Ascending.
    names : sequence, length N, optional
    controls : mapping of str to array_like, shape (N,), optional
        What else the growth of a unit may depend on, by name; usually at the first year.
    form : {"rate", "total"}
        What is regressed.
    value_name : str, optional
        What people call the figures, for the sentence.

    Returns
    -------
    BetaConvergence
        A negative b is necessary for the spread to shrink, not sufficient (Galton's fallacy): the sentence
        also says how the standard deviation of ``ln y`` moved between the two years. Without speed where
        ``1 + b T <= 0`` (units overshoot each other within the period), without half-life where b is not
        negative; the note says so. If all units grew alike, to 1e-9, b is 0 with p = 1.

    Raises
    ------
    ComputeError
        For fewer than two years, fewer units than coefficients plus one, figures that are not positive, equal
        initial levels, or controls that are constant or follow from the others.

    References
    ----------
    R. J. Barro and X. Sala-i-Martin (1992), Convergence, Journal of Political Economy 100, 223-251;
    D. Quah (1993), Galton's fallacy and tests of the convergence hypothesis, Scandinavian Journal of
    Economics 95, 427-443; J. G. MacKinnon and H. White (1985), Journal of Econometrics 29, 305-325, for HC1.
    """
    if form not in ("rate", "total"):
        raise CallError(
            _("没有这个选项: {option}").format(option=form),
            remedy=_("可选: {options}").format(options="rate, total"),
        )
    dates = ascending(years)
    array = figures(values, 2)
    if len(array) == len(dates) > 2:
        array, dates = array[[0, -1]], (dates[0], dates[-1])
    array, dates, names = _panel(array, dates, names)
    ends = (dates[0], dates[-1])
    _all_positive(array, ends, names)
    span = dates[-1] - dates[0]
    initial = np.log(array[0])
    growth = np.log(array[-1]) - initial
    if form == "rate":
        growth /= span
    columns = {_("常数项"): np.ones(len(names)), "ln y0": initial}
    periods = span if form == "rate" else 1
    absolute = _regress(columns, growth, periods, span)
    conditional = None
    if controls:
        for name, control in controls.items():
            columns[name] = vector(control, names)[0]
        conditional = _regress(columns, growth, periods, span)
    return BetaConvergence(ends, form, names, initial, growth, absolute, conditional, value_name)


def _regress(columns: Mapping[str, Floats], growth: Floats, periods: int, span: int) -> Regression:
    """Regress; `periods` turns b into that of total growth over `span` years."""
    terms, design = tuple(columns), np.column_stack(list(columns.values()))
    units, count = design.shape
    at_least(units, count + 1, _("{count} 个系数的回归").format(count=count))
    length = np.linalg.norm(design, axis=0).clip(min=np.finfo(float).tiny)
    scaled = design / length
    left = np.abs(np.diag(np.linalg.qr(scaled, mode="r")))  # what each column adds to those before it
    for term, added in zip(terms, left, strict=True):
        if added < _COLLINEAR:
            raise ComputeError(
                _("各单位相同, 或可由前面的变量推出, 回归没有定义"),
                where=term,
                remedy=_("请去掉这个变量, 或换用别的年份"),
            )
    inverse = np.linalg.pinv(scaled) / length[:, None]
    if np.ptp(growth) * periods <= TIE:  # of the ratios of the last to the first figure
        coefficients = np.zeros(count)
        coefficients[0] = growth.mean()
        errors, r_squared = np.zeros(count), None
        p_values = np.where(coefficients == 0, 1.0, 0.0)
    else:
        coefficients = inverse @ growth
        residuals = growth - design @ coefficients
        errors = np.sqrt(inverse**2 @ residuals**2 * units / (units - count))
        pairs = zip(coefficients, errors, strict=True)
        p_values = np.array([_two_sided(float(b), float(e), units - count) for b, e in pairs])
        deviations = growth - growth.mean()
        r_squared = 1 - float(residuals @ residuals) / float(deviations @ deviations)
    total = 1 + float(coefficients[1]) * periods
    speed = -math.log(total) / span + 0.0 if total > 0 else None
    half_life, note = None, ""
    if speed is None:
        note = _("一期之内越过彼此 (1 + bT ≤ 0), 速度没有定义")
    elif speed <= 0:
        note = _("不收敛, 没有半衰期")
    else:
        half_life = math.log(2) / speed
    return Regression(terms, coefficients, errors, p_values, r_squared, speed, half_life, note)


_COLLINEAR = 1e-10


def _two_sided(estimate: float, error: float, freedom: int) -> float:
    from scipy.special import stdtr

    if error == 0:  # an exact fit
        return 1.0 if estimate == 0 else 0.0
    return float(2 * stdtr(freedom, -abs(estimate) / error))


# --- input --------------------------------------------------------------------------------------------------


def _panel(
    values: npt.ArrayLike, years: Sequence[int], names: Sequence[object] | None
) -> tuple[Floats, tuple[int, ...], tuple[str, ...]]:
    dates = ascending(years)
    array, _years, names = matrix(values, dates, names)
    if len(dates) < 2:
        raise ComputeError(_("只有一年, 收敛至少要两年"), where=listed(_years), remedy=_("请增加年份"))
    return array, dates, names


def _all_positive(array: Floats, years: Sequence[int], names: Sequence[str]) -> None:
    refuse_cells(array <= 0, years, names, _("取对数要求数值为正"), _("请去掉这些单位, 或换用原始数值"))
