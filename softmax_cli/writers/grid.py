"""A table's contents for people: rounded, elided, marked; how it is drawn is not known here."""

import sys
from collections import deque
from collections.abc import Iterator, Sequence
from math import exp, isinf, isnan
from typing import NamedTuple

from softmax_cli.data import NO_CLASS, Column, Result, Schema
from softmax_cli.job import Job
from softmax_cli.report import Cell, Grid, Heading, Report
from softmax_cli.text import inert, rounded
from softmax_cli.writers.cells import CLASSES, RIGHT, WRONG, cell, headings

BAR_WIDTH = 24
WINNER = "▸"
EIGHTHS = " ▏▎▍▌▋▊▉"


class Sample(NamedTuple):
    """A row of a result."""

    result: Result
    row: int


class GridBuilder:
    """Keeps what a table shows: the first and last samples, and the first that are flagged."""

    def __init__(self, job: Job, schema: Schema) -> None:
        self.job = job
        self.schema = schema
        self.shown = sys.maxsize if job.n_shown is None else job.n_shown
        self.n_head = self.shown - self.shown // 2
        self.n_tail = self.shown // 2
        self.head: list[Sample] = []
        self.tail: deque[Sample] = deque(maxlen=self.n_tail)
        self.flagged: list[Sample] = []
        self.n_flagged = 0

    def add(self, result: Result) -> None:
        """Take in the next samples."""
        n_head = min(len(result), self.n_head - len(self.head))
        self.head += [Sample(result, row) for row in range(n_head)]
        first = max(n_head, len(result) - self.n_tail)
        self.tail.extend(Sample(result, row) for row in range(first, len(result)))
        if result.flagged is not None:
            flagged = result.flagged.nonzero()[0].tolist()
            self.n_flagged += len(flagged)
            room = self.shown - len(self.flagged)
            self.flagged += [Sample(result, row) for row in flagged[:room]]

    def build(self, report: Report) -> tuple[Grid, list[Cell]]:
        """The samples, and the lines that belong below all tables."""
        n = report.totals.n + report.totals.n_ignored
        lines = report.lines(self._round)
        distribution = _distribution(self.head[0].result) if self.head else None
        if n == 1 and distribution is not None and not self.job.checks:
            grid = self._one_sample(self.head[0], distribution)
            # what a single sample adds up to is its loss, unless that is weighed
            divisor = report.totals.divisor
            is_total = divisor is None or (isinstance(divisor, int) and divisor == 1)
            lines = [*self._verdict(self.head[0]), *([] if is_total else lines[:1])]
        elif self.n_flagged and n > self.shown:
            grid = self._grid(self.flagged, self.n_flagged, gap_at=len(self.flagged))
        else:
            grid = self._grid([*self.head, *self.tail], n, gap_at=len(self.head))
        small = [Cell(inert(report.reading), "dim"), Cell(report.signature, "dim")]
        return grid, lines + small

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
        return Grid(headings, rows)

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

    def _grid(self, samples: Sequence[Sample], n: int, gap_at: int) -> Grid:
        """A line per sample, and one for those of ``n`` that are left out."""
        titles = list(self._headings(samples[0].result)) if samples else []
        rows = [list(self._cells(sample)) for sample in samples]
        if n > len(samples) and samples:
            gap = Cell(f"… {n - len(samples)} more", "dim")
            rows.insert(gap_at, [gap] + [Cell("…", "dim")] * (len(titles) - 1))
        return Grid(titles, rows)

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
        if column.kind == "verdict":
            return Heading("")
        # of a check, the numbers to be compared stand close to each other
        left = column.kind == "text" or (column.kind in CLASSES and not self.job.checks)
        return Heading(name.replace("_", " "), left)

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
