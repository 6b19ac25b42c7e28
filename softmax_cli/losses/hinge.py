"""Hinge losses: by how much a score fails to reach the margin on its label's side."""

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from softmax_cli.backends import Backend, Formula
from softmax_cli.data import NO_CLASS, Batch, Column, FloatArray, IntArray, Result
from softmax_cli.job import Job, Sample
from softmax_cli.losses.truth import computable, labels_of
from softmax_cli.losses.weighing import class_weights, in_dtype, weigh
from softmax_cli.numerics.error_free import add, subtract

if TYPE_CHECKING:
    from torch import Tensor


def measure(batch: Batch, backend: Backend, job: Job) -> Result:
    """Of one score per sample, whose sign decides, or of one per class."""
    labels, given, predicted = computable(batch), labels_of(batch), _predicted(batch.scores)
    weight = class_weights(job.weight, Sample.of(job).n_labels(batch.scores.shape[1]))
    used = None if weight is None else in_dtype(weight, job)[labels]
    if batch.scores.shape[1] == 1:
        signs = np.where(labels == 1, 1.0, -1.0)
        formula, arrays = _one_score(job.margin, job.p), [batch.scores[:, 0], signs, used]
    elif job.multi_class == "crammer-singer":
        formula, arrays = _best_margin(job.margin, job.p), [batch.scores, labels, used]
    else:
        formula, arrays = _multi_margin(job.margin, job.p), [batch.scores, labels, weight]
    losses = backend.evaluate(formula, *(array for array in arrays if array is not None))
    weighed = weigh(batch, losses, backend, job, used=used)
    columns = {"label": Column(given, "class"), "predicted": Column(predicted, "prediction")}
    return Result(batch, columns | weighed.columns, given, predicted, reduce=weighed.reduce)


def _predicted(scores: FloatArray) -> IntArray:
    """(n,) the class on whose side the score is, or the first class of the greatest score."""
    undefined = np.isnan(scores).any(axis=1)
    chosen = scores[:, 0] > 0 if scores.shape[1] == 1 else scores.argmax(axis=1)
    return np.where(undefined, NO_CLASS, chosen)


def _one_score(margin: float, p: int) -> Formula:
    """w max(0, margin - s x)^p of scores x (n,), signs s (n,), -1 or 1, and weights w (n,)."""

    def ours(x: FloatArray, signs: FloatArray, weight: FloatArray | float = 1.0) -> FloatArray:
        return weight * np.maximum(margin - signs * x, 0) ** p

    def theirs(
        x: "Tensor", signs: "Tensor", weight: "Tensor | float" = 1.0, *, reduction: str
    ) -> "Tensor":
        import torch
        from torch.nn import functional as F

        from softmax_cli.backends.torch import reduce

        # max(0, -s (x - 0) + margin)
        loss = F.margin_ranking_loss(x, torch.zeros_like(x), signs, margin, reduction="none")
        return reduce(weight * loss**p, reduction)

    return Formula(ours, theirs)


def _multi_margin(margin: float, p: int) -> Formula:
    """w_y Σ_{j≠y} max(0, margin - x_y + x_j)^p / k of scores (n, k), labels y, weights w (k,).

    Weston and Watkins, "Support vector machines for multi-class pattern recognition", 1999.
    """

    def ours(x: FloatArray, y: IntArray, weight: FloatArray | None = None) -> FloatArray:
        loss = (_lacking(x, y, margin) ** p).sum(axis=1) / x.shape[1]
        return np.asarray(loss if weight is None else weight[y] * loss)

    def theirs(
        x: "Tensor", y: "Tensor", weight: "Tensor | None" = None, *, reduction: str
    ) -> "Tensor":
        from torch.nn import functional as F

        return F.multi_margin_loss(x, y, p, margin, weight, reduction=reduction)

    return Formula(ours, theirs)


def _best_margin(margin: float, p: int) -> Formula:
    """w max(0, margin - x_y + max_{j≠y} x_j)^p of scores (n, k), k ≥ 2, labels y, weights w (n,).

    Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based vector
    machines", 2001.
    """

    def ours(x: FloatArray, y: IntArray, weight: FloatArray | float = 1.0) -> FloatArray:
        return np.asarray(weight * _lacking(x, y, margin).max(axis=1) ** p)

    def theirs(
        x: "Tensor", y: "Tensor", weight: "Tensor | float" = 1.0, *, reduction: str
    ) -> "Tensor":
        from softmax_cli.backends.torch import reduce

        label = y[:, None]
        best = x.scatter(1, label, -inf).amax(1)
        lacking = (margin - x.gather(1, label)[:, 0] + best).clamp(min=0)
        return reduce(weight * lacking**p, reduction)

    return Formula(ours, theirs)


def _lacking(scores: FloatArray, labels: IntArray, margin: float) -> FloatArray:
    """(n, k) by how much each score is too close to that of the label, for which it is 0."""
    samples = np.arange(len(labels))
    own = scores[samples, labels][:, np.newaxis]
    # large scores must not swallow the margin: what each rounding loses is added in the end
    difference, lost = subtract(scores, np.broadcast_to(own, scores.shape))
    total, lost_then = add(difference, np.asarray(margin))
    lost += lost_then
    np.copyto(lost, 0.0, where=~np.isfinite(lost))
    lacking = np.maximum(total + lost, 0)
    lacking[samples, labels] = np.where(np.isnan(own[:, 0]), np.nan, 0.0)
    return np.asarray(lacking)
