"""Blocks parsed by polars, where that provably gives what the reference parser would.

The reference parser (``records``) says what is right. polars only stands in for it,
many times faster, and any doubt sends the block back: a quote, a lone CR, a NUL, a cell that
polars refuses or reads as missing, a ragged line, an overflow. What makes it safe:

- With an explicit schema, without quotes and with no leniency asked for, a line with more cells
  than columns is an error, but for one more delimiter at the very end, and a shorter or blank one
  gives nulls. A text may well be null, so beside texts the delimiters are counted. As many rows
  as line ends means that no line was dropped or split.
- polars' numbers are a subset of the grammar in ``text``, correctly rounded, but for ``1e400``,
  which it reads as inf. So each infinity and nan must be spelled out in the text.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from softmax_cli.data import FloatArray, Places
from softmax_cli.readers.chunks import Categories, Numbers, TableChunk, categorize
from softmax_cli.readers.encodings import BOM
from softmax_cli.readers.frames import categories, texts
from softmax_cli.readers.lines import Lines
from softmax_cli.readers.records import BLANK, MAX_CELL, Record, read_records
from softmax_cli.readers.roles import Roles
from softmax_cli.system.threads import polars_can_start
from softmax_cli.text import is_number, parse_number

if TYPE_CHECKING:
    import polars as pl

_CACHED = 1 << 18  # bytes that stay in the cache between two passes


class Parsed(NamedTuple):
    """A block: its text, and its cells, the numeric columns (n, columns) and the others."""

    text: bytes
    numbers: FloatArray
    others: "Mapping[int, pl.Series]"


class BulkParser:
    """Reads blocks of one file, whose first record of data is ``first``.

    The labels are parsed as numbers, which is quick, if that one is a number and no class is
    called like a number. A record has ``longest`` bytes at most.
    """

    def __init__(
        self,
        roles: Roles,
        first: Record,
        *,
        delimiter: str,
        decimal: str,
        numeric_labels: bool,
        longest: int,
    ) -> None:
        self.has_threads = polars_can_start()
        self.roles = roles
        self.longest = min(longest, MAX_CELL)  # of a record: a shorter block has none
        self.delimiter = delimiter
        self.decimal = decimal
        columns = [*roles.scores, *roles.targets]
        columns += [] if roles.weight is None else [roles.weight]
        if roles.label is not None and numeric_labels and is_number(first.cells[roles.label]):
            columns.append(roles.label)
        self.numeric = {column: i for i, column in enumerate(dict.fromkeys(columns))}
        self.has_text = len(self.numeric) < roles.n_columns

    def parse(self, block: bytes) -> Parsed | None:
        """The block's cells, or None if the reference parser has to decide. Keeps no state."""
        if not self.has_threads or len(block) > self.longest:
            return None
        if self.delimiter == BLANK and self.has_text:
            return None
        text = _with_lf(block)
        columns = self._read(text)
        if columns is None or not self._accounts_for(text, len(columns[0])):
            return None
        numbers = self._numbers(columns)
        if numbers is None or not self._all_spelled(numbers, text) or self._repeats_header(numbers):
            return None
        others = (column for column in range(self.roles.n_columns) if column not in self.numeric)
        return Parsed(text, numbers, {column: columns[column] for column in others})

    def chunk(self, parsed: Parsed, source: str, first_line: int) -> "BulkChunk":
        """What was parsed, where it stands."""
        places = Places(source, range(first_line, first_line + len(parsed.numbers)))
        return BulkChunk(self, parsed, places)

    def _read(self, text: bytes) -> "Sequence[pl.Series] | None":
        import polars as pl

        # polars drops a mark there, and of the last line a delimiter too many
        if text.startswith(BOM) or text.endswith(self.delimiter.encode()):
            return None
        comma = self.decimal == ","
        if comma and b"." in text:  # which it takes for a decimal point all the same
            return None
        schema = {
            str(column): pl.Float64 if column in self.numeric else pl.String
            for column in range(self.roles.n_columns)
        }
        try:
            frame = pl.read_csv(
                text,
                has_header=False,
                schema=schema,
                separator=self.delimiter,
                quote_char=None,
                decimal_comma=comma,
            )
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
            return None
        return frame.get_columns()  # one by one they would be looked for by name

    def _accounts_for(self, text: bytes, n_rows: int) -> bool:
        """Whether the text has a line end for each row, and nothing that polars reads otherwise.

        Numbers are quickly done: if the bytes up to the quote are as many as the line ends and
        delimiters of so many rows, then they are these. Texts may hold many things.
        """
        n_ends = n_rows - (not text.endswith(b"\n"))
        n_delimiters = n_rows * (self.roles.n_columns - 1)
        if not self.has_text:
            n_low = n_ends + n_delimiters * (self.delimiter <= '"')
            if _count(text, np.less_equal, '"') == n_low:
                return True
        elif b"\0" in text or _count(text, np.equal, self.delimiter) != n_delimiters:
            return False
        return b'"' not in text and b"\r" not in text and _count(text, np.equal, "\n") == n_ends

    def _numbers(self, columns: "Sequence[pl.Series]") -> FloatArray | None:
        """(n, columns) scores, targets, weight, label, each contiguous; None if one is missing.

        An empty text is missing too, and is just empty.
        """
        import polars as pl

        numbers = pl.DataFrame([columns[column] for column in self.numeric])
        return None if any(numbers.null_count().row(0)) else numbers.to_numpy()

    def _all_spelled(self, numbers: FloatArray, plain: bytes) -> bool:
        """Whether the text says ``inf`` and ``nan`` as often as there are such values."""
        with np.errstate(all="ignore"):
            if np.isfinite(numbers.sum()):  # quicker than asking each; a false alarm does no harm
                return True
        finite = np.isfinite(numbers)
        if self.has_text:
            return False
        text = plain.lower()
        n_nan = int(np.isnan(numbers).sum())
        n_inf = finite.size - int(finite.sum()) - n_nan
        return n_inf == text.count(b"inf") and n_nan == text.count(b"nan")

    def _repeats_header(self, numbers: FloatArray) -> bool:
        """Whether a row may be the header again, which is possible if the header is numbers."""
        header = self.roles.header
        if header is None or not all(is_number(header[column]) for column in self.numeric):
            return False
        values = [parse_number(header[column]) for column in self.numeric]
        return bool((numbers == values).all(axis=1).any())


class BulkChunk(TableChunk):
    """A block that polars has parsed. As text, its numbers are parsed once more."""

    def __init__(self, parser: BulkParser, parsed: Parsed, places: Places) -> None:
        super().__init__(parser.roles, places)
        self.parser = parser
        self.parsed = parsed

    def holds_numbers(self, column: int) -> bool:
        """Whether polars has parsed the column as numbers."""
        return column in self.parser.numeric

    def numbers(self, columns: Sequence[int]) -> Numbers:
        """Columns as numbers; those that stand side by side are not copied."""
        found = [self.parser.numeric[column] for column in columns]
        first, end = found[0], found[0] + len(found)
        together = found == list(range(first, end))
        return Numbers(self.parsed.numbers[:, slice(first, end) if together else found])

    def texts(self, column: int) -> Sequence[str]:
        """The cells of a column."""
        if self.holds_numbers(column):
            lines = Lines(self.places.source, iter([self.parsed.text]))
            return [record.cells[column] for record in read_records(lines, self.parser.delimiter)]
        return texts(self.parsed.others[column])

    def categories(self, column: int) -> Categories:
        """The texts of a column, each once."""
        if self.holds_numbers(column):
            return categorize(self.texts(column))
        return categories(self.parsed.others[column])


def _with_lf(text: bytes) -> bytes:
    """The text with LF for CRLF if all its lines end so, else as it is."""
    if not text[: text.find(b"\n") + 1].endswith(b"\r\n"):
        return text
    codes = np.frombuffer(text, dtype=np.uint8)
    ends = np.flatnonzero(codes == ord("\n"))
    plain = text.replace(b"\r", b"")  # many times faster than looking for both
    all_crlf = len(text) - len(plain) == len(ends) and (codes[ends - 1] == ord("\r")).all()
    return plain if all_crlf else text


def _count(text: bytes, compare: np.ufunc, character: str) -> int:
    """How many bytes compare so with an ASCII character. Lets other threads run meanwhile."""
    codes, code = np.frombuffer(text, dtype=np.uint8), np.uint8(ord(character))
    pieces = (codes[start : start + _CACHED] for start in range(0, len(codes), _CACHED))
    return sum(int(np.count_nonzero(compare(piece, code))) for piece in pieces)
