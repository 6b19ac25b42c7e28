"""Cross-entropy of float32 logits of many classes: within 1 ulp of float32, against mpmath."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softmax_cli.backends import Scores, Shaping
from softmax_cli.backends.numpy.backend import NumpyBackend
from softmax_cli.backends.numpy.single import ROW_CLASSES, FromSingleLogits
from softmax_cli.data import NO_CLASS, FloatArray, SingleArray, one_hot
from tests import oracle
from tests.calling import run

FEW = 3  # rows that mpmath looks at; float64, itself held to a few ulp, looks at all


def losses(logits: SingleArray, labels: list[int]) -> FloatArray:
    distribution = NumpyBackend("float32").categorical(Scores(logits, "logits", 1.0, None))  # type: ignore[arg-type]
    assert isinstance(distribution, FromSingleLogits)
    return distribution.cross_entropy(np.array(labels)).rows


def in_float64(logits: SingleArray, labels: list[int]) -> FloatArray:
    distribution = NumpyBackend("float64").categorical(Scores(logits, "logits", 1.0, None))  # type: ignore[arg-type]
    return distribution.cross_entropy(np.array(labels)).rows


def most_ulps(found: FloatArray, exact: FloatArray) -> float:
    with np.errstate(invalid="ignore"):
        off = np.abs(found - exact) / np.spacing(exact.astype(np.float32)).astype(np.float64)
    same = (found == exact) | (np.isnan(found) & np.isnan(exact))
    return float(np.where(same, 0, off).max())


def logits_like(kind: str, n: int = 24, k: int = 5003) -> SingleArray:
    rng = np.random.default_rng(len(kind))
    x = rng.standard_normal((n, k))
    if kind == "peaked":
        x[np.arange(n), rng.integers(0, k, n)] += rng.uniform(5, 20, n)
    elif kind == "confident":
        x[np.arange(n), rng.integers(0, k, n)] += np.linspace(20, 120, n)
    elif kind == "shifted":
        x = 4 * x + np.linspace(-5e4, 70, n)[:, np.newaxis]
    elif kind == "wide":
        x *= np.geomspace(1e-6, 1e4, n)[:, np.newaxis]
    elif kind == "equal":
        x = np.repeat(np.linspace(-60, 60, n)[:, np.newaxis], k, axis=1)
    elif kind == "masked":
        x[rng.random((n, k)) < 0.9] = -np.inf
        x[0], x[0, 7] = -np.inf, 3
    return x.astype(np.float32)


@pytest.mark.parametrize(
    "kind", ["random", "peaked", "confident", "shifted", "wide", "equal", "masked"]
)
def test_losses_are_within_an_ulp(kind: str) -> None:
    x = logits_like(kind)
    best, last = x.argmax(axis=1).tolist(), [x.shape[1] - 1] * len(x)
    for labels in (best, last):
        assert most_ulps(losses(x, labels), in_float64(x, labels)) <= 1
    exact = [oracle.losses(row.tolist())[label] for row, label in zip(x[:FEW], best, strict=False)]
    for found, value in zip(losses(x[:FEW], best[:FEW]), exact, strict=True):
        assert oracle.ulps(float(found), value, bits=24, smallest=-149) <= 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 40), st.floats(-300, 120), st.floats(0, 60))
def test_losses_at_any_scale(seed: int, scale: float, shift: float, lead: float) -> None:
    x = np.random.default_rng(seed).standard_normal((2, ROW_CLASSES)) * scale + shift
    x[:, 5] += lead
    single = x.astype(np.float32)
    assert most_ulps(losses(single, [5, 9]), in_float64(single, [5, 9])) <= 1


def test_what_is_undefined() -> None:
    x = np.zeros((4, ROW_CLASSES), dtype=np.float32)
    x[0, 3], x[1, 3], x[2], x[3, 0] = np.nan, np.inf, -np.inf, -np.inf
    labels = np.zeros(4, dtype=np.int64)
    distribution = FromSingleLogits(x)
    assert np.isnan(distribution.cross_entropy(labels).rows[:3]).all()
    assert distribution.cross_entropy(labels).rows[3] == np.inf
    assert distribution.predicted().tolist() == [NO_CLASS] * 3 + [1]


def test_results_follow_the_dtype_of_an_array(tmp_path: Path) -> None:
    x = logits_like("random")
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", np.arange(len(x)))
    x_file, y_file = str(tmp_path / "x.npy"), str(tmp_path / "y.npy")
    args = ("ce", x_file, "-l", y_file, "-fjson", "--no-probabilities")
    single, double = run(*args)[1], run(*args, "--dtype", "float64")[1]
    assert "|dtype:float32|" in single
    assert "|dtype:float64|" in double


@pytest.mark.parametrize(
    "shaping",
    [Shaping(np.linspace(0, 2, ROW_CLASSES)), Shaping(smoothing=0.1), Shaping(gamma=2.0)],
    ids=["weight", "smoothing", "gamma"],
)
def test_what_is_asked_of_other_logits_is_answered_here(shaping: Shaping) -> None:
    x = logits_like("random", k=ROW_CLASSES)
    labels = np.arange(len(x))
    targets = one_hot(labels, ROW_CLASSES)
    single = NumpyBackend("float32").categorical(Scores(x))  # type: ignore[arg-type]
    double = NumpyBackend("float64").categorical(Scores(x))  # type: ignore[arg-type]
    for truth in (labels, targets):
        loss = single.cross_entropy(truth, shaping).rows
        assert most_ulps(loss, double.cross_entropy(truth, shaping).rows) <= 1
    assert most_ulps(single.divergence(targets).rows, double.divergence(targets).rows) <= 1
    np.testing.assert_allclose(single.gradient(targets), double.gradient(targets), rtol=1e-6)
