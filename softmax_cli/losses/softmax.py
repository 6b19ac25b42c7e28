"""Probabilities, or their logarithms."""

from softmax_cli.backends import Backend
from softmax_cli.data import Batch, Column, Result
from softmax_cli.job import Job
from softmax_cli.losses.distributions import categorical


def measure(batch: Batch, backend: Backend, job: Job) -> Result:
    """p = e^x / Σ e^x for each class, or ln p with --log."""
    distribution = categorical(batch, backend, job)
    if job.log:
        values = distribution.log_probabilities()
        return Result(batch, {"log_probabilities": Column(values, "log_probability")})
    return Result(batch, {"probabilities": Column(distribution.probabilities(), "probability")})
