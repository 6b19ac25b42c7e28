"""Mistakes in a row of probabilities; values are (n, k)."""

import numpy as np

from softmax_cli.data import FloatArray
from softmax_cli.homework.exercise import Exercise, log_softmax, logits_of, sigmoid, softmax
from softmax_cli.homework.mistakes.mistake import Mistake, Outcomes


def _twice(e: Exercise) -> Outcomes:
    yield "", softmax(e.probabilities)


def _forgotten(e: Exercise) -> Outcomes:
    yield "", e.scores


def _exp_forgotten(e: Exercise) -> Outcomes:
    yield "", e.logits / e.logits.sum(axis=1, keepdims=True)
    yield "", np.abs(e.logits) / np.abs(e.logits).sum(axis=1, keepdims=True)


def _sum_forgotten(e: Exercise) -> Outcomes:
    yield "", np.exp(e.logits)
    yield "after subtracting the greatest", np.exp(e.logits - e.logits.max(axis=1, keepdims=True))


def _wrong_axis(e: Exercise) -> Outcomes:
    yield "", softmax(logits_of(e.peers, e.kind, e.temperature), axis=0)[e.picked]


def _all_cells(e: Exercise) -> Outcomes:
    powers = np.exp(logits_of(e.peers, e.kind, e.temperature))
    yield "", (powers / powers.sum())[e.picked]


def _other_base(e: Exercise) -> Outcomes:
    yield "2", softmax(e.logits * np.log(2))
    yield "10", softmax(e.logits * np.log(10))


def _negated(e: Exercise) -> Outcomes:
    yield "", softmax(-e.logits)


def _logarithm(e: Exercise) -> Outcomes:
    yield "", log_softmax(e.logits)
    yield "without its sign", -log_softmax(e.logits)


def _sigmoid(e: Exercise) -> Outcomes:
    yield "", sigmoid(e.logits)


def _argmax(e: Exercise) -> Outcomes:
    winner: FloatArray = np.zeros_like(e.scores)
    winner[e.rows, e.predicted] = 1
    yield "", winner


def _temperature(e: Exercise) -> Outcomes:
    if e.temperature != 1:
        yield "not divided by it", softmax(e.scores)
        yield "multiplied by it", softmax(e.scores * e.temperature)


def _order(e: Exercise) -> Outcomes:
    yield "sorted", -np.sort(-e.probabilities, axis=1)
    yield "sorted", np.sort(e.probabilities, axis=1)
    yield "reversed", e.probabilities[:, ::-1]


def _swapped(e: Exercise) -> Outcomes:
    for names, order in e.swapped_pairs():
        yield names, e.probabilities[:, order]


def _probability(e: Exercise) -> Outcomes:
    yield "", e.probabilities


def _logarithm_of(mistake: Mistake) -> Mistake:
    """The same mistake, where the logarithm is asked for."""

    def outcomes(e: Exercise) -> Outcomes:
        for detail, values in mistake.outcomes(e):
            yield detail, np.log(values)

    return mistake._replace(outcomes=outcomes)


MISTAKES = (
    Mistake("softmax applied twice", "the probabilities went through softmax again", _twice),
    Mistake("softmax forgotten", "these are the logits themselves", _forgotten),
    Mistake(
        "exp forgotten",
        "the logits were divided by their sum, without taking e to their power first",
        _exp_forgotten,
    ),
    Mistake(
        "division by the sum forgotten",
        "the powers of e do not sum to 1 yet",
        _sum_forgotten,
    ),
    Mistake(
        "softmax over the wrong axis",
        "softmax ran down the samples (axis 0) instead of across the classes (axis 1)",
        _wrong_axis,
    ),
    Mistake(
        "softmax over all cells",
        "each sample has a sum of its own to be divided by",
        _all_cells,
    ),
    Mistake("another base than e", "softmax takes powers of e", _other_base),
    Mistake("columns swapped", "the scores of two classes were taken for each other", _swapped),
    Mistake("minus sign too many", "softmax of the negated logits", _negated),
    Mistake("logarithm instead of probability", "these are log-probabilities", _logarithm),
    Mistake(
        "sigmoid instead of softmax",
        "each class was treated as a yes-or-no question, so the row does not sum to 1",
        _sigmoid,
    ),
    Mistake(
        "argmax instead of probability",
        "1 for the winner and 0 for the others is the decision, not the probability",
        _argmax,
    ),
    Mistake(
        "temperature forgotten or inverted",
        "logits are divided by the temperature before softmax",
        _temperature,
    ),
    Mistake("columns out of order", "the probabilities belong to other classes", _order),
)

LOG_MISTAKES = (
    Mistake("probability instead of logarithm", "the logarithm is missing", _probability),
    Mistake("softmax forgotten", "these are the logits themselves", _forgotten),
    *(_logarithm_of(m) for m in MISTAKES if m.outcomes not in (_logarithm, _forgotten)),
)
