"""Mistakes in a row of probabilities, or in one of their logarithms; values are (n, k)."""

from functools import partial

import numpy as np

from softmax_cli.data import FloatArray
from softmax_cli.homework.exercise import Exercise, log_softmax, logits_of, sigmoid, softmax
from softmax_cli.homework.mistakes.mistake import Chapter, Mistake, Outcomes

mistake = Chapter()
mistake_in_logarithms = Chapter()


@mistake("softmax applied twice", "the probabilities went through softmax again")
def softmax_twice(e: Exercise) -> Outcomes:
    yield "", softmax(e.probabilities)


@mistake("softmax forgotten", "these are the logits themselves")
def softmax_forgotten(e: Exercise) -> Outcomes:
    yield "", e.scores


@mistake(
    "exp forgotten", "the logits were divided by their sum, without taking e to their power first"
)
def exp_forgotten(e: Exercise) -> Outcomes:
    yield "", e.logits / e.logits.sum(axis=1, keepdims=True)
    yield "", np.abs(e.logits) / np.abs(e.logits).sum(axis=1, keepdims=True)


@mistake("division by the sum forgotten", "the powers of e do not sum to 1 yet")
def sum_forgotten(e: Exercise) -> Outcomes:
    yield "", np.exp(e.logits)
    yield "after subtracting the greatest", np.exp(e.logits - e.logits.max(axis=1, keepdims=True))


@mistake(
    "softmax over the wrong axis",
    "softmax ran down the samples (axis 0) instead of across the classes (axis 1)",
)
def wrong_axis(e: Exercise) -> Outcomes:
    yield "", softmax(logits_of(e.peers, e.kind, e.temperature), axis=0)[e.picked]


@mistake("softmax over all cells", "each sample has a sum of its own to be divided by")
def all_cells(e: Exercise) -> Outcomes:
    powers = np.exp(logits_of(e.peers, e.kind, e.temperature))
    yield "", (powers / powers.sum())[e.picked]


@mistake("another base than e", "softmax takes powers of e")
def other_base(e: Exercise) -> Outcomes:
    yield "2", softmax(e.logits * np.log(2))
    yield "10", softmax(e.logits * np.log(10))


@mistake("columns swapped", "the scores of two classes were taken for each other")
def swapped(e: Exercise) -> Outcomes:
    for names, order in e.swapped_pairs():
        yield names, e.probabilities[:, order]


@mistake("minus sign too many", "softmax of the negated logits")
def negated(e: Exercise) -> Outcomes:
    yield "", softmax(-e.logits)


@mistake("logarithm instead of probability", "these are log-probabilities")
def logarithm(e: Exercise) -> Outcomes:
    yield "", log_softmax(e.logits)
    yield "without its sign", -log_softmax(e.logits)


@mistake(
    "sigmoid instead of softmax",
    "each class was treated as a yes-or-no question, so the row does not sum to 1",
)
def sigmoids(e: Exercise) -> Outcomes:
    yield "", sigmoid(e.logits)


@mistake(
    "argmax instead of probability",
    "1 for the winner and 0 for the others is the decision, not the probability",
)
def decision(e: Exercise) -> Outcomes:
    winner: FloatArray = np.zeros_like(e.scores)
    winner[e.rows, e.predicted] = 1
    yield "", winner


@mistake(
    "temperature forgotten or inverted", "logits are divided by the temperature before softmax"
)
def temperature(e: Exercise) -> Outcomes:
    if e.temperature != 1:
        yield "not divided by it", softmax(e.scores)
        yield "multiplied by it", softmax(e.scores * e.temperature)


@mistake("columns out of order", "the probabilities belong to other classes")
def out_of_order(e: Exercise) -> Outcomes:
    yield "sorted", -np.sort(-e.probabilities, axis=1)
    yield "sorted", np.sort(e.probabilities, axis=1)
    yield "reversed", e.probabilities[:, ::-1]


@mistake_in_logarithms("probability instead of logarithm", "the logarithm is missing")
def probability(e: Exercise) -> Outcomes:
    yield "", e.probabilities


def _logarithms(other: Mistake, e: Exercise) -> Outcomes:
    for detail, values in other.outcomes(e):
        yield detail, np.log(values)


mistake_in_logarithms.append(softmax_forgotten)
mistake_in_logarithms += [
    other._replace(outcomes=partial(_logarithms, other))
    for other in mistake
    if other not in (softmax_forgotten, logarithm)
]
