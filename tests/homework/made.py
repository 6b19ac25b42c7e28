"""Homework with mistakes made on purpose, in plain Python that shares no code with the package.

An Exercise is a batch of logits with labels; each function here returns what somebody who makes
that one mistake gets for it. ``CE``, ``BCE`` and ``SUM`` map the name of the mistake to the number
for the whole batch, ``SOFTMAX`` and ``LOG`` to rows of (log-)probabilities, ``PREDICT`` to classes.
What stands in brackets behind a name tells apart who makes the same mistake in different ways.
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
    temperature: float = 1.0


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
    return _in_batches(e, losses(e))


def _in_batches(e: Exercise, all_losses: list[float]) -> float:
    n = len(all_losses)
    sizes = [size for size in range(2, n) if n % size]
    if not sizes:
        return mean(all_losses)
    size = e.rng.choice(sizes)
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


def _exp_forgotten(e: Exercise) -> float:
    return mean([-_log(r[y] / math.fsum(r)) for r, y in zip(e.rows, e.labels, strict=True)])


def _reversed(e: Exercise) -> float:
    return each(lambda r, y: -math.log(softmax(r)[-1 - y]))(e)


def _other_temperature(e: Exercise) -> list[Row]:
    """Probabilities of logits that were not divided by it, or multiplied."""
    scale = e.rng.choice([1.0, e.temperature])
    return [softmax([x * scale for x in r]) for r in e.rows]


def _temperature(e: Exercise) -> float:
    return mean([-math.log(p[y]) for p, y in zip(_other_temperature(e), e.labels, strict=True)])


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
    "loss of the predicted class instead of the label": each(
        lambda r, y: -math.log(max(softmax(r)))
    ),
    "exp forgotten": _exp_forgotten,
    "label off by one": _off_by_one,
    "sum instead of mean": lambda e: math.fsum(losses(e)),
    "mean over all cells": lambda e: math.fsum(losses(e)) / (len(e.rows) * len(e.rows[0])),
    "mean of batch means": _batch_means,
    "argmax instead of probability": _accuracy,
    "probabilities clipped at 1e-07": clip(1e-7),
    "probabilities clipped at 1e-12": clip(1e-12),
    "probabilities clipped at 1e-15": clip(1e-15),
    "probabilities clipped at 1.19e-07": clip(2.0**-23),
    "probabilities clipped at 2.22e-16": clip(2.0**-52),
    "1 − probability instead of loss": each(lambda r, y: 1 - softmax(r)[y]),
    "columns reversed": _reversed,
    "temperature forgotten or inverted": _temperature,
    "divided by n − 1": lambda e: math.fsum(losses(e)) / (len(e.rows) - 1),
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


def _bce_clip(eps: float) -> Callable[[Exercise], float]:
    return _of_sigmoid(lambda p, y: _bce(min(max(p, eps), 1 - eps), y))


def _bce_by_torch(e: Exercise, dtype: str) -> float:
    torch = pytest.importorskip("torch")
    z = torch.tensor([r[0] for r in e.rows], dtype=getattr(torch, dtype))
    y = torch.tensor(e.labels, dtype=z.dtype)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none")
    return float(loss.double().mean())


def _bce_naive(e: Exercise) -> float:
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-np.array([r[0] for r in e.rows])))
        return float(np.mean(-np.log(np.where(np.array(e.labels) == 1, p, 1 - p))))


def _bce_losses(e: Exercise) -> list[float]:
    return [_bce(_sigmoid(r[0]), y) for r, y in zip(e.rows, e.labels, strict=True)]


def _bce_balanced(e: Exercise) -> float:
    pairs = list(zip(_bce_losses(e), e.labels, strict=True))
    classes = set(e.labels)
    return mean([mean([loss for loss, y in pairs if y == each]) for each in classes])


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
    "log₁₀ instead of ln": _of_sigmoid(lambda p, y: _bce(p, y) / math.log(10)),
    "y term missing": _of_sigmoid(lambda p, y: 0.0 if y else _bce(p, 0)),
    "squared error instead of cross-entropy": _of_sigmoid(lambda p, y: (p - y) ** 2),
    "naive exp that overflowed": _bce_naive,
    "float16 arithmetic": lambda e: _bce_by_torch(e, "float16"),
    "float32 arithmetic": lambda e: _bce_by_torch(e, "float32"),
    "probabilities clipped at 1e-07": _bce_clip(1e-7),
    "probabilities clipped at 1e-12": _bce_clip(1e-12),
    "probabilities clipped at 1e-15": _bce_clip(1e-15),
    "probabilities clipped at 1.19e-07": _bce_clip(2.0**-23),
    "probabilities clipped at 2.22e-16": _bce_clip(2.0**-52),
    "divided by n − 1": lambda e: math.fsum(_bce_losses(e)) / (len(e.rows) - 1),
    "weighted instead of plain mean": _bce_balanced,
    "mean of batch means": lambda e: _in_batches(e, _bce_losses(e)),
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


def _all_cells(e: Exercise) -> list[Row]:
    total = math.fsum(math.exp(x) for r in e.rows for x in r)
    return [[math.exp(x) / total for x in r] for r in e.rows]


def _disordered(e: Exercise) -> list[Row]:
    rows = [softmax(r) for r in e.rows]
    way = e.rng.choice(["up", "down", "reversed"])
    if way == "reversed":
        return [p[::-1] for p in rows]
    return [sorted(p, reverse=way == "down") for p in rows]


def _rows_early(e: Exercise) -> list[Row]:
    digits = e.rng.choice([2, 3])
    powers = [[round(math.exp(x), digits) for x in r] for r in e.rows]
    return [[x / sum(r) for x in r] for r in powers]


def _clip_rows(eps: float) -> Callable[[Exercise], list[Row]]:
    return _rows(lambda r: [min(max(p, eps), 1 - eps) for p in softmax(r)])


def _in_logarithms(rows: Callable[[Exercise], list[Row]]) -> Callable[[Exercise], list[Row]]:
    return lambda e: [[_log(p) for p in row] for row in rows(e)]


def _predicted(e: Exercise) -> list[int]:
    return [r.index(max(r)) for r in e.rows]


def _narrow_rows(dtype: type[np.floating]) -> Callable[[Exercise], list[Row]]:
    def narrow(e: Exercise) -> list[Row]:
        x = np.array(e.rows).astype(dtype)
        with np.errstate(all="ignore"):
            powers = np.exp(x - x.max(axis=1, keepdims=True))
            rows = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float64)
        return [[float(p) for p in row] for row in rows]

    return narrow


def _overflown_rows(e: Exercise) -> list[Row]:
    with np.errstate(all="ignore"):
        powers = np.exp(np.array(e.rows))
        rows = powers / powers.sum(axis=1, keepdims=True)
    return [[float(p) for p in row] for row in rows]


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
    "softmax over all cells": _all_cells,
    "temperature forgotten or inverted": _other_temperature,
    "columns out of order": _disordered,
    "rounded too early": _rows_early,
    "float16 arithmetic": _narrow_rows(np.float16),
    "float32 arithmetic": _narrow_rows(np.float32),
    "naive exp that overflowed": _overflown_rows,
    "probabilities clipped at 1e-07": _clip_rows(1e-7),
    "probabilities clipped at 1e-12": _clip_rows(1e-12),
    "probabilities clipped at 1e-15": _clip_rows(1e-15),
    "probabilities clipped at 1.19e-07": _clip_rows(2.0**-23),
}

LOG: dict[str, Callable[[Exercise], list[Row]]] = {
    "probability instead of logarithm": _rows(softmax),
    "softmax forgotten": _rows(list),
    "softmax applied twice": _in_logarithms(SOFTMAX["softmax applied twice"]),
    "exp forgotten": _in_logarithms(_rows(lambda r: [abs(x) / sum(map(abs, r)) for x in r])),
    "division by the sum forgotten": _rows(lambda r: [x - max(r) for x in r]),
    "softmax over the wrong axis": _in_logarithms(_down),
    "softmax over all cells": _in_logarithms(_all_cells),
    "another base than e": _in_logarithms(SOFTMAX["another base than e"]),
    "columns swapped": _in_logarithms(_swap_rows),
    "minus sign too many": _in_logarithms(SOFTMAX["minus sign too many"]),
    "sigmoid instead of softmax": _in_logarithms(SOFTMAX["sigmoid instead of softmax"]),
    "argmax instead of probability": _in_logarithms(SOFTMAX["argmax instead of probability"]),
    "temperature forgotten or inverted": _in_logarithms(_other_temperature),
    "columns out of order": _in_logarithms(_disordered),
}

PREDICT: dict[str, Callable[[Exercise], list[int]]] = {
    "label off by one": lambda e: [p + 1 for p in _predicted(e)],
    "argmin instead of argmax": lambda e: [r.index(min(r)) for r in e.rows],
    "second best class": lambda e: [r.index(sorted(r)[-2]) for r in e.rows],
    "classes swapped": lambda e: [int(r[0] <= 0) for r in e.rows],
    "label instead of prediction": lambda e: e.labels,
}

SUM: dict[str, Callable[[Exercise], float]] = {"mean instead of sum": lambda e: mean(losses(e))}

MADE: dict[str, dict[str, Callable[[Exercise], Any]]] = {
    "ce": CE,
    "ce, sum": SUM,
    "bce": BCE,
    "softmax": SOFTMAX,
    "softmax --log": LOG,
    "predict": PREDICT,
}


def spread(command: str, name: str) -> float:
    """How far apart the logits are, so that the mistake shows."""
    if name.startswith("probabilities clipped"):
        return 40.0  # so that there are probabilities to clip
    if name == "naive exp that overflowed":
        return 800.0
    if name == "float32 arithmetic" and command in ("ce", "bce"):
        return 20000.0  # where seven digits are not enough for four decimals
    return 2.0
