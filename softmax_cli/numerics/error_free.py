"""Error-free transformations: a result together with the rounding error it made.

A number is a pair (high, low) whose exact sum is meant. Dekker (1971), Knuth (TAOCP 2,
4.2.2), Shewchuk (1997). Infinities, and what overflows on the way, give a nan error.
"""

from math import frexp

import numpy as np

from softmax_cli.data import FloatArray

SAFE = 2.0**900
"""Results below this are reached without an overflow on the way."""

_SPLITTER = 134217729.0  # 2**27 + 1


def add(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """a + b rounded, and what the rounding lost, exactly."""
    total = a + b
    virtual = total - a
    return total, (a - (total - virtual)) + (b - virtual)


def multiply(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """a * b rounded, and what the rounding lost, exactly where nothing underflows."""
    product = a * b
    a_high, b_high = _upper_half(a), _upper_half(b)
    a_low, b_low = a - a_high, b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


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
    """As ``multiply``, for a factor of any size."""
    fraction, exponent = frexp(b)
    product, error = multiply(a, np.asarray(fraction))
    return np.ldexp(product, exponent), np.ldexp(error, exponent)


def _upper_half(a: FloatArray) -> FloatArray:
    """The first 26 bits."""
    scaled = _SPLITTER * a
    return scaled - (scaled - a)
