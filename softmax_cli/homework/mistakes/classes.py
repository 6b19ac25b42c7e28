"""Mistakes in a predicted class; values are class indices (n,)."""

import numpy as np

from softmax_cli.homework.exercise import Exercise
from softmax_cli.homework.mistakes.mistake import Mistake, Outcomes


def _off_by_one(e: Exercise) -> Outcomes:
    yield "counted from 1", e.truth + 1
    yield "counted from -1", e.truth - 1


def _least(e: Exercise) -> Outcomes:
    if e.n_classes > 1:
        yield "", e.scores.argmin(axis=1).astype(np.float64)


def _other_class(e: Exercise) -> Outcomes:
    if e.n_classes == 1:
        yield "", 1 - e.truth


def _second(e: Exercise) -> Outcomes:
    if e.n_classes > 2:
        yield "", np.argsort(-e.scores, axis=1)[:, 1].astype(np.float64)


def _labels(e: Exercise) -> Outcomes:
    if e.labels is not None:
        yield "", e.labels.astype(np.float64)


MISTAKES = (
    Mistake("label off by one", "classes count from 0 here", _off_by_one),
    Mistake("argmin instead of argmax", "the least probable class was picked", _least),
    Mistake("second best class", "the greatest score was passed over", _second),
    Mistake("classes swapped", "0 was taken for 1 and 1 for 0", _other_class),
    Mistake("label instead of prediction", "this is the true class, not the predicted", _labels),
)
