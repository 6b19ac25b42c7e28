"""The table for people, drawn by Rich."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from shutil import get_terminal_size
from typing import IO

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Column, Table
from rich.text import Text

from softmax_cli.data import Result, Schema
from softmax_cli.job import Job
from softmax_cli.report import Cell, Grid, Report
from softmax_cli.writers.grid import BLOCK, GridBuilder
from softmax_cli.writers.layout import CLOSE, TEXT_WIDTH, Fit, elided, fit

# The terminal's own palette, and neither black nor white: legible on any background.
STYLES = {
    "heading": "bold",
    "winner": "bold",
    "right": "green",
    "wrong": "red",
    "bar": "cyan",
    "total": "bold",
    "dim": "dim",
    "": "",
}
MARGIN = " "
NO_LIMIT = 1 << 20


class TableWriter:
    """Draws the table at the end. On a terminal it fits; elsewhere it is as wide as it needs."""

    def __init__(self, job: Job, schema: Schema, stream: IO[str]) -> None:
        self.stream = stream
        self.builder = GridBuilder(job, schema)
        on_terminal = stream.isatty()
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        self.in_color = job.color == "always" or (job.color == "auto" and on_terminal and not plain)
        self.width = get_terminal_size().columns if on_terminal else None

    def write(self, result: Result) -> None:
        self.builder.add(result)

    def close(self, report: Report) -> None:
        samples, below = self.builder.build(report)
        for grid in (samples, *report.grids):
            self._write(draw(grid, self.width, in_color=self.in_color))
        self._write(draw_below(below, self.width, in_color=self.in_color))

    def remarks(self, report: Report) -> list[str]:
        return []

    def _write(self, lines: Iterable[str]) -> None:
        self.stream.writelines(f"{line}\n" for line in lines)


def draw(grid: Grid, width: int | None, *, in_color: bool = False) -> Iterator[str]:
    """The lines of a table that is at most ``width`` wide, or as wide as it is."""
    room = None if width is None else width - len(MARGIN)
    layout = fit(grid, room)
    parts = _records(grid, room or NO_LIMIT) if layout is None else _tables(layout)
    return _lines(parts, in_color)


def draw_below(
    cells: Iterable[Cell], width: int | None, *, in_color: bool = False
) -> Iterator[str]:
    """The lines below the tables, folded after blanks and bars where they are too long."""
    room = NO_LIMIT if width is None else width - len(MARGIN)
    return _lines((_folded(cell, room) for cell in cells), in_color)


def _lines(parts: Iterable[RenderableType], in_color: bool) -> Iterator[str]:
    """What Rich makes of one part after the other, without blanks at the ends of lines."""
    console = Console(
        file=StringIO(),
        width=NO_LIMIT,
        height=100,
        force_terminal=in_color,
        color_system="standard" if in_color else None,
        no_color=not in_color,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
    )
    for part in parts:
        with console.capture() as capture:
            console.print(part)
        yield from ((MARGIN + line).rstrip() for line in capture.get().splitlines())


def _tables(layout: Fit) -> Iterator[RenderableType]:
    """The table, a block of rows at a time, for Rich takes kilobytes for each."""
    yield ""
    yield _headings(layout)
    for part in _blocks(layout.grid):
        yield _left_out(part) if isinstance(part, int) else _rows(layout, part)
    yield ""


def _blocks(grid: Grid) -> Iterator[Sequence[Sequence[Cell]] | int]:
    """The rows in blocks, and the number of those left out where they would stand."""
    rows = iter(grid.rows)
    if grid.left_out is not None:
        yield list(islice(rows, grid.left_out.at))
        yield grid.left_out.n
    while block := list(islice(rows, BLOCK)):
        yield block


def _headings(layout: Fit) -> Table:
    """The headings and the line below them."""
    columns = [
        Column(
            _styled(Cell(heading.text, "heading")),
            width=width,
            justify="right" if heading.kind == "number" else "left",
            vertical="bottom",
        )
        for heading, width in zip(layout.grid.headings, layout.widths, strict=True)
    ]
    return _table(columns, layout.gap, show_header=True)


def _rows(layout: Fit, rows: Iterable[Sequence[Cell]]) -> Table:
    table = _table([Column(width=width, overflow="fold") for width in layout.widths], layout.gap)
    for row in rows:
        table.add_row(*_aligned(row, layout))
    return table


def _table(columns: Sequence[Column], gap: int, *, show_header: bool = False) -> Table:
    return Table(
        *columns,
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, gap - gap // 2 - 1, 0, gap // 2),  # beside the blank that divides columns
        show_header=show_header,
        header_style="",
    )


def _aligned(row: Sequence[Cell], layout: Fit) -> Iterator[Text]:
    """The cells, numbers at the right. Rich would not leave them the blanks at their ends."""
    for cell, heading, width in zip(row, layout.grid.headings, layout.widths, strict=True):
        text = _styled(cell)
        if heading.kind == "number":
            text.pad_left(width - cell_len(cell.text))
        yield text


def _styled(cell: Cell) -> Text:
    return Text.assemble((cell.text, STYLES[cell.role]))


def _left_out(n: int) -> Text:
    return _styled(Cell(f"… {n} more", "dim"))


def _records(grid: Grid, width: int) -> Iterator[RenderableType]:
    """Each row as lines of a heading and a cell; of the classes, the winner's."""
    short = elided(grid, 0)
    indent = max(cell_len(heading.text) for heading in short.headings) + CLOSE
    room = max(width - indent, TEXT_WIDTH)
    yield ""
    for block in _blocks(short):
        if isinstance(block, int):
            yield _left_out(block)
            yield ""
            continue
        for row in block:
            record = Table.grid(Column(width=indent), Column(width=room, overflow="fold"))
            for heading, cell in zip(short.headings, row, strict=True):
                name = _styled(Cell(heading.text, "heading"))
                record.add_row(name, _styled(cell._replace(text=cell.text.strip())))
            yield record
            yield ""


def _folded(cell: Cell, width: int) -> Table:
    lines = [""]
    for word in re.findall(r"[^ |]*[ |]|[^ |]+", cell.text):
        if lines[-1] and cell_len(lines[-1] + word.rstrip()) > width:
            lines.append("")
        lines[-1] += word
    folded = Table.grid(Column(width=min(width, cell_len(cell.text)), overflow="fold"))
    for line in lines:
        folded.add_row(_styled(cell._replace(text=line.rstrip())))
    return folded
