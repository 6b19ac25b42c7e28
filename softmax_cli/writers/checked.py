"""The table of a check: all samples while they are few, else those that are wrong."""

from softmax_cli.data import Column, Result, Schema
from softmax_cli.job import Job
from softmax_cli.report import Cell, Heading
from softmax_cli.text import inert, rounded
from softmax_cli.writers import Report
from softmax_cli.writers.grid import Grid, GridBuilder, Sample
from softmax_cli.writers.totals import describe_totals


class CheckedGridBuilder(GridBuilder):
    """Keeps the first samples, and the first that are wrong."""

    def __init__(self, job: Job, schema: Schema) -> None:
        super().__init__(job, schema)
        self.failed: list[Sample] = []
        self.n_failed = 0

    def add(self, result: Result) -> None:
        super().add(result)
        if result.flagged is not None:
            self.n_failed += int(result.flagged.sum())
            room = self.shown - len(self.failed)
            rows = result.flagged.nonzero()[0][:room]
            self.failed += [Sample(result, row) for row in rows.tolist()]

    def build(self, report: Report) -> Grid:
        grid, job = self._batch(report.summary.n), self.job
        if self.n_failed and report.summary.n > self.shown:
            grid = self._only_failed()

        def write(value: float) -> str:
            return rounded(value, job.digits)

        totals = [Cell(text, "total") for text in describe_totals(report.summary, job, write)]
        verdict = [] if report.check is None else list(report.check.lines(write))
        small = [Cell(inert(report.reading), "dim"), Cell(report.signature, "dim")]
        return grid._replace(footer=totals + verdict + small)

    def _only_failed(self) -> Grid:
        headings = list(self._headings(self.head[0].result))
        rows = [list(self._cells(sample)) for sample in self.failed]
        if self.n_failed > len(rows):
            gap = Cell(f"… {self.n_failed - len(rows)} more", "dim")
            rows.append([gap] + [Cell("…", "dim")] * (len(headings) - 1))
        return Grid(headings, rows, [])

    def _heading(self, name: str, column: Column) -> Heading:
        return Heading("" if column.kind == "verdict" else name, left=column.kind == "text")
