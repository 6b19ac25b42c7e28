"""``--quiet``: bare numbers for scripts."""

from typing import IO

from softmax_cli.data import Result, Schema
from softmax_cli.job import Job, Sample
from softmax_cli.report import Report
from softmax_cli.text import exact
from softmax_cli.writers.cells import plain, text


class QuietWriter:
    """The mean (or sum) of the losses; for ``predict`` the classes, for ``softmax`` the rows.

    A check prints nothing but a line on stderr for each answer that is not right.
    """

    def __init__(self, job: Job, schema: Schema, stream: IO[str]) -> None:
        self.job = job
        self.schema = schema
        self.stream = stream

    def write(self, result: Result) -> None:
        if self.job.checks or Sample.of(self.job).has_loss:
            return
        columns = list(result.columns.values())
        predictions = [column for column in columns if column.kind == "prediction"]
        parts = predictions or columns[0].parts()
        for row in zip(*(plain(part, self.schema) for part in parts), strict=True):
            self.stream.write(",".join(map(text, row)) + "\n")

    def close(self, report: Report) -> None:
        if report.totals.total is not None and not self.job.checks:
            self.stream.write(exact(report.totals.total) + "\n")

    def remarks(self, report: Report) -> list[str]:
        return report.quiet
