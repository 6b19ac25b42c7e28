"""The table as Rich draws it."""

import os
from io import StringIO
from shutil import get_terminal_size
from typing import IO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from softmax_cli.data import Result, Schema
from softmax_cli.job import Job
from softmax_cli.report import Cell, Grid, Heading, Report
from softmax_cli.writers.grid import GridBuilder

# The terminal's own palette, and neither black nor white: legible on any background.
STYLES = {
    "winner": "bold",
    "right": "green",
    "wrong": "red",
    "bar": "cyan",
    "total": "bold",
    "dim": "dim",
    "": "",
}
NO_LIMIT = 1 << 20


class TableWriter:
    """Draws the table at the end. On a terminal it fits; elsewhere it is as wide as it needs."""

    def __init__(self, job: Job, schema: Schema, stream: IO[str]) -> None:
        self.job = job
        self.schema = schema
        self.stream = stream
        self.builder = GridBuilder(job, schema)

    def write(self, result: Result) -> None:
        self.builder.add(result)

    def close(self, report: Report) -> None:
        samples, lines = self.builder.build(report)
        on_terminal = self.stream.isatty()
        width = get_terminal_size().columns if on_terminal else NO_LIMIT
        console = self._console(width, on_terminal)
        with console.capture() as capture:
            for grid in (samples, *report.grids):
                console.print(_fitted(grid, console) if on_terminal else _table(grid))
            for cell in lines:
                console.print(Text(f" {cell.text}", STYLES[cell.role]), soft_wrap=not on_terminal)
        drawn = (line.rstrip() for line in capture.get().splitlines())
        self.stream.write("\n".join(drawn) + "\n")

    def remarks(self, report: Report) -> list[str]:
        return []

    def _console(self, width: int, on_terminal: bool) -> Console:
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        in_color = self.job.color == "always" or (
            self.job.color == "auto" and on_terminal and not plain
        )
        return Console(
            file=StringIO(),
            width=width,
            height=100,
            force_terminal=in_color,
            color_system="standard" if in_color else None,
            no_color=not in_color,
            legacy_windows=False,
            markup=False,
            highlight=False,
            emoji=False,
        )


def _table(grid: Grid) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for heading in grid.headings:
        justify = "left" if heading.left else "right"
        table.add_column(Text(heading.text), justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in grid.rows:
        table.add_row(*(Text(cell.text, STYLES[cell.role]) for cell in row))
    return table


def _fitted(grid: Grid, console: Console) -> Table:
    """The table with as many class columns, from both ends, as the terminal has room for."""
    table = _table(grid)
    classes = [index for index, heading in enumerate(grid.headings) if heading.of_class]
    shown = len(classes)
    while shown > 2 and _natural_width(table, console) > console.width:
        excess = _natural_width(table, console) / console.width
        shown = max(2, min(shown - 1, int(shown / excess)))
        table = _table(_without(grid, classes[shown - shown // 2 : len(classes) - shown // 2]))
    return table


def _natural_width(table: Table, console: Console) -> int:
    return Measurement.get(console, console.options.update(width=NO_LIMIT), table).maximum


def _without(grid: Grid, hidden: list[int]) -> Grid:
    """The grid with one column of dots in place of the hidden ones."""
    first, last = hidden[0], hidden[-1] + 1
    dots = Heading(f"… {len(hidden)} more")
    headings = [*grid.headings[:first], dots, *grid.headings[last:]]
    rows = [[*row[:first], Cell("…", "dim"), *row[last:]] for row in grid.rows]
    return Grid(headings, rows)
