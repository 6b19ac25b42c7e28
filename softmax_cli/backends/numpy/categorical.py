"""Distributions over k classes, computed with NumPy from three kinds of scores.

Arrays have the class axis first, (k, n). For few classes that makes each class one contiguous
column, which NumPy reduces many times faster; many classes stay contiguous per sample.
"""

from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from softmax_cli.backends import PLAIN, Shaping
from softmax_cli.backends.numpy.logs import clip, ieee, log_p
from softmax_cli.backends.numpy.shaping import focus, times_or_zero, weights_of_losses
from softmax_cli.data import NO_CLASS, FloatArray, IntArray, Losses, SingleArray
from softmax_cli.numerics.error_free import SAFE, divide, subtract
from softmax_cli.numerics.precision import round_to

if TYPE_CHECKING:
    from softmax_cli.numerics.double_double import DoubleDouble

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
    """What all three kinds of scores share; scores are (k, n).

    A kind computes in float64; what it gives is rounded to the dtype once, at the end.
    """

    scores: FloatArray
    dtype: str

    def p(self) -> FloatArray:
        """(k, n) probabilities."""
        raise NotImplementedError

    def losses(self) -> FloatArray:
        """(k, n) -ln p."""
        raise NotImplementedError

    def losses_at(self, labels: IntArray) -> FloatArray:
        """(n,) -ln p of one class each."""
        raise NotImplementedError

    def expected(self, targets: FloatArray, total: float | None = None) -> FloatArray:
        """(n,) the sum of -ln p times targets (n, k); 0 · inf is 0.

        ``total`` is the targets' exact sum, where it is known: that of the rounded is a bit off.
        """
        return expectation(class_axis_first(targets), self.losses())

    def divergences(self, targets: FloatArray) -> FloatArray:
        """(n,) from targets (k, n)."""
        raise NotImplementedError

    def rest(self, labels: IntArray) -> FloatArray:
        """(n,) 1 - p of one class each."""
        return 1 - self.p()[labels, self.samples]

    def complements(self) -> "DoubleDouble":
        """(k, n) 1 - p."""
        raise NotImplementedError

    def slope(self, targets: FloatArray) -> FloatArray:
        """(n, k) the derivative of ``expected`` by the scores."""
        raise NotImplementedError

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

    def probabilities(self) -> FloatArray:
        return round_to(self.p().T, self.dtype)

    def log_probabilities(self) -> FloatArray:
        losses = self.losses()
        return round_to(np.subtract(0.0, losses, out=losses).T, self.dtype)

    def cross_entropy(self, truth: IntArray | FloatArray, shaping: Shaping = PLAIN) -> Losses:
        return Losses(round_to(self._shaped(truth, shaping), self.dtype))

    def _shaped(self, truth: IntArray | FloatArray, shaping: Shaping) -> FloatArray:
        if truth.ndim == 1 and not shaping.smoothing:
            labels = some_class(truth)
            loss = self.losses_at(labels)
            if shaping.gamma is not None:
                factors = self._factors(shaping.gamma, shaping.alpha)
                loss = focus(loss, factors[labels, self.samples])
            return loss if shaping.weight is None else times_or_zero(shaping.weight[labels], loss)
        weights = weights_of_losses(truth, shaping, len(self.scores))
        if shaping.gamma is None:  # linear in the targets, whether or not they sum to 1
            smoothed = truth.ndim == 1 and shaping.weight is None
            return self.expected(weights, total=1.0 if smoothed else None)
        losses = focus(self.losses(), self._factors(shaping.gamma, shaping.alpha))
        return np.asarray(times_or_zero(weights, losses.T).sum(axis=1))

    def _factors(self, gamma: float, alpha: float | None) -> FloatArray:
        """(k, n) α (1-p)^γ."""
        from softmax_cli.backends.numpy.precise import power

        powers = power(self.complements(), gamma)
        return powers if alpha is None else alpha * powers

    def deviations(self, labels: IntArray) -> FloatArray:
        deviations = np.array(self.p().T)
        deviations[self.samples, labels] = -self.rest(labels)
        return deviations

    def divergence(self, targets: FloatArray) -> Losses:
        return Losses(round_to(self.divergences(class_axis_first(targets)), self.dtype))

    def gradient(self, targets: FloatArray) -> FloatArray:
        return round_to(self.slope(targets), self.dtype)


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

    def p(self) -> FloatArray:
        total = 1 + self.others_sum
        probabilities = self.others / total
        put(probabilities, self.winner, 1 / total)
        return probabilities

    def losses(self) -> FloatArray:
        losses = self._gap(self.scores)
        losses += np.log1p(self.others_sum)
        return losses

    def losses_at(self, labels: IntArray) -> FloatArray:
        return np.log1p(self.others_sum) + self._gap(self.scores[labels, self.samples])

    @ieee
    def expected(self, targets: FloatArray, total: float | None = None) -> FloatArray:
        weights = class_axis_first(targets)
        gap = 2 * (expectation(weights, self._half_gap(self.scores)) / self.temperature)
        return np.log1p(self.others_sum) * (sum_classes(weights) if total is None else total) + gap

    def divergences(self, targets: FloatArray) -> FloatArray:
        from softmax_cli.backends.numpy.divergence import of_logits

        return of_logits(targets, self.scores, self.temperature)

    def complements(self) -> "DoubleDouble":
        from softmax_cli.backends.numpy.precise import softmax_complements

        return softmax_complements(self.scores, self.temperature)

    def rest(self, labels: IntArray) -> FloatArray:
        """Of a likely class the sum of the others: 1 - p would have lost its digits."""
        p = self.p()
        own = p[labels, self.samples]
        p[labels, self.samples] = 0.0
        return np.where(own > 0.5, sum_classes(p), 1 - own)

    def slope(self, targets: FloatArray) -> FloatArray:
        """p times the sum of the target, minus the target."""
        slope = self.p().T * targets.sum(axis=1, keepdims=True) - targets
        labels = targets.argmax(axis=1)
        hard = np.flatnonzero(targets.max(axis=1) == 1)
        slope[hard, labels[hard]] = -self.rest(labels)[hard]
        return np.asarray(slope) / self.temperature

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

    def p(self) -> FloatArray:
        return clip(self.scores, self.eps)

    def losses(self) -> FloatArray:
        return 0 - log_p(self.scores, self.eps)

    def losses_at(self, labels: IntArray) -> FloatArray:
        return 0 - log_p(self.scores[labels, self.samples], self.eps)

    def divergences(self, targets: FloatArray) -> FloatArray:
        from softmax_cli.backends.numpy.divergence import of_probabilities

        return of_probabilities(targets, self.scores, self.eps)

    def complements(self) -> "DoubleDouble":
        from softmax_cli.backends.numpy.precise import clip
        from softmax_cli.numerics.double_double import ONE

        return ONE - clip(self.scores, self.eps)

    @ieee
    def slope(self, targets: FloatArray) -> FloatArray:
        """-target / p, where the target is not 0; 0 where p is clipped and does not matter."""
        given, p = self.scores.T, self.p().T
        slope = np.divide(-targets, p, where=targets != 0, out=np.zeros(p.shape))
        return np.where(p == given, slope, 0.0)


@dataclass(eq=False, repr=False)
class FromLogProbabilities(_Categorical):
    """Cross-entropy of log-probabilities, which it only picks and negates."""

    def p(self) -> FloatArray:
        return np.exp(self.scores)

    def losses(self) -> FloatArray:
        return 0 - self.scores

    def losses_at(self, labels: IntArray) -> FloatArray:
        return 0 - self.scores[labels, self.samples]

    def divergences(self, targets: FloatArray) -> FloatArray:
        from softmax_cli.backends.numpy.divergence import of_log_probabilities

        return of_log_probabilities(targets, self.scores)

    def complements(self) -> "DoubleDouble":
        from softmax_cli.numerics.double_double import DoubleDouble, expm1

        return -expm1(DoubleDouble.of(self.scores))

    def rest(self, labels: IntArray) -> FloatArray:
        return -np.expm1(self.scores[labels, self.samples])

    def slope(self, targets: FloatArray) -> FloatArray:
        return -targets


def some_class(labels: IntArray | FloatArray) -> IntArray:
    """Labels with some class in place of the ignored one, to compute with."""
    labels = labels.astype(np.int64, copy=False)
    return np.maximum(labels, 0) if (labels < 0).any() else labels


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
