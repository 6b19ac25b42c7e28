"""CSV and TSV: every column at full precision, rows only."""

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

from softmax_cli.data import Result, Schema
from softmax_cli.job import Job
from softmax_cli.report import Report
from softmax_cli.system.streams import write_utf8
from softmax_cli.system.threads import polars_can_start
from softmax_cli.text import inert
from softmax_cli.writers.cells import headings, plain, text

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
        n_columns = sum(column.n_parts for column in result.columns.values())
        if n_columns * len(result) < BULK_CELLS:
            return False
        if not polars_can_start():
            return False
        from softmax_cli.writers.bulk import to_bytes

        records = to_bytes(result, self.schema, self.delimiter)
        if records is None:
            return False
        write_utf8(self.stream, records)
        return True

    def _write_by_row(self, result: Result) -> None:
        first = result.batch.first_row
        cells: list[Iterable[str]] = [map(str, range(first, first + len(result)))]
        if result.batch.ids is not None:
            cells.append(map(inert, result.batch.ids))
        for column in result.columns.values():
            cells += [map(text, plain(part, self.schema)) for part in column.parts()]
        self.writer.writerows(zip(*cells, strict=True))

    def close(self, report: Report) -> None:
        pass

    def remarks(self, report: Report) -> list[str]:
        return report.as_comments()


def column_names(result: Result, schema: Schema) -> Iterator[str]:
    """The heading of each column, in order."""
    yield "sample"
    if result.batch.ids is not None:
        yield inert(schema.id_name or "id")
    for name, column in result.columns.items():
        yield from headings(name, column, schema)
