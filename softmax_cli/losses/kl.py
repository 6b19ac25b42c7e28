"""Kullback-Leibler divergence, as nn.KLDivLoss(reduction="batchmean")."""

from softmax_cli.backends import Backend
from softmax_cli.data import Batch, Column, Result
from softmax_cli.job import Job
from softmax_cli.losses.distributions import categorical
from softmax_cli.losses.truth import targets_of
from softmax_cli.losses.weighing import weigh


def measure(batch: Batch, backend: Backend, job: Job) -> Result:
    """The divergence of the targets from the distributions that the scores stand for."""
    distribution = categorical(batch, backend, job)
    weighed = weigh(batch, distribution.divergence(targets_of(batch)), backend, job)
    columns = weighed.columns
    if job.probabilities:
        columns["probabilities"] = Column(distribution.probabilities(), "probability")
    return Result(batch, columns, reduce=weighed.reduce)
