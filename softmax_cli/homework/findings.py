"""What a check has found, as plain data for the writers."""

from typing import NamedTuple


class Whole(NamedTuple):
    """The one answer to the mean (or sum) of all losses, compared."""

    quantity: str
    answer: str
    got: float
    difference: float
    allowed: float


class Explanation(NamedTuple):
    """Mistakes that explain the same wrong answers equally well, the most specific first.

    names  what each is called, with its details
    why    one sentence for each
    n      how many wrong answers they explain
    """

    names: tuple[str, ...]
    why: tuple[str, ...]
    n: int


class Findings(NamedTuple):
    """The counts of answers, what explains the wrong ones, and a line for each that is not right.

    ``whole`` is None where each sample has an answer of its own. ``lines`` are kept for
    ``--quiet`` only.
    """

    right: int
    wrong: int
    blank: int
    explanations: tuple[Explanation, ...]
    whole: Whole | None
    lines: tuple[str, ...]

    @property
    def checked(self) -> int:
        return self.right + self.wrong + self.blank

    @property
    def passed(self) -> bool:
        """Whether every answer is right."""
        return self.wrong == self.blank == 0
