"""Losses of predicted and true values: the squared and the absolute error."""

from typing import TYPE_CHECKING

import numpy as np

from softmax_cli.backends import Backend, Formula
from softmax_cli.data import Batch, Column, FloatArray, Result
from softmax_cli.job import Job
from softmax_cli.losses.truth import targets_of
from softmax_cli.losses.weighing import weigh

if TYPE_CHECKING:
    from torch import Tensor


def mse(batch: Batch, backend: Backend, job: Job) -> Result:
    """(x - t)², as nn.MSELoss."""
    return measure_values(Formula(_squares, _mse_loss), batch, backend, job)


def mae(batch: Batch, backend: Backend, job: Job) -> Result:
    """|x - t|, as nn.L1Loss."""
    return measure_values(Formula(_magnitudes, _l1_loss), batch, backend, job)


def measure_values(error: Formula, batch: Batch, backend: Backend, job: Job) -> Result:
    """An error of predictions (n, k) and targets (n, k), summed over a sample's outputs."""
    targets = targets_of(batch)
    weighed = weigh(batch, backend.evaluate(error, batch.scores, targets), backend, job)
    columns: dict[str, Column] = {}
    if batch.scores.shape[1] == 1:
        columns = {
            "prediction": Column(batch.scores[:, 0], "number"),
            "target": Column(targets[:, 0], "number"),
        }
    return Result(batch, columns | weighed.columns, reduce=weighed.reduce)


def _squares(predictions: FloatArray, targets: FloatArray) -> FloatArray:
    return np.square(predictions - targets)


def _mse_loss(predictions: "Tensor", targets: "Tensor", reduction: str) -> "Tensor":
    from torch.nn import functional as F

    return F.mse_loss(predictions, targets, reduction=reduction)


def _magnitudes(predictions: FloatArray, targets: FloatArray) -> FloatArray:
    return np.abs(predictions - targets)


def _l1_loss(predictions: "Tensor", targets: "Tensor", reduction: str) -> "Tensor":
    from torch.nn import functional as F

    return F.l1_loss(predictions, targets, reduction=reduction)
