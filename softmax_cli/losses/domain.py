"""What counts as valid scores and targets."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from softmax_cli.data import Batch, FloatArray
from softmax_cli.errors import DataError, UsageError
from softmax_cli.job import Job, Sample

SUM_TOLERANCE = 1e-3
"""How far a row of probabilities may be from 1: what rounding to four decimals, or float16,
does to a handful of classes."""
_SAY_LOGITS = "logits? say --from logits"
_ADVICE = {"probabilities": f"{_SAY_LOGITS}; --normalize divides each row by its sum"}


def check_top_k(job: Job, n_classes: int) -> None:
    """Raise UsageError if there are fewer classes than --top-k asks for."""
    if job.top_k > n_classes and not _is_per_output(job):
        what = f"--top-k {job.top_k}, but there are only {n_classes} classes"
        raise UsageError(what, f"say --top-k {n_classes}")


def check(batches: Iterable[Batch], job: Job) -> Iterator[Batch]:
    """The batches, rescaled if the job says so.

    Raises DataError for the first sample that is not valid, when those before it have been used.
    """
    for batch in batches:
        faults = list(_faults(batch, job))
        if not faults:
            yield _rescale(batch, job)
            continue
        first = min(faults, key=lambda fault: fault.row)
        if first.row:
            yield _rescale(batch.rows(0, first.row), job)
        raise DataError(batch.places.at(first.row), first.message, first.advice)


class _Fault(NamedTuple):
    row: int
    message: str
    advice: str | None = None


def _faults(batch: Batch, job: Job) -> Iterator[_Fault]:
    """Of each kind the first."""
    scores = batch.scores
    if job.scores == "probs":
        yield from _outside_range(scores, "probability", _SAY_LOGITS)
        if _normalizes(job):
            for row in np.flatnonzero(scores.sum(axis=1) == 0)[:1].tolist():
                yield _Fault(row, "probabilities sum to 0, so they cannot be normalised")
    elif job.scores == "logprobs":
        yield from _positive(scores)
    if batch.targets is not None and _has_distributions(job):
        yield from _outside_range(batch.targets, "target", None)
    if takes_any_sum(job):
        return
    for what, sums in row_sums(batch, job):
        for row in np.flatnonzero(np.abs(sums - 1) > SUM_TOLERANCE)[:1].tolist():
            message = f"{what} sum to {sums[row]:.6g}, not to 1"
            yield _Fault(row, message, _ADVICE.get(what))


def _rescale(batch: Batch, job: Job) -> Batch:
    if job.scores != "probs" or not _normalizes(job):
        return batch
    scores = batch.scores
    return replace(batch, scores=np.asarray(scores / scores.sum(axis=1)[:, np.newaxis]))


def row_sums(batch: Batch, job: Job) -> Iterator[tuple[str, FloatArray]]:
    """What has to sum to 1, by its name, and the sum (n,) of each row as it was given."""
    if _is_per_output(job):
        return
    if job.scores == "probs" and not _normalizes(job):
        yield "probabilities", batch.scores.sum(axis=1)
    elif job.scores == "logprobs":
        yield "probabilities", np.exp(batch.scores).sum(axis=1)
    if batch.targets is not None and _has_distributions(job):
        yield "targets", batch.targets.sum(axis=1)


def takes_any_sum(job: Job) -> bool:
    """Whether rows of any sum have a loss, as for all libraries' divergences."""
    by_convention = job.convention is not None and job.convention.any_sum
    return by_convention or Sample.of(job).takes.truth == "distribution"


def look_like_probabilities(scores: FloatArray, is_binary: bool) -> bool:
    """Whether what should be logits could be probabilities: in rows (n, k), or each by itself."""
    if not (scores.min() >= 0 and scores.max() <= 1):
        return False
    sums = scores.sum(axis=1)
    return is_binary or bool(scores.shape[1] > 1 and (np.abs(sums - 1) <= SUM_TOLERANCE).all())


def _is_per_output(job: Job) -> bool:
    """Whether each score is a distribution of its own, over 0 and 1."""
    return Sample.of(job).is_binary or job.multilabel


def _has_distributions(job: Job) -> bool:
    """Whether targets are probabilities."""
    return Sample.of(job).takes.truth in ("classes", "distribution")


def _normalizes(job: Job) -> bool:
    by_convention = job.convention is not None and job.convention.normalizes
    return job.normalize or (by_convention and not _is_per_output(job))


def _outside_range(values: FloatArray, what: str, advice: str | None) -> Iterator[_Fault]:
    if not (values.min() >= 0 and values.max() <= 1):
        row, column = np.argwhere(~((values >= 0) & (values <= 1)))[0].tolist()
        yield _Fault(row, f"{what} {float(values[row, column])!r} is outside 0…1", advice)


def _positive(scores: FloatArray) -> Iterator[_Fault]:
    if not scores.max() <= 0:
        row, column = np.argwhere(~(scores <= 0))[0].tolist()
        message = f"log-probability {float(scores[row, column])!r} is not a number below 0"
        yield _Fault(row, message, _SAY_LOGITS)
