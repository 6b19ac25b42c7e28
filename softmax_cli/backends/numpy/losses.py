"""The losses of the NumPy backend: see ``losses.Losses``.

They are computed in float64, from the distributions' own cross-entropies where there is one,
and rounded to the wanted dtype once, at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from softmax_cli.data import FloatArray, IntArray
from softmax_cli.errors import UsageError
from softmax_cli.numerics.precision import round_to


@dataclass(frozen=True)
class NumpyLosses:
    """See ``losses.Losses``. ``dtype`` is that of the results."""

    dtype: str

    def cross_entropy(
        self,
        distribution: Any,
        truth: IntArray | FloatArray,
        *,
        weight: FloatArray | None = None,
        smoothing: float = 0.0,
        gamma: float | None = None,
    ) -> FloatArray:
        exact = self._unrounded(distribution)
        if truth.ndim == 1 and not smoothing:
            labels = truth.astype(np.int64, copy=False)
            loss = _focal(exact.cross_entropy(labels), gamma)
            return self._rounded(loss if weight is None else times_or_zero(weight[labels], loss))
        n_classes = len(distribution.scores)  # they are (k, n)
        mixed = _mixed(truth, np.ones(n_classes) if weight is None else weight, smoothing)
        if gamma is None:  # linear in the targets, whether or not they sum to 1
            return self._rounded(exact.soft_cross_entropy(mixed))
        losses = _focal(0 - exact.log_probabilities(), gamma)
        return self._rounded(times_or_zero(mixed, losses).sum(axis=1))

    def binary_cross_entropy(
        self,
        distribution: Any,
        targets: FloatArray,
        *,
        weight: FloatArray | None = None,
        pos_weight: FloatArray | None = None,
        gamma: float | None = None,
    ) -> FloatArray:
        exact = self._unrounded(distribution)
        if pos_weight is None and gamma is None:
            loss = exact.cross_entropy(targets)
        else:
            if_one = _focal(exact.cross_entropy(np.ones_like(targets)), gamma)
            if_zero = _focal(exact.cross_entropy(np.zeros_like(targets)), gamma)
            positive = targets if pos_weight is None else targets * pos_weight
            loss = times_or_zero(positive, if_one) + times_or_zero(1 - targets, if_zero)
        return self._rounded(loss if weight is None else times_or_zero(weight, loss))

    def squared_error(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore"):
            return self._rounded(np.square(predictions - targets).sum(axis=1))

    def absolute_error(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        with np.errstate(over="ignore", invalid="ignore"):
            return self._rounded(np.abs(predictions - targets).sum(axis=1))

    def hinge(self, scores: FloatArray, signs: FloatArray, margin: float, p: int) -> FloatArray:
        return self._rounded(np.maximum(margin - signs * scores, 0) ** p)

    def multi_margin(
        self,
        scores: FloatArray,
        labels: IntArray,
        margin: float,
        p: int,
        weight: FloatArray | None = None,
    ) -> FloatArray:
        loss = (_lacking(scores, labels, margin) ** p).sum(axis=1) / scores.shape[1]
        return self._rounded(loss if weight is None else weight[labels] * loss)

    def best_margin(
        self, scores: FloatArray, labels: IntArray, margin: float, p: int
    ) -> FloatArray:
        return self._rounded(_lacking(scores, labels, margin).max(axis=1) ** p)

    def divergence(self, distribution: Any, targets: FloatArray) -> FloatArray:
        exact = self._unrounded(distribution)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(targets == 0, 0.0, np.log(targets) - exact.log_probabilities())
        return self._rounded(times_or_zero(targets, logs).sum(axis=1))

    def gradient(
        self,
        function: Callable[[Any, Any], Any],
        scores: FloatArray,
        truth: IntArray | FloatArray,
    ) -> FloatArray:
        raise UsageError(
            "--grad of a function needs autograd, which NumPy has not", "add --backend torch"
        )

    def apply(
        self,
        function: Callable[[Any, Any], Any],
        scores: FloatArray,
        truth: IntArray | FloatArray,
    ) -> tuple[tuple[int, ...] | None, Any]:
        given = function(scores, truth)
        if not isinstance(given, np.ndarray):
            return (() if isinstance(given, (np.generic, float, int)) else None), given
        if given.ndim != 1 or given.dtype.kind not in "fiu":
            return given.shape, given
        return given.shape, self._rounded(given.astype(np.float64))

    def _unrounded(self, distribution: Any) -> Any:
        """The distribution in float64, whose losses are not rounded yet."""
        return distribution if self.dtype == "float64" else replace(distribution, dtype="float64")

    def _rounded(self, losses: FloatArray) -> FloatArray:
        return round_to(losses, self.dtype)


def times_or_zero(weights: FloatArray, losses: FloatArray) -> FloatArray:
    """The product, 0 where the weight is 0, whatever the loss."""
    return np.multiply(weights, losses, where=weights != 0, out=np.zeros_like(losses))


def _mixed(truth: IntArray | FloatArray, weights: FloatArray, smoothing: float) -> FloatArray:
    """(n, k) weighted targets, mixed with the uniform distribution; columns are contiguous."""
    share = smoothing / len(weights)
    by_class = np.empty((len(weights), len(truth)))
    if truth.ndim == 1:
        labels = truth.astype(np.int64, copy=False)
        by_class[:] = (share * weights)[:, np.newaxis]
        by_class[labels, np.arange(len(labels))] += (1 - smoothing) * weights[labels]
    else:
        np.multiply(truth.T, (1 - smoothing), out=by_class)
        by_class += share
        by_class *= weights[:, np.newaxis]
    return by_class.T


def _focal(losses: FloatArray, gamma: float | None) -> FloatArray:
    """Losses -ln p times (1-p)^γ; 1-p of a p near 1 is as accurate as the loss."""
    if gamma is None:
        return losses
    return times_or_zero((-np.expm1(-losses)) ** gamma, losses)


def _lacking(scores: FloatArray, labels: IntArray, margin: float) -> FloatArray:
    """(n, k) by how much each score is too close to that of the label, for which it is 0."""
    samples = np.arange(len(labels))
    own = scores[samples, labels][:, np.newaxis]
    with np.errstate(invalid="ignore"):
        lacking = np.maximum(margin - own + scores, 0)
    lacking[samples, labels] = np.where(np.isnan(own[:, 0]), np.nan, 0.0)
    return np.asarray(lacking)
