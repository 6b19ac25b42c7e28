"""Losses of pairs: predicted and true values, predicted and true distributions."""

from collections.abc import Callable
from typing import Literal

from softmax_cli.backends import Backend
from softmax_cli.data import Batch, Column, Result
from softmax_cli.job import Job
from softmax_cli.losses.distributions import categorical
from softmax_cli.losses.weighing import weigh


def of_values(
    error: Literal["squared_error", "absolute_error"],
) -> Callable[[Batch, Backend, Job], Result]:
    """The measure of one of the backends' errors, which are summed over a sample's outputs."""

    def measure(batch: Batch, backend: Backend, job: Job) -> Result:
        assert batch.targets is not None
        loss = getattr(backend.losses(), error)(batch.scores, batch.targets)
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
    loss = backend.losses().divergence(distribution, batch.targets)
    columns = weigh(batch, loss, job).columns
    if job.probabilities:
        columns["probabilities"] = Column(distribution.probabilities(), "probability")
    return Result(batch, columns)
