"""Records to rows of numbers: what a cell must hold, and what is said where it does not."""

from math import inf
from typing import NamedTuple

import numpy as np

from softmax_cli.data import Batch, Places
from softmax_cli.errors import BadValue, DataError
from softmax_cli.readers.labels import BadLabel, LabelParser
from softmax_cli.readers.records import Record
from softmax_cli.readers.roles import Roles
from softmax_cli.text import parse_number


class Row(NamedTuple):
    """One sample, and the physical line where it begins."""

    line: int
    scores: list[float]
    label: int | None
    target: list[float]
    weight: float
    id: str
    answers: list[str]


class BadCell(DataError):
    """A cell that is not what its column holds; ``--missing skip`` passes over most."""

    skippable = True


class RowParser:
    """Turns records into rows of numbers; knows the place of everything it refuses.

    ``first`` holds until the first row is parsed: text there is likely a column of its own.
    """

    def __init__(self, roles: Roles, parse_label: LabelParser | None) -> None:
        self.roles = roles
        self.parse_label = parse_label
        self.first = True

    def parse(self, record: Record, source: str) -> Row:
        """The row. Raises BadCell, and DataError for a record of another length."""
        roles, (line, cells) = self.roles, record
        where = f"{source}:{line}"
        if len(cells) != roles.n_columns:
            raise DataError(
                where,
                f"expected {roles.n_columns} cells, found {len(cells)}",
                "a decimal comma? write a point: 0.5" if _decimal_comma(cells, roles) else None,
            )
        if roles.header is not None and cells == list(roles.header):
            raise DataError(where, "the header again", "give the files one by one instead")
        row = Row(
            line,
            [self._number(cells[column], column, where) for column in roles.scores],
            None if self.parse_label is None else self._label(cells[roles.label or 0], where),
            [self._number(cells[column], column, where) for column in roles.targets],
            1.0 if roles.weight is None else self._weight(cells[roles.weight], where),
            "" if roles.id is None else cells[roles.id],
            [cells[column] for column in roles.answers],
        )
        self.first = False
        return row

    def batch(self, rows: list[Row], source: str, first_row: int) -> Batch:
        """The rows of one source as a batch."""
        labelled = self.parse_label is not None
        return Batch(
            first_row=first_row,
            scores=np.array([row.scores for row in rows]),
            places=Places(source, [row.line for row in rows]),
            labels=np.array([row.label for row in rows], dtype=np.int64) if labelled else None,
            targets=np.array([row.target for row in rows]) if self.roles.targets else None,
            ids=[row.id for row in rows] if self.roles.id is not None else None,
            weights=np.array([row.weight for row in rows])
            if self.roles.weight is not None
            else None,
            answers=list(zip(*(row.answers for row in rows), strict=True)) or None,
        )

    def _number(self, cell: str, column: int, where: str) -> float:
        try:
            return parse_number(cell)
        except BadValue as error:
            advice = error.advice
            if advice is None and cell and self.first and self.roles.id is None:
                advice = "not a score? carry it by --id-col, or name the scores by --cols"
            bad = BadCell(where, f"{self.roles.name(column)}: {error.message}", advice)
            bad.skippable = error.skippable
            raise bad from None

    def _weight(self, cell: str, where: str) -> float:
        assert self.roles.weight is not None
        value = self._number(cell, self.roles.weight, where)
        if not 0 <= value < inf:
            raise self.roles.not_a_weight(where, cell)
        return value

    def _label(self, cell: str, where: str) -> int:
        assert self.parse_label is not None
        assert self.roles.label is not None
        try:
            return self.parse_label(cell)
        except BadLabel as error:
            column = self.roles.name(self.roles.label)
            bad = BadCell(where, f"{column}: {error.message}", error.advice)
            bad.skippable = error.skippable
            raise bad from None


def _decimal_comma(cells: list[str], roles: Roles) -> bool:
    """``0,5,0,7`` in a file whose header has half as many columns."""
    return len(cells) == 2 * len(roles.scores) and all(cell.isdecimal() for cell in cells)
