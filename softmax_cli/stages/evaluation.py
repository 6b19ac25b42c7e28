"""How good predictions are, where the labels are known: in words, in tables and in JSON."""

from collections.abc import Iterator
from math import isnan
from typing import Any

from softmax_cli.data import IntArray, Result, Schema
from softmax_cli.job import Job, Sample
from softmax_cli.report import Cell, Grid, Heading, Section, Totals, Write
from softmax_cli.stages.counts import N_BINS, Counts
from softmax_cli.text import inert

SHADES = "░▒▓█"
DIAGRAM_WIDTH = 40


class Evaluation:
    """Counts labelled predictions. A stage."""

    def __init__(self, job: Job, schema: Schema) -> None:
        self.job = job
        self.schema = schema
        n_labels = Sample.of(job).n_labels(schema.n_classes)
        self.counts = Counts(n_labels, job.top_k, job.confusion)

    def watch(self, results: Iterator[Result]) -> Iterator[Result]:
        """Count results in."""
        for result in results:
            self.counts.add(result)
            yield result

    def merge(self, other: "Evaluation") -> None:
        """Count in what another evaluation has counted."""
        self.counts.merge(other.counts)

    def conclude(self, totals: Totals) -> Section:
        """Lines of figures, and the tables that --confusion and --report ask for.

        With --hide-answers only these: the figures say how good the right answers are.
        """

        def lines(write: Write) -> list[Cell]:
            return [Cell(text, "total") for text in self._describe(write)]

        return Section(lines=lines, grids=list(self._grids()), json={"summary": self._json()})

    def _describe(self, write: Write) -> Iterator[str]:
        counts, top_k = self.counts, self.job.top_k
        if self.job.hide_answers or not counts.n:
            return
        if top_k > 1:
            share = f"{counts.top_accuracy():.2%}"
            yield f"top-{top_k} accuracy {share} ({counts.n_in_top} of {counts.n})"
        yield (
            f"log loss {write(counts.log_loss())} (a uniform guess: ln {counts.n_classes} = "
            f"{write(counts.uniform_loss())}, the class frequencies: "
            f"{write(counts.prior_loss())})"
        )
        yield (
            f"Brier score {write(counts.brier_score())} · "
            f"expected calibration error {write(counts.calibration_error())}"
        )

    def _grids(self) -> Iterator[Grid]:
        if self.counts.confusion is not None:
            yield _confusion(self.counts.confusion, self.schema)
        if self.job.report:
            yield _classes(self.counts, self.schema, self.job.digits)
            yield _reliability(self.counts, self.job.binary)

    def _figures(self) -> dict[str, Any]:
        counts, top_k = self.counts, self.job.top_k
        top = {f"top_{top_k}_accuracy": counts.top_accuracy()} if top_k > 1 else {}
        return top | {
            "log_loss": counts.log_loss(),
            "uniform_log_loss": counts.uniform_loss(),
            "prior_log_loss": counts.prior_loss(),
            "brier_score": counts.brier_score(),
            "calibration_error": counts.calibration_error(),
        }

    def _json(self) -> dict[str, Any]:
        """What the summary says; details only where asked for."""
        counts, job = self.counts, self.job
        values = self._figures() if counts.n and not job.hide_answers else {}
        if counts.confusion is not None:
            values["confusion"] = counts.confusion[:, : counts.n_classes].tolist()
        if job.report:
            values["classes"] = [
                {"class": self.schema.class_name(index), **_defined(each._asdict())}
                for index, each in enumerate(counts.classes())
            ]
            values["bins"] = [_defined(each._asdict()) for each in counts.bins()]
        return values


def _confusion(confusion: IntArray, schema: Schema) -> Grid:
    """Counts, shaded by their share of the row's."""
    k = len(confusion)
    width = k + bool(confusion[:, k].any())  # without a column for what was never the case
    names = [inert(schema.class_name(index)) for index in range(k)]
    headings = [Heading("label ╲ predicted", "text")]
    headings += [Heading(name, of_class="") for name in [*names, "none"][:width]]
    rows = []
    for index, name in enumerate(names):
        support = max(1, int(confusion[index].sum()))
        cells = [Cell(name)]
        for count in confusion[index, :width].tolist():
            role = "right" if len(cells) - 1 == index else "wrong"
            shade = SHADES[min(len(SHADES) * count // support, len(SHADES) - 1)]
            cells.append(Cell(f"{count} {shade}", role) if count else Cell("·  ", "dim"))
        rows.append(cells)
    return Grid(headings, rows)


def _classes(counts: Counts, schema: Schema, digits: int) -> Grid:
    def share(value: float) -> Cell:
        return Cell("–" if isnan(value) else f"{value:.{digits}f}")

    headings = [Heading("class", "text"), Heading("support")]
    headings += [Heading("precision"), Heading("recall"), Heading("F1")]
    rows = [
        [
            Cell(inert(schema.class_name(index))),
            Cell(str(each.support)),
            share(each.precision),
            share(each.recall),
            share(each.f1),
        ]
        for index, each in enumerate(counts.classes())
    ]
    return Grid(headings, rows)


def _reliability(counts: Counts, binary: bool) -> Grid:
    """Per bin, how often the prediction is right (a bar) and how confident it is (a mark).

    For a binary output, how often the class is 1 and how probable that was.
    """
    first, case = ("p of class 1", "class 1") if binary else ("confidence", "right")
    headings = [Heading(first), Heading("samples"), Heading(case)]
    headings += [Heading(f"█ how often {case}, ┃ {first}", "bar")]
    rows = []
    for index, each in enumerate(counts.bins()):
        span = f"{index / N_BINS:.2f}–{(index + 1) / N_BINS:.2f}"
        if not each.n:
            rows.append([Cell(span, "dim"), Cell("0", "dim"), Cell("–", "dim"), Cell("")])
            continue
        bar = list("█" * round(each.accuracy * DIAGRAM_WIDTH))
        mark = min(DIAGRAM_WIDTH - 1, round(each.confidence * DIAGRAM_WIDTH))
        bar += " " * (mark + 1 - len(bar))
        bar[mark] = "┃"
        cells = [Cell(span), Cell(str(each.n)), Cell(f"{each.accuracy:.1%}")]
        rows.append([*cells, Cell("".join(bar), "bar")])
    return Grid(headings, rows)


def _defined(values: dict[str, Any]) -> dict[str, Any]:
    """None for what is 0 / 0."""
    return {key: None if isnan(value) else value for key, value in values.items()}
