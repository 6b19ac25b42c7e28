"""Arithmetic with twice the digits: numbers that are unevaluated sums of two float64 arrays.

For results that are what nearly equal numbers leave of each other, and for powers, which magnify
the error of their base. Dekker, "A floating-point technique for extending the available
precision", 1971; Hida, Li and Bailey, "Library for double-double and quad-double arithmetic", 2000.

Numbers are finite; those that are multiplied or divided, and what comes of it, are 0 or lie between
2**-900 and 2**900. There each function has a relative error below ``RELATIVE_ERROR``.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import log, sqrt

import numpy as np

from softmax_cli.data import BoolArray, FloatArray, IntArray
from softmax_cli.numerics.error_free import add, multiply

RELATIVE_ERROR = 2.0**-96


@dataclass(frozen=True, eq=False)
class DoubleDouble:
    """high + low, arrays of one shape; low is at most half a unit in the last place of high."""

    high: FloatArray
    low: FloatArray

    @classmethod
    def of(cls, values: FloatArray) -> "DoubleDouble":
        """float64 numbers as they are."""
        return cls(values, np.zeros_like(values))

    @classmethod
    def ratio(cls, numerator: int, denominator: int = 1) -> "DoubleDouble":
        """A constant, which goes with arrays of any shape."""
        exact = Fraction(numerator, denominator)
        high = float(exact)
        return cls(np.array(high), np.array(float(exact - Fraction(high))))

    def __getitem__(self, index: int | slice) -> "DoubleDouble":
        return DoubleDouble(self.high[index], self.low[index])

    def __neg__(self) -> "DoubleDouble":
        return DoubleDouble(-self.high, -self.low)

    def __add__(self, other: "DoubleDouble") -> "DoubleDouble":
        high, error = add(self.high, other.high)
        low, low_error = add(self.low, other.low)
        high, error = _renormalize(high, error + low)
        return DoubleDouble(*_renormalize(high, error + low_error))

    def __sub__(self, other: "DoubleDouble") -> "DoubleDouble":
        return self + -other

    def __mul__(self, other: "DoubleDouble") -> "DoubleDouble":
        high, error = multiply(self.high, other.high)
        return DoubleDouble(
            *_renormalize(high, error + (self.high * other.low + self.low * other.high))
        )

    def __truediv__(self, other: "DoubleDouble") -> "DoubleDouble":
        quotient = DoubleDouble.of(self.high / other.high)
        rest = self - quotient * other
        correction = DoubleDouble.of(rest.high / other.high)
        rest = rest - correction * other
        return quotient + correction + DoubleDouble.of(rest.high / other.high)

    def rounded(self) -> FloatArray:
        """The nearest float64."""
        return self.high + self.low

    def times_power(self, exponent: IntArray | int) -> "DoubleDouble":
        """Times 2**exponent."""
        return DoubleDouble(np.ldexp(self.high, exponent), np.ldexp(self.low, exponent))

    def sum(self) -> "DoubleDouble":
        """Over the first axis; the error is relative to the sum of magnitudes."""
        total = self
        while len(total.high) > 1:
            half, odd = divmod(len(total.high), 2)
            if odd:
                padding = ((0, 1), *((0, 0),) * (total.high.ndim - 1))
                total = DoubleDouble(np.pad(total.high, padding), np.pad(total.low, padding))
            total = total[: half + odd] + total[half + odd :]
        return total[0]


ONE = DoubleDouble.ratio(1)
TWO = DoubleDouble.ratio(2)

_LN2 = [
    float.fromhex(part)
    for part in ("0x1.62e42fefa4p-1", "-0x1.8432a1b0e2p-43", "-0x1.8cff81a12a17ep-85")
]
"""The logarithm of 2; its first two parts leave room for a factor of 13 bits."""


def where(condition: BoolArray, yes: DoubleDouble, no: DoubleDouble) -> DoubleDouble:
    """One number where the condition holds, another where it does not."""
    return DoubleDouble(
        np.where(condition, yes.high, no.high), np.where(condition, yes.low, no.low)
    )


def ln(a: DoubleDouble, b: DoubleDouble = ONE) -> DoubleDouble:
    """The logarithm of a/b, positive numbers of any size, relatively accurate for a near b, too."""
    return _ln(a, b, a - b)


def ln_1p(x: DoubleDouble) -> DoubleDouble:
    """The logarithm of 1 + x, x > -1, relatively accurate for x near 0, too."""
    return _ln(ONE + x, ONE, x)


def exp(x: DoubleDouble) -> DoubleDouble:
    """e^x of x up to 700; below -745 it is 0, and so it is of nan."""
    exponent, rest = _exp_parts(x)
    return (ONE + rest).times_power(exponent)


def expm1(x: DoubleDouble) -> DoubleDouble:
    """e^x - 1 of x up to 700, relatively accurate for x near 0, too."""
    exponent, rest = _exp_parts(x)
    return where(exponent == 0, rest, (ONE + rest).times_power(exponent) - ONE)


def _renormalize(high: FloatArray, low: FloatArray) -> tuple[FloatArray, FloatArray]:
    total = high + low
    return total, low - (total - high)


def _times_ln2(count: IntArray) -> DoubleDouble:
    first, second, third = (np.asarray(count * part, dtype=np.float64) for part in _LN2)
    return DoubleDouble.of(first) + DoubleDouble(*_renormalize(second, third))


_NEAR = 0.25
_ODD = [DoubleDouble.ratio(1, 2 * i + 1) for i in range(22)]
_PAIRS_OF_ODD = 10
"""Terms from here on are so small beside the first that float64 has the digits needed."""


def _ln(a: DoubleDouble, b: DoubleDouble, difference: DoubleDouble) -> DoubleDouble:
    """ln(a / b) = n ln 2 + ln(1 + t) = n ln 2 + 2 artanh(t / (2 + t)).

    Where a and b are near each other, n is 0 and t comes from their difference; elsewhere 1 + t
    is what is left of the quotient when powers of 2 are taken out of it, between √½ and √2. So
    s = t / (2 + t) is at most 0.172 in size, and its series is s (1 + s²/3 + s⁴/5 + …).
    """
    near = np.abs(difference.high) <= _NEAR * b.high
    _, power_of_b = np.frexp(b.high)
    _, power_of_a = np.frexp(a.high)
    power_of_a = np.where(near, power_of_b, power_of_a)
    quotient = where(near, difference, a).times_power(-power_of_a) / b.times_power(-power_of_b)
    small, large = quotient.high < sqrt(0.5), quotient.high > sqrt(2)
    shift = np.where(near, 0, large.astype(np.int64) - small)
    t = quotient.times_power(-shift)
    t = where(near, t, t - ONE)
    s = t / (TWO + t)
    square = s * s
    tail = np.zeros_like(square.high)
    for each in reversed(_ODD[_PAIRS_OF_ODD:]):
        tail = tail * square.high + each.high
    series = DoubleDouble.of(tail)
    for each in reversed(_ODD[:_PAIRS_OF_ODD]):
        series = series * square + each
    return _times_ln2(power_of_a - power_of_b + shift) + (s * series).times_power(1)


_HALVINGS = 6
_INVERSE_FACTORIALS = [DoubleDouble.ratio(1, f) for f in np.cumprod(np.arange(1, 12)).tolist()]
_PAIRS_OF_FACTORIALS = 6


def _exp_parts(x: DoubleDouble) -> tuple[IntArray, DoubleDouble]:
    """n and y with e^x = 2^n (1 + y), where n is 0 for small x.

    y = e^r - 1 of r = x - n ln 2, at most 0.347 in size: by Taylor's series of r / 2⁶, and then
    six times by (1 + y)² - 1 = 2 y + y².
    """
    within = x.high > -760
    x = DoubleDouble(np.where(within, x.high, -760.0), np.where(within, x.low, 0.0))
    n = np.rint(x.high / log(2)).astype(np.int64)
    r = (x - _times_ln2(n)).times_power(-_HALVINGS)
    tail = np.zeros_like(r.high)
    for each in reversed(_INVERSE_FACTORIALS[_PAIRS_OF_FACTORIALS:]):
        tail = tail * r.high + each.high
    y = DoubleDouble.of(tail)
    for each in reversed(_INVERSE_FACTORIALS[:_PAIRS_OF_FACTORIALS]):
        y = y * r + each
    y = y * r
    for _ in range(_HALVINGS):
        y = y.times_power(1) + y * y
    return n, y
