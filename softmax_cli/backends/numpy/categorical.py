"""Distributions over k classes, computed with NumPy from three kinds of scores.

Arrays have the class axis first, (k, n). For few classes that makes each class one contiguous
column, which NumPy reduces many times faster; many classes stay contiguous per sample.
"""

from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np

from softmax_cli.backends.numpy.logs import ieee, log_p
from softmax_cli.data import NO_CLASS, FloatArray, IntArray, SingleArray
from softmax_cli.numerics.error_free import SAFE, divide, subtract
from softmax_cli.numerics.precision import round_to

MANY_CLASSES = 100  # from here on, reducing along contiguous rows is the faster way
FAINT = 2.0**-960  # a sum below it may have lost digits of its terms to underflow


def class_axis_first(scores: FloatArray | SingleArray) -> FloatArray:
    """Scores (n, k) as (k, n), in the memory order that suits their number of classes."""
    if scores.shape[1] < MANY_CLASSES:
        if scores.dtype == np.float64 and scores.strides[0] == scores.itemsize:
            return np.asarray(scores.T, dtype=np.float64)  # contiguous as it is
        return np.ascontiguousarray(scores.T, dtype=np.float64)
    return np.ascontiguousarray(scores, dtype=np.float64).T


@dataclass(eq=False, repr=False)
class _Categorical:
    """What all three kinds of scores share; scores are (k, n)."""

    scores: FloatArray
    dtype: str

    @cached_property
    def samples(self) -> IntArray:
        """(n,) 0…n-1, to pick one class of each sample."""
        return np.arange(self.scores.shape[1])

    @cached_property
    def greatest(self) -> FloatArray:
        """(n,) the greatest score of each sample; nan if there is a nan."""
        return np.asarray(self.scores.max(axis=0))

    @cached_property
    def winner(self) -> IntArray:
        """(n,) the first class of the greatest score; any class for a row with nan."""
        n_classes = len(self.scores)
        if n_classes >= MANY_CLASSES:
            return np.asarray(self.scores.argmax(axis=0))
        # argmax along the strided axis, in bytes: 255 for all but the greatest, then the minimum
        others = (self.scores == self.greatest).view(np.uint8) - np.uint8(1)
        others |= np.arange(n_classes, dtype=np.uint8)[:, np.newaxis]
        return np.asarray(np.minimum(others.min(axis=0), n_classes - 1), dtype=np.int64)

    def predicted(self) -> IntArray:
        return np.where(np.isfinite(self.greatest), self.winner, NO_CLASS)

    def _rounded(self, by_class: FloatArray) -> FloatArray:
        return round_to(by_class.T, self.dtype)


@dataclass(eq=False, repr=False)
class FromLogits(_Categorical):
    """Softmax and cross-entropy of logits x at temperature T.

    With m = max x, t = (x - m) / T and S the sum of e^t over all classes but the winner:
    p = e^t / (1 + S) and -ln p = log1p(S) - t. Leaving the winner's 1 out of the sum keeps the
    loss of a confident right answer, where 1 + S would round to 1. Neither term is negative, so
    nothing cancels (Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and
    softmax functions", 2021).

    Where T comes in, differences are taken of halved logits, which cannot overflow.
    """

    temperature: float = 1.0

    @cached_property
    def others(self) -> FloatArray:
        """(k, n) e^t, but 0 for the winner; nan for the winner of an undefined row."""
        others = self._exp_shift()
        defined = np.isfinite(self.greatest)
        put(others, self.winner, np.where(defined, 0.0, np.nan))
        return others

    @ieee
    def _exp_shift(self) -> FloatArray:
        """(k, n) e^t.

        It magnifies the rounding error of t up to |t| times, hundreds of ulp in float64 and
        nothing in a narrower result. The error is at most 2**-52 |t|, so its square is beneath
        notice: e^(t + error) = e^t + e^t · error.
        """
        if self.dtype != "float64":
            shift = self._gap(self.scores)
            np.negative(shift, out=shift)
            return np.exp(shift, out=shift)
        if self.temperature == 1:
            shift, error = subtract(self.scores, self.greatest)
        else:
            half, half_error = subtract(self.scores * 0.5, self.greatest * 0.5)
            shift, error = divide(half, half_error, self.temperature)
            shift *= 2
            error *= 2
        if not shift.min(initial=0.0) > -SAFE:
            np.copyto(error, 0.0, where=~(shift > -SAFE))
        np.exp(shift, out=shift)
        error *= shift
        shift += error
        return shift

    @cached_property
    def others_sum(self) -> FloatArray:
        """(n,) S."""
        total = sum_classes(self.others)
        faint = np.flatnonzero(total < FAINT)
        if faint.size:
            total[faint] = self._faint_sum(faint)
        return total

    def _faint_sum(self, samples: IntArray) -> FloatArray:
        """S of some samples, from (2^64 e^(t/2))^2: as themselves its terms are subnormal."""
        roots = FromLogits(self.scores[:, samples], self.dtype, 2 * self.temperature).others
        roots *= 2.0**64
        roots *= roots
        return sum_classes(roots) * 2.0**-128

    def probabilities(self) -> FloatArray:
        total = 1 + self.others_sum
        probabilities = self.others / total
        put(probabilities, self.winner, 1 / total)
        return self._rounded(probabilities)

    def log_probabilities(self) -> FloatArray:
        losses = self._gap(self.scores)
        losses += np.log1p(self.others_sum)
        return self._rounded(np.subtract(0.0, losses, out=losses))

    def cross_entropy(self, labels: IntArray) -> FloatArray:
        gap = self._gap(self.scores[labels, self.samples])
        return self._rounded(np.log1p(self.others_sum) + gap)

    @ieee
    def soft_cross_entropy(self, targets: FloatArray) -> FloatArray:
        weights = class_axis_first(targets)
        gap = 2 * (expectation(weights, self._half_gap(self.scores)) / self.temperature)
        return self._rounded(np.log1p(self.others_sum) * sum_classes(weights) + gap)

    @ieee
    def _gap(self, scores: FloatArray) -> FloatArray:
        """-t; inf for a masked class."""
        if self.temperature == 1:
            return np.asarray(self.greatest - scores)
        return 2 * (self._half_gap(scores) / self.temperature)

    @ieee
    def _half_gap(self, scores: FloatArray) -> FloatArray:
        """(m - x) / 2, finite for all finite logits."""
        half = scores * -0.5
        half += self.greatest * 0.5
        return half


@dataclass(eq=False, repr=False)
class FromProbabilities(_Categorical):
    """Cross-entropy of probabilities p, clipped to [eps, 1 - eps] if eps is given."""

    eps: float | None = None

    def probabilities(self) -> FloatArray:
        eps = self.eps
        return self._rounded(self.scores if eps is None else self.scores.clip(eps, 1 - eps))

    def log_probabilities(self) -> FloatArray:
        return self._rounded(log_p(self.scores, self.eps))

    def cross_entropy(self, labels: IntArray) -> FloatArray:
        p = self.scores[labels, self.samples]
        return self._rounded(0 - log_p(p, self.eps))

    def soft_cross_entropy(self, targets: FloatArray) -> FloatArray:
        return self._rounded(
            expectation(class_axis_first(targets), 0 - log_p(self.scores, self.eps))
        )


@dataclass(eq=False, repr=False)
class FromLogProbabilities(_Categorical):
    """Cross-entropy of log-probabilities, which it only picks and negates."""

    def probabilities(self) -> FloatArray:
        return self._rounded(np.exp(self.scores))

    def log_probabilities(self) -> FloatArray:
        return self._rounded(self.scores)

    def cross_entropy(self, labels: IntArray) -> FloatArray:
        return self._rounded(0 - self.scores[labels, self.samples])

    def soft_cross_entropy(self, targets: FloatArray) -> FloatArray:
        return self._rounded(expectation(class_axis_first(targets), 0 - self.scores))


def put(by_class: FloatArray, classes: IntArray, values: FloatArray) -> None:
    """Set (k, n) to a value at one class of each sample."""
    n_classes, n_samples = by_class.shape
    if by_class.flags.c_contiguous:  # one flat index is the quicker one
        by_class.reshape(-1)[classes * n_samples + np.arange(n_samples)] = values
    else:
        by_class.T.reshape(-1)[np.arange(n_samples) * n_classes + classes] = values


@ieee
def expectation(weights: FloatArray, losses: FloatArray) -> FloatArray:
    """(n,) sums of weight times loss, both (k, n), over the classes; 0 · inf is 0.

    Overwrites the losses.
    """
    finite = losses.max(initial=0.0) < inf
    losses *= weights
    if not finite:
        np.copyto(losses, 0.0, where=weights == 0)
    return sum_classes(losses)


def sum_classes(by_class: FloatArray) -> FloatArray:
    """(n,) sums over the first axis, added up as a tree so that few roundings pile up."""
    total = by_class
    while len(total) > 8:
        half = len(total) // 2
        pairs = total[:half] + total[half : 2 * half]
        if len(total) % 2:
            pairs[0] += total[-1]
        total = pairs
    return np.asarray(total.sum(axis=0))
