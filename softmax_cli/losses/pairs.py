"""Losses of pairs: predicted and true values, predicted and true distributions."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from softmax_cli.backends import Backend, Formula
from softmax_cli.data import Batch, Column, Result
from softmax_cli.job import Job
from softmax_cli.losses.distributions import categorical
from softmax_cli.losses.weighing import weigh

if TYPE_CHECKING:
    from torch import Tensor


def _mse_loss(predictions: "Tensor", targets: "Tensor", reduction: str) -> "Tensor":
    from torch.nn import functional as F

    return F.mse_loss(predictions, targets, reduction=reduction)


def _l1_loss(predictions: "Tensor", targets: "Tensor", reduction: str) -> "Tensor":
    from torch.nn import functional as F

    return F.l1_loss(predictions, targets, reduction=reduction)


SQUARED_ERROR = Formula(lambda x, t: np.square(x - t), _mse_loss)
ABSOLUTE_ERROR = Formula(lambda x, t: np.abs(x - t), _l1_loss)


def of_values(error: Formula) -> Callable[[Batch, Backend, Job], Result]:
    """The measure of an error, which is summed over a sample's outputs."""

    def measure(batch: Batch, backend: Backend, job: Job) -> Result:
        assert batch.targets is not None
        loss = backend.evaluate(error, batch.scores, batch.targets).rows
        columns: dict[str, Column] = {}
        if batch.scores.shape[1] == 1:
            columns = {
                "prediction": Column(batch.scores[:, 0], "number"),
                "target": Column(batch.targets[:, 0], "number"),
            }
        return Result(batch, columns | weigh(batch, loss, job).columns)

    return measure


def kl(batch: Batch, backend: Backend, job: Job) -> Result:
    """The divergence of the targets from the distributions that the scores stand for."""
    assert batch.targets is not None
    distribution = categorical(batch, backend, job)
    loss = distribution.divergence(batch.targets).rows
    columns = weigh(batch, loss, job).columns
    if job.probabilities:
        columns["probabilities"] = Column(distribution.probabilities(), "probability")
    return Result(batch, columns)
