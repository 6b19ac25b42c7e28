"""CSV, TSV and blank-separated text: files to batches."""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple, TextIO

from softmax_cli.data import Batch, Dataset
from softmax_cli.errors import DataError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.bulk import BulkParser
from softmax_cli.readers.labels import LabelParser
from softmax_cli.readers.lines import Lines, open_lines
from softmax_cli.readers.records import Record, find_start, read_records
from softmax_cli.readers.roles import Roles, find_roles, is_header, schema_of
from softmax_cli.readers.rows import BadCell, Row, RowParser
from softmax_cli.readers.source import display_name
from softmax_cli.system.ahead import ahead
from softmax_cli.system.memory import keep_freed_memory

BATCH_CELLS = 1 << 16
BULK_BYTES = 1 << 20
"""From here on polars gains more time than its import takes."""


class _Table(NamedTuple):
    """One opened file: what its columns are, its first record of data, and the lines after it."""

    roles: Roles
    delimiter: str
    first: Record | None
    lines: Lines


def _open_table(name: str, job: Job, sample: Sample, stdin: TextIO | None) -> _Table:
    lines = open_lines(name, stdin)
    delimiter = find_start(lines, job.delimiter)
    if delimiter is None:
        raise DataError(lines.where, "no data rows: the file is empty")
    records = read_records(lines, delimiter)
    first = next(records)
    place = f"{lines.where}:{first.line}"
    header = is_header(first.cells, place, job.header)
    roles = find_roles(first.cells, header, place, job, sample)
    return _Table(roles, delimiter, next(records, None) if header else first, lines)


def open_files(
    names: tuple[str, ...],
    job: Job,
    sample: Sample,
    class_names: tuple[str, ...] | None,
    stdin: TextIO | None,
) -> Dataset:
    """Several files as one dataset, in the order given; all must have the same columns.

    ``class_names`` (``--classes``) go before the header's. Labels come with the batches if a
    column holds them and no option gives others.
    """
    tables = (_open_table(name, job, sample, stdin) for name in names)
    table = next(tables)
    roles = table.roles
    schema = schema_of(roles, job, sample, class_names)
    parser = RowParser(
        roles, LabelParser.of(schema, job, sample) if roles.label is not None else None
    )
    reader = _Reader(parser, job.missing == "skip")
    same = chain([table], _same_columns(tables, table, display_name(names[0])))
    notes: list[str] = []
    return Dataset(schema, ahead(reader.batches(same, notes)), notes)


def _same_columns(tables: Iterator[_Table], first: _Table, name: str) -> Iterator[_Table]:
    for table in tables:
        _check_same_columns(first.roles, table.roles, name, table.lines.where)
        yield table


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


class _Reader:
    """Reads the data of tables with the same columns: by polars where it may, else row by row."""

    def __init__(self, parser: RowParser, skips: bool) -> None:
        self.parser = parser
        self.skips = skips
        self.n_rows = 0
        self.n_skipped = 0
        self.first_skipped = ""

    def batches(self, tables: Iterator[_Table], notes: list[str]) -> Iterator[Batch]:
        """All batches; at the end a note on skipped rows. Raises DataError if no row is left."""
        where = ""
        for table in tables:
            where = table.lines.where
            yield from self._batches(table)
        if not self.n_rows:
            raise DataError(where, f"no data rows{' left' * bool(self.n_skipped)}")
        if self.n_skipped:
            rows = "1 row" if self.n_skipped == 1 else f"{self.n_skipped} rows"
            notes.append(f"--missing skip left out {rows}, the first at {self.first_skipped}")

    def _batches(self, table: _Table) -> Iterator[Batch]:
        if table.first is None:
            return
        lines, roles = table.lines, self.parser.roles
        if len(lines.rest()) < BULK_BYTES:
            records = read_records(lines, table.delimiter)
            yield from self._batches_by_row(chain([table.first], records), lines)
        else:
            yield from self._batches_by_row(iter([table.first]), lines)
        if not lines.rest():
            return
        keep_freed_memory()
        bulk = BulkParser(roles, table.delimiter, self.parser.parse_label, table.first)
        parsed = lines.work_ahead(bulk.parse)
        while lines.rest():
            batch = bulk.batch(parsed(), lines.where, self.n_rows, lines.number + 1)
            if batch is None:
                yield from self._batches_by_row(read_records(lines, table.delimiter), lines)
            else:
                lines.skip(len(batch))
                self.parser.first = False
                self.n_rows += len(batch)
                yield batch

    def _batches_by_row(self, records: Iterator[Record], lines: Lines) -> Iterator[Batch]:
        """A block by the reference parser, with as much of the next as its last record needs."""
        limit = max(1, BATCH_CELLS // self.parser.roles.n_columns)
        pending: list[Row] = []
        for row in self._rows(records, lines):
            pending.append(row)
            if len(pending) == limit:
                yield self._batch(pending, lines.where)
                pending = []
        if pending:
            yield self._batch(pending, lines.where)

    def _batch(self, rows: list[Row], where: str) -> Batch:
        batch = self.parser.batch(rows, where, self.n_rows)
        self.n_rows += len(rows)
        return batch

    def _rows(self, records: Iterator[Record], lines: Lines) -> Iterator[Row]:
        n_blocks = lines.n_blocks
        for record in records:
            try:
                yield self.parser.parse(record, lines.where)
            except BadCell as error:
                if not (self.skips and error.skippable):
                    raise
                self.n_skipped += 1
                self.first_skipped = self.first_skipped or error.message
            if lines.at_end_of(n_blocks):
                return
