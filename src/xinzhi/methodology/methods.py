"""The methods a methodology may name, with their options: what is allowed, not how it is computed.

Each is a small frozen record told apart by its ``method`` (or ``rule``) key. The arithmetic lives in
:mod:`xinzhi.panel.gaps` (gap rules) and :mod:`xinzhi.index` (everything else).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from xinzhi.declarations import Record

Scope = Literal["year", "panel"]
Year = Annotated[int, Field(ge=1, le=9999)]


# --- gap rules -------------------------------------------------------------------------------------------


class GrowthGap(Record):
    """年均增速: geometric between two observations, average annual growth beyond them (paper, 数据说明)."""

    rule: Literal["growth"]
    beyond: bool = True


class LinearGap(Record):
    """Straight line between two observations; never beyond them."""

    rule: Literal["linear"]


class CarriedGap(Record):
    """The nearest earlier (or later) observation of the same unit."""

    rule: Literal["carried"]
    source: Literal["previous", "next"] = "previous"


class OtherYearGap(Record):
    """The observation of a named other year, as the paper takes the awards of 2023 for 2022."""

    rule: Literal["year"]
    year: Year
    use: Year


class GroupGap(Record):
    """Mean or median of the unit's region, or of all units, in the same year."""

    rule: Literal["group"]
    by: Literal["region", "all"] = "region"
    statistic: Literal["mean", "median"] = "mean"


GapRule = Annotated[GrowthGap | LinearGap | CarriedGap | OtherYearGap | GroupGap, Field(discriminator="rule")]


# --- treatment -------------------------------------------------------------------------------------------


class Winsorise(Record):
    """Pull in the furthest values, one by one, while skewness and kurtosis both exceed their bounds."""

    method: Literal["winsorise"]
    skewness: float = Field(2.0, gt=0)
    kurtosis: float = Field(3.5, gt=0)
    maximum: int = Field(5, ge=1)


class Log(Record):
    """Natural logarithm of ``x + shift``."""

    method: Literal["log"]
    shift: float = Field(0.0, ge=0)


class BoxCox(Record):
    """Box-Cox power transform; the power is the maximum-likelihood one unless given."""

    method: Literal["box-cox"]
    power: float | None = None


class ReplaceZero(Record):
    """Zero replaced by a stated value (paper, 标准化处理: 用1代替)."""

    method: Literal["replace-zero"]
    value: float = Field(1.0, gt=0)


class Root(Record):
    """Root of a stated order (paper, 标准化处理: 开方)."""

    method: Literal["root"]
    order: float = Field(2.0, gt=0)


class Untreated(Record):
    """Nothing: how a reading takes a treatment away."""

    method: Literal["none"]


Treatment = Annotated[
    Winsorise | Log | BoxCox | ReplaceZero | Root | Untreated, Field(discriminator="method")
]


# --- normalisation ---------------------------------------------------------------------------------------


class MinMax(Record):
    """``(x - min) / (max - min)``, from `lowest` to the scale."""

    method: Literal["minmax"]
    scope: Scope = "year"
    lowest: float = 0.0
    log: bool = False


class Goalposts(Record):
    """``(x - lower) / (upper - lower)`` against stated goalposts, capped unless said otherwise."""

    method: Literal["goalposts"]
    lower: float
    upper: float
    cap: bool = True
    log: bool = False


class Base(Record):
    """Ratio to a base year; `year` may be ``"first-positive"``: the first year above zero, before it 1."""

    method: Literal["base"]
    year: Year | Literal["first-positive"]


class ZScore(Record):
    """Standard score with a stated mean and (population) standard deviation."""

    method: Literal["zscore"]
    scope: Scope = "year"
    mean: float = 0.0
    sd: float = Field(1.0, gt=0)


class RankScore(Record):
    """Share of the other units that are behind, ties shared half and half."""

    method: Literal["rank"]
    scope: Scope = "year"


class Percentile(Record):
    """Share of all units at or below the value."""

    method: Literal["percentile"]
    scope: Scope = "year"


class Reference(Record):
    """Ratio to a reference: the best, the mean or the median of the units, or a stated number."""

    method: Literal["reference"]
    scope: Scope = "year"
    to: Literal["best", "mean", "median"] | float = "best"


class Ampi(Record):
    """Goalposts of the Adjusted Mazziotta-Pareto Index: 100 is the mean of a reference year, range 60."""

    method: Literal["ampi"]
    year: Year


class AsIs(Record):
    """The treated value itself."""

    method: Literal["none"]


Normalisation = Annotated[
    MinMax | Goalposts | Base | ZScore | RankScore | Percentile | Reference | Ampi | AsIs,
    Field(discriminator="method"),
]


# --- weighting -------------------------------------------------------------------------------------------


class Given(Record):
    """The weights written in the methodology."""

    method: Literal["given"]


class Equal(Record):
    """Equal weights among the children of every node."""

    method: Literal["equal"]


class DataWeighting(Record):
    """Weights taken from the normalised figures: of all indicators, or among those of each dimension."""

    among: Literal["all", "siblings"] = "all"


class Entropy(DataWeighting):
    """Entropy weights.

    `shift` is added to every normalised share before the logarithm; many papers add 0.0001. The default is
    none, with 0 ln 0 = 0.
    """

    method: Literal["entropy"]
    shift: float = Field(0.0, ge=0)


class Critic(DataWeighting):
    """CRITIC: standard deviation times conflict with the other indicators."""

    method: Literal["critic"]
    conflict: Literal["1-r", "1-|r|"] = "1-r"


class Variation(DataWeighting):
    """Coefficient of variation."""

    method: Literal["variation"]


class Pca(DataWeighting):
    """Share in the variance that the principal components of eigenvalue 1 or more explain."""

    method: Literal["pca"]


class Factor(DataWeighting):
    """Highest squared loading on the varimax-rotated factors (Nicoletti; OECD/JRC Handbook)."""

    method: Literal["factor"]


class Scatter(DataWeighting):
    """纵横向拉开档次法: the direction in which the units of all years lie furthest apart, never negative.

    Figures are standardised within each year, over the panel, or taken as they are.
    """

    method: Literal["scatter"]
    standardise: Literal["year", "panel", "none"] = "year"


Weighting = Annotated[
    Given | Equal | Entropy | Critic | Variation | Pca | Factor | Scatter, Field(discriminator="method")
]


# --- aggregation -----------------------------------------------------------------------------------------


class Arithmetic(Record):
    """Weighted arithmetic mean."""

    method: Literal["arithmetic"]


class Geometric(Record):
    """Weighted geometric mean."""

    method: Literal["geometric"]


class Harmonic(Record):
    """Weighted harmonic mean."""

    method: Literal["harmonic"]


class Power(Record):
    """Weighted power mean of a stated exponent other than 0."""

    method: Literal["power"]
    exponent: float


class Topsis(Record):
    """Relative closeness to the ideal; the weight inside or outside the square."""

    method: Literal["topsis"]
    weight: Literal["inside", "outside"] = "inside"


class MazziottaPareto(Record):
    """Mean corrected by the unit's own spread; with ``ampi`` normalisation the adjusted index (AMPI)."""

    method: Literal["mpi"]
    penalty: Literal["down", "up"] = "down"


Aggregation = Annotated[
    Arithmetic | Geometric | Harmonic | Power | Topsis | MazziottaPareto, Field(discriminator="method")
]


def method_names(union: Any) -> tuple[str, ...]:
    """Return the names that tell the records of a union apart, for instance those of `Weighting`."""
    records, field = get_args(union)
    return tuple(
        get_args(record.model_fields[field.discriminator].annotation)[0] for record in get_args(records)
    )
