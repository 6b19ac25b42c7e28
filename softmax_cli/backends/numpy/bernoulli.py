"""Distributions over the classes 0 and 1, computed with NumPy from three kinds of scores."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from softmax_cli.backends import PLAIN, Shaping
from softmax_cli.backends.numpy.logs import clip, ieee, log1mexp, log_p, log_q
from softmax_cli.backends.numpy.shaping import focus, times_or_zero
from softmax_cli.data import NO_CLASS, FloatArray, IntArray, Losses
from softmax_cli.numerics.error_free import SAFE, divide
from softmax_cli.numerics.precision import round_to

if TYPE_CHECKING:
    from softmax_cli.numerics.double_double import DoubleDouble

LOG_CLAMP = -100.0  # of nn.BCELoss
SLOPE_FLOOR = float(np.float32(1e-12))
"""What PyTorch's BCELoss divides by at least, where p (1 - p) is smaller; it is a float32 there."""


@dataclass(eq=False, repr=False)
class _Bernoulli:
    """What all three kinds of scores share; scores are (n,)."""

    scores: FloatArray
    dtype: str

    @property
    def p(self) -> FloatArray:
        """(n,) the probability of class 1."""
        raise NotImplementedError

    def losses(self, targets: FloatArray) -> FloatArray:
        """(n,) -(y ln p + (1-y) ln(1-p)); 0 · inf is 0."""
        raise NotImplementedError

    def slope(self, targets: FloatArray) -> FloatArray:
        """(n,) the derivative of the losses by the scores."""
        raise NotImplementedError

    def deviations(self, labels: IntArray) -> FloatArray:
        """(n,) p - y of labels y."""
        raise NotImplementedError

    def sides(self) -> "tuple[DoubleDouble, DoubleDouble]":
        """(n,) p and 1 - p."""
        raise NotImplementedError

    def probabilities(self) -> FloatArray:
        return round_to(self.p, self.dtype)

    def predicted(self, threshold: float) -> IntArray:
        p = self.probabilities()
        return np.where(np.isnan(p), NO_CLASS, p > threshold)

    def cross_entropy(self, targets: FloatArray, shaping: Shaping = PLAIN) -> Losses:
        loss = self._unfocused(targets, shaping)
        if shaping.gamma is not None:
            loss = focus(loss, self._factors(targets, shaping.gamma, shaping))
        loss = loss if shaping.weight is None else times_or_zero(shaping.weight, loss)
        return Losses(round_to(loss, self.dtype))

    def gradient(self, targets: FloatArray) -> FloatArray:
        return round_to(self.slope(targets), self.dtype)

    def _unfocused(self, targets: FloatArray, shaping: Shaping) -> FloatArray:
        """(n,) the losses before focus and weights.

        They are linear in the targets. So smoothing mixes losses: mixed targets near 1 would have
        lost the digits of what they lack.
        """
        if shaping.smoothing:
            plain = shaping._replace(smoothing=0.0)
            given = self._unfocused(targets, plain)
            even = self._unfocused(np.full_like(targets, 0.5), plain)
            share = np.asarray(shaping.smoothing)
            return times_or_zero(1 - share, given) + times_or_zero(share, even)
        if shaping.pos_weight is None:
            return self.losses(targets)
        if_one = self.losses(np.ones_like(targets))
        if_zero = self.losses(np.zeros_like(targets))
        positive = targets * shaping.pos_weight
        return times_or_zero(positive, if_one) + times_or_zero(1 - targets, if_zero)

    def _factors(self, targets: FloatArray, gamma: float, shaping: Shaping) -> FloatArray:
        """(n,) α_t (1-p_t)^γ, where 1 - p_t = y (1-p) + (1-y) p, of smoothed targets."""
        from softmax_cli.backends.numpy.precise import power
        from softmax_cli.numerics.double_double import ONE, DoubleDouble

        one, zero = self.sides()
        share, half = (DoubleDouble.of(np.array(e)) for e in (shaping.smoothing, 0.5))
        y = (ONE - share) * DoubleDouble.of(targets) + share * half
        powers = power(y * zero + (ONE - y) * one, gamma)
        if shaping.alpha is None:
            return powers
        alpha = DoubleDouble.of(np.array(shaping.alpha))
        return (alpha * y + (ONE - alpha) * (ONE - y)).rounded() * powers

    @ieee
    def _mix(self, targets: FloatArray, if_one: FloatArray, if_zero: FloatArray) -> FloatArray:
        """(n,) y · if_one + (1 - y) · if_zero, where 0 · inf is 0. Overwrites both losses."""
        against = 1 - targets
        if_one *= targets
        if_zero *= against
        np.copyto(if_one, 0.0, where=targets == 0)
        np.copyto(if_zero, 0.0, where=against == 0)
        if_one += if_zero
        np.copyto(if_one, np.nan, where=np.isnan(self.scores))
        return if_one


@dataclass(eq=False, repr=False)
class FromLogits(_Bernoulli):
    """Sigmoid and binary cross-entropy of logits z.

    -ln sigmoid(z) = max(-z, 0) + log1p(e^-|z|), and the same with -z for class 0, so that the
    loss is log1p(e^-|z|) plus |z| times the weight of the class that z speaks against: accurate
    on both sides, where ln(1 + e^-z) would round to 0 or overflow.
    """

    temperature: float = 1.0

    @cached_property
    @ieee
    def scaled(self) -> FloatArray:
        """(n,) z = logits / temperature."""
        return self.scores if self.temperature == 1 else self.scores / self.temperature

    @cached_property
    @ieee
    def decay(self) -> FloatArray:
        """(n,) e^-|z|; the rounding error of a division is carried along, as it is magnified."""
        distance = np.abs(self.scaled)
        decay = np.exp(-distance)
        if self.temperature != 1 and self.dtype == "float64":
            _, error = divide(np.abs(self.scores), np.zeros_like(distance), self.temperature)
            np.copyto(error, 0.0, where=~(distance < SAFE))
            decay -= decay * error
        return decay

    @property
    def p(self) -> FloatArray:
        return np.where(self.scaled < 0, self.decay, 1.0) / (1 + self.decay)

    @property
    def rest(self) -> FloatArray:
        """(n,) 1 - p."""
        return np.where(self.scaled < 0, 1.0, self.decay) / (1 + self.decay)

    @ieee
    def losses(self, targets: FloatArray) -> FloatArray:
        against = np.where(self.scores < 0, targets, 1 - targets)
        distance = np.abs(self.scores)
        distance *= against
        np.copyto(distance, 0.0, where=against == 0)
        if self.temperature != 1:
            distance /= self.temperature
        return distance + np.log1p(self.decay)

    def sides(self) -> "tuple[DoubleDouble, DoubleDouble]":
        from softmax_cli.backends.numpy.precise import sigmoid

        return sigmoid(self.scores, self.temperature)

    def slope(self, targets: FloatArray) -> FloatArray:
        return ((1 - targets) * self.p - targets * self.rest) / self.temperature

    def deviations(self, labels: IntArray) -> FloatArray:
        return np.where(labels == 1, -self.rest, self.p)


@dataclass(eq=False, repr=False)
class FromProbabilities(_Bernoulli):
    """Binary cross-entropy of probabilities, as nn.BCELoss with logarithms clamped at -100.

    With eps the probabilities are clipped to [eps, 1 - eps] instead.
    """

    eps: float | None = None

    @property
    def p(self) -> FloatArray:
        return clip(self.scores, self.eps)

    def losses(self, targets: FloatArray) -> FloatArray:
        if_one, if_zero = log_p(self.scores, self.eps), log_q(self.scores, self.eps)
        for logs in (if_one, if_zero):
            if self.eps is None:
                np.maximum(logs, LOG_CLAMP, out=logs)
            np.subtract(0.0, logs, out=logs)
        return self._mix(targets, if_one, if_zero)

    def sides(self) -> "tuple[DoubleDouble, DoubleDouble]":
        from softmax_cli.backends.numpy.precise import clip
        from softmax_cli.numerics.double_double import ONE

        p = clip(self.scores, self.eps)
        return p, ONE - p

    @ieee
    def slope(self, targets: FloatArray) -> FloatArray:
        """(p - y) / (p (1-p)), without eps as BCELoss has it; 0 where p is clipped and moot."""
        p = self.p
        if self.eps is None:
            slope = (p - targets) / np.maximum(p * (1 - p), SLOPE_FLOOR)
        else:
            slope = (p - targets) / (p * (1 - p))
            np.divide(-1, p, where=targets == 1, out=slope)
            np.divide(1, 1 - p, where=targets == 0, out=slope)
        return np.where(p == self.scores, slope, 0.0)

    def deviations(self, labels: IntArray) -> FloatArray:
        return self.p - labels


@dataclass(eq=False, repr=False)
class FromLogProbabilities(_Bernoulli):
    """Binary cross-entropy of ln p."""

    @property
    def p(self) -> FloatArray:
        return np.exp(self.scores)

    def losses(self, targets: FloatArray) -> FloatArray:
        return self._mix(targets, 0 - self.scores, 0 - log1mexp(self.scores))

    def sides(self) -> "tuple[DoubleDouble, DoubleDouble]":
        from softmax_cli.numerics.double_double import DoubleDouble, exp, expm1

        log_p = DoubleDouble.of(self.scores)
        return exp(log_p), -expm1(log_p)

    @ieee
    def slope(self, targets: FloatArray) -> FloatArray:
        odds = np.exp(self.scores) / -np.expm1(self.scores)
        return np.where(targets == 1, 0.0, (1 - targets) * odds) - targets

    def deviations(self, labels: IntArray) -> FloatArray:
        return np.where(labels == 1, np.expm1(self.scores), self.p)
