"""``--steps``: the derivation of each sample's result, for a terminal or as Markdown."""

from collections.abc import Iterator
from itertools import chain
from typing import IO

from softmax_cli.data import NO_CLASS, Result, Schema
from softmax_cli.job import Job
from softmax_cli.text import inert, rounded
from softmax_cli.writers import Report
from softmax_cli.writers.derivation import Derivation, Step
from softmax_cli.writers.markdown import literal
from softmax_cli.writers.totals import count, describe_totals, total

DEFAULT_SAMPLES = 10


class StepsWriter:
    """Writes the steps of the first samples as they pass, then the step to the mean."""

    def __init__(self, job: Job, schema: Schema, stream: IO[str]) -> None:
        self.job = job
        self.schema = schema
        self.stream = stream
        self.derivation = Derivation(job, schema)
        self.limit = None if job.rows == "all" else int(job.rows or DEFAULT_SAMPLES)
        self.n = 0
        self.losses: list[float] = []
        self.lines = _markdown if job.format == "markdown" else _plain

    def write(self, result: Result) -> None:
        end = len(result) if self.limit is None else min(len(result), self.limit - self.n)
        for row in range(max(end, 0)):
            self._section(self._title(result, row), self.derivation.steps(result, row))
            self.n += 1
            if "loss" in result.columns:
                self.losses.append(float(result.columns["loss"][row]))

    def close(self, report: Report) -> None:
        n = report.summary.n
        if n > self.n:
            self.stream.write(f"… {count(n - self.n, 'more sample')}; --rows all shows them\n\n")
        if self.losses and (n > 1 or self.job.reduction == "sum"):
            step = self.derivation.reduction(self.losses, n, total(report.summary, self.job))
            self._section("all samples", [step])
        totals = describe_totals(report.summary, self.job, lambda v: rounded(v, self.job.digits))
        small = [inert(report.reading), report.signature]
        if self.job.format == "markdown":
            lines = [f"**{literal(text)}**" for text in totals]
            lines += [f"`{text.replace('`', chr(39))}`" for text in small]
            self.stream.write("\n\n".join(lines) + "\n")
        else:
            self.stream.writelines(f" {text}\n" for text in totals + small)

    def remarks(self, report: Report) -> list[str]:
        return []

    def _section(self, title: str, steps: list[Step]) -> None:
        self.stream.write("\n".join(chain(self.lines(title, steps), [""])) + "\n")

    def _title(self, result: Result, row: int) -> str:
        batch = result.batch
        parts = [f"sample {batch.first_row + row}"]
        if batch.ids is not None:
            parts.append(f"{self.schema.id_name or 'id'} {batch.ids[row]}")
        if result.labels is not None and result.labels[row] != NO_CLASS:
            parts.append(f"label {self.schema.class_name(int(result.labels[row]))}")
        return inert(" · ".join(parts))


def _plain(title: str, steps: list[Step]) -> Iterator[str]:
    width = max(len(step.title) for step in steps)
    yield f" {title}"
    yield ""
    for step in steps:
        yield f"   {step.title:{width}}   {inert(step.plain)}"


def _markdown(title: str, steps: list[Step]) -> Iterator[str]:
    """A formula a line, in the fenced blocks that GitHub renders."""
    yield f"### {literal(title)}"
    for step in steps:
        yield ""
        yield f"{literal(step.title)}:"
        yield ""
        yield "```math"
        yield step.latex
        yield "```"
