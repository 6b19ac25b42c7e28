"""Sigmoid and binary cross-entropy of the NumPy backend, against mpmath."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from softmax_cli.backends import Scores
from softmax_cli.backends.numpy.backend import NumpyBackend
from tests import oracle
from tests.oracle import ulps

MOST_ULPS = 4
BACKEND = NumpyBackend("float64")

targets = st.one_of(st.sampled_from([0.0, 1.0, 1e-20, 1 - 2**-53, 0.5]), st.floats(1e-300, 1))
temperatures = st.one_of(st.just(1.0), st.floats(1e-3, 1e3))


def loss(score: float, y: float, kind: str, eps: float | None = None, t: float = 1) -> float:
    distribution = BACKEND.bernoulli(Scores(np.array([score]), kind, t, eps))
    return float(distribution.cross_entropy(np.array([y])).rows[0])


def expected(y: float, if_zero: mpf, if_one: mpf) -> mpf:
    return oracle.expected([mpf(1) - mpf(y), y], [if_zero, if_one])


@pytest.mark.parametrize(
    ("score", "y", "kind", "eps", "exact"),
    [
        (-40.0, 0, "logits", None, 4.2483542552915889e-18),
        (math.inf, 1, "logits", None, 0.0),
        (-math.inf, 0, "logits", None, 0.0),
        (math.inf, 0, "logits", None, math.inf),
        (-math.inf, 1, "logits", None, math.inf),
        (1e-50, 1, "probs", 0.0, 115.12925464970229),
        (1e-50, 1, "probs", None, 100.0),
        (0.0, 1, "probs", 0.0, math.inf),
        (1.0, 0, "probs", None, 100.0),
    ],
)
def test_table(score: float, y: int, kind: str, eps: float | None, exact: float) -> None:
    assert loss(score, y, kind, eps) == exact


def test_nan_is_nan() -> None:
    for kind in ("logits", "probs", "logprobs"):
        for y in (0.0, 0.5, 1.0):
            assert math.isnan(loss(math.nan, y, kind))


logits = st.one_of(st.floats(-800, 800), st.floats(allow_nan=False, allow_infinity=False))


@settings(max_examples=300, deadline=None)
@given(logits, targets, temperatures)
def test_logits(z: float, y: float, t: float) -> None:
    exact = expected(y, *oracle.bernoulli_losses(z, t))
    assert ulps(loss(z, y, "logits", t=t), exact) <= MOST_ULPS
    single = NumpyBackend("float32").bernoulli(Scores(np.array([z]), "logits", t, None))
    of_float32: dict[str, Any] = {"bits": 24, "smallest": -149}
    assert ulps(single.cross_entropy(np.array([y])).rows[0], exact, **of_float32) <= 1
    sigmoid = BACKEND.bernoulli(Scores(np.array([z]), "logits", t, None)).probabilities()[0]
    assert ulps(sigmoid, oracle.softmax([0.0, z], t)[1]) <= MOST_ULPS


probabilities = st.one_of(
    st.floats(0, 1), st.floats(-320, 0).map(lambda e: 10.0**e), st.just(1 - 2**-53)
)


@settings(max_examples=300, deadline=None)
@given(probabilities, targets, st.sampled_from([0.0, 1e-15, 1e-30]))
def test_probabilities(p: float, y: float, eps: float) -> None:
    clipped = min(max(mpf(p), mpf(eps)), 1 - mpf(eps))
    if_zero = mp.inf if clipped == 1 else -mp.log1p(-clipped)
    if_one = mp.inf if clipped == 0 else -mp.log(clipped)
    assert ulps(loss(p, y, "probs", eps), expected(y, if_zero, if_one)) <= MOST_ULPS


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.floats(-800, -1e-300), st.floats(-2, -0.1)), targets)
def test_log_probabilities(log_p: float, y: float) -> None:
    x = mpf(log_p)
    if_zero = -mp.log(-mp.expm1(x)) if x > -1 else -mp.log1p(-mp.exp(x))
    assert ulps(loss(log_p, y, "logprobs"), expected(y, if_zero, -x)) <= MOST_ULPS


@settings(max_examples=200, deadline=None)
@given(logits, st.integers(0, 1))
def test_is_cross_entropy_of_two_classes(z: float, label: int) -> None:
    two = BACKEND.categorical(Scores(np.array([[0.0, z]]), "logits", 1, None))
    other = float(two.cross_entropy(np.array([label])).rows[0])
    assert abs(loss(z, label, "logits") - other) <= math.ulp(other) or math.isinf(other)
