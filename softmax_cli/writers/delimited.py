"""CSV and TSV: every column at full precision, rows only."""

import csv
from collections.abc import Iterable, Iterator
from typing import IO

from softmax_cli.batch import Column, Result, Schema
from softmax_cli.job import Job
from softmax_cli.text import exact, heading, inert
from softmax_cli.writers import Report
from softmax_cli.writers.totals import describe_all

CLASSES = ("label", "predicted")


class DelimitedWriter:
    """A header, then a record for each sample."""

    def __init__(self, job: Job, schema: Schema, stream: IO[str]) -> None:
        self.job = job
        self.schema = schema
        delimiter = "," if job.format == "csv" else "\t"
        self.writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
        self.begun = False

    def write(self, result: Result) -> None:
        if not self.begun:
            self.writer.writerow(self._header(result))
            self.begun = True
        first = result.batch.first_row
        cells: list[Iterable[str]] = [map(str, range(first, first + len(result)))]
        if result.batch.ids is not None:
            cells.append(map(inert, result.batch.ids))
        for name, column in result.columns.items():
            cells.extend(self._cells(name, column))
        self.writer.writerows(zip(*cells, strict=True))

    def close(self, report: Report) -> None:
        pass

    def remarks(self, report: Report) -> list[str]:
        return describe_all(report, self.job)

    def _header(self, result: Result) -> Iterator[str]:
        yield "sample"
        if result.batch.ids is not None:
            yield inert(self.schema.id_name or "id")
        for name, column in result.columns.items():
            if column.ndim == 1:
                yield name
            else:
                for index in range(column.shape[1]):
                    yield inert(heading(name, self.schema.class_name(index)))

    def _cells(self, name: str, column: Column) -> Iterator[Iterable[str]]:
        if name.startswith(CLASSES) and column.dtype.kind == "i":
            yield (inert(self.schema.class_name(index)) for index in column.tolist())
        elif column.dtype.kind == "b":
            yield ("true" if value else "false" for value in column.tolist())
        elif column.ndim == 2:
            for values in column.T:
                yield from self._cells(name, values)
        elif column.dtype.kind == "U":
            yield map(inert, column.tolist())
        else:
            yield map(exact, column.tolist())
