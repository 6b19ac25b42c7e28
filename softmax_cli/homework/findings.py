"""What a check has found, in words and as JSON. Never more than "consistent with"."""

from collections.abc import Sequence
from typing import NamedTuple

from softmax_cli.report import Cell, Write
from softmax_cli.text import inert

MOST_EXPLANATIONS = 5


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
    """The counts of answers, and what explains the wrong ones.

    whole   None where each sample has an answer of its own
    hidden  whether what is right is kept to ourselves
    """

    right: int
    wrong: int
    blank: int
    explanations: Sequence[Explanation]
    whole: Whole | None = None
    hidden: bool = False

    @property
    def passed(self) -> bool:
        """Whether every answer is right."""
        return self.wrong == self.blank == 0

    def lines(self, write: Write) -> list[Cell]:
        """In words: the whole, the counts, what explains the wrong answers, and why."""
        found = [] if self.whole is None else [self._line_of_whole(self.whole, write)]
        counts = f"{self.right} right, {self.wrong} wrong, {self.blank} blank"
        found.append(Cell(f"{self._checked} checked: {counts}", "total"))
        explanations = self.explanations[:MOST_EXPLANATIONS]
        for explanation in explanations:
            consistent = f"consistent with: {' or '.join(explanation.names)}"
            found.append(Cell(inert(f"{self._subject(explanation)}{consistent}"), "total"))
        reasons = {
            name: why
            for explanation in explanations
            for name, why in zip(explanation.names, explanation.why, strict=True)
        }
        return found + [Cell(inert(f"{name}: {why}")) for name, why in reasons.items()]

    def json(self) -> dict[str, object]:
        """The same as an object."""
        found: dict[str, object] = {
            "checked": self._checked,
            "right": self.right,
            "wrong": self.wrong,
            "blank": self.blank,
        }
        if self.whole is not None:
            told = self.whole._asdict()
            if self.hidden:
                told = {name: told[name] for name in ("quantity", "answer")}
            found["whole"] = told
        found["mistakes"] = [
            {"names": list(e.names), "why": list(e.why), "n": e.n} for e in self.explanations
        ]
        return found

    @property
    def _checked(self) -> int:
        return self.right + self.wrong + self.blank

    def _line_of_whole(self, whole: Whole, write: Write) -> Cell:
        told = f"{whole.quantity}: expected {whole.answer or 'nothing'}"
        if not self.hidden:
            told += f", got {write(whole.got)}, difference {write(whole.difference)}"
            told += f", allowed {write(whole.allowed)}"
        mark, role = ("✓", "right") if self.passed else ("✗", "wrong")
        return Cell(inert(f"{mark} {told}"), role)

    def _subject(self, explanation: Explanation) -> str:
        if self.whole is not None:
            return ""
        if explanation.n < self.wrong:
            return f"{explanation.n} of {self.wrong} wrong rows "
        return "the wrong row " if self.wrong == 1 else f"all {self.wrong} wrong rows "
