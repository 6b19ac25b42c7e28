"""CSV, TSV and blank-separated text: files to batches, by the strict reference parser."""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np

from softmax_cli.batch import Batch, Dataset, Places, Schema
from softmax_cli.errors import DataError
from softmax_cli.job import Job
from softmax_cli.numbers import NotANumber, parse_number
from softmax_cli.readers.labels import BadLabel, LabelParser
from softmax_cli.readers.layout import Layout, describe, find_columns, is_header
from softmax_cli.readers.records import Record, parse_delimiter, read_records
from softmax_cli.readers.source import display_name, open_lines

BATCH_CELLS = 1 << 16


class _Table(NamedTuple):
    """One opened file: what its columns are, and its data records."""

    where: str
    layout: Layout
    records: Iterator[Record]


def _open_table(name: str, job: Job) -> _Table:
    where = display_name(name)
    delimiter = parse_delimiter(job.delimiter) if job.delimiter is not None else None
    records = read_records(open_lines(name), where, delimiter)
    first = next(records, None)
    if first is None:
        raise DataError(where, "no data rows: the file is empty")
    place = f"{where}:{first.line}"
    header = is_header(first.cells, place, job.header)
    layout = find_columns(first.cells, header, place, job)
    return _Table(where, layout, records if header else chain([first], records))


def open_files(names: tuple[str, ...], job: Job, class_names: tuple[str, ...] | None) -> Dataset:
    """Several files as one dataset, in the order given; all must have the same columns.

    ``class_names`` (``--classes``) go before the header's. Labels come with the batches if a
    column holds them and no option gives others.
    """
    table = _open_table(names[0], job)
    layout = table.layout
    names_by_header = None if job.is_binary else layout.class_names
    n_classes = 1 if job.is_binary else len(layout.scores)
    takes_column = job.labels is None and not job.target and not layout.targets
    has_label = layout.label is not None and job.wants_labels and takes_column
    schema = Schema(
        n_classes=n_classes,
        class_names=class_names or names_by_header,
        id_name=None if layout.id is None or not layout.header else layout.header[layout.id],
        has_labels=has_label or bool(layout.targets),
        reading=describe(layout, job),
    )
    parser = _RowParser(layout, LabelParser.of(schema, job) if has_label else None)
    notes: list[str] = []
    return Dataset(schema, _batches(_rows(names, table, job, parser, notes), parser), notes)


class _Row(NamedTuple):
    where: str
    line: int
    scores: list[float]
    label: int | None
    target: list[float]
    id: str
    answers: list[str]


def _rows(
    names: tuple[str, ...], table: _Table, job: Job, parser: "_RowParser", notes: list[str]
) -> Iterator[_Row]:
    n_rows, skipped, first_skipped = 0, 0, ""
    expected = table.layout
    for position, name in enumerate(names):
        if position > 0:
            table = _open_table(name, job)
            _check_same_columns(expected, table.layout, display_name(names[0]), table.where)
        for record in table.records:
            try:
                row = parser.parse(record, table.where)
            except _BadCell as error:
                if job.missing == "error" or not error.skippable:
                    raise
                skipped += 1
                first_skipped = first_skipped or error.message
                continue
            parser.first = False
            n_rows += 1
            yield row
    if not n_rows:
        raise DataError(table.where, f"no data rows{' left' * bool(skipped)}")
    if skipped:
        rows = "1 row" if skipped == 1 else f"{skipped} rows"
        notes.append(f"--missing skip left out {rows}, the first at {first_skipped}")


def _check_same_columns(expected: Layout, found: Layout, first: str, where: str) -> None:
    if expected.header != found.header:
        raise DataError(
            where,
            f"its header differs from that of {first}",
            f"{_header(found)} here, {_header(expected)} there",
        )
    if expected.n_columns != found.n_columns:
        raise DataError(where, f"{found.n_columns} columns, but {first} has {expected.n_columns}")


def _header(layout: Layout) -> str:
    return "no header" if layout.header is None else ",".join(layout.header)


class _BadCell(DataError):
    """A cell that is not what its column holds; ``--missing skip`` passes over most."""

    skippable = True


class _RowParser:
    """Turns records into rows of numbers; knows the place of everything it refuses."""

    def __init__(self, layout: Layout, parse_label: LabelParser | None) -> None:
        self.layout = layout
        self.parse_label = parse_label
        self.first = True

    def parse(self, record: Record, source: str) -> _Row:
        layout, (line, cells) = self.layout, record
        where = f"{source}:{line}"
        if len(cells) != layout.n_columns:
            raise DataError(
                where,
                f"expected {layout.n_columns} cells, found {len(cells)}",
                "a decimal comma? write a point: 0.5" if _decimal_comma(cells, layout) else None,
            )
        if layout.header is not None and cells == list(layout.header):
            raise DataError(where, "the header again", "give the files one by one instead")
        return _Row(
            source,
            line,
            [self._number(cells[column], column, where) for column in layout.scores],
            None if self.parse_label is None else self._label(cells[layout.label or 0], where),
            [self._number(cells[column], column, where) for column in layout.targets],
            "" if layout.id is None else cells[layout.id],
            [cells[column] for column in layout.answers],
        )

    def _number(self, cell: str, column: int, where: str) -> float:
        try:
            return parse_number(cell)
        except NotANumber as error:
            advice = error.advice
            if advice is None and cell and self.first and self.layout.id is None:
                advice = "not a score? carry it by --id-col, or name the scores by --cols"
            bad = _BadCell(where, f"{self.layout.name(column)}: {error.message}", advice)
            bad.skippable = error.skippable
            raise bad from None

    def _label(self, cell: str, where: str) -> int:
        assert self.parse_label is not None
        assert self.layout.label is not None
        try:
            return self.parse_label(cell)
        except BadLabel as error:
            column = self.layout.name(self.layout.label)
            bad = _BadCell(where, f"{column}: {error.message}", error.advice)
            bad.skippable = error.skippable
            raise bad from None


def _decimal_comma(cells: list[str], layout: Layout) -> bool:
    """``0,5,0,7`` in a file whose header has half as many columns."""
    return len(cells) == 2 * len(layout.scores) and all(cell.isdecimal() for cell in cells)


def _batches(rows: Iterator[_Row], parser: _RowParser) -> Iterator[Batch]:
    layout = parser.layout
    limit = max(1, BATCH_CELLS // layout.n_columns)
    first_row = 0
    pending: list[_Row] = []
    for row in rows:
        if len(pending) == limit or (pending and pending[0].where != row.where):
            yield _batch(pending, first_row, parser)
            first_row += len(pending)
            pending = []
        pending.append(row)
    if pending:
        yield _batch(pending, first_row, parser)


def _batch(rows: list[_Row], first_row: int, parser: _RowParser) -> Batch:
    labelled = parser.parse_label is not None
    return Batch(
        first_row=first_row,
        scores=np.array([row.scores for row in rows]),
        places=Places(rows[0].where, [row.line for row in rows]),
        labels=np.array([row.label for row in rows], dtype=np.int64) if labelled else None,
        targets=np.array([row.target for row in rows]) if parser.layout.targets else None,
        ids=[row.id for row in rows] if parser.layout.id is not None else None,
        answers=list(zip(*(row.answers for row in rows), strict=True)) or None,
    )
