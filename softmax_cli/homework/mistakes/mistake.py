"""What a mistake is, and the chapters that mistakes are written down in."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from softmax_cli.data import FloatArray
from softmax_cli.homework.exercise import Exercise

Outcomes = Iterator[tuple[str, FloatArray]]
"""What a mistake can lead to: pairs of a detail (``classes 0 and 2``, or nothing) and values."""
Work = Callable[[Exercise], Outcomes]
"""How somebody who makes a mistake works an exercise."""


class Mistake(NamedTuple):
    """A mistake and what it leads to.

    name       in a few words
    why        one sentence for the student
    outcomes   (n,) values per sample, or (n, k) rows, for each form of the mistake
    """

    name: str
    why: str
    outcomes: Work


class Chapter(list[Mistake]):
    """Mistakes in the order in which they are written down, the likelier first.

    A chapter is called ``mistake`` and decorates: ``@mistake(name, why)`` above a function makes
    it a Mistake, which is the next of the chapter. Of a function with parameters, each choice is
    a mistake of its own: ``mistake(name, why)(partial(function, eps=1e-7))``.
    """

    def __call__(self, name: str, why: str) -> Callable[[Work], Mistake]:
        """A decorator that adds a function's mistake."""

        def add(work: Work) -> Mistake:
            self.append(Mistake(name, why, work))
            return self[-1]

        return add
