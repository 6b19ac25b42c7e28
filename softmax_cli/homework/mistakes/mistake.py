"""What a mistake is."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from softmax_cli.data import FloatArray
from softmax_cli.homework.exercise import Exercise

Outcomes = Iterator[tuple[str, FloatArray]]
"""What a mistake can lead to: pairs of a detail (``classes 0 and 2``, or nothing) and values."""


class Mistake(NamedTuple):
    """A mistake and what it leads to.

    name       in a few words
    why        one sentence for the student
    outcomes   (n,) values per sample, or (n, k) rows, for each form of the mistake
    """

    name: str
    why: str
    outcomes: Callable[[Exercise], Outcomes]
