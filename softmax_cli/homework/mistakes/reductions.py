"""What goes wrong when losses are put together; values are one number, as (1,)."""

import numpy as np

from softmax_cli.data import NO_CLASS, FloatArray
from softmax_cli.homework.exercise import Exercise
from softmax_cli.homework.mistakes.mistake import Mistake, Outcomes


def _one(value: float | np.floating) -> FloatArray:
    return np.array([value], dtype=np.float64)


def _sum(e: Exercise) -> Outcomes:
    if e.reduction == "mean":
        yield "", _one(e.truth.sum())


def _mean(e: Exercise) -> Outcomes:
    if e.reduction == "sum":
        yield "", _one(e.truth.mean())


def _all_cells(e: Exercise) -> Outcomes:
    if e.n_classes > 1:
        yield "", _one(e.truth.mean() / e.n_classes)


def _batch_means(e: Exercise) -> Outcomes:
    n = len(e.truth)
    for size in range(2, n if n <= 200 else 0):
        if n % size:
            means = [e.truth[start : start + size].mean() for start in range(0, n, size)]
            yield f"batches of {size}", _one(np.mean(means))


def _unbiased(e: Exercise) -> Outcomes:
    if len(e.truth) > 1:
        yield "", _one(e.truth.sum() / (len(e.truth) - 1))


def _perplexity(e: Exercise) -> Outcomes:
    perplexity = np.exp(e.truth.mean())
    if np.isfinite(perplexity):
        yield "", _one(perplexity)


def _balanced(e: Exercise) -> Outcomes:
    if e.labels is None or (e.labels == NO_CLASS).any():
        return
    counts = np.bincount(e.labels)
    weights = (1 / counts[e.labels]) / np.count_nonzero(counts)
    yield "each class counts alike", _one((weights * e.truth).sum())


MISTAKES = (
    Mistake(
        "sum instead of mean",
        "the losses were added up, but not divided by the number of samples",
        _sum,
    ),
    Mistake(
        "mean instead of sum",
        "the losses were divided by the number of samples; the sum was asked for",
        _mean,
    ),
    Mistake(
        "mean over all cells",
        "the sum was divided by samples times classes; it belongs divided by samples",
        _all_cells,
    ),
    Mistake(
        "perplexity instead of loss",
        "perplexity is e to the power of the mean loss",
        _perplexity,
    ),
    Mistake(
        "divided by n − 1",
        "the sum was divided by one less than the number of samples",
        _unbiased,
    ),
    Mistake(
        "weighted instead of plain mean",
        "the classes were weighted against their frequency; the plain mean was asked for",
        _balanced,
    ),
)
MISTAKES_OF_BATCHES = (
    Mistake(
        "mean of batch means",
        "the last batch is shorter, so its samples count for more than the others",
        _batch_means,
    ),
)
