"""The scores of a batch as distributions, as the job says."""

import numpy as np

from softmax_cli.backends import Backend, Bernoulli, Categorical, Scores
from softmax_cli.data import Batch, FloatArray
from softmax_cli.job import Job
from softmax_cli.numerics.precision import machine_epsilon, round_to


def categorical(batch: Batch, backend: Backend, job: Job) -> Categorical:
    """(n,) distributions over k classes, of scores (n, k)."""
    return backend.categorical(Scores(_values(batch, job), job.scores, job.temperature, job.eps))


def bernoulli(batch: Batch, backend: Backend, job: Job) -> Bernoulli:
    """(n · k,) distributions over 0 and 1: all outputs of a sample, then of the next."""
    values = _values(batch, job).ravel()
    return backend.bernoulli(Scores(values, job.scores, job.temperature, job.eps))


def _values(batch: Batch, job: Job) -> FloatArray:
    """The scores; probabilities clipped in the dtype as the library named by --like does."""
    convention = job.convention
    if convention is None or job.scores != "probs":
        return batch.scores
    eps = machine_epsilon(job.dtype) if convention.eps_of_dtype else convention.eps
    if eps is None:
        return batch.scores
    low, high = round_to(np.array([eps, 1 - eps]), job.dtype)
    return round_to(batch.scores, job.dtype).clip(low, high)
