"""The scores of a batch as distributions, as the job says."""

import numpy as np

from softmax_cli.backends import Backend, Bernoulli, Categorical, Scores
from softmax_cli.data import Batch, FloatArray
from softmax_cli.job import Job
from softmax_cli.losses.truth import targets_of
from softmax_cli.numerics.precision import machine_epsilon, round_to


def categorical(batch: Batch, backend: Backend, job: Job) -> Categorical:
    """(n,) distributions over k classes, of scores (n, k)."""
    convention = job.convention
    if convention is not None and job.scores == "logits" and job.backend != convention.backend:
        keeps_shift = convention.log_softmax == "shift" or batch.targets is not None
        values = _log_softmax(batch.scores / job.temperature, job.dtype, keeps_shift)
        return backend.categorical(Scores(values, "logprobs", 1.0, None))
    values = _values(batch.scores, job)
    return backend.categorical(Scores(values, job.scores, job.temperature, job.eps))


def bernoulli(batch: Batch, backend: Backend, job: Job) -> Bernoulli:
    """(n · k,) distributions over 0 and 1: all outputs of a sample, then of the next."""
    values = _values(batch.scores, job)
    convention = job.convention
    if convention is not None and convention.rounds_complement and job.scores == "probs":
        complement = _values(1 - values, job) if convention.any_sum else 1 - values
        rounded = 1 - round_to(complement, job.dtype)
        values = np.where(targets_of(batch) == 0, rounded, values)
    return backend.bernoulli(Scores(values.ravel(), job.scores, job.temperature, job.eps))


def _values(scores: FloatArray, job: Job) -> FloatArray:
    """The scores; probabilities clipped in the dtype as the library named by --like does."""
    convention = job.convention
    if convention is None or job.scores != "probs":
        return scores
    eps = machine_epsilon(job.dtype) if convention.eps_of_dtype else convention.eps
    if eps is None:
        return scores
    low, high = round_to(np.array([eps, 1 - eps]), job.dtype)
    return round_to(scores, job.dtype).clip(low, high)


@np.errstate(invalid="ignore", divide="ignore")
def _log_softmax(logits: FloatArray, dtype: str, keeps_shift: bool) -> FloatArray:
    """(n, k) ln softmax of logits (n, k), each step rounded to the dtype: see Convention."""
    logits = round_to(logits, dtype)
    greatest = logits.max(axis=1, keepdims=True)
    shifted = round_to(logits - greatest, dtype)
    total = round_to(round_to(np.exp(shifted), dtype).sum(axis=1, keepdims=True), dtype)
    normalizer = round_to(np.log(total), dtype)
    if keeps_shift:
        return round_to(shifted - normalizer, dtype)
    return round_to(logits - round_to(greatest + normalizer, dtype), dtype)
