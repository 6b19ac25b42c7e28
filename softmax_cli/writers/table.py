"""The table for people."""

import os
from shutil import get_terminal_size
from typing import IO

from softmax_cli.data import Result, Schema
from softmax_cli.job import Job
from softmax_cli.report import Report
from softmax_cli.writers.grid import GridBuilder
from softmax_cli.writers.layout import MARGIN, draw, wrap

# The terminal's own palette, and neither black nor white: legible on any background.
STYLES = {
    "heading": "1",
    "winner": "1",
    "right": "32",
    "wrong": "31",
    "bar": "36",
    "total": "1",
    "dim": "2",
}
"""By the role of a text: the parameter of the terminal's SGR sequence."""


class TableWriter:
    """Draws the table at the end. On a terminal it fits; elsewhere it is as wide as it needs."""

    def __init__(self, job: Job, schema: Schema, stream: IO[str]) -> None:
        self.stream = stream
        self.builder = GridBuilder(job, schema)
        on_terminal = stream.isatty()
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        wanted = job.color == "always" or (job.color == "auto" and on_terminal and not plain)
        self.paint = _paint if wanted else _leave_plain
        self.width = get_terminal_size().columns if on_terminal else None

    def write(self, result: Result) -> None:
        self.builder.add(result)

    def close(self, report: Report) -> None:
        samples, below = self.builder.build(report)
        for grid in (samples, *report.grids):
            for line in draw(grid, self.width, self.paint):
                self.stream.write(line + "\n")
        room = None if self.width is None else self.width - len(MARGIN)
        for cell in below:
            for line in wrap(cell.text, room):
                self.stream.write(MARGIN + self.paint(line, cell.role) + "\n")

    def remarks(self, report: Report) -> list[str]:
        return []


def _paint(text: str, role: str) -> str:
    return f"\x1b[{STYLES[role]}m{text}\x1b[0m" if text and role else text


def _leave_plain(text: str, role: str) -> str:
    return text
