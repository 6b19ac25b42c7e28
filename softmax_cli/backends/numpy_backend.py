"""The NumPy backend: the project's own formulas, accurate to the last digits.

Everything is computed in float64 from the scores as given and rounded to the wanted dtype
once, at the end. Scores are held with the class axis first, (k, n): for few classes that makes
each class one contiguous column, which NumPy reduces many times faster.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softmax_cli.backends import Bernoulli, Categorical
from softmax_cli.batch import NO_CLASS, FloatArray, IntArray
from softmax_cli.precision import round_to
from softmax_cli.twofold import divide, subtract

MANY_CLASSES = 100  # from here on, reducing along contiguous rows is the faster way
LOG_CLAMP = -100.0  # of nn.BCELoss


@dataclass(frozen=True)
class NumpyBackend:
    """See ``backends.Backend``. ``dtype`` is that of the results."""

    dtype: str

    def categorical(
        self, scores: FloatArray, kind: str, temperature: float, eps: float | None
    ) -> Categorical:
        by_sample = scores.shape[1] >= MANY_CLASSES
        by_class = np.ascontiguousarray(scores if by_sample else scores.T, dtype=np.float64)
        by_class = by_class.T if by_sample else by_class
        if kind == "probs":
            return FromProbabilities(by_class, self.dtype, eps)
        if kind == "logprobs" and temperature == 1:
            return FromLogProbabilities(by_class, self.dtype)
        return FromLogits(by_class, self.dtype, temperature)

    def bernoulli(
        self, scores: FloatArray, kind: str, temperature: float, eps: float | None
    ) -> Bernoulli:
        if kind == "logits":
            return BernoulliFromLogits(scores, self.dtype, temperature)
        if kind == "logprobs":
            return BernoulliFromLogProbabilities(scores, self.dtype)
        return BernoulliFromProbabilities(scores, self.dtype, eps)


@dataclass
class _Categorical:
    """What all three kinds of scores share; scores are (k, n)."""

    scores: FloatArray
    dtype: str

    @cached_property
    def greatest(self) -> FloatArray:
        """(n,) the greatest score of each sample; nan if there is a nan."""
        return np.asarray(self.scores.max(axis=0))

    @cached_property
    def winner(self) -> IntArray:
        """(n,) the first class of the greatest score; any class for a row with nan."""
        if len(self.scores) >= MANY_CLASSES:
            return np.asarray(self.scores.argmax(axis=0))
        winner = np.zeros(self.scores.shape[1], dtype=np.int64)
        for index in range(len(self.scores) - 1, -1, -1):
            winner[self.scores[index] == self.greatest] = index
        return winner

    def predicted(self) -> IntArray:
        return np.where(np.isnan(self.greatest), NO_CLASS, self.winner)

    def _rounded(self, by_class: FloatArray) -> FloatArray:
        return round_to(by_class.T, self.dtype)


@dataclass
class FromLogits(_Categorical):
    """Softmax and cross-entropy of logits x.

    With m = max x, t = x - m and S the sum of e^t over all classes but the winner:
    p = e^t / (1 + S) and -ln p = log1p(S) - t. Leaving the winner's 1 out of the sum keeps the
    loss of a confident right answer, where 1 + S would round to 1. The rounding error of t is
    carried along, because e^t would magnify it |t| times (Blanchard, Higham and Higham,
    "Accurately computing the log-sum-exp and softmax functions", 2021).
    """

    temperature: float = 1.0

    @cached_property
    def shifted(self) -> tuple[FloatArray, FloatArray]:
        """(k, n) t = (x - m) / temperature and the rounding error of t, 0 where t is infinite."""
        with np.errstate(invalid="ignore", over="ignore"):
            shift, error = subtract(self.scores, self.greatest)
            if self.temperature != 1:
                shift, error = divide(shift, error, self.temperature)
            np.copyto(error, 0.0, where=~np.isfinite(error))
        return shift, error

    @cached_property
    def others(self) -> FloatArray:
        """(k, n) e^t, but 0 for the winner."""
        shift, error = self.shifted
        others = np.exp(shift)
        others += others * error
        defined = np.isfinite(self.greatest)
        others[self.winner, np.arange(len(defined))] = np.where(defined, 0.0, np.nan)
        return others

    @cached_property
    def others_sum(self) -> FloatArray:
        """(n,) S."""
        return sum_classes(self.others)

    def probabilities(self) -> FloatArray:
        total = 1 + self.others_sum
        probabilities = self.others / total
        probabilities[self.winner, np.arange(len(total))] = 1 / total
        return self._rounded(probabilities)

    def log_probabilities(self) -> FloatArray:
        shift, error = self.shifted
        return self._rounded((shift - np.log1p(self.others_sum)) + error)

    def cross_entropy(self, labels: IntArray) -> FloatArray:
        shift, error = self.shifted
        samples = np.arange(len(labels))
        gap = -shift[labels, samples]
        return self._rounded((np.log1p(self.others_sum) + gap) - error[labels, samples])

    def soft_cross_entropy(self, targets: FloatArray) -> FloatArray:
        shift, error = self.shifted
        losses = (np.log1p(self.others_sum) - shift) - error
        return self._rounded(sum_classes(_times_or_zero(targets.T, losses)))


@dataclass
class FromProbabilities(_Categorical):
    """Cross-entropy of probabilities p, clipped to [eps, 1 - eps] if eps is given."""

    eps: float | None = None

    @cached_property
    def clipped(self) -> FloatArray:
        """(k, n) p as it enters the logarithm."""
        return self.scores if self.eps is None else self.scores.clip(self.eps, 1 - self.eps)

    def probabilities(self) -> FloatArray:
        return self._rounded(self.clipped)

    def log_probabilities(self) -> FloatArray:
        return self._rounded(_log(self.clipped))

    def cross_entropy(self, labels: IntArray) -> FloatArray:
        return self._rounded(0 - _log(self.clipped[labels, np.arange(len(labels))]))

    def soft_cross_entropy(self, targets: FloatArray) -> FloatArray:
        losses = _times_or_zero(targets.T, 0 - _log(self.clipped))
        return self._rounded(sum_classes(losses))


@dataclass
class FromLogProbabilities(_Categorical):
    """Cross-entropy of log-probabilities, which it only picks and negates."""

    def probabilities(self) -> FloatArray:
        return self._rounded(np.exp(self.scores))

    def log_probabilities(self) -> FloatArray:
        return self._rounded(self.scores)

    def cross_entropy(self, labels: IntArray) -> FloatArray:
        return self._rounded(0 - self.scores[labels, np.arange(len(labels))])

    def soft_cross_entropy(self, targets: FloatArray) -> FloatArray:
        return self._rounded(sum_classes(_times_or_zero(targets.T, 0 - self.scores)))


@dataclass
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

    def _rounded_loss(
        self, targets: FloatArray, if_one: FloatArray, if_zero: FloatArray
    ) -> FloatArray:
        loss = _times_or_zero(targets, if_one) + _times_or_zero(1 - targets, if_zero)
        return round_to(loss, self.dtype)


@dataclass
class BernoulliFromLogits(_Bernoulli):
    """Sigmoid and binary cross-entropy of logits z.

    -ln sigmoid(z) = max(-z, 0) + log1p(e^-|z|), and the same with -z for class 0: accurate on
    both sides, where ln(1 + e^-z) would round to 0 or overflow.
    """

    temperature: float = 1.0

    @cached_property
    def scaled(self) -> tuple[FloatArray, FloatArray]:
        """(n,) z = logits / temperature and its rounding error."""
        if self.temperature == 1:
            return self.scores, np.zeros_like(self.scores)
        with np.errstate(invalid="ignore", over="ignore"):
            z, error = divide(self.scores, np.zeros_like(self.scores), self.temperature)
            return z, np.where(np.isfinite(error), error, 0.0)

    @cached_property
    def decay(self) -> FloatArray:
        """(n,) e^-|z|."""
        z, error = self.scaled
        decay = np.exp(-np.abs(z))
        return np.asarray(decay - decay * np.copysign(1.0, z) * error)

    @property
    def p(self) -> FloatArray:
        z, _ = self.scaled
        return np.where(z < 0, self.decay, 1.0) / (1 + self.decay)

    def cross_entropy(self, targets: FloatArray) -> FloatArray:
        z, _ = self.scaled
        tail = np.log1p(self.decay)
        return self._rounded_loss(targets, np.maximum(-z, 0) + tail, np.maximum(z, 0) + tail)


@dataclass
class BernoulliFromProbabilities(_Bernoulli):
    """Binary cross-entropy of probabilities, as nn.BCELoss with logarithms clamped at -100.

    With eps the probabilities are clipped to [eps, 1 - eps] instead.
    """

    eps: float | None = None

    @property
    def p(self) -> FloatArray:
        return self.scores if self.eps is None else self.scores.clip(self.eps, 1 - self.eps)

    def cross_entropy(self, targets: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            log_p, log_q = np.log(self.p), np.log1p(-self.p)
        if self.eps is None:
            log_p, log_q = np.maximum(log_p, LOG_CLAMP), np.maximum(log_q, LOG_CLAMP)
        return self._rounded_loss(targets, 0 - log_p, 0 - log_q)


@dataclass
class BernoulliFromLogProbabilities(_Bernoulli):
    """Binary cross-entropy of ln p; ln(1-p) = ln(-expm1(ln p)) (Mächler, "log1mexp", 2012)."""

    @property
    def p(self) -> FloatArray:
        return np.exp(self.scores)

    def cross_entropy(self, targets: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):
            near_one = np.log(-np.expm1(self.scores))
            log_q = np.where(self.scores > -np.log(2), near_one, np.log1p(-self.p))
        return self._rounded_loss(targets, 0 - self.scores, 0 - log_q)


def sum_classes(by_class: FloatArray) -> FloatArray:
    """(n,) sums over the first axis, added up as a tree so that few roundings pile up."""
    if len(by_class) >= MANY_CLASSES:
        return np.asarray(by_class.sum(axis=0))  # pairwise, because its rows are contiguous
    half = (len(by_class) + 1) // 2
    total = by_class[:half].copy()
    total[: len(by_class) - half] += by_class[half:]
    while half > 1:
        length, half = half, (half + 1) // 2
        total[: length - half] += total[half:length]
    return np.asarray(total[0])


def _log(p: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(p))


def _times_or_zero(weights: FloatArray, losses: FloatArray) -> FloatArray:
    """The product, 0 where the weight is 0, whatever the loss."""
    return np.multiply(weights, losses, where=weights != 0, out=np.zeros_like(losses))
