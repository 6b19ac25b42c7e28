"""Focal losses of the NumPy backend, to the last digits, against mpmath."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from softmax_cli.backends import Scores, Shaping
from softmax_cli.backends.numpy.backend import NumpyBackend
from tests import oracle
from tests.oracle import ulps

MOST_ULPS = 4
BACKEND = NumpyBackend("float64")

gammas = st.sampled_from([0.0, 0.1, 0.5, 1.0, 2.0, 2.7, 5.0, 30.0, 1000.0])
shares = st.one_of(st.floats(0, 1), st.floats(-300, 0).map(lambda e: 10.0**e))
sides = st.sampled_from([0.0, 1.0])


def categorical(row: list[float], truth: Any, kind: str, gamma: float, t: float = 1) -> float:
    distribution = BACKEND.categorical(Scores(np.array([row]), kind, t))
    return float(distribution.cross_entropy(np.array([truth]), Shaping(gamma=gamma)).rows[0])


def bernoulli(score: float, y: float, kind: str, **shaping: Any) -> float:
    eps = 0.0 if kind == "probs" else None
    distribution = BACKEND.bernoulli(Scores(np.array([score]), kind, 1, eps))
    return float(distribution.cross_entropy(np.array([y]), Shaping(**shaping)).rows[0])


def focal(losses: list[mpf], gamma: float) -> list[mpf]:
    return [loss * (-mp.expm1(-loss)) ** gamma if loss else mpf(0) for loss in losses]


def test_a_high_power_of_a_small_share() -> None:
    row = [4.988136309015871, -110.48865965171181, -10.839556452833262]
    exact = focal(oracle.losses(row), 5)[0]
    assert ulps(categorical(row, 0, "logits", 5), exact) <= MOST_ULPS


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-600, 600), min_size=2, max_size=6),
    gammas,
    st.sampled_from([1.0, 0.3, 50.0]),
    st.data(),
)
def test_logits(row: list[float], gamma: float, t: float, data: st.DataObject) -> None:
    with mp.workdps(700):
        exact = focal(oracle.losses(row, t), gamma)
    for label in range(len(row)):
        assert ulps(categorical(row, label, "logits", gamma, t), exact[label]) <= MOST_ULPS
    target = data.draw(st.lists(shares, min_size=len(row), max_size=len(row)))
    found = categorical(row, target, "logits", gamma, t)
    assert ulps(found, oracle.expected(target, exact)) <= MOST_ULPS


@settings(max_examples=60, deadline=None)
@given(shares, gammas)
def test_probabilities_and_their_logarithms(p: float, gamma: float) -> None:
    with mp.workdps(700):
        exact = focal([-mp.log(p) if p else mp.inf], gamma)[0]
    assert ulps(categorical([p, 1 - p], 0, "probs", gamma), exact) <= MOST_ULPS
    log_p = math.log(p) if p else -math.inf
    with mp.workdps(700):
        exact = focal([-mpf(log_p)], gamma)[0]
    assert ulps(categorical([log_p, -1.0], 0, "logprobs", gamma), exact) <= MOST_ULPS


def binary(y: float, p: mpf, gamma: float) -> mpf:
    """As torchvision's sigmoid_focal_loss."""
    y_exact = mpf(y)
    loss = (y_exact * -mp.log(p) if y else 0) + ((1 - y_exact) * -mp.log(1 - p) if y < 1 else 0)
    p_t = p * y_exact + (1 - p) * (1 - y_exact)
    return loss * (1 - p_t) ** gamma


@settings(max_examples=100, deadline=None)
@given(st.floats(-300, 300), st.one_of(sides, shares), gammas)
def test_binary_logits(z: float, y: float, gamma: float) -> None:
    with mp.workdps(700):
        exact = binary(y, 1 / (1 + mp.exp(-mpf(z))), gamma)
    assert ulps(bernoulli(z, y, "logits", gamma=gamma), exact) <= MOST_ULPS


@settings(max_examples=100, deadline=None)
@given(st.floats(1e-300, 1 - 2**-53), st.one_of(sides, shares), gammas)
def test_binary_probabilities(p: float, y: float, gamma: float) -> None:
    with mp.workdps(700):
        exact = binary(y, mpf(p), gamma)
        of_log = binary(y, mp.exp(mpf(math.log(p))), gamma)
    assert ulps(bernoulli(p, y, "probs", gamma=gamma), exact) <= MOST_ULPS
    assert ulps(bernoulli(math.log(p), y, "logprobs", gamma=gamma), of_log) <= MOST_ULPS


@settings(max_examples=100, deadline=None)
@given(
    st.floats(-300, 300), st.one_of(sides, shares), st.floats(0, 1), st.sampled_from([None, 2.0])
)
def test_smoothed_binary_targets(z: float, y: float, share: float, gamma: float | None) -> None:
    """1 - y of a smoothed y near 1 has digits of its own."""
    with mp.workdps(700):
        p = 1 / (1 + mp.exp(-mpf(z)))
        smoothed = mpf(y) * (1 - mpf(share)) + mpf(share) / 2
        loss = -(smoothed * mp.log(p) + (1 - smoothed) * mp.log(1 - p))
        exact = loss * (smoothed * (1 - p) + (1 - smoothed) * p) ** (gamma or 0)
    assert ulps(bernoulli(z, y, "logits", smoothing=share, gamma=gamma), exact) <= MOST_ULPS


@pytest.mark.parametrize("kind", ["logits", "probs", "logprobs"])
def test_undefined_is_undefined(kind: str) -> None:
    assert math.isnan(categorical([math.nan, 0.0], 0, kind, 2.0))
    assert math.isnan(bernoulli(math.nan, 1.0, kind, gamma=2.0))


@pytest.mark.parametrize("gamma", [0.0, 2.0, 1e300])
def test_certain_and_impossible(gamma: float) -> None:
    assert categorical([0.0, -math.inf], 0, "logits", gamma) == 0
    assert categorical([0.0, -math.inf], 1, "logits", gamma) == math.inf
    assert bernoulli(1.0, 1.0, "probs", gamma=gamma) == 0
    assert bernoulli(1.0, 0.0, "probs", gamma=gamma) == math.inf


def test_alpha_is_shared_between_the_sides() -> None:
    plain = bernoulli(3.0, 0.9, "logits", gamma=2.0)
    shared = bernoulli(3.0, 0.9, "logits", gamma=2.0, alpha=0.25)
    assert shared == pytest.approx((0.25 * 0.9 + 0.75 * 0.1) * plain, rel=1e-15)
