"""The strict reference parser: text lines to records. It defines what a file says.

RFC 4180 with the standard library's ``csv`` in strict mode; blanks around cells are trimmed,
blank lines skipped, ``#`` lines before the first record are comments.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from math import nan
from typing import NamedTuple

import numpy as np

from softmax_cli.data import Places
from softmax_cli.errors import BadValue, DataError
from softmax_cli.readers.chunks import Categories, Fault, Numbers, TableChunk, categorize
from softmax_cli.readers.lines import Lines
from softmax_cli.readers.roles import Roles
from softmax_cli.text import parse_number

BLANK = " "
_CANDIDATES = "\t;,|"
MAX_CELL = 16 << 20
"""Characters of a cell: what is longer is rather a quote that is never closed."""


class Record(NamedTuple):
    """The trimmed cells of a record, and the physical line (from 1) where it begins."""

    line: int
    cells: list[str]


class RecordChunk(TableChunk):
    """Records of a source, all of the right length. A number is what ``text`` says is one."""

    def __init__(
        self,
        roles: Roles,
        source: str,
        records: Sequence[Record],
        decimal: str = ".",
        error: DataError | None = None,
    ) -> None:
        super().__init__(roles, Places(source, [record.line for record in records]))
        self.records = records
        self.decimal = decimal
        self.error = error

    def holds_numbers(self, column: int) -> bool:
        """Never: all cells are texts."""
        return False

    def numbers(self, columns: Sequence[int]) -> Numbers:
        """Columns as numbers (n, columns)."""
        faults: list[Fault] = []

        def parse(text: str, row: int, column: int) -> float:
            try:
                return parse_number(text, self.decimal)
            except BadValue as error:
                faults.append(Fault(row, column, error))
                return nan

        rows = [
            [parse(cells[column], row, column) for column in columns]
            for row, (_, cells) in enumerate(self.records)
        ]
        return Numbers(np.array(rows), faults)

    def texts(self, column: int) -> Sequence[str]:
        """The cells of a column."""
        return [record.cells[column] for record in self.records]

    def categories(self, column: int) -> Categories:
        """The texts of a column, each once."""
        return categorize(self.texts(column))


def find_start(lines: Lines, delimiter: str | None, decimal: str = ".") -> str | None:
    """Pass over blank lines and comments; the delimiter, detected if it isn't given.

    Excel's first line ``sep=;`` gives it too, and it is not what decimals have. None if there is
    no record.
    """
    while first := lines.peek():
        told = re.fullmatch(r'("?)sep=(.)\1\s*', first, re.IGNORECASE)
        if told and lines.number == 0:
            delimiter = delimiter or _told_delimiter(told[2], lines.where)
        elif first.strip() and not first.startswith("#"):
            return delimiter or _detect(first, lines, decimal)
        next(lines)
    return None


def _told_delimiter(character: str, where: str) -> str:
    if character not in _CANDIDATES + BLANK:
        raise DataError(
            f"{where}:1",
            f"sep={character} is not a separator that this tool reads",
            "use one of , ; | tab blank",
        )
    return character


def read_records(lines: Lines, delimiter: str) -> Iterator[Record]:
    """The records of ``lines``, which are used up record by record.

    Raises DataError at the line of a quote that is never closed, or of text after a closing
    quote.
    """
    split = _split_on_blanks if delimiter == BLANK else _split_quoted
    return split(lines, delimiter)


def _detect(first: str, lines: Lines, decimal: str) -> str:
    counts = {d: _count_outside_quotes(first, d) for d in _CANDIDATES if d != decimal}
    present = [d for d in counts if counts[d] and d in first.rstrip()]  # not trailing blanks
    if len(present) > 1:  # only then is the next line waited for
        second = lines.peek_second()
        agreeing = [d for d in present if _count_outside_quotes(second, d) == counts[d]]
        return (agreeing or present)[0]
    if present:
        return present[0]
    if len(first.split()) > 1 and '"' not in first:
        return BLANK
    return "," if decimal == "." else ";"


def _count_outside_quotes(line: str, delimiter: str) -> int:
    return sum(part.count(delimiter) for part in line.split('"')[::2])


def _split_on_blanks(lines: Lines, delimiter: str) -> Iterator[Record]:
    for line in lines:
        cells = line.split()
        if cells:
            yield Record(lines.number, cells)
        lines.begin_record()


def _split_quoted(lines: Lines, delimiter: str) -> Iterator[Record]:
    csv.field_size_limit(MAX_CELL)  # of the process, and small unless it is said
    parser = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    number = lines.number + 1
    lines.begin_record()
    try:
        for cells in parser:
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield Record(number, [cell.strip() for cell in cells])
            number = lines.number + 1
            lines.begin_record()
    except csv.Error as error:
        raise _quoting_error(lines.where, number, error) from None


def _quoting_error(where: str, number: int, error: csv.Error) -> DataError:
    what, place = str(error), f"{where}:{number}"
    if "unexpected end of data" in what:
        what = "a quote is opened here and never closed"
        return DataError(
            place, what, 'a quote that is text is doubled, in a quoted cell: "5"" disk"'
        )
    if "field larger" in what:
        size = f"{MAX_CELL >> 20} million characters"
        return DataError(place, f"a cell of more than {size}", "a quote that is never closed?")
    return DataError(
        place, "text after a closing quote", 'double a quote inside a quoted cell: "5"" disk"'
    )
