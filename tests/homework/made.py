"""Homework with mistakes made on purpose, in plain Python that shares no code with the package.

An Exercise is a batch of logits with labels; each function here returns what somebody who makes
that one mistake gets for it. ``CE`` and ``BCE`` map the name of the mistake to the number for the
whole batch, ``SOFTMAX`` to the rows of probabilities.
"""

import math
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest

Row = list[float]


class Exercise(NamedTuple):
    rows: list[Row]
    labels: list[int]
    rng: Random


def exercise(rng: Random, spread: float = 2.0, least_samples: int = 1) -> Exercise:
    """2 to 10 classes, 1 to 20 samples, logits with three decimals."""
    k, n = rng.randint(2, 10), rng.randint(least_samples, 20)
    rows = [[round(rng.gauss(0, spread), 3) for _ in range(k)] for _ in range(n)]
    return Exercise(rows, [rng.randrange(k) for _ in range(n)], rng)


def softmax(row: Row) -> Row:
    top = max(row)
    powers = [math.exp(x - top) for x in row]
    return [power / math.fsum(powers) for power in powers]


def mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def losses(e: Exercise) -> list[float]:
    return [-math.log(softmax(r)[y]) for r, y in zip(e.rows, e.labels, strict=True)]


def each(loss: Callable[[Row, int], float]) -> Callable[[Exercise], float]:
    """The mean over samples of a wrong loss."""
    return lambda e: mean([loss(r, y) for r, y in zip(e.rows, e.labels, strict=True)])


def _log(x: float) -> float:
    return math.log(x) if x > 0 else (-math.inf if x == 0 else math.nan)


def _wrong_axis(e: Exercise) -> float:
    columns = [softmax(list(column)) for column in zip(*e.rows, strict=True)]
    return mean([-math.log(columns[y][i]) for i, y in enumerate(e.labels)])


def _batch_means(e: Exercise) -> float:
    n = len(e.rows)
    sizes = [size for size in range(2, n) if n % size]
    if not sizes:
        return mean(losses(e))
    size, all_losses = e.rng.choice(sizes), losses(e)
    return mean([mean(all_losses[start : start + size]) for start in range(0, n, size)])


def _accuracy(e: Exercise) -> float:
    return mean([float(r.index(max(r)) != y) for r, y in zip(e.rows, e.labels, strict=True)])


def clip(eps: float) -> Callable[[Exercise], float]:
    return each(lambda r, y: -math.log(min(max(softmax(r)[y], eps), 1 - eps)))


def _binary_on_classes(r: Row, y: int) -> float:
    return math.fsum(-math.log(p if j == y else 1 - p) for j, p in enumerate(softmax(r)))


def _sigmoids_on_classes(r: Row, y: int) -> float:
    p = [1 / (1 + math.exp(-x)) for x in r]
    return mean([-math.log(q if j == y else 1 - q) for j, q in enumerate(p)])


def _swapped(e: Exercise) -> float:
    a, b = e.rng.sample(range(len(e.rows[0])), 2)

    def swapped(r: Row) -> Row:
        r = list(r)
        r[a], r[b] = r[b], r[a]
        return r

    return mean(losses(e._replace(rows=[swapped(r) for r in e.rows])))


def _by_torch(e: Exercise, dtype: str, weight: object = None, **options: object) -> Any:
    """PyTorch's cross-entropy in that precision; skips the test where it is not installed."""
    torch = pytest.importorskip("torch")
    x, y = torch.tensor(e.rows, dtype=getattr(torch, dtype)), torch.tensor(e.labels)
    weight = None if weight is None else torch.tensor(weight)
    return torch.nn.functional.cross_entropy(x, y, weight=weight, **options)


def _smoothed(e: Exercise) -> float:
    amount = e.rng.choice([0.1, 0.2])
    return float(_by_torch(e, "float64", label_smoothing=amount))


def _half(e: Exercise) -> float:
    return float(_by_torch(e, "float16", reduction="none").double().mean())


def _single(e: Exercise) -> float:
    return float(_by_torch(e, "float32", reduction="none").double().mean())


def _naive(e: Exercise) -> float:
    with np.errstate(all="ignore"):
        powers = np.exp(np.array(e.rows))
        p = powers / powers.sum(axis=1, keepdims=True)
        return float(np.mean(-np.log(p[np.arange(len(p)), e.labels])))


def _early(e: Exercise) -> float:
    digits = e.rng.choice([2, 3, 4])
    return each(lambda r, y: -_log(round(softmax(r)[y], digits)))(e)


def _balanced(e: Exercise) -> float:
    counts = np.bincount(e.labels, minlength=len(e.rows[0]))
    return float(_by_torch(e, "float64", weight=1 / counts.clip(1)))


def _off_by_one(e: Exercise) -> float:
    step, k = e.rng.choice([-1, 1]), len(e.rows[0])
    return mean(losses(e._replace(labels=[(y + step) % k for y in e.labels])))


CE: dict[str, Callable[[Exercise], float]] = {
    "softmax applied twice": each(lambda r, y: -math.log(softmax(softmax(r))[y])),
    "softmax forgotten": each(lambda r, y: -r[y]),
    "softmax over the wrong axis": _wrong_axis,
    "log₂ instead of ln": each(lambda r, y: -math.log2(softmax(r)[y])),
    "log₁₀ instead of ln": each(lambda r, y: -math.log10(softmax(r)[y])),
    "minus sign forgotten": each(lambda r, y: math.log(softmax(r)[y])),
    "probability instead of loss": each(lambda r, y: softmax(r)[y]),
    "loss of the predicted class": each(lambda r, y: -math.log(max(softmax(r)))),
    "label off by one": _off_by_one,
    "sum instead of mean": lambda e: math.fsum(losses(e)),
    "mean over all cells": lambda e: math.fsum(losses(e)) / (len(e.rows) * len(e.rows[0])),
    "mean of batch means": _batch_means,
    "argmax instead of probability": _accuracy,
    "clipped at 1e-07": clip(1e-7),
    "clipped at 1e-12": clip(1e-12),
    "clipped at 1e-15": clip(1e-15),
    "clipped at 1.19e-07": clip(2.0**-23),
    "perplexity instead of loss": lambda e: math.exp(mean(losses(e))),
    "binary cross-entropy on several classes": each(_binary_on_classes),
    "binary cross-entropy on several classes (sigmoid)": each(_sigmoids_on_classes),
    "columns swapped": _swapped,
    "label smoothing left in": _smoothed,
    "weighted instead of plain mean": _balanced,
    "float16 arithmetic": _half,
    "float32 arithmetic": _single,
    "naive exp that overflowed": _naive,
    "rounded too early": _early,
}
SPREADS = {
    "clipped": 40.0,  # so that there are probabilities to clip
    "naive exp that overflowed": 800.0,
    "float32 arithmetic": 20000.0,  # where seven digits are not enough for four decimals
}


def _binary(e: Exercise, loss: Callable[[float, int], float]) -> float:
    return mean([loss(r[0], y) for r, y in zip(e.rows, e.labels, strict=True)])


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def _bce(p: float, y: int) -> float:
    """As nn.BCELoss: logarithms are clamped at -100; nan outside 0…1."""
    return -max(_log(p if y else 1 - p), -100.0)


def _keras(z: float, y: int) -> float:
    return _bce(min(max(z, 1e-7), 1 - 1e-7), y)


def _of_sigmoid(loss: Callable[[float, int], float]) -> Callable[[Exercise], float]:
    return lambda e: _binary(e, lambda z, y: loss(_sigmoid(z), y))


def _bce_early(e: Exercise) -> float:
    digits = e.rng.choice([2, 3, 4])
    return _of_sigmoid(lambda p, y: _bce(round(p, digits), y))(e)


BCE: dict[str, Callable[[Exercise], float]] = {
    "sigmoid applied twice": _of_sigmoid(lambda p, y: _bce(_sigmoid(p), y)),
    "sigmoid forgotten": lambda e: _binary(e, _keras),
    "labels swapped": _of_sigmoid(lambda p, y: _bce(p, 1 - y)),
    "(1−y) term missing": _of_sigmoid(lambda p, y: _bce(p, 1) if y else 0.0),
    "log₂ instead of ln": _of_sigmoid(lambda p, y: _bce(p, y) / math.log(2)),
    "minus sign forgotten": _of_sigmoid(lambda p, y: -_bce(p, y)),
    "probability instead of loss": _of_sigmoid(lambda p, y: p if y else 1 - p),
    "sum instead of mean": lambda e: len(e.rows) * _of_sigmoid(_bce)(e),
    "perplexity instead of loss": lambda e: math.exp(_of_sigmoid(_bce)(e)),
    "argmax instead of probability": _of_sigmoid(lambda p, y: float((p > 0.5) != y)),
    "rounded too early": _bce_early,
}


def _rows(row: Callable[[Row], Row]) -> Callable[[Exercise], list[Row]]:
    return lambda e: [row(r) for r in e.rows]


def _down(e: Exercise) -> list[Row]:
    columns = [softmax(list(column)) for column in zip(*e.rows, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


def _swap_rows(e: Exercise) -> list[Row]:
    a, b = e.rng.sample(range(len(e.rows[0])), 2)
    rows = [softmax(r) for r in e.rows]
    for r in rows:
        r[a], r[b] = r[b], r[a]
    return rows


SOFTMAX: dict[str, Callable[[Exercise], list[Row]]] = {
    "softmax applied twice": _rows(lambda r: softmax(softmax(r))),
    "softmax forgotten": _rows(list),
    "softmax over the wrong axis": _down,
    "exp forgotten": _rows(lambda r: [x / sum(r) for x in r]),
    "division by the sum forgotten": _rows(lambda r: [math.exp(x) for x in r]),
    "another base than e": _rows(lambda r: [2**x / sum(2**z for z in r) for x in r]),
    "minus sign too many": _rows(lambda r: softmax([-x for x in r])),
    "logarithm instead of probability": _rows(lambda r: [math.log(p) for p in softmax(r)]),
    "sigmoid instead of softmax": _rows(lambda r: [_sigmoid(x) for x in r]),
    "argmax instead of probability": _rows(lambda r: [float(x == max(r)) for x in r]),
    "columns swapped": _swap_rows,
}
