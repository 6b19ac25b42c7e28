"""The table in GitHub's Markdown."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO

from softmax_cli.data import Result, Schema
from softmax_cli.job import Job
from softmax_cli.report import Cell, Grid, Report
from softmax_cli.writers.grid import GridBuilder


class MarkdownWriter:
    """The same cells as the terminal's table, between pipes."""

    def __init__(self, job: Job, schema: Schema, stream: IO[str]) -> None:
        self.job = job
        self.schema = schema
        self.stream = stream
        self.builder = GridBuilder(job, schema)

    def write(self, result: Result) -> None:
        self.builder.add(result)

    def close(self, report: Report) -> None:
        samples, below = self.builder.build(report)
        self._write_lines(_table(samples))
        for grid in report.grids:
            self._write_lines(["", *_table(grid)])
        for cell in below:
            text = f"`{cell.text.replace('`', chr(39))}`" if cell.role == "dim" else _cell(cell)
            self._write_lines(["", text])

    def _write_lines(self, lines: Iterable[str]) -> None:
        self.stream.writelines(f"{line}\n" for line in lines)

    def remarks(self, report: Report) -> list[str]:
        return []


def _table(grid: Grid) -> Iterator[str]:
    yield _line([literal(heading.text) for heading in grid.headings])
    yield _line(["---:" if heading.kind == "number" else ":---" for heading in grid.headings])
    rows = iter(grid.rows)
    if grid.left_out is not None:
        yield from (_line(map(_cell, row)) for row in islice(rows, grid.left_out.at))
        yield _line([f"… {grid.left_out.n} more", *["…"] * (len(grid.headings) - 1)])
    yield from (_line(map(_cell, row)) for row in rows)


def literal(text: str) -> str:
    """``text`` with everything escaped that Markdown or HTML would read as markup."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~&])", r"\\\1", text)


def _cell(cell: Cell) -> str:
    text = literal(cell.text.strip())
    return f"**{text}**" if cell.role in ("winner", "total") and text else text


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
