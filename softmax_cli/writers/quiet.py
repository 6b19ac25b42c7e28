"""``--quiet``: bare numbers for scripts."""

from typing import IO

from softmax_cli.data import Result, Schema
from softmax_cli.job import Job, Sample
from softmax_cli.text import exact
from softmax_cli.writers import Report
from softmax_cli.writers.cells import plain, text
from softmax_cli.writers.totals import total


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
        if Sample.of(self.job).has_loss and not self.job.checks:
            self.stream.write(exact(total(report.summary, self.job)) + "\n")

    def remarks(self, report: Report) -> list[str]:
        return [] if report.check is None else list(report.check.quiet)
