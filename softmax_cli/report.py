"""What a run has to say beside its rows: a Section of each stage, put together in a Report.

Pure data. Stages make sections, writers loop over them and know no stage.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from softmax_cli.errors import SoftmaxCliError
from softmax_cli.text import exact

Write = Callable[[float], str]
"""How a number becomes text: rounded in a table, with all digits elsewhere."""


class Cell(NamedTuple):
    """Text and its role: ``winner``, ``right``, ``wrong``, ``bar``, ``total``, ``dim`` or none."""

    text: str
    role: str = ""


class Heading(NamedTuple):
    """A column's heading, and what the cells below it are.

    kind      numbers stand at the right, all else at the left; a prediction is a text that names
              the winner of its row; a bar says in another way what a number has said
    of_class  where there is a column for each class: what all of them begin with, as ``p``
    """

    text: str
    kind: Literal["number", "text", "prediction", "bar"] = "number"
    of_class: str | None = None


class LeftOut(NamedTuple):
    """How many rows are left out, and how many stand before them."""

    n: int
    at: int


class Grid(NamedTuple):
    """A table: headings, and rows of as many cells, which can be gone through several times."""

    headings: Sequence[Heading]
    rows: Iterable[Sequence[Cell]]
    left_out: LeftOut | None = None


class Totals(NamedTuple):
    """What all samples add up to.

    n           samples that count; n_ignored do not
    loss_sum    the sum of the losses, None for a command without losses
    divisor     what the mean divides by; 0 or None where there is no mean
    total       the mean of the losses, or their sum with ``--reduction sum``; None where none is
                asked for, or where it is undefined
    undefined   why there is no mean, and what to do about it; empty where there is
    """

    n: int
    n_ignored: int = 0
    loss_sum: float | None = None
    divisor: int | float | None = None
    total: float | None = None
    undefined: tuple[str, ...] = ()


def _no_lines(write: Write) -> Sequence[Cell]:
    return ()


class Section(NamedTuple):
    """What one stage has seen.

    passed  False where an expectation was not met: the run then exits with 1
    lines   the findings in words, for below a table or for stderr, given how to write a number
    grids   tables that stand between the samples and the lines
    json    what JSON output has of it: objects, by key of the closing object
    notes   lines for stderr whatever the format: notes, warnings
    quiet   lines for stderr where nothing else is printed
    failure what was asked for and cannot be told, to be raised when all is written
    """

    passed: bool = True
    lines: Callable[[Write], Sequence[Cell]] = _no_lines
    grids: Sequence[Grid] = ()
    json: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    notes: Sequence[str] = ()
    quiet: Sequence[str] = ()
    failure: SoftmaxCliError | None = None


class Report(NamedTuple):
    """All that there is to say once all samples have passed."""

    totals: Totals
    sections: Sequence[Section]
    reading: str
    signature: str

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return all(section.passed for section in self.sections)

    @property
    def failure(self) -> SoftmaxCliError | None:
        """The first failure."""
        return next((section.failure for section in self.sections if section.failure), None)

    def lines(self, write: Write) -> list[Cell]:
        """All findings in words; that of the totals stands first."""
        return [line for section in self.sections for line in section.lines(write)]

    def as_comments(self) -> list[str]:
        """The whole report in lines for stderr, for formats that hold nothing but samples."""
        findings = [line.text for line in self.lines(exact)]
        return [f"read: {self.reading}", *findings, self.signature]

    @property
    def grids(self) -> list[Grid]:
        """All tables that stand below the samples."""
        return [grid for section in self.sections for grid in section.grids]

    @property
    def json(self) -> dict[str, dict[str, Any]]:
        """What JSON output has of all sections, which may share keys."""
        values: dict[str, dict[str, Any]] = {}
        for section in self.sections:
            for key, value in section.json.items():
                values.setdefault(key, {}).update(value)
        return values

    @property
    def notes(self) -> list[str]:
        """All lines for stderr."""
        return [note for section in self.sections for note in section.notes]

    @property
    def quiet(self) -> list[str]:
        """All lines for stderr where nothing else is printed."""
        return [line for section in self.sections for line in section.quiet]
