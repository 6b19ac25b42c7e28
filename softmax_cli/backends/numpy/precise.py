"""Distributions in double-double numbers, for what float64 has too few digits for.

Arrays have the class axis first, (k, n), or are those of n binary outputs, (n,).
"""

from typing import NamedTuple

import numpy as np

from softmax_cli.backends.numpy.logs import ieee
from softmax_cli.data import BoolArray, FloatArray
from softmax_cli.numerics.double_double import ONE, DoubleDouble, exp, ln, where
from softmax_cli.numerics.error_free import add

FAR = 2.0**500
"""Logits this far apart are taken as further apart than any exponential reaches."""


class Powers(NamedTuple):
    """e^t of logits x (k, n) at temperature T, with t = (x - m) / T and m = max x.

    gap     -t, 0 where it is FAR or undefined
    near    where the gap is known
    winner  whether it is the first class of the greatest logit
    others  e^t of all classes but the winner, which has 0
    sum     (n,) S, the sum of the others
    """

    gap: DoubleDouble
    near: BoolArray
    winner: BoolArray
    others: DoubleDouble
    sum: DoubleDouble


@ieee
def powers_of(logits: FloatArray, temperature: float) -> Powers:
    """The powers of logits, halved at first: they may be further apart than float64 reaches."""
    half_gap, error = add(logits.max(axis=0) * 0.5, logits * -0.5)
    near = np.asarray(half_gap / temperature < FAR)
    halves = DoubleDouble(np.where(near, half_gap, 0.0), np.where(near, error, 0.0))
    gap = (halves / DoubleDouble.of(np.array(temperature))).times_power(1)
    winner = np.arange(len(logits))[:, np.newaxis] == logits.argmax(axis=0)
    others = where(near & ~winner, exp(-gap), DoubleDouble.of(np.zeros_like(logits)))
    return Powers(gap, near, winner, others, others.sum())


def clip(p: FloatArray, eps: float | None) -> DoubleDouble:
    """Probabilities clipped to [eps, 1 - eps] unless eps is None; in float64, 1 - 1e-17 is 1."""
    if eps is None:
        return DoubleDouble.of(p)
    most = DoubleDouble(*add(np.array(1.0), np.array(-eps)))
    least = DoubleDouble.of(np.maximum(p, eps))
    return where((p - 1) + eps > 0, most, least)


def softmax_complements(logits: FloatArray, temperature: float) -> DoubleDouble:
    """1 - p of each class: the other classes' share of the sum of powers."""
    powers = powers_of(logits, temperature)
    whole = ONE + powers.sum
    return where(powers.winner, powers.sum, whole - powers.others) / whole


@ieee
def sigmoid(logits: FloatArray, temperature: float) -> tuple[DoubleDouble, DoubleDouble]:
    """p and 1 - p of p = 1 / (1 + e^(-z / T)): the softmax of 0 and z."""
    both = softmax_complements(np.stack([np.zeros_like(logits), logits]), temperature)
    return both[0], both[1]


@ieee
def power(p: DoubleDouble, gamma: float) -> FloatArray:
    """p^γ of p in [0, 1]; γ ≥ 0 multiplies the relative error of the base. nan of nan."""
    fraction, exponent = np.frexp(gamma)
    logs = ln(where(p.high > 0, p, ONE))
    vanishes = gamma * logs.high < -760
    logs = where(vanishes, DoubleDouble.of(np.zeros_like(p.high)), logs)
    powers = exp((DoubleDouble.of(np.array(fraction)) * logs).times_power(int(exponent))).rounded()
    powers = np.where(vanishes, 0.0, powers)
    return np.where(p.high > 0, powers, np.where(p.high == 0, 0.0**gamma, np.nan))
