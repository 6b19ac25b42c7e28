"""A table keeps the samples that it shows as the arrays that they came in."""

import tracemalloc

import numpy as np

from softmax_cli.data import Batch, Column, Places, Result, Schema
from softmax_cli.job import Job
from softmax_cli.report import Report, Totals
from softmax_cli.writers.grid import GridBuilder

K = 10
SCHEMA = Schema(K, None, None, has_labels=True, reading="")


def result(first: int, n: int) -> Result:
    scores = np.random.default_rng(first).normal(size=(n, K))
    columns = {
        "loss": Column(scores[:, 0] + 0.0, "number"),
        "probabilities": Column(scores + 0.0, "probability"),
    }
    return Result(Batch(first, scores, Places("x.csv", range(n))), columns)


def kept_per_sample(rows: int | None, n: int) -> float:
    builder = GridBuilder(Job("ce", rows=rows), SCHEMA)
    tracemalloc.start()
    for first in range(0, n, 1000):
        builder.add(result(first, 1000))
    size, _ = tracemalloc.get_traced_memory()
    grid, _ = builder.build(Report(Totals(n), [], "", ""))
    assert sum(1 for _ in grid.rows) == (n if rows is None else rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - size < 12_000_000  # a block of cells
    return size / n


def test_all_rows_take_the_room_of_their_numbers() -> None:
    numbers = 8 * (2 * K + 1)
    assert kept_per_sample(None, 20_000) < 1.5 * numbers


def test_rows_that_are_not_shown_are_not_kept() -> None:
    assert kept_per_sample(20, 50_000) < 50
