"""What a printed figure stands for: every value that would have been printed so."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from xinzhi.errors import ComputeError
from xinzhi.language import gettext as _

Number = int | float | Fraction
_NUMERAL = re.compile(r"[-−]?\d+(\.\d+)?")
_SPACES = str.maketrans("", "", "\u0020\u00a0\u2009\u202f")
_FLOAT_SLACK = Fraction(1, 10**12)  # far above what pow and sqrt can be wrong by, far below any rounding unit

_INVISIBLE = Fraction(1, 10**5)  # width below which a reader is shown one number
_LARGEST_WHOLE_POWER = 100  # beyond it exact fractions grow out of hand


@dataclass(frozen=True)
class Interval:
    """A closed interval of real numbers, with exact rational ends.

    The four operations and whole powers are exact; other powers are rounded outward. A result holds every
    value that operands inside their intervals can give, and, where each operand occurs once, no other.

    Parameters
    ----------
    lo, hi : int, float or Fraction
        The ends; a float is taken at its shortest decimal form, so 0.1 is one tenth.
    text : str, optional
        The figure as it was printed.

    Examples
    --------
    >>> Interval.printed("24.9")
    Interval(24.85, 24.95)
    >>> Interval.printed("66") / Interval.exact(316)
    Interval(0.207278, 0.210443)
    """

    lo: Fraction
    hi: Fraction
    text: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lo", _fraction(self.lo))
        object.__setattr__(self, "hi", _fraction(self.hi))
        if self.lo > self.hi:
            raise ComputeError(_("区间的下端大于上端: {lo} > {hi}").format(lo=self.lo, hi=self.hi))

    @classmethod
    def exact(cls, value: Number | str) -> Interval:
        """Return the interval that holds `value` alone: a count, a weight."""
        if isinstance(value, str):
            return cls(number := Fraction(_numeral(value)), number, text=value)
        return cls(number := _fraction(value), number)

    @classmethod
    def printed(cls, text: str) -> Interval:
        r"""Return what the printed figure `text` stands for.

        .. math:: [x - u/2,\ x + u/2], \quad u = 10^{-d}

        with d the decimals that are printed, so that ``"5.0"`` is narrower than ``"5"``.
        """
        numeral = _numeral(text)
        decimals = len(numeral.partition(".")[2])
        half = Fraction(1, 2 * 10**decimals)
        return cls(Fraction(numeral) - half, Fraction(numeral) + half, text=text)

    @classmethod
    def hull(cls, values: Iterable[Number]) -> Interval:
        """Return the smallest interval that holds all `values`."""
        held = [_fraction(value) for value in values]
        return cls(min(held), max(held))

    @property
    def middle(self) -> Fraction:
        """The middle of the interval."""
        return (self.lo + self.hi) / 2

    @property
    def radius(self) -> Fraction:
        """Half of the width."""
        return (self.hi - self.lo) / 2

    def meets(self, other: Interval) -> bool:
        """Tell whether the two intervals have a value in common."""
        return self.lo <= other.hi and other.lo <= self.hi

    def __contains__(self, value: Number) -> bool:
        return self.lo <= _fraction(value) <= self.hi

    def __neg__(self) -> Interval:
        return Interval(-self.hi, -self.lo)

    def __add__(self, other: Any) -> Interval:
        if (right := _interval(other)) is None:
            return NotImplemented
        return Interval(self.lo + right.lo, self.hi + right.hi)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Interval:
        if (right := _interval(other)) is None:
            return NotImplemented
        return Interval(self.lo - right.hi, self.hi - right.lo)

    def __rsub__(self, other: Any) -> Interval:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Interval:
        if (right := _interval(other)) is None:
            return NotImplemented
        return Interval.hull(a * b for a in (self.lo, self.hi) for b in (right.lo, right.hi))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Interval:
        if (right := _interval(other)) is None:
            return NotImplemented
        if 0 in right:
            raise ComputeError(
                _("除数可能为零: {interval}").format(interval=right),
                remedy=_("请改写公式, 使除数的取值范围不含零"),
            )
        return Interval.hull(a / b for a in (self.lo, self.hi) for b in (right.lo, right.hi))

    def __rtruediv__(self, other: Any) -> Interval:
        left = _interval(other)
        return NotImplemented if left is None else left.__truediv__(self)

    def __pow__(self, other: Any) -> Interval:
        if (right := _interval(other)) is None:
            return NotImplemented
        if right.lo == right.hi and right.lo.denominator == 1 and abs(right.lo) <= _LARGEST_WHOLE_POWER:
            return self._whole_power(right.lo.numerator)
        if self.lo < 0 or (self.lo == 0 and right.lo <= 0):
            raise ComputeError(
                _("负数或零没有这样的幂: {base} ** {exponent}").format(base=self, exponent=right),
                remedy=_("请改写公式, 使底数为正"),
            )
        corners = [float(a) ** float(b) for a in (self.lo, self.hi) for b in (right.lo, right.hi)]
        return Interval(
            max(Fraction(0), Fraction(min(corners)) * (1 - _FLOAT_SLACK)),
            Fraction(math.nextafter(max(corners), math.inf)) * (1 + _FLOAT_SLACK),
        )

    def __rpow__(self, other: Any) -> Interval:
        left = _interval(other)
        return NotImplemented if left is None else left.__pow__(self)

    def _whole_power(self, exponent: int) -> Interval:
        if exponent < 0:
            return Interval.exact(1) / self._whole_power(-exponent)
        ends = [self.lo**exponent, self.hi**exponent]
        if exponent > 0 and exponent % 2 == 0 and 0 in self:
            ends.append(Fraction(0))
        return Interval.hull(ends)

    def __str__(self) -> str:
        """Return the interval rounded outward, with as many decimals as its width deserves."""
        if self.hi - self.lo < _INVISIBLE:
            return _plain(round(self.middle, 4))
        decimals = min(max(1 - math.floor(math.log10(self.hi - self.lo)), 0), 6)
        scale = 10**decimals
        low, high = Fraction(math.floor(self.lo * scale), scale), Fraction(math.ceil(self.hi * scale), scale)
        return f"{float(low):,.{decimals}f} – {float(high):,.{decimals}f}"

    def __repr__(self) -> str:
        return f"Interval({float(self.lo):.6g}, {float(self.hi):.6g})"


def root(value: Fraction) -> Interval:
    """Return the square root of a number that is not negative, rounded outward."""
    return Interval.exact(value) ** Fraction(1, 2)


def _fraction(value: Number) -> Fraction:
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def _interval(value: Any) -> Interval | None:
    if isinstance(value, Interval):
        return value
    return Interval.exact(value) if isinstance(value, int | float | Fraction) else None


def is_numeral(text: str) -> bool:
    """Tell whether `text` is one printed figure, such as ``"24.9"`` or ``"17 528"``."""
    return _NUMERAL.fullmatch(text.translate(_SPACES)) is not None


def _numeral(text: str) -> str:
    if not is_numeral(text):
        raise ComputeError(
            _("不是数: {text}").format(text=text or "''"),
            remedy=_("请照原文写数字, 如 24.9 或 17 528; 单位写在说明里"),
        )
    return text.translate(_SPACES).replace("−", "-")


def _plain(value: Fraction) -> str:
    return f"{Decimal(value.numerator) / Decimal(value.denominator):,f}"
