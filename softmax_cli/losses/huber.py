"""Huber loss: squared where a prediction is near, absolute where it is far off."""

from typing import TYPE_CHECKING

import numpy as np

from softmax_cli.backends import Backend, Formula
from softmax_cli.data import Batch, FloatArray, Result
from softmax_cli.job import Job
from softmax_cli.losses.values import measure_values

if TYPE_CHECKING:
    from torch import Tensor


def measure(batch: Batch, backend: Backend, job: Job) -> Result:
    """As nn.HuberLoss with --delta, by default 1, or as nn.SmoothL1Loss with --beta."""
    if job.beta is not None:
        return measure_values(_smooth_l1(job.beta), batch, backend, job)
    return measure_values(_huber(1.0 if job.delta is None else job.delta), batch, backend, job)


def _huber(delta: float) -> Formula:
    """d²/2 where |d| = |x - t| ≤ δ, else δ (|d| - δ/2); δ > 0.

    Huber, "Robust estimation of a location parameter", 1964.
    """

    def ours(predictions: FloatArray, targets: FloatArray) -> FloatArray:
        d = np.abs(predictions - targets)
        return np.where(d <= delta, d * d / 2, delta * (d - delta / 2))

    def theirs(predictions: "Tensor", targets: "Tensor", reduction: str) -> "Tensor":
        from torch.nn import functional as F

        return F.huber_loss(predictions, targets, reduction=reduction, delta=delta)

    return Formula(ours, theirs)


def _smooth_l1(beta: float) -> Formula:
    """d²/(2β) where |d| = |x - t| < β, else |d| - β/2; β ≥ 0, and with 0 it is |d|.

    Girshick, "Fast R-CNN", 2015.
    """

    def ours(predictions: FloatArray, targets: FloatArray) -> FloatArray:
        d = np.abs(predictions - targets)
        near = d < beta
        quotient = np.divide(d, beta, where=near, out=np.zeros_like(d))
        return np.where(near, d * quotient / 2, d - beta / 2)

    def theirs(predictions: "Tensor", targets: "Tensor", reduction: str) -> "Tensor":
        from torch.nn import functional as F

        return F.smooth_l1_loss(predictions, targets, reduction=reduction, beta=beta)

    return Formula(ours, theirs)
