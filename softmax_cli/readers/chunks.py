"""Chunks: what readers yield, and all that assembling samples needs to know of a format."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from softmax_cli.data import FloatArray, IntArray, Places
from softmax_cli.errors import BadValue, DataError
from softmax_cli.readers.roles import Roles


class Fault(NamedTuple):
    """A cell that does not hold what its column should; assembling says where it stands."""

    row: int
    column: int
    error: BadValue


class Numbers(NamedTuple):
    """Columns of numbers (n, columns): nan in the cells that ``faults`` name, in any order."""

    values: FloatArray
    faults: Sequence[Fault] = ()


class Categories(NamedTuple):
    """A column of texts: each kind once, in the order of their first rows, and codes (n,)."""

    texts: Sequence[str]
    codes: IntArray


class Chunk(Protocol):
    """Consecutive rows of one source. Columns are numbered as in its Roles.

    A cell that cannot be read is a Fault, not an error: which one is told, or passed over,
    depends on the others in its row.
    """

    @property
    def places(self) -> Places:
        """Where each row stands."""
        ...

    @property
    def error(self) -> DataError | None:
        """What is wrong behind the last row, to be told if these rows are right; mostly None."""
        ...

    def place(self, row: int, column: int) -> str:
        """Where a cell stands, as messages begin: ``hw.csv:3: column 'x'``."""
        ...

    def holds_numbers(self, column: int) -> bool:
        """Whether ``numbers`` gives the column at no cost, as it was parsed or stored so."""
        ...

    def numbers(self, columns: Sequence[int]) -> Numbers:
        """Columns of one role as numbers. Raises DataError for a column that has none."""
        ...

    def texts(self, column: int) -> Sequence[str]:
        """The column's cells as written, trimmed; of stored numbers the shortest text."""
        ...

    def categories(self, column: int) -> Categories:
        """The column's texts, each kind of them once."""
        ...


def categorize(texts: Iterable[str]) -> Categories:
    """The texts, each kind of them once."""
    kinds: dict[str, int] = {}
    codes = [kinds.setdefault(text, len(kinds)) for text in texts]
    return Categories(list(kinds), np.array(codes, dtype=np.int64))


class TableChunk:
    """What is alike for all rows of a table: how a cell's place is told."""

    error: DataError | None = None

    def __init__(self, roles: Roles, places: Places) -> None:
        self.roles = roles
        self.places = places

    def place(self, row: int, column: int) -> str:
        """``hw.csv:3: column 'x'``."""
        return f"{self.places.at(row)}: {self.roles.name(column)}"
