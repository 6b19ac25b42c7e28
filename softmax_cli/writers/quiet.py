"""``--quiet``: bare numbers for scripts."""

from collections.abc import Iterable
from typing import IO

from softmax_cli.data import Column, Result, Schema
from softmax_cli.job import Job, Sample
from softmax_cli.report import Report
from softmax_cli.text import exact
from softmax_cli.writers.cells import plain, text


class QuietWriter:
    """The mean (or sum) of the losses; for ``predict`` the classes, for ``softmax`` the rows.

    With ``--reduction none`` each loss, an empty line for an ignored sample.

    A check prints nothing but a line on stderr for each answer that is not right.
    """

    def __init__(self, job: Job, schema: Schema, stream: IO[str]) -> None:
        self.job = job
        self.schema = schema
        self.stream = stream

    def write(self, result: Result) -> None:
        if self.job.checks or (Sample.of(self.job).has_loss and self.job.reduction != "none"):
            return
        for row in zip(*(plain(part, self.schema) for part in _asked(result)), strict=True):
            self.stream.write(",".join(map(text, row)) + "\n")

    def close(self, report: Report) -> None:
        if report.totals.total is not None and not self.job.checks:
            self.stream.write(exact(report.totals.total) + "\n")

    def remarks(self, report: Report) -> list[str]:
        left_out = self.schema.left_out
        notes = [f"note: not used: {left_out} (--cols says what is)"] if left_out else []
        return [*notes, *report.quiet]


def _asked(result: Result) -> Iterable[Column]:
    """The columns that are what the command is for."""
    columns = result.columns
    if "loss" in columns:
        return [columns["loss"]]
    predictions = [column for column in columns.values() if column.kind == "prediction"]
    return predictions or next(iter(columns.values())).parts()
