"""A table's contents for people: rounded, elided, marked; how it is drawn is not known here."""

import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from math import exp, isinf, isnan

from softmax_cli.data import NO_CLASS, Column, Result, Schema
from softmax_cli.job import Job, Sample
from softmax_cli.report import Cell, Grid, Heading, LeftOut, Report
from softmax_cli.text import inert, rounded
from softmax_cli.writers.cells import RIGHT, WRONG, cells, headings, stem

BLOCK = 1024
"""Samples that are cells at the same time: as text, they take a hundred times the room."""
BAR_WIDTH = 24
WINNER = "▸"
EIGHTHS = " ▏▎▍▌▋▊▉"


class GridBuilder:
    """Keeps what a table shows: the first and last samples, and the first that are flagged.

    They are kept as the arrays that they came in, and become cells when they are drawn.
    """

    def __init__(self, job: Job, schema: Schema) -> None:
        self.job = job
        self.schema = schema
        self.shown = sys.maxsize if job.n_shown is None else job.n_shown
        self.n_tail = self.shown // 2
        self.head = _Part(self.shown - self.n_tail)
        self.tail: deque[Result] = deque()
        self.flagged = _Part(self.shown)
        self.n_flagged = 0

    def add(self, result: Result) -> None:
        """Take in the next samples."""
        rest = self.head.add(result)
        if len(rest):
            self.tail.append(rest)
        while self.tail and sum(map(len, self.tail)) - len(self.tail[0]) >= self.n_tail:
            self.tail.popleft()
        if result.flagged is not None:
            flagged = result.flagged.nonzero()[0].tolist()
            self.n_flagged += len(flagged)
            if self.shown < sys.maxsize:
                for row in flagged[: self.flagged.room]:
                    self.flagged.add(result.rows(row, row + 1))

    def build(self, report: Report) -> tuple[Grid, list[Cell]]:
        """The samples, and the lines that belong below all tables."""
        n = report.totals.n + report.totals.n_ignored
        lines = report.lines(self._round)
        first = self.head.results[0].rows(0, 1) if self.head.results else None
        distribution = None if first is None else _distribution(first)
        if n == 1 and first is not None and distribution is not None and not self.job.checks:
            grid = self._one_sample(first, distribution)
            # what a single sample adds up to is its loss, unless that is weighed
            divisor = report.totals.divisor
            is_total = divisor is None or (isinstance(divisor, int) and divisor == 1)
            lines = [*self._verdict(first), *([] if is_total else lines[:1])]
        elif self.n_flagged and n > self.shown:
            grid = self._grid(self.flagged.results, self.n_flagged, at=self.flagged.n)
        else:
            grid = self._grid([*self.head.results, *self._last_samples()], n, at=self.head.n)
        small = [Cell(inert(report.reading), "dim"), Cell(report.signature, "dim")]
        return grid, lines + small

    def _last_samples(self) -> Iterator[Result]:
        surplus = sum(map(len, self.tail)) - self.n_tail
        for result in self.tail:
            yield result.rows(max(surplus, 0), len(result))
            surplus = 0

    def _one_sample(self, result: Result, distribution: Column) -> Grid:
        """A line per class."""
        (values,) = distribution.values.tolist()
        (scores,) = result.batch.scores.tolist()
        probabilities = [exp(v) for v in values] if self.job.log else values
        winner = self._winner(scores)
        with_scores = self.job.scores == "logits"
        headings = [Heading("class", "text")]
        headings += [Heading("logit")] * with_scores
        headings += [Heading("log-probability" if self.job.log else "probability")]
        gradient = result.columns["grad"].values[0].tolist() if "grad" in result.columns else []
        headings += [Heading("gradient")] * bool(gradient)
        headings += [Heading("", "bar")]
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

    def _verdict(self, result: Result) -> list[Cell]:
        if "loss" not in result.columns:
            return []
        loss = Cell(f"loss {self._round(float(result.columns['loss'].values[0]))}", "total")
        if result.predicted is None or result.labels is None:
            return [loss]
        predicted, label = int(result.predicted[0]), int(result.labels[0])
        told = f"predicted {inert(self.schema.class_name(predicted)) or 'nothing'}"
        if label >= 0:
            verdict = RIGHT if predicted == label else WRONG
            told = f"label {inert(self.schema.class_name(label))} · {told} {verdict.text}"
        return [Cell(told), loss]

    def _grid(self, results: Sequence[Result], n: int, at: int) -> Grid:
        """A line per sample, and where those of ``n`` that are left out would stand."""
        if not results:
            return Grid([], [])
        n_left_out = n - sum(map(len, results))
        left_out = LeftOut(n_left_out, at) if n_left_out else None
        return Grid(list(self._headings(results[0])), _Rows(results, self._cells), left_out)

    def _headings(self, result: Result) -> Iterator[Heading]:
        yield Heading("sample")
        if result.batch.ids is not None:
            yield Heading(inert(self.schema.id_name or "id"), "text")
        for name, column in result.columns.items():
            if column.values.ndim == 1:
                yield self._heading(name, column)
            else:
                for text in headings(name, column, self.schema):
                    yield Heading(text, of_class=stem(name, column))

    def _heading(self, name: str, column: Column) -> Heading:
        if column.kind == "verdict":
            return Heading("", "text")
        text = name.replace("_", " ")
        if column.kind == "prediction":
            return Heading(text, "prediction")
        of_class = column.kind == "answer" and not Sample.of(self.job).has_loss
        return Heading(text, "text" if of_class or column.kind in ("class", "text") else "number")

    def _cells(self, result: Result) -> Iterator[Sequence[Cell]]:
        """The rows of a result."""
        first = result.batch.first_row
        columns = [[Cell(str(number)) for number in range(first, first + len(result))]]
        if result.batch.ids is not None:
            columns.append([Cell(inert(text)) for text in result.batch.ids])
        for column in result.columns.values():
            if _is_distribution(column):
                columns += self._probabilities(result, column)
            else:
                columns += [
                    cells(part, result, self.schema, self.job.digits) for part in column.parts()
                ]
        return zip(*columns, strict=True)

    def _probabilities(self, result: Result, column: Column) -> Iterator[list[Cell]]:
        """A column for each class, the winner of each row marked."""
        winners = [self._winner(scores) for scores in result.batch.scores.tolist()]
        for index, values in enumerate(column.values.T.tolist()):
            # no e-12 among the probabilities of a batch: it hides the ones that matter
            texts = [f"{value:.{self.job.digits}f}" for value in values]
            yield [
                Cell(f"{WINNER}{text}", "winner") if winner == index else Cell(text)
                for text, winner in zip(texts, winners, strict=True)
            ]

    def _winner(self, scores: Sequence[float]) -> int:
        """The class of the greatest score; NO_CLASS where several labels may hold at once."""
        return NO_CLASS if self.job.multilabel else _winner(scores)

    def _round(self, value: float) -> str:
        return rounded(value, self.job.digits)


class _Part:
    """The first ``limit`` samples of what passes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.n = 0
        self.results: list[Result] = []

    @property
    def room(self) -> int:
        return self.limit - self.n

    def add(self, result: Result) -> Result:
        """Take in what there is room for; the rest."""
        taken = min(len(result), self.room)
        if taken:
            self.results.append(result.rows(0, taken))
            self.n += taken
        return result.rows(taken, len(result))


class _Rows:
    """The rows of several results, as cells made anew for each look, a block at a time."""

    def __init__(
        self, results: Sequence[Result], make: Callable[[Result], Iterator[Sequence[Cell]]]
    ) -> None:
        self.results = results
        self.make = make

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for result in self.results:
            for start in range(0, len(result), BLOCK):
                yield from self.make(result.rows(start, start + BLOCK))


def bar(probability: float) -> str:
    """A horizontal bar, in eighths of a character; empty for nan."""
    eighths = round(probability * BAR_WIDTH * 8) if 0 <= probability <= 1 else 0
    return ("█" * (eighths // 8) + EIGHTHS[eighths % 8]).rstrip()


def _is_distribution(column: Column) -> bool:
    return column.values.ndim == 2 and column.kind in ("probability", "log_probability")


def _distribution(result: Result) -> Column | None:
    """The column with each class's probability, if there is one."""
    return next(filter(_is_distribution, result.columns.values()), None)


def _winner(scores: Sequence[float]) -> int:
    """The class of the greatest score; NO_CLASS where the distribution is undefined."""
    greatest = max(scores)
    if any(isnan(score) for score in scores) or isinf(greatest):
        return NO_CLASS
    return scores.index(greatest)
