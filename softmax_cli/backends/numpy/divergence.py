"""Kullback-Leibler divergences Σ p ln(p/q), accurate also where p and q are nearly equal.

There the terms of the sum all but cancel: a divergence of 1e-18 is left of terms of 1e-9. So the
logarithms of the quotients are taken with twice the digits of float64, of the difference p - q
where that is small; a sample for which these, too, might not be enough is computed in decimals.

A divergence of distributions is never negative, but the numbers that stand for them are rounded:
where both sum to 1 within ``SUM_ROUNDING``, a negative sum, which is smaller than that, becomes 0.

All arrays have the class axis first, (k, n); p are numbers from 0 on.
"""

from collections.abc import Callable
from decimal import Decimal, localcontext
from math import inf
from typing import NamedTuple

import numpy as np

from softmax_cli.backends import SUM_ROUNDING
from softmax_cli.backends.numpy.logs import ieee
from softmax_cli.backends.numpy.precise import clip, powers_of
from softmax_cli.data import BoolArray, FloatArray
from softmax_cli.numerics.double_double import ONE, RELATIVE_ERROR, DoubleDouble, ln, ln_1p, where

FAINT = 2.0**-900
"""Sums below it may have lost the digits of their terms to underflow."""
PRECISIONS = (60, 400)
"""Digits of decimals; what 400 of them cannot tell from 0 is 0."""


class Quotients(NamedTuple):
    """What is known of p/q.

    logs       ln(p/q), where both are above 0
    size       what the error of the logs is relative to; inf where they are not known
    possible   where q is above 0
    defined    (n,) the samples that have a q
    sums       (n,) the sums of q
    decimals   ln q of all classes of one sample, in the precision of the context
    """

    logs: DoubleDouble
    size: FloatArray
    possible: BoolArray
    defined: BoolArray
    sums: FloatArray
    decimals: Callable[[int], list[Decimal]]


def of_probabilities(p: FloatArray, q: FloatArray, eps: float | None) -> FloatArray:
    """(n,) of q, clipped to [eps, 1 - eps] unless eps is None."""
    clipped = clip(q, eps)
    possible = clipped.high > 0
    logs = ln(_or_one(p, possible), where((p > 0) & possible, clipped, ONE))

    def decimals(sample: int) -> list[Decimal]:
        pairs = zip(clipped.high[:, sample].tolist(), clipped.low[:, sample].tolist(), strict=True)
        return [(Decimal(high) + Decimal(rest)).ln() for high, rest in pairs]

    defined = np.asarray(~np.isnan(clipped.high).any(axis=0))
    return _expected(
        p, Quotients(logs, np.abs(logs.high), possible, defined, clipped.high.sum(axis=0), decimals)
    )


def of_log_probabilities(p: FloatArray, log_q: FloatArray) -> FloatArray:
    """(n,) of q = e^x, from x."""
    possible = log_q > -inf
    x = np.where(possible, log_q, 0.0)
    logs_of_p = ln(_or_one(p, possible))

    def decimals(sample: int) -> list[Decimal]:
        return [Decimal(each) for each in log_q[:, sample].tolist()]

    return _expected(
        p,
        Quotients(
            logs_of_p - DoubleDouble.of(x),
            np.abs(logs_of_p.high) + np.abs(x),
            possible,
            np.asarray(~np.isnan(log_q).any(axis=0)),
            np.exp(log_q).sum(axis=0),
            decimals,
        ),
    )


@ieee
def of_logits(p: FloatArray, logits: FloatArray, temperature: float) -> FloatArray:
    """(n,) of q = softmax(x / T): ln q = -(m - x) / T - ln(1 + S), as in ``categorical``."""
    powers = powers_of(logits, temperature)
    rest = ln_1p(powers.sum)
    logs_of_p = ln(_or_one(p, logits > -inf))

    def decimals(sample: int) -> list[Decimal]:
        return _log_softmax(logits[:, sample].tolist(), temperature)

    return _expected(
        p,
        Quotients(
            logs_of_p + powers.gap + rest,
            np.where(powers.near, np.abs(logs_of_p.high) + powers.gap.high + rest.high, inf),
            logits > -inf,
            np.isfinite(logits.max(axis=0)),
            np.ones(logits.shape[1]),
            decimals,
        ),
    )


def _or_one(p: FloatArray, possible: BoolArray) -> DoubleDouble:
    """p, and 1 where p or q is 0, so that nothing comes of it."""
    return DoubleDouble.of(np.where((p > 0) & possible, p, 1.0))


@ieee
def _expected(p: FloatArray, quotients: Quotients) -> FloatArray:
    """(n,) Σ p ln(p/q); 0 ln 0 is 0."""
    present = (p > 0) & quotients.possible
    weights = np.where(present, p, 0.0)
    terms = DoubleDouble.of(weights) * quotients.logs
    total = terms.sum().rounded()
    magnitude = np.where(present, weights * quotients.size, 0.0).sum(axis=0)
    lost = np.abs(total) < magnitude * RELATIVE_ERROR * 2.0**55
    faint = (np.abs(total) < FAINT) & (magnitude > 0)
    infinite = ((p > 0) & ~quotients.possible).any(axis=0)
    doubtful = (lost | faint | ~np.isfinite(magnitude)) & quotients.defined & ~infinite
    for sample in np.flatnonzero(doubtful).tolist():
        total[sample] = _in_decimals(p[:, sample].tolist(), quotients.decimals, sample)
    even = np.abs(quotients.sums - 1) <= SUM_ROUNDING
    even &= np.abs(p.sum(axis=0) - 1) <= SUM_ROUNDING
    total = np.where(even & (total < 0), 0.0, total)
    total[infinite] = inf
    total[~quotients.defined] = np.nan
    return total


def _in_decimals(p: list[float], log_q: Callable[[int], list[Decimal]], sample: int) -> float:
    for precision in PRECISIONS:
        with localcontext() as context:
            context.prec = precision
            total = size = Decimal(0)
            for weight, log in zip(map(Decimal, p), log_q(sample), strict=True):
                if weight:
                    total += weight * (weight.ln() - log)
                    size += weight * (abs(weight.ln()) + abs(log))
            if abs(total) > size.scaleb(20 - precision):
                return float(total)
    return 0.0


def _log_softmax(logits: list[float], temperature: float) -> list[Decimal]:
    """In the precision of the context, but for a sum of other classes that is far below it."""
    greatest = max(logits)
    shifts = [(Decimal(x) - Decimal(greatest)) / Decimal(temperature) for x in logits]
    others = sorted(shifts)[:-1]
    total = sum((shift.exp() for shift in others), Decimal(0))
    with localcontext() as context:
        context.prec += max(0, -total.adjusted()) if total > Decimal("1e-400") else 0
        rest = (1 + total).ln()
    return [shift - rest for shift in shifts]
