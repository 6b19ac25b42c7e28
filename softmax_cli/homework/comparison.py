"""The answers of a batch beside what was computed."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from softmax_cli.data import BoolArray, FloatArray, Result, Schema, TextArray
from softmax_cli.homework import texts
from softmax_cli.homework.tolerance import Rule


class Comparison(NamedTuple):
    """n answers, each a number, a row of k numbers, or a class.

    written  the answers as texts, n of them in each of m columns
    answers  (n,) or (n, k) values; class indices as numbers
    units    the values of their last digits, of the same shape; 0 where a digit says nothing
    got      what was computed, of the same shape
    allowed  how far each may be off, of the same shape
    right    (n,) whether the answer is right
    blank    (n,) whether there is none; in a row, whether a number is missing
    """

    written: Sequence[Sequence[str]]
    answers: FloatArray
    units: FloatArray
    got: FloatArray
    allowed: FloatArray
    right: BoolArray
    blank: BoolArray

    @property
    def wrong(self) -> BoolArray:
        """(n,) whether there is an answer, but not the right one."""
        return ~self.right & ~self.blank

    @property
    def worst(self) -> tuple[FloatArray, FloatArray]:
        """(n,) the difference and what is allowed, in a row where they are farthest apart."""
        with np.errstate(invalid="ignore"):
            difference = np.abs(self.got - self.answers)
        if difference.ndim == 1:
            return difference, self.allowed
        excess = np.where(np.isnan(difference), np.inf, difference - self.allowed)
        at = np.arange(len(excess)), excess.argmax(axis=1)
        return difference[at], self.allowed[at]


def compare_numbers(result: Result, rule: Rule, quick: bool) -> Comparison:
    """Compare losses or rows of probabilities with the batch's answers.

    ``quick`` leaves units and what is allowed at 0 if all answers are right to the last digit
    anyway.
    """
    columns = result.batch.answers
    assert columns is not None
    read = [texts.numbers(column, result.batch.places) for column in columns]
    got = computed(result)
    answers = _shaped([values for values, _ in read], got)
    blank = np.any([empty for _, empty in read], axis=0)
    nothing = np.zeros_like(answers)
    if quick:
        right = _all_of(rule.right(got, answers, nothing))
        if right.all():
            return Comparison(columns, answers, nothing, got, nothing, right, blank)
    units = _shaped([texts.units(column) for column in columns], got)
    allowed = rule.allowed(got, answers, units)
    right = _all_of(rule.right(got, answers, allowed)) & ~blank
    return Comparison(columns, answers, units, got, allowed, right, blank)


def compare_classes(result: Result, schema: Schema, label_base: int) -> Comparison:
    """Compare predicted classes with the batch's answers."""
    columns = result.batch.answers
    assert columns is not None
    classes, blank = texts.classes(columns[0], result.batch.places, schema, label_base)
    got, answers = computed(result), classes.astype(np.float64)
    nothing = np.zeros_like(answers)
    right = (got == answers) & ~blank
    return Comparison(columns, answers, nothing, got, nothing, right, blank)


def computed(result: Result) -> FloatArray:
    """What answers are about: losses (n,), probabilities (n, k), or predicted classes (n,)."""
    for name in ("loss", "predicted"):
        if name in result.columns:
            return result.columns[name].values.astype(np.float64)
    return next(iter(result.columns.values())).values.astype(np.float64)


def as_texts(written: Sequence[Sequence[str]], like: FloatArray) -> TextArray:
    """The answers as written, in the shape of their values."""
    columns = [np.array(column, dtype=np.str_) for column in written]
    return columns[0] if like.ndim == 1 else np.stack(columns, axis=1)


def _shaped(columns: list[FloatArray], like: FloatArray) -> FloatArray:
    return columns[0] if like.ndim == 1 else np.stack(columns, axis=1)


def _all_of(right: BoolArray) -> BoolArray:
    return right if right.ndim == 1 else np.asarray(right.all(axis=1))
