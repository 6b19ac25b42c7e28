"""Error-free transformations: a result together with the rounding error it made.

A number is a pair (high, low) whose exact sum is meant. Dekker (1971), Knuth (TAOCP 2,
4.2.2), Shewchuk (1997). Infinities, and what overflows on the way, give a nan error.
"""

from math import frexp, ldexp

import numpy as np

from softmax_cli.data import FloatArray

SAFE = 2.0**900
"""Results below this are reached without an overflow on the way."""

_SPLITTER = 134217729.0  # 2**27 + 1


def subtract(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """a - b rounded, and what the rounding lost, exactly."""
    difference = a - b
    virtual = difference - a
    error = difference - virtual
    np.subtract(a, error, out=error)
    virtual += b
    error -= virtual
    return difference, error


def divide(high: FloatArray, low: FloatArray, divisor: float) -> tuple[FloatArray, FloatArray]:
    """(high + low) / divisor rounded, and what the rounding lost to about 2**-53 of itself."""
    quotient = high / divisor
    product, product_error = _multiply(quotient, divisor)
    return quotient, ((high - product) - product_error + low) / divisor


def _multiply(a: FloatArray, b: float) -> tuple[FloatArray, FloatArray]:
    product = a * b
    scaled = _SPLITTER * a
    a_high = scaled - (scaled - a)
    a_low = a - a_high
    b_high, b_low = _split(b)
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


def _split(b: float) -> tuple[float, float]:
    """Two halves of at most 26 bits; scaled first, for a large number times 2**27 overflows."""
    fraction, exponent = frexp(b)
    scaled = _SPLITTER * fraction
    high = scaled - (scaled - fraction)
    return ldexp(high, exponent), ldexp(fraction - high, exponent)
