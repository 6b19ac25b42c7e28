"""CSV, TSV and blank-separated text: files to chunks, by polars where it may, else row by row."""

from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from softmax_cli.data import Dataset
from softmax_cli.errors import DataError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.assemble import Assembly
from softmax_cli.readers.bulk import BulkParser
from softmax_cli.readers.chunks import Chunk
from softmax_cli.readers.lines import Lines, open_lines
from softmax_cli.readers.records import Record, RecordChunk, find_start, read_records
from softmax_cli.readers.roles import Roles, find_roles, is_header, schema_of
from softmax_cli.readers.source import Sources, display_name
from softmax_cli.system.memory import keep_freed_memory
from softmax_cli.text import holds_text, plural, with_point

BATCH_CELLS = 1 << 16
BULK_BYTES = 1 << 20
"""From here on polars gains more time than its import takes."""


class _Table(NamedTuple):
    """One opened file: its columns' roles, its first record of data, and the lines after it."""

    roles: Roles
    delimiter: str
    first: Record | None
    lines: Lines


def open_delimited(
    names: Sequence[str],
    job: Job,
    sample: Sample,
    class_names: tuple[str, ...] | None,
    sources: Sources,
) -> Dataset:
    """Several files as one dataset, in the order given; all must have the same columns."""

    def open_table(name: str) -> _Table:
        return _open_table(open_lines(name, sources, job.max_record), job, sample)

    first = open_table(names[0])
    assembly = Assembly(first.roles, schema_of(first.roles, sample, class_names), job, sample)
    tables = chain([first], map(open_table, names[1:]))
    chunks = _chunks(tables, display_name(names[0]), assembly)
    return assembly.dataset(chunks, display_name(names[-1]))


def _open_table(lines: Lines, job: Job, sample: Sample) -> _Table:
    delimiter = find_start(lines, job.delimiter, job.decimal)
    if delimiter is None:
        raise DataError(lines.where, "no data rows: the file is empty")
    records = read_records(lines, delimiter)
    first = next(records)
    place = f"{lines.where}:{first.line}"
    header = is_header([with_point(cell, job.decimal) for cell in first.cells], place, job.header)
    data = next(records, None) if header else first
    cells = [] if data is None else [with_point(cell, job.decimal) for cell in data.cells]
    texts = [column for column, cell in enumerate(cells) if holds_text(cell)]
    roles = find_roles(first.cells, header, place, job, sample, texts=texts)
    return _Table(roles, delimiter, data, lines)


def _chunks(
    tables: Iterator[_Table], first: str, assembly: Assembly
) -> Generator[Chunk, None, None]:
    """The data of tables with the same columns as the first, which is called so."""
    expected: Roles | None = None
    for table in tables:
        expected = expected or table.roles
        _check_same_columns(expected, table.roles, first, table.lines.where)
        if table.first is not None:
            yield from _Reading(table, assembly).chunks(table.first)


def _check_same_columns(expected: Roles, found: Roles, first: str, where: str) -> None:
    if expected.header != found.header:
        raise DataError(
            where,
            f"its header differs from that of {first}",
            f"{_header(found)} here, {_header(expected)} there",
        )
    if expected.n_columns != found.n_columns:
        raise DataError(where, f"{found.n_columns} columns, but {first} has {expected.n_columns}")


def _header(roles: Roles) -> str:
    return "no header" if roles.header is None else ",".join(roles.header)


class _Reading:
    """Reads the data of one table, block by block."""

    def __init__(self, table: _Table, assembly: Assembly) -> None:
        self.roles, self.delimiter, _, self.lines = table
        self.assembly = assembly
        self.decimal = assembly.decimal

    def chunks(self, first: Record) -> Iterator[Chunk]:
        """All rows, the first of which has been read."""
        lines = self.lines
        # Without waiting for the next block, because the input may pause before it.
        alone = lines.n_left >= BULK_BYTES
        yield from self._by_record(chain([first], read_records(lines, self.delimiter)), alone)
        while lines.any_left() and lines.n_left < BULK_BYTES:
            yield from self._by_record(read_records(lines, self.delimiter))
        if lines.any_left():
            yield from self._in_bulk(first)

    def _in_bulk(self, first: Record) -> Iterator[Chunk]:
        """The rest, by polars where it may."""
        lines = self.lines
        keep_freed_memory()
        bulk = BulkParser(
            self.roles,
            first,
            delimiter=self.delimiter,
            decimal=self.decimal,
            numeric_labels=self.assembly.reads_numeric_labels,
            longest=lines.longest,
        )
        parse_ahead = lines.work_ahead(bulk.parse)
        while lines.any_left():
            parsed = parse_ahead()
            if parsed is None:
                yield from self._by_record(read_records(lines, self.delimiter))
            else:
                chunk = bulk.chunk(parsed, lines.where, lines.number + 1)
                lines.skip(len(parsed.numbers))
                yield chunk

    def _by_record(self, records: Iterator[Record], alone: bool = False) -> Iterator[Chunk]:
        """A block by the reference parser, with as much of the next as its last record needs.

        Or the first record ``alone``.
        """
        limit = max(1, BATCH_CELLS // self.roles.n_columns)
        n_blocks = self.lines.n_blocks
        pending: list[Record] = []
        try:
            for record in self._to_last(records):
                _check_record(record, self.roles, self.lines.where)
                pending.append(record)
                if len(pending) == limit:
                    yield self._chunk(pending)
                    pending = []
                if alone or self.lines.at_end_of(n_blocks):
                    break
        except DataError as error:
            if not pending:
                raise
            yield self._chunk(pending, error)
            return
        if pending:
            yield self._chunk(pending)

    def _chunk(self, records: Sequence[Record], error: DataError | None = None) -> Chunk:
        return RecordChunk(self.roles, self.lines.where, records, self.decimal, error)

    def _to_last(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records up to the last that is not empty: spreadsheets leave rows of delimiters.

        One before another row has missing values; all are left out anyway if such rows are.
        """
        if self.assembly.skips:
            yield from records
            return
        empty: Record | None = None
        n_empty = 0
        for record in records:
            if any(record.cells):
                if empty is not None:
                    yield empty
                yield record
            else:
                empty = empty or record
                n_empty += 1
        if empty is not None:
            what = f"the last {plural(n_empty, 'row')} of {self.lines.where}"
            are = "is" if n_empty == 1 else "are"
            self.assembly.notes.append(f"{what}, from line {empty.line}, {are} empty: left out")


def _check_record(record: Record, roles: Roles, source: str) -> None:
    """Raise DataError for a record of another length, and for the header again."""
    line, cells = record
    where = f"{source}:{line}"
    if len(cells) != roles.n_columns:
        message = f"expected {roles.n_columns} cells, found {len(cells)}"
        raise DataError(where, message, _advise_length(cells, roles))
    if roles.header is not None and cells == list(roles.header):
        raise DataError(where, "the header again", "give the files one by one instead")


def _advise_length(cells: Sequence[str], roles: Roles) -> str:
    if len(cells) == 2 * len(roles.scores) and all(cell.isdecimal() for cell in cells):
        return "a decimal comma? write a point: 0.5"  # 0,5,0,7 below as many columns as numbers
    if len(cells) > roles.n_columns and not any(cells[roles.n_columns :]):
        return "a separator at the line's end? the header has none"
    if len(cells) > roles.n_columns:
        return "a separator inside a cell? put the cell in quotes"
    return "a cell is missing, or the line was cut short: a missing value keeps its separators"
