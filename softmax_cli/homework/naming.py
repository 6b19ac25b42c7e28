"""Which mistakes explain wrong answers, to the digits written and no further.

An answer of few digits is hit by some formula or other easily, so a mistake is named only if
it would hit that many answers by accident with a chance below 1 %.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from math import comb, log
from typing import NamedTuple

import numpy as np

from softmax_cli.data import BoolArray, FloatArray
from softmax_cli.homework.exercise import Exercise
from softmax_cli.homework.mistakes.catalogue import CLOSE_TO_TRUTH, FAR_FROM_TRUTH, PER_SAMPLE
from softmax_cli.homework.mistakes.mistake import Mistake, Outcomes
from softmax_cli.homework.tolerance import allowed_by_digits

ACCIDENT = 0.01
"""The greatest chance with which a mistake that is named may fit by accident."""
FINEST = 1e-9
"""How closely a recomputed value must agree with an answer that has more digits than that."""


class Answers(NamedTuple):
    """Wrong answers: (n,) or (n, k) values, and the values of their last digits (0: exact)."""

    values: FloatArray
    units: FloatArray


class Named(NamedTuple):
    """A mistake with the form it takes, and which of the answers it explains, as (n,)."""

    mistake: Mistake
    detail: str
    explains: BoolArray

    @property
    def text(self) -> str:
        """The name with its detail."""
        return self.mistake.name + (f" ({self.detail})" if self.detail else "")


@np.errstate(all="ignore")
def name_mistakes(exercise: Exercise, answers: Answers, command: str) -> list[Named]:
    """The mistakes that explain wrong answers to samples, those that explain most first.

    ``exercise`` holds the samples that the answers are about; of equals, the more specific
    mistake comes first.
    """
    outcomes = ((m, m.outcomes(exercise)) for m in PER_SAMPLE[command])
    return _ranked(_fits(outcomes, exercise.truth, answers, exercise.n_classes, command))


@np.errstate(all="ignore")
def name_mistakes_in_whole(exercise: Exercise, answer: Answers, command: str) -> list[Named]:
    """The mistakes that explain one wrong answer, (1,), to the mean or sum of all losses."""
    truth = exercise.reduced(exercise.truth)
    outcomes = chain(
        ((m, m.outcomes(exercise)) for m in FAR_FROM_TRUTH),
        ((m, _reduced_outcomes(m, exercise)) for m in PER_SAMPLE[command]),
        ((m, m.outcomes(exercise)) for m in CLOSE_TO_TRUTH),
    )
    return _ranked(_fits(outcomes, truth, answer, exercise.n_classes, command))


def _reduced_outcomes(mistake: Mistake, exercise: Exercise) -> Outcomes:
    for detail, values in mistake.outcomes(exercise):
        yield detail, exercise.reduced(values)


def _fits(
    outcomes: Iterable[tuple[Mistake, Outcomes]],
    truth: FloatArray,
    answers: Answers,
    n_classes: int,
    command: str,
) -> Iterator[Named]:
    chance = _chance(answers, n_classes, command)
    for mistake, outcome in outcomes:
        forms = list(outcome)
        n_forms = len({detail for detail, _ in forms})
        for detail, values in forms:
            explains = _explained(values, truth, answers)
            if _beyond_accident(explains, chance, n_forms):
                yield Named(mistake, detail, explains)


def _explained(values: FloatArray, truth: FloatArray, answers: Answers) -> BoolArray:
    """(n,) whether the values are the answers, to the digits written, and the truth is not."""
    answer = answers.values
    allowed = allowed_by_digits(values, answer, answers.units)
    allowed = np.maximum(allowed, FINEST * np.abs(answer)) * (1 + 1e-9)
    close = np.abs(values - answer) <= allowed
    same = (values == answer) | (np.isnan(values) & np.isnan(answer))
    matches = np.where(np.isfinite(values) & np.isfinite(answer), close, same)
    if matches.ndim == 1:
        nearer = np.abs(values - answer) < np.abs(truth - answer)
        return np.asarray(matches & (nearer | ~np.isfinite(answer) | ~np.isfinite(truth)))
    # By the digits of each cell: what a small one is off by is less than a large one's rounding.
    of_values, of_truth = (np.abs(x - answer) / allowed for x in (values, truth))
    nearer = of_values.max(axis=1) < of_truth.max(axis=1)
    return np.asarray(matches.all(axis=1) & (nearer | ~np.isfinite(answer).all(axis=1)))


def _chance(answers: Answers, n_classes: int, command: str) -> FloatArray:
    """(n,) the chance that one formula hits each answer by accident.

    Answers spread over a range of about 1, or about their own size where that is greater.
    """
    if command == "predict":
        return np.full(len(answers.values), 1 / max(n_classes, 2))
    size = np.maximum(np.abs(answers.values), 1.0)
    window = np.where(np.isfinite(answers.values), 1.5 * answers.units / size, 1e-4)
    chance = window.clip(1e-12, 1.0)
    if chance.ndim == 1:
        return chance
    return np.asarray(chance[:, 1:].prod(axis=1))  # the first follows from the others


def _beyond_accident(explains: BoolArray, chance: FloatArray, n_forms: int) -> bool:
    """Whether it would be odd for so many answers to be hit by accident by one of the forms."""
    n = int(explains.sum())
    if n == 0:
        return False
    choices = log(n_forms) + log(comb(len(explains), n))
    return choices + float(np.log(chance[explains]).sum()) < log(ACCIDENT)


def _ranked(named: Iterator[Named]) -> list[Named]:
    """Those that explain most first; each mistake once for the same answers."""
    kept: dict[tuple[str, bytes], Named] = {}
    for found in named:
        kept.setdefault((found.mistake.name, found.explains.tobytes()), found)
    return sorted(kept.values(), key=lambda found: -int(found.explains.sum()))
