"""Answers beside what was computed."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from softmax_cli.data import BoolArray, FloatArray, Places, Result, Schema, TextArray
from softmax_cli.homework import texts
from softmax_cli.homework.tolerance import Rule

_Array = TypeVar("_Array", FloatArray, TextArray)

Written = Sequence[Sequence[str]]
"""Answers as texts: n of them in each of m columns, m being more than 1 for rows of numbers."""


class Comparison(NamedTuple):
    """n answers, each a number, a row of k numbers, or a class.

    written  the answers as texts
    answers  (n,) or (n, k) values; class indices as numbers
    units    the values of their last digits, of the same shape; 0 where a digit says nothing
    got      what was computed, of the same shape
    allowed  how far each may be off, of the same shape
    right    (n,) whether the answer is right
    blank    (n,) whether there is none; in a row, whether a number is missing
    """

    written: Written
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
    def texts(self) -> TextArray:
        """The answers as texts, in the shape of their values."""
        return _shaped([np.array(column, dtype=np.str_) for column in self.written], self.got)

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


def compare_numbers(
    written: Written, places: Places, got: FloatArray, rule: Rule, quick: bool = False
) -> Comparison:
    """Compare losses (n,) or rows of probabilities (n, k) with the answers.

    ``quick`` leaves units and what is allowed at 0 if all answers are right to the last digit
    anyway. Raises DataError for an answer that is no number.
    """
    read = [texts.numbers(column, places) for column in written]
    answers = _shaped([values for values, _ in read], got)
    blank = np.any([empty for _, empty in read], axis=0)
    nothing = np.zeros_like(answers)
    if quick:
        right = _all_of(rule.right(got, answers, nothing))
        if right.all():
            return Comparison(written, answers, nothing, got, nothing, right, blank)
    units = _shaped([texts.units(column) for column in written], got)
    allowed = rule.allowed(got, answers, units)
    right = _all_of(rule.right(got, answers, allowed)) & ~blank
    return Comparison(written, answers, units, got, allowed, right, blank)


def compare_classes(
    written: Written, places: Places, got: FloatArray, schema: Schema, label_base: int
) -> Comparison:
    """Compare predicted classes (n,) with the answers, which count from ``label_base``.

    Raises DataError for an answer that is no class.
    """
    classes, blank = texts.classes(written[0], places, schema, label_base)
    answers = classes.astype(np.float64)
    nothing = np.zeros_like(answers)
    return Comparison(written, answers, nothing, got, nothing, (got == answers) & ~blank, blank)


def computed(result: Result) -> FloatArray:
    """What answers are about: losses (n,), probabilities (n, k), or predicted classes (n,)."""
    for name in ("loss", "predicted"):
        if name in result.columns:
            return result.columns[name].values.astype(np.float64)
    return next(iter(result.columns.values())).values.astype(np.float64)


def _shaped(columns: list[_Array], like: FloatArray) -> _Array:
    return columns[0] if like.ndim == 1 else np.stack(columns, axis=1)


def _all_of(right: BoolArray) -> BoolArray:
    return right if right.ndim == 1 else np.asarray(right.all(axis=1))
