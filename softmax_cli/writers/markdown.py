"""The table in GitHub's Markdown."""

import re
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
        lines = _table(samples)
        for grid in report.grids:
            lines += ["", *_table(grid)]
        for cell in below:
            text = f"`{cell.text.replace('`', chr(39))}`" if cell.role == "dim" else _cell(cell)
            lines += ["", text]
        self.stream.write("\n".join(lines) + "\n")

    def remarks(self, report: Report) -> list[str]:
        return []


def _table(grid: Grid) -> list[str]:
    return [
        _line([literal(heading.text) for heading in grid.headings]),
        _line([":---" if heading.left else "---:" for heading in grid.headings]),
        *(_line([_cell(cell) for cell in row]) for row in grid.rows),
    ]


def literal(text: str) -> str:
    """``text`` with everything escaped that Markdown or HTML would read as markup."""
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~&])", r"\\\1", text)


def _cell(cell: Cell) -> str:
    text = literal(cell.text.strip())
    return f"**{text}**" if cell.role in ("winner", "total") and text else text


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
