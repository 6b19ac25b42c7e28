"""Kullback-Leibler divergences of the NumPy backend, to the last digits, against mpmath."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from softmax_cli.backends import Scores
from softmax_cli.backends.numpy.backend import NumpyBackend
from tests import oracle
from tests.calling import quiet
from tests.oracle import ulps

MOST_ULPS = 4


def divergence(scores: Sequence[float], p: Sequence[float], kind: str, t: float = 1) -> float:
    given = Scores(np.array([scores]), kind, t, None)
    return float(NumpyBackend("float64").categorical(given).divergence(np.array([p])).rows[0])


def exact(p: Sequence[float], log_q: Sequence[mpf]) -> mpf:
    """Σ p ln(p/q), 0 for a negative one of distributions as they are when rounded."""
    with mp.workdps(700):
        total = mp.fsum(mpf(w) * (mp.log(w) - log) for w, log in zip(p, log_q, strict=True) if w)
        q = mp.fsum(map(mp.exp, log_q))
        even = abs(q - 1) <= 1e-6 and abs(math.fsum(p) - 1) <= 1e-6
        return mpf(0) if even and total < 0 else total


def check(scores: Sequence[float], p: Sequence[float], kind: str, t: float = 1) -> None:
    with mp.workdps(700):
        if kind == "logits":
            log_q = [-loss for loss in oracle.losses(scores, t)]
        elif kind == "probs":
            log_q = [mp.log(q) if q else -mp.inf for q in scores]
        else:
            log_q = [mpf(x) for x in scores]
        want = exact(p, log_q)
    assert ulps(divergence(scores, p, kind, t), want) <= MOST_ULPS, (want, scores, p)


shares = st.one_of(st.floats(0, 1), st.floats(-300, 0).map(lambda e: 10.0**e), st.just(0.0))
rows = st.lists(shares, min_size=2, max_size=9).filter(lambda row: math.fsum(row) > 0)
distances = st.one_of(st.just(0.0), st.floats(-17, -1).map(lambda e: 10.0**e))


def scaled(row: list[float]) -> list[float]:
    total = math.fsum(row)
    return [value / total for value in row]


@settings(max_examples=100, deadline=None)
@given(rows, st.data())
def test_probabilities(row: list[float], data: st.DataObject) -> None:
    p = scaled(row)
    q = scaled([*data.draw(st.permutations(row))])
    check(q, p, "probs")


@settings(max_examples=100, deadline=None)
@given(rows, st.sampled_from(["probs", "logprobs", "logits"]), st.data())
def test_near_each_other(row: list[float], kind: str, data: st.DataObject) -> None:
    p = scaled(row)
    signs = st.sampled_from([-1.0, 1.0])
    near = [value * (1 + data.draw(signs) * data.draw(distances)) for value in p]
    q = scaled(near)
    if kind == "logits":
        q = [math.log(value) + 3.25 if value else -math.inf for value in q]
    elif kind == "logprobs":
        q = [math.log(value) if value else -math.inf for value in q]
    check(q, p, kind)


@settings(max_examples=100, deadline=None)
@given(
    rows,
    st.sampled_from([1.0, 0.3, 70.0]),
    st.sampled_from([1e-3, 1.0, 30.0, 300.0, 1e5, 1e300]),
    st.data(),
)
def test_logits(row: list[float], t: float, size: float, data: st.DataObject) -> None:
    n = len(row)
    logits = data.draw(st.lists(st.floats(-size, size), min_size=n, max_size=n))
    check(logits, scaled(row), "logits", t)


@pytest.mark.parametrize(
    ("scores", "p", "kind"),
    [
        ([0.5, 0.5], [0.500000001, 0.499999999], "probs"),
        ([0.500000001, 0.499999999], [0.5, 0.5], "probs"),
        ([1e-320, 1.0], [2e-320, 1.0], "probs"),
        ([1.0, 2e-300], [1.0, 1e-300], "probs"),
        ([0.0, -700.0], [1.0, 0.0], "logits"),
        ([0.0, -745.0], [1.0, 0.0], "logits"),
        ([0.0, 0.0], [0.5, 0.5], "logits"),
        ([1.7e308, -1.7e308], [0.5, 0.5], "logits"),
        ([1.7e308, -1.7e308], [1.0, 1e-300], "logits"),
        ([0.0, 40.0, 0.0], [0.0, 1.0, 0.0], "logits"),
        ([0.333, 0.333, 0.334], [0.333, 0.333, 0.333], "probs"),
    ],
)
def test_edges(scores: list[float], p: list[float], kind: str) -> None:
    check(scores, p, kind)


@pytest.mark.parametrize("k", [99, 100, 1000])
def test_many_classes(k: int) -> None:
    draw = np.random.default_rng(k)
    p, q = draw.dirichlet(np.ones(k), 2).tolist()
    check(q, p, "probs")
    check((draw.normal(size=k) * 9).tolist(), p, "logits")
    near = scaled((np.array(p) * (1 + 1e-7 * draw.normal(size=k))).tolist())
    check(near, p, "probs")


@settings(max_examples=100, deadline=None)
@given(rows)
def test_of_itself_nothing(row: list[float]) -> None:
    p = scaled(row)
    assert divergence(p, p, "probs") == 0


def test_what_is_clipped_is_a_number_of_its_own() -> None:
    """In float64 1 - 1e-20 is 1, and its logarithm would be 0."""
    clipped = NumpyBackend("float64").categorical(Scores(np.array([[1.0, 0.0]]), "probs", 1, 1e-20))
    (found,) = clipped.divergence(np.array([[1.0, 0.0]])).rows
    assert ulps(found, -mp.log1p(-mpf(1e-20))) <= MOST_ULPS


def test_a_divergence_that_float64_reaches() -> None:
    logits = "1.7e308,-1.7e308"
    assert quiet("kl", "--from", "logits", logits, "--target", ".5,.5") == "1.7e+308"


def test_impossible_and_undefined() -> None:
    assert divergence([1.0, 0.0], [0.5, 0.5], "probs") == math.inf
    assert divergence([0.0, -math.inf], [0.5, 0.5], "logits") == math.inf
    assert divergence([0.0, -math.inf], [1.0, 0.0], "logits") == 0
    assert math.isnan(divergence([0.0, math.nan], [1.0, 0.0], "logits"))
    assert math.isnan(divergence([0.0, math.inf], [1.0, 0.0], "logits"))
