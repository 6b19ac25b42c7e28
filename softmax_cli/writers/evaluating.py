"""An evaluation in words, in tables and in JSON."""

from collections.abc import Callable
from math import isnan
from typing import Any

from softmax_cli.data import Schema
from softmax_cli.job import Job
from softmax_cli.report import Cell, Heading
from softmax_cli.stages.evaluation import N_BINS, Evaluation
from softmax_cli.text import inert
from softmax_cli.writers.grid import Grid

SHADES = "░▒▓█"
DIAGRAM_WIDTH = 40


def describe(evaluation: Evaluation, job: Job, write: Callable[[float], str]) -> list[str]:
    """The figures in a line or two; ``write`` writes numbers."""
    lines = []
    if job.top_k > 1:
        share = f"{evaluation.top_accuracy():.2%}"
        lines.append(f"top-{job.top_k} accuracy {share} ({evaluation.n_in_top} of {evaluation.n})")
    lines.append(
        f"log loss {write(evaluation.log_loss())} (a uniform guess: ln {evaluation.n_classes} = "
        f"{write(evaluation.uniform_loss())}, the class frequencies: "
        f"{write(evaluation.prior_loss())})"
    )
    lines.append(
        f"Brier score {write(evaluation.brier_score())} · "
        f"expected calibration error {write(evaluation.calibration_error())}"
    )
    return lines


def grids(evaluation: Evaluation, job: Job, schema: Schema) -> list[Grid]:
    """What --confusion and --report ask for."""
    found = []
    if job.confusion:
        found.append(_confusion(evaluation, schema))
    if job.report:
        found += [_classes(evaluation, schema, job.digits), _reliability(evaluation, job.binary)]
    return found


def _confusion(evaluation: Evaluation, schema: Schema) -> Grid:
    """Counts, shaded by their share of the row's."""
    k = evaluation.n_classes
    counts = evaluation.confusion
    width = k + bool(counts[:, k].any())  # without a column for what was never the case
    names = [inert(schema.class_name(index)) for index in range(k)]
    headings = [Heading("label ╲ predicted", left=True)]
    headings += [Heading(name, of_class=True) for name in [*names, "none"][:width]]
    rows = []
    for index, name in enumerate(names):
        support = max(1, int(counts[index].sum()))
        cells = [Cell(name)]
        for count in counts[index, :width].tolist():
            role = "right" if len(cells) - 1 == index else "wrong"
            shade = SHADES[min(len(SHADES) * count // support, len(SHADES) - 1)]
            cells.append(Cell(f"{count} {shade}", role) if count else Cell("·  ", "dim"))
        rows.append(cells)
    return Grid(headings, rows, [])


def _classes(evaluation: Evaluation, schema: Schema, digits: int) -> Grid:
    def share(value: float) -> Cell:
        return Cell("–" if isnan(value) else f"{value:.{digits}f}")

    headings = [Heading("class", left=True), Heading("support")]
    headings += [Heading("precision"), Heading("recall"), Heading("F1")]
    rows = [
        [
            Cell(inert(schema.class_name(index))),
            Cell(str(each.support)),
            share(each.precision),
            share(each.recall),
            share(each.f1),
        ]
        for index, each in enumerate(evaluation.classes())
    ]
    return Grid(headings, rows, [])


def _reliability(evaluation: Evaluation, binary: bool) -> Grid:
    """Per bin, how often the prediction is right (a bar) and how confident it is (a mark).

    For a binary output, how often the class is 1 and how probable that was.
    """
    first, case = ("p of class 1", "class 1") if binary else ("confidence", "right")
    headings = [Heading(first), Heading("samples"), Heading(case)]
    headings += [Heading(f"█ how often {case}, ┃ {first}", left=True)]
    rows = []
    for index, each in enumerate(evaluation.bins()):
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
    return Grid(headings, rows, [])


def as_json(evaluation: Evaluation, job: Job, schema: Schema) -> dict[str, Any]:
    """What the summary says; details only where asked for."""
    values: dict[str, Any] = {}
    if job.top_k > 1:
        values[f"top_{job.top_k}_accuracy"] = evaluation.top_accuracy()
    values |= {
        "log_loss": evaluation.log_loss(),
        "uniform_log_loss": evaluation.uniform_loss(),
        "prior_log_loss": evaluation.prior_loss(),
        "brier_score": evaluation.brier_score(),
        "calibration_error": evaluation.calibration_error(),
    }
    if job.confusion:
        values["confusion"] = evaluation.confusion[:, : evaluation.n_classes].tolist()
    if job.report:
        values["classes"] = [
            {"class": schema.class_name(index), **_defined(each._asdict())}
            for index, each in enumerate(evaluation.classes())
        ]
        values["bins"] = [_defined(each._asdict()) for each in evaluation.bins()]
    return values


def _defined(values: dict[str, Any]) -> dict[str, Any]:
    """None for what is 0 / 0."""
    return {key: None if value != value else value for key, value in values.items()}  # noqa: PLR0124
