"""CSV, TSV and blank-separated text: files to chunks, by polars where it may, else row by row."""

from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from typing import NamedTuple, TextIO

from softmax_cli.data import Dataset
from softmax_cli.errors import DataError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.assemble import Assembly
from softmax_cli.readers.bulk import BulkParser
from softmax_cli.readers.chunks import Chunk
from softmax_cli.readers.lines import Lines, open_lines
from softmax_cli.readers.records import Record, RecordChunk, find_start, read_records
from softmax_cli.readers.roles import Roles, find_roles, is_header, schema_of
from softmax_cli.readers.source import display_name
from softmax_cli.system.memory import keep_freed_memory

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
    stdin: TextIO | None,
) -> Dataset:
    """Several files as one dataset, in the order given; all must have the same columns."""

    def open_table(name: str) -> _Table:
        return _open_table(open_lines(name, stdin, job.max_record), job, sample)

    first = open_table(names[0])
    assembly = Assembly(first.roles, schema_of(first.roles, sample, class_names), job, sample)
    tables = chain([first], map(open_table, names[1:]))
    chunks = _chunks(tables, display_name(names[0]), assembly.reads_numeric_labels)
    return assembly.dataset(chunks, display_name(names[-1]))


def _open_table(lines: Lines, job: Job, sample: Sample) -> _Table:
    delimiter = find_start(lines, job.delimiter)
    if delimiter is None:
        raise DataError(lines.where, "no data rows: the file is empty")
    records = read_records(lines, delimiter)
    first = next(records)
    place = f"{lines.where}:{first.line}"
    header = is_header(first.cells, place, job.header)
    roles = find_roles(first.cells, header, place, job, sample)
    return _Table(roles, delimiter, next(records, None) if header else first, lines)


def _chunks(
    tables: Iterator[_Table], first: str, numeric_labels: bool
) -> Generator[Chunk, None, None]:
    """The data of tables with the same columns as the first, which is called so."""
    expected: Roles | None = None
    for table in tables:
        expected = expected or table.roles
        _check_same_columns(expected, table.roles, first, table.lines.where)
        if table.first is not None:
            yield from _chunks_of(table, table.first, numeric_labels)


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


def _chunks_of(table: _Table, first: Record, numeric_labels: bool) -> Iterator[Chunk]:
    roles, delimiter, _, lines = table
    # What follows in the block, without waiting for the next: the input may pause behind it.
    follows = 0 < lines.n_left < BULK_BYTES
    rest = read_records(lines, delimiter) if follows else iter(())
    yield from _chunks_by_record(chain([first], rest), lines, roles)
    while lines.any_left() and lines.n_left < BULK_BYTES:
        yield from _chunks_by_record(read_records(lines, delimiter), lines, roles)
    if not lines.any_left():
        return
    keep_freed_memory()
    bulk = BulkParser(roles, delimiter, first, numeric_labels, lines.longest)
    parse_ahead = lines.work_ahead(bulk.parse)
    while lines.any_left():
        parsed = parse_ahead()
        if parsed is None:
            yield from _chunks_by_record(read_records(lines, delimiter), lines, roles)
        else:
            chunk = bulk.chunk(parsed, lines.where, lines.number + 1)
            lines.skip(len(parsed.numbers))
            yield chunk


def _chunks_by_record(records: Iterator[Record], lines: Lines, roles: Roles) -> Iterator[Chunk]:
    """A block by the reference parser, with as much of the next as its last record needs."""
    limit = max(1, BATCH_CELLS // roles.n_columns)
    n_blocks = lines.n_blocks
    pending: list[Record] = []
    try:
        for record in records:
            _check_record(record, roles, lines.where)
            pending.append(record)
            if len(pending) == limit:
                yield RecordChunk(roles, lines.where, pending)
                pending = []
            if lines.at_end_of(n_blocks):
                break
    except DataError as error:
        if not pending:
            raise
        yield RecordChunk(roles, lines.where, pending, error)
        return
    if pending:
        yield RecordChunk(roles, lines.where, pending)


def _check_record(record: Record, roles: Roles, source: str) -> None:
    """Raise DataError for a record of another length, and for the header again."""
    line, cells = record
    where = f"{source}:{line}"
    if len(cells) != roles.n_columns:
        raise DataError(
            where,
            f"expected {roles.n_columns} cells, found {len(cells)}",
            "a decimal comma? write a point: 0.5" if _decimal_comma(cells, roles) else None,
        )
    if roles.header is not None and cells == list(roles.header):
        raise DataError(where, "the header again", "give the files one by one instead")


def _decimal_comma(cells: list[str], roles: Roles) -> bool:
    """``0,5,0,7`` in a file whose header has half as many columns."""
    return len(cells) == 2 * len(roles.scores) and all(cell.isdecimal() for cell in cells)
