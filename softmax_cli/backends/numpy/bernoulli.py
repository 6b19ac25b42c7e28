"""Distributions over the classes 0 and 1, computed with NumPy from three kinds of scores."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softmax_cli.backends.numpy.logs import ieee, log1mexp, log_p, log_q
from softmax_cli.data import NO_CLASS, FloatArray, IntArray
from softmax_cli.numerics.error_free import SAFE, divide
from softmax_cli.numerics.precision import round_to

LOG_CLAMP = -100.0  # of nn.BCELoss


@dataclass(eq=False, repr=False)
class _Bernoulli:
    """What all three kinds of scores share; scores are (n,)."""

    scores: FloatArray
    dtype: str

    @property
    def p(self) -> FloatArray:
        """(n,) the probability of class 1."""
        raise NotImplementedError

    def probabilities(self) -> FloatArray:
        return round_to(self.p, self.dtype)

    def predicted(self, threshold: float) -> IntArray:
        p = self.probabilities()
        return np.where(np.isnan(p), NO_CLASS, p > threshold)

    @ieee
    def _rounded_loss(
        self, targets: FloatArray, if_one: FloatArray, if_zero: FloatArray
    ) -> FloatArray:
        """(n,) y · if_one + (1 - y) · if_zero, where 0 · inf is 0. Overwrites both losses."""
        against = 1 - targets
        if_one *= targets
        if_zero *= against
        np.copyto(if_one, 0.0, where=targets == 0)
        np.copyto(if_zero, 0.0, where=against == 0)
        if_one += if_zero
        np.copyto(if_one, np.nan, where=np.isnan(self.scores))
        return round_to(if_one, self.dtype)


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

    @ieee
    def cross_entropy(self, targets: FloatArray) -> FloatArray:
        against = np.where(self.scores < 0, targets, 1 - targets)
        distance = np.abs(self.scores)
        distance *= against
        np.copyto(distance, 0.0, where=against == 0)
        if self.temperature != 1:
            distance /= self.temperature
        return round_to(distance + np.log1p(self.decay), self.dtype)


@dataclass(eq=False, repr=False)
class FromProbabilities(_Bernoulli):
    """Binary cross-entropy of probabilities, as nn.BCELoss with logarithms clamped at -100.

    With eps the probabilities are clipped to [eps, 1 - eps] instead.
    """

    eps: float | None = None

    @property
    def p(self) -> FloatArray:
        return self.scores if self.eps is None else self.scores.clip(self.eps, 1 - self.eps)

    def cross_entropy(self, targets: FloatArray) -> FloatArray:
        if_one, if_zero = log_p(self.scores, self.eps), log_q(self.scores, self.eps)
        for logs in (if_one, if_zero):
            if self.eps is None:
                np.maximum(logs, LOG_CLAMP, out=logs)
            np.subtract(0.0, logs, out=logs)
        return self._rounded_loss(targets, if_one, if_zero)


@dataclass(eq=False, repr=False)
class FromLogProbabilities(_Bernoulli):
    """Binary cross-entropy of ln p."""

    @property
    def p(self) -> FloatArray:
        return np.exp(self.scores)

    def cross_entropy(self, targets: FloatArray) -> FloatArray:
        return self._rounded_loss(targets, 0 - self.scores, 0 - log1mexp(self.scores))
