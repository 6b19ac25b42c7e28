"""``--quiet``: bare numbers for scripts."""

from typing import IO

from softmax_cli.data import Result, Schema
from softmax_cli.job import Job
from softmax_cli.text import exact, inert
from softmax_cli.writers import Report
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
        if self.job.checks:
            return
        if result.predicted is not None or "predicted" in result.columns:
            names = [name for name in result.columns if name.startswith("predicted")]
            if self.job.command == "predict":
                for row in zip(*(result.columns[name] for name in names), strict=True):
                    classes = (inert(self.schema.class_name(int(index))) for index in row)
                    self.stream.write(",".join(classes) + "\n")
        elif "loss" not in result.columns:
            for values in next(iter(result.columns.values())):
                self.stream.write(",".join(map(exact, values.tolist())) + "\n")

    def close(self, report: Report) -> None:
        if self.job.has_loss and not self.job.checks:
            self.stream.write(exact(total(report.summary, self.job)) + "\n")

    def remarks(self, report: Report) -> list[str]:
        return [] if report.findings is None else list(report.findings.lines)
