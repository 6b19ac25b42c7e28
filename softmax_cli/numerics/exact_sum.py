"""Exact sums of float64 values, the same whatever the order."""

from dataclasses import dataclass
from math import frexp, inf, ldexp, nan

import numpy as np

from softmax_cli.data import FloatArray
from softmax_cli.numerics.precision import round_to

_SCALE = 1074  # every finite float64 is a whole number of 2**-1074
_LOG_CHUNK = 14
_CHUNK = 1 << _LOG_CHUNK  # values at a time: few enough to stay in the cache
_LARGE = 2.0**900  # beyond it the magnet of _units might overflow


@dataclass
class ExactSum:
    """The sum of float64 values without rounding; infinities and nan counted beside it.

    The finite part is one Python integer, in units of 2**-1074, so adding is associative and
    commutative. Like the mean, it is rounded once, when asked for.
    """

    units: int = 0
    n_inf: int = 0
    n_minus_inf: int = 0
    n_nan: int = 0

    def add(self, values: FloatArray) -> None:
        """Add all of ``values``."""
        for start in range(0, len(values), _CHUNK):
            self._add_chunk(values[start : start + _CHUNK])

    def _add_chunk(self, values: FloatArray) -> None:
        largest = max(values.max(), -values.min())
        if largest < _LARGE:
            self.units += _units(values, largest)
            return
        # rare: something is large, infinite or nan
        finite = np.isfinite(values)
        large = finite & (np.abs(values) >= _LARGE)
        self.n_nan += int(np.isnan(values).sum())
        self.n_inf += int((values == inf).sum())
        self.n_minus_inf += int((values == -inf).sum())
        self.units += _units(values[finite & ~large], _LARGE)
        self.units += _units(values[large] / _LARGE, _LARGE) * int(_LARGE)

    def merge(self, other: "ExactSum") -> None:
        """Add what another sum has added up."""
        self.units += other.units
        self.n_inf += other.n_inf
        self.n_minus_inf += other.n_minus_inf
        self.n_nan += other.n_nan

    def divided_by(self, divisor: "int | ExactSum", dtype: str = "float64") -> float:
        """The sum over ``divisor`` (positive, finite), rounded once to ``dtype``."""
        if self.n_nan or (self.n_inf and self.n_minus_inf):
            return nan
        if self.n_inf or self.n_minus_inf:
            return inf if self.n_inf else -inf
        denominator = divisor << _SCALE if isinstance(divisor, int) else divisor.units
        return _round(self.units, denominator, dtype)


def _units(values: FloatArray, bound: float) -> int:
    """The exact sum of at most _CHUNK values, none beyond ``bound``, in units of 2**-1074.

    Adding a large power of two and taking it off again leaves of each value the bits above a
    common step, few enough that float64 adds them up exactly; the rest goes the same way until
    nothing is left: two or three times for losses, up to sixty for numbers of all magnitudes
    (Rump, Ogita and Oishi, "Accurate floating-point summation", 2008).
    """
    total = 0
    while bound:
        _, exponent = frexp(bound)
        magnet = ldexp(1.0, exponent + _LOG_CHUNK)
        high = values + magnet
        high -= magnet
        values = values - high
        numerator, denominator = high.sum().as_integer_ratio()
        total += numerator << _SCALE - denominator.bit_length() + 1
        bound = max(values.max(initial=0.0), -values.min(initial=0.0))
    return total


def _round(numerator: int, denominator: int, dtype: str) -> float:
    """The quotient rounded once to ``dtype``.

    For the narrower dtypes it is first rounded to odd, 52 bits long, which keeps what a second
    rounding to at most 24 bits needs to know (Boldo and Melquiond, 2008).
    """
    if dtype == "float64" or numerator == 0:
        try:
            return numerator / denominator
        except OverflowError:
            return inf if numerator > 0 else -inf
    shift = 52 - (abs(numerator).bit_length() - denominator.bit_length())
    scaled = abs(numerator) << shift if shift >= 0 else abs(numerator)
    quotient, rest = divmod(scaled, denominator if shift >= 0 else denominator << -shift)
    odd = ldexp(quotient | (rest != 0), -shift)
    return float(round_to(np.array([odd if numerator > 0 else -odd]), dtype)[0])
