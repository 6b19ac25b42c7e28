"""Mistakes in a predicted class; values are class indices (n,)."""

import numpy as np

from softmax_cli.homework.exercise import Exercise
from softmax_cli.homework.mistakes.mistake import Chapter, Outcomes

mistake = Chapter()


@mistake("label off by one", "classes count from 0 here")
def off_by_one(e: Exercise) -> Outcomes:
    yield "counted from 1", e.truth + 1
    yield "counted from -1", e.truth - 1


@mistake("argmin instead of argmax", "the least probable class was picked")
def argmin(e: Exercise) -> Outcomes:
    if e.n_classes > 1:
        yield "", e.scores.argmin(axis=1).astype(np.float64)


@mistake("second best class", "the greatest score was passed over")
def second(e: Exercise) -> Outcomes:
    if e.n_classes > 2:
        yield "", np.argsort(-e.scores, axis=1)[:, 1].astype(np.float64)


@mistake("classes swapped", "0 was taken for 1 and 1 for 0")
def swapped(e: Exercise) -> Outcomes:
    if e.n_classes == 1:
        yield "", 1 - e.truth


@mistake("label instead of prediction", "this is the true class, not the predicted")
def label(e: Exercise) -> Outcomes:
    if e.labels is not None:
        yield "", e.labels.astype(np.float64)
