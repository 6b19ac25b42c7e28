"""Blocks parsed by polars, where that provably gives what the reference parser would.

The reference parser (``records``, ``rows``) says what is right. polars only stands in for it,
many times faster, and any doubt sends the block back: a quote, a lone CR, a NUL, a cell that
polars refuses or reads as missing, a ragged line, an overflow, a bad label. What makes it safe:

- With an explicit schema, without quotes and with no leniency asked for, a line with more cells
  than columns is an error, and a shorter or blank one gives nulls. A text may well be null, so
  beside texts the delimiters are counted. As many rows as line ends means that no line was
  dropped or split.
- polars' numbers are a subset of the grammar in ``numbers``, correctly rounded, but for ``1e400``,
  which it reads as inf. So each infinity and nan must be spelled out in the text.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from softmax_cli.data import Batch, FloatArray, IntArray, Places
from softmax_cli.readers.frames import text_labels, texts
from softmax_cli.readers.labels import LabelParser
from softmax_cli.readers.records import BLANK, Record
from softmax_cli.readers.roles import Roles
from softmax_cli.text import is_number, parse_number

if TYPE_CHECKING:
    import polars as pl

_CACHED = 1 << 18  # bytes that stay in the cache between two passes


class Parsed(NamedTuple):
    """A block's cells: the numeric columns (n, columns), and the others."""

    numbers: FloatArray
    texts: "pl.DataFrame"


class BulkParser:
    """Reads blocks of one file. ``sample`` is its first record of data."""

    def __init__(
        self, roles: Roles, delimiter: str, parse_label: LabelParser | None, sample: Record
    ) -> None:
        self.roles = roles
        self.delimiter = delimiter
        self.parse_label = parse_label
        self.label_is_number = (
            parse_label is not None
            and roles.label is not None
            and is_number(sample.cells[roles.label])
            and not parse_label.knows_a_number
        )
        weight = [] if roles.weight is None else [roles.weight]
        self.numeric = [*roles.scores, *roles.targets, *weight]
        if roles.label is not None and self.label_is_number:
            self.numeric.append(roles.label)
        self.has_text = len(set(self.numeric)) < roles.n_columns

    def parse(self, block: bytes) -> Parsed | None:
        """The block's cells, or None if the reference parser has to decide. Keeps no state."""
        if self.delimiter == BLANK and self.has_text:
            return None
        text = _with_lf(block)
        frame = self._read(text)
        if frame is None or self._has_nulls(frame) or not self._accounts_for(text, len(frame)):
            return None
        numbers = self._numbers(frame)
        if not self._all_spelled(numbers, text) or self._repeats_header(numbers):
            return None
        return Parsed(numbers, frame.drop(map(str, self.numeric)))

    def batch(
        self, parsed: Parsed | None, source: str, first_row: int, first_line: int
    ) -> Batch | None:
        """What was parsed as a batch, or None if the reference parser has to decide."""
        if parsed is None:
            return None
        numbers, frame = parsed
        labels = self._labels(frame, numbers)
        if self.parse_label is not None and labels is None:
            return None
        roles, n_scores = self.roles, len(self.roles.scores)
        weights = None if roles.weight is None else numbers[:, n_scores + len(roles.targets)]
        if weights is not None and not ((weights >= 0) & (weights < np.inf)).all():
            return None
        return Batch(
            first_row=first_row,
            scores=numbers[:, :n_scores],
            places=Places(source, range(first_line, first_line + len(numbers))),
            labels=labels,
            targets=numbers[:, n_scores : n_scores + len(roles.targets)] if roles.targets else None,
            ids=None if roles.id is None else texts(frame[str(roles.id)]),
            weights=weights,
            answers=[texts(frame[str(column)]) for column in roles.answers] or None,
        )

    def _read(self, text: bytes) -> "pl.DataFrame | None":
        import polars as pl

        schema = {
            str(column): pl.Float64 if column in self.numeric else pl.String
            for column in range(self.roles.n_columns)
        }
        try:
            return pl.read_csv(
                text, has_header=False, schema=schema, separator=self.delimiter, quote_char=None
            )
        except pl.exceptions.PolarsError:
            return None

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

    def _numbers(self, frame: "pl.DataFrame") -> FloatArray:
        """(n, columns) scores, targets, weight, label, each contiguous; one may serve twice."""
        import polars as pl

        columns = [frame[str(column)].alias(str(i)) for i, column in enumerate(self.numeric)]
        return pl.DataFrame(columns).to_numpy()

    def _has_nulls(self, frame: "pl.DataFrame") -> bool:
        """Whether a number is missing. An empty text is null too, and is just empty."""
        return any(frame[str(column)].null_count() for column in self.numeric)

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

    def _labels(self, frame: "pl.DataFrame", numbers: FloatArray) -> IntArray | None:
        """The labels, or None if there are none or if one of them is not a label."""
        if self.parse_label is None:
            return None
        if self.label_is_number:
            return self.parse_label.indices(numbers[:, -1])
        return text_labels(frame[str(self.roles.label)], self.parse_label)


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
