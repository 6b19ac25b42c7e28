"""A table's contents for people: rounded, elided, marked; how it is drawn is not known here."""

import sys
from collections import deque
from collections.abc import Iterator
from math import exp, isinf, isnan
from typing import NamedTuple

from softmax_cli.data import NO_CLASS, Column, Result, Schema
from softmax_cli.job import DEFAULT_ROWS, Job
from softmax_cli.job import Sample as JobSample
from softmax_cli.report import Cell, Heading
from softmax_cli.text import inert, rounded
from softmax_cli.writers import Report
from softmax_cli.writers.cells import CLASSES, RIGHT, WRONG, cell, headings
from softmax_cli.writers.totals import describe_report, describe_totals

BAR_WIDTH = 24
WINNER = "▸"
EIGHTHS = " ▏▎▍▌▋▊▉"


class Grid(NamedTuple):
    """Headings, rows of as many cells, and the lines below them."""

    headings: list[Heading]
    rows: list[list[Cell]]
    footer: list[Cell]


class Sample(NamedTuple):
    """A row of a result."""

    result: Result
    row: int


class GridBuilder:
    """Keeps the first and the last samples as they pass, which is all that a table shows."""

    def __init__(self, job: Job, schema: Schema) -> None:
        self.job = job
        self.schema = schema
        self.shown = (
            sys.maxsize if job.rows == "all" else min(int(job.rows or DEFAULT_ROWS), sys.maxsize)
        )
        self.n_head = self.shown - self.shown // 2
        self.n_tail = self.shown // 2
        self.head: list[Sample] = []
        self.tail: deque[Sample] = deque(maxlen=self.n_tail)

    def add(self, result: Result) -> None:
        """Take in the next samples."""
        n_head = min(len(result), self.n_head - len(self.head))
        self.head += [Sample(result, row) for row in range(n_head)]
        first = max(n_head, len(result) - self.n_tail)
        self.tail.extend(Sample(result, row) for row in range(first, len(result)))

    def build(self, report: Report) -> Grid:
        """The finished contents."""
        n, job = report.summary.n_rows, self.job
        small = [Cell(inert(report.reading), "dim"), Cell(report.signature, "dim")]
        distribution = _distribution(self.head[0].result) if self.head else None
        if n == 1 and distribution is not None:
            grid = self._one_sample(self.head[0], distribution)
            if report.summary.divisor != 1 and JobSample.of(job).has_loss:
                totals = describe_totals(report.summary, job, self._round)
                grid = grid._replace(footer=[*grid.footer, Cell(totals[0], "total")])
        else:
            grid = self._batch(n)
            totals = describe_report(report, job, self._round)
            grid = grid._replace(footer=[Cell(text, "total") for text in totals])
        return grid._replace(footer=grid.footer + small)

    def _one_sample(self, sample: Sample, distribution: Column) -> Grid:
        """A line per class."""
        result, row = sample
        values = distribution.values[row].tolist()
        scores = result.batch.scores[row].tolist()
        probabilities = [exp(v) for v in values] if self.job.log else values
        winner = self._winner(result, row)
        with_scores = self.job.scores == "logits"
        headings = [Heading("class", left=True)]
        headings += [Heading("logit")] * with_scores
        headings += [Heading("log-probability" if self.job.log else "probability")]
        gradient = result.columns["grad"].values[row].tolist() if "grad" in result.columns else []
        headings += [Heading("gradient")] * bool(gradient)
        headings += [Heading("", left=True)]
        rows = []
        for index, value in enumerate(values):
            role = "winner" if index == winner else ""
            mark = WINNER if index == winner else " "
            cells = [Cell(f"{mark} {inert(self.schema.class_name(index))}", role)]
            cells += [Cell(self._round(scores[index]))] * with_scores
            cells += [Cell(self._round(value), role)]
            cells += [Cell(self._round(g)) for g in gradient[index : index + 1]]
            cells += [Cell(bar(probabilities[index]), "bar")]
            rows.append(cells)
        return Grid(headings, rows, self._verdict(sample))

    def _verdict(self, sample: Sample) -> list[Cell]:
        result, row = sample
        if "loss" not in result.columns:
            return []
        loss = Cell(f"loss {self._round(float(result.columns['loss'].values[row]))}", "total")
        if result.predicted is None or result.labels is None:
            return [loss]
        predicted, label = int(result.predicted[row]), int(result.labels[row])
        told = f"predicted {inert(self.schema.class_name(predicted)) or 'nothing'}"
        if label >= 0:
            verdict = RIGHT if predicted == label else WRONG
            told = f"label {inert(self.schema.class_name(label))} · {told} {verdict.text}"
        return [Cell(told), loss]

    def _batch(self, n: int) -> Grid:
        """A line per sample, the middle of a long batch left out."""
        samples = [*self.head, *self.tail]
        headings = list(self._headings(samples[0].result)) if samples else []
        rows = [list(self._cells(sample)) for sample in samples]
        if n > len(samples) and samples:
            gap = Cell(f"… {n - len(samples)} more", "dim")
            rows.insert(len(self.head), [gap] + [Cell("…", "dim")] * (len(headings) - 1))
        return Grid(headings, rows, [])

    def _headings(self, result: Result) -> Iterator[Heading]:
        yield Heading("sample")
        if result.batch.ids is not None:
            yield Heading(inert(self.schema.id_name or "id"), left=True)
        for name, column in result.columns.items():
            if column.values.ndim == 1:
                yield self._heading(name, column)
            else:
                for text in headings(name, column, self.schema):
                    yield Heading(text, of_class=True)

    def _heading(self, name: str, column: Column) -> Heading:
        return Heading(name.replace("_", " "), left=column.kind in CLASSES)

    def _cells(self, sample: Sample) -> Iterator[Cell]:
        result, row = sample
        yield Cell(str(result.batch.first_row + row))
        if result.batch.ids is not None:
            yield Cell(inert(result.batch.ids[row]))
        for column in result.columns.values():
            if _is_distribution(column):
                winner = self._winner(result, row)
                for index, value in enumerate(column.values[row].tolist()):
                    won = index == winner
                    mark = WINNER if won else ""
                    # no e-12 among the probabilities of a batch: it hides the ones that matter
                    yield Cell(f"{mark}{value:.{self.job.digits}f}", "winner" if won else "")
            else:
                for part in column.parts():
                    yield cell(part, row, result, self.schema, self.job.digits)

    def _winner(self, result: Result, row: int) -> int:
        """The class of the greatest score; NO_CLASS where several labels may hold at once."""
        return NO_CLASS if self.job.multilabel else _winner(result.batch.scores[row].tolist())

    def _round(self, value: float) -> str:
        return rounded(value, self.job.digits)


def open_builder(job: Job, schema: Schema) -> GridBuilder:
    """The builder of the job's table."""
    if job.checks:
        from softmax_cli.writers.checked import CheckedGridBuilder

        return CheckedGridBuilder(job, schema)
    return GridBuilder(job, schema)


def bar(probability: float) -> str:
    """A horizontal bar, in eighths of a character; empty for nan."""
    eighths = round(probability * BAR_WIDTH * 8) if 0 <= probability <= 1 else 0
    return ("█" * (eighths // 8) + EIGHTHS[eighths % 8]).rstrip()


def _is_distribution(column: Column) -> bool:
    return column.values.ndim == 2 and column.kind in ("probability", "log_probability")


def _distribution(result: Result) -> Column | None:
    """The column with each class's probability, if there is one."""
    return next(filter(_is_distribution, result.columns.values()), None)


def _winner(scores: list[float]) -> int:
    """The class of the greatest score; NO_CLASS where the distribution is undefined."""
    greatest = max(scores)
    if any(isnan(score) for score in scores) or isinf(greatest):
        return NO_CLASS
    return scores.index(greatest)
