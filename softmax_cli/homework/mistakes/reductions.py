"""What goes wrong when losses are put together; values are one number, as (1,)."""

import numpy as np

from softmax_cli.data import FloatArray
from softmax_cli.homework.exercise import Exercise
from softmax_cli.homework.mistakes.mistake import Chapter, Outcomes

mistake = Chapter()
mistake_of_batches = Chapter()


def _one(value: float | np.floating) -> FloatArray:
    return np.array([value], dtype=np.float64)


@mistake(
    "sum instead of mean", "the losses were added up, but not divided by the number of samples"
)
def added_up(e: Exercise) -> Outcomes:
    if e.reduction == "mean":
        yield "", _one(e.truth.sum())


@mistake(
    "mean instead of sum", "the losses were divided by the number of samples; the sum was asked for"
)
def averaged(e: Exercise) -> Outcomes:
    if e.reduction == "sum":
        yield "", _one(e.truth.mean())


@mistake(
    "mean over all cells",
    "the sum was divided by samples times classes; it belongs divided by samples",
)
def divided_by_cells(e: Exercise) -> Outcomes:
    if e.n_classes > 1:
        yield "", _one(e.truth.mean() / e.n_classes)


@mistake("perplexity instead of loss", "perplexity is e to the power of the mean loss")
def perplexity(e: Exercise) -> Outcomes:
    value = np.exp(e.truth.mean())
    if np.isfinite(value):
        yield "", _one(value)


@mistake("divided by n − 1", "the sum was divided by one less than the number of samples")
def unbiased(e: Exercise) -> Outcomes:
    if len(e.truth) > 1:
        yield "", _one(e.truth.sum() / (len(e.truth) - 1))


@mistake(
    "weighted instead of plain mean",
    "the classes were weighted against their frequency; the plain mean was asked for",
)
def balanced(e: Exercise) -> Outcomes:
    if e.labels is None or (e.labels < 0).any():  # of a soft target, or ignored
        return
    counts = np.bincount(e.labels)
    weights = (1 / counts[e.labels]) / np.count_nonzero(counts)
    yield "each class counts alike", _one((weights * e.truth).sum())


@mistake_of_batches(
    "mean of batch means",
    "the last batch is shorter, so its samples count for more than the others",
)
def mean_of_means(e: Exercise) -> Outcomes:
    n = len(e.truth)
    for size in range(2, n if n <= 200 else 0):
        if n % size:
            means = [e.truth[start : start + size].mean() for start in range(0, n, size)]
            yield f"batches of {size}", _one(np.mean(means))
