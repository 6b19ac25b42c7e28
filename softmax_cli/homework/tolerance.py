"""How far an answer may be from the computed value.

By default an answer speaks for itself: it is right if it is the computed value, rounded or
truncated to the digits that the student wrote. ``--tol`` and ``--rtol`` set a distance instead.
"""

from typing import NamedTuple

import numpy as np

from softmax_cli.data import BoolArray, FloatArray
from softmax_cli.numerics.precision import PRECISIONS

ENOUGH_DIGITS = 2
ENOUGH_DECIMALS = 4
"""An answer needs two significant digits (``1`` is not 1.2288) or, where a value is small, the
four decimals that a table shows (``0.0003`` is 0.00034)."""
SLACK = 8
"""In units of the last place of the precision: what the order of additions can change."""


class Rule(NamedTuple):
    """When an answer is right; ``tol`` and ``rtol`` are None where its digits decide."""

    tol: float | None = None
    rtol: float | None = None
    dtype: str = "float64"

    def allowed(self, got: FloatArray, answers: FloatArray, units: FloatArray) -> FloatArray:
        """How far each answer may be from what was computed.

        ``got`` and ``answers`` are (n,), or (n, k) where an answer is a row; ``units`` is the
        value of each answer's last digit, of the same shape.
        """
        if self.tol is None and self.rtol is None:
            return allowed_by_digits(got, answers, units)
        relative = (self.rtol or 0.0) * np.where(np.isfinite(answers), np.abs(answers), 0.0)
        return np.maximum(self.tol or 0.0, relative)

    def right(self, got: FloatArray, answers: FloatArray, allowed: FloatArray) -> BoolArray:
        """Whether each answer is right: inf is only the same inf, nan never.

        ``allowed`` is inclusive, with a slack for binary rounding: 0.305 against 0.3 at
        0.005 passes, though the difference of these float64 numbers exceeds 0.005.
        """
        with np.errstate(invalid="ignore"):
            close = np.abs(got - answers) <= allowed + self._slack(got, answers)
        return np.where(np.isfinite(got) & np.isfinite(answers), close, got == answers)

    def _slack(self, got: FloatArray, answers: FloatArray) -> FloatArray:
        size = np.maximum(np.abs(got), np.abs(answers))
        if self.tol is None and self.rtol is None:
            # A loss is a difference of numbers of about 1, so its rounding errors are theirs.
            size = np.maximum(size, 1.0)
        return np.asarray(SLACK * 2.0 ** -PRECISIONS[self.dtype].bits * size)


def allowed_by_digits(got: FloatArray, answers: FloatArray, units: FloatArray) -> FloatArray:
    """Half a unit of the last digit if the answer is the larger, by rounding; else a whole one."""
    size = np.abs(answers)
    if size.ndim == 2:  # the digits of a row are those of its greatest number
        size = size.max(axis=1, keepdims=True)
    coarsest = np.maximum(_unit_of_digit(size, ENOUGH_DIGITS), 10.0**-ENOUGH_DECIMALS)
    unit = np.minimum(units, coarsest)
    with np.errstate(invalid="ignore"):
        truncated = (np.abs(got) > np.abs(answers)) & (got * answers >= 0)
    return np.where(truncated, unit, unit / 2)


def _unit_of_digit(size: FloatArray, digit: int) -> FloatArray:
    """The value of 1 in the given significant digit (from 1) of numbers of that size."""
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.floor(np.log10(size)) - (digit - 1)
    return np.where(np.isfinite(exponent), 10.0**exponent, 0.0)
