"""What counts as valid scores and targets."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from softmax_cli.data import Batch, FloatArray, Places
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
        raise UsageError(f"--top-k {job.top_k}, but there are only {n_classes} classes")


def check(batch: Batch, job: Job) -> Batch:
    """The batch, rescaled if the job says so. Raises DataError for what is not valid."""
    scores, places = batch.scores, batch.places
    if job.scores == "probs":
        _check_range(scores, places, "probability", _SAY_LOGITS)
        if _normalizes(job):
            scores = _normalize(scores, places)
    elif job.scores == "logprobs":
        _check_not_positive(scores, places)
    if batch.targets is not None and _has_distributions(job):
        _check_range(batch.targets, places, "target", None)
    for what, sums in row_sums(batch, job):
        off = np.abs(sums - 1) > SUM_TOLERANCE
        if off.any():
            row = int(off.argmax())
            message = f"{what} sum to {sums[row]:.6g}, not to 1"
            raise DataError(places.at(row), message, _ADVICE.get(what))
    return replace(batch, scores=scores)


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


def look_like_probabilities(scores: FloatArray) -> bool:
    """Whether each row (n, k) of what should be logits could be one of probabilities."""
    if scores.shape[1] < 2 or not (scores.min() >= 0 and scores.max() <= 1):
        return False
    return bool((np.abs(scores.sum(axis=1) - 1) <= SUM_TOLERANCE).all())


def _is_per_output(job: Job) -> bool:
    """Whether each score is a distribution of its own, over 0 and 1."""
    return Sample.of(job).is_binary or job.multilabel


def _has_distributions(job: Job) -> bool:
    """Whether targets are probabilities."""
    return Sample.of(job).takes.truth in ("classes", "distribution")


def _normalizes(job: Job) -> bool:
    by_convention = job.convention is not None and job.convention.normalizes
    return job.normalize or (by_convention and not _is_per_output(job))


def _normalize(scores: FloatArray, places: Places) -> FloatArray:
    sums = scores.sum(axis=1)
    if not sums.all():
        row = int(np.argmin(sums))
        raise DataError(places.at(row), "probabilities sum to 0, so they cannot be normalised")
    return np.asarray(scores / sums[:, np.newaxis])


def _check_range(values: FloatArray, places: Places, what: str, advice: str | None) -> None:
    if not (values.min() >= 0 and values.max() <= 1):
        row, column = np.argwhere(~((values >= 0) & (values <= 1)))[0]
        value = float(values[row, column])
        raise DataError(places.at(row), f"{what} {value!r} is outside 0…1", advice)


def _check_not_positive(scores: FloatArray, places: Places) -> None:
    if not scores.max() <= 0:
        row, column = np.argwhere(~(scores <= 0))[0]
        message = f"log-probability {float(scores[row, column])!r} is not a number below 0"
        raise DataError(places.at(row), message, _SAY_LOGITS)
