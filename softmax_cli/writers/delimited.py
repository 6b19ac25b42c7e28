"""CSV and TSV: every column at full precision, rows only."""

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

from softmax_cli.data import Column, Result, Schema, holds_classes
from softmax_cli.job import Job
from softmax_cli.text import exact, heading, inert
from softmax_cli.writers import Report
from softmax_cli.writers.totals import describe_all

BULK_CELLS = 1 << 15
"""From here on polars gains more time than its import takes."""


class DelimitedWriter:
    """A header, then a record for each sample."""

    def __init__(self, job: Job, schema: Schema, stream: TextIO) -> None:
        self.job = job
        self.schema = schema
        self.stream = stream
        self.delimiter = "," if job.format == "csv" else "\t"
        self.writer = csv.writer(stream, delimiter=self.delimiter, lineterminator="\n")
        self.begun = False

    def write(self, result: Result) -> None:
        if not self.begun:
            self.writer.writerow(column_names(result, self.schema))
            self.begun = True
        if not self._write_in_bulk(result):
            self._write_by_row(result)

    def _write_in_bulk(self, result: Result) -> bool:
        n_columns = sum(column.size // len(result) for column in result.columns.values())
        if n_columns * len(result) < BULK_CELLS:
            return False
        from softmax_cli.writers.bulk import to_bytes

        text = to_bytes(result, self.schema, self.delimiter)
        if text is None:
            return False
        self.stream.flush()
        self.stream.buffer.write(text)
        return True

    def _write_by_row(self, result: Result) -> None:
        first = result.batch.first_row
        cells: list[Iterable[str]] = [map(str, range(first, first + len(result)))]
        if result.batch.ids is not None:
            cells.append(map(inert, result.batch.ids))
        for name, column in result.columns.items():
            cells.extend(self._cells(name, column, result))
        self.writer.writerows(zip(*cells, strict=True))

    def close(self, report: Report) -> None:
        pass

    def remarks(self, report: Report) -> list[str]:
        return describe_all(report, self.job)

    def _cells(self, name: str, column: Column, result: Result) -> Iterator[Iterable[str]]:
        if holds_classes(name, column):
            yield (inert(self.schema.class_name(index)) for index in column.tolist())
        elif column.dtype.kind == "b":
            yield ("true" if value else "false" for value in column.tolist())
        elif name == "loss" and result.ignored.any():
            pairs = zip(column.tolist(), result.ignored, strict=True)
            yield ("" if ignored else exact(value) for value, ignored in pairs)
        elif column.ndim == 2:
            for values in column.T:
                yield from self._cells(name, values, result)
        elif column.dtype.kind == "U":
            yield map(inert, column.tolist())
        else:
            yield map(exact, column.tolist())


def column_names(result: Result, schema: Schema) -> Iterator[str]:
    """The heading of each column, in order."""
    yield "sample"
    if result.batch.ids is not None:
        yield inert(schema.id_name or "id")
    for name, column in result.columns.items():
        if column.ndim == 1:
            yield name
        else:
            for index in range(column.shape[1]):
                yield inert(heading(name, schema.class_name(index)))
