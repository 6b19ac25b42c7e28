"""Softmax and cross-entropy of the NumPy backend, to the last digits, against mpmath."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from softmax_cli.backends import Categorical, Scores, Shaping
from softmax_cli.backends.numpy.backend import NumpyBackend
from tests import oracle
from tests.oracle import ulps

MOST_ULPS = 4
FLOAT32: dict[str, Any] = {"bits": 24, "smallest": -149}

magnitudes = st.floats(-300, 308).map(lambda exponent: 10.0**exponent)
gaps = st.one_of(
    st.sampled_from([0.0, 5e-324, 1e-300, 1.0, 36.7, 40.0, 708.4, 745.1, 1e5, 1e308, math.inf]),
    st.floats(0, 800),
    magnitudes,
)


@st.composite
def rows(draw: st.DrawFn, most_classes: int = 12) -> list[float]:
    """Logits around a greatest one: near and far, tied, masked, subnormal, huge."""
    greatest = draw(st.one_of(st.floats(-50, 50), st.floats(-1.7e308, 1.7e308), magnitudes))
    some = draw(st.lists(gaps, min_size=1, max_size=min(11, most_classes - 1)))
    often = draw(st.integers(1, max(1, (most_classes - 1) // len(some))))
    row = [greatest]
    for gap in some * often:
        row.append(-math.inf if gap == math.inf else max(greatest - gap, -1.7e308))
    return draw(st.permutations(row)) if len(row) < 20 else row


temperatures = st.one_of(st.just(1.0), st.sampled_from([0.5, 3.0, 0.07]), st.floats(1e-3, 1e3))


def distribution(
    row: list[float], temperature: float = 1, dtype: str = "float64", kind: str = "logits"
) -> Categorical:
    return NumpyBackend(dtype).categorical(
        Scores(np.array([row], dtype=np.float64), kind, temperature, None)
    )


def loss(row: list[float], label: int, **settings: Any) -> float:
    return float(distribution(row, **settings).cross_entropy(np.array([label])).rows[0])


def soft_loss(row: list[float], target: list[float], **settings: Any) -> float:
    return float(distribution(row, **settings).cross_entropy(np.array([target])).rows[0])


def check(row: list[float], temperature: float, classes: list[int]) -> None:
    exact_p, exact_loss = oracle.softmax(row, temperature), oracle.losses(row, temperature)
    double, single = distribution(row, temperature), distribution(row, temperature, "float32")
    p, log_p, p32 = double.probabilities(), double.log_probabilities(), single.probabilities()
    for c in classes:
        label = np.array([c])
        assert ulps(p[0, c], exact_p[c]) <= MOST_ULPS
        assert ulps(log_p[0, c], -exact_loss[c]) <= MOST_ULPS
        assert ulps(double.cross_entropy(label).rows[0], exact_loss[c]) <= MOST_ULPS
        assert ulps(p32[0, c], exact_p[c], **FLOAT32) <= 1
        assert ulps(single.cross_entropy(label).rows[0], exact_loss[c], **FLOAT32) <= 1


# The table ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "label", "expected"),
    [
        ([0, -40], 0, 4.2483542552915889e-18),
        ([30, -8, 1], 0, 2.5439796e-13),
        ([88.8, 0, 0], 0, 5.441016e-39),
        ([0.1, -700.3], 0, 6.6e-305),
        ([1e308, -1e308], 0, 0.0),
        ([1e308, -1e308], 1, math.inf),
        ([-math.inf, 0], 1, 0.0),
    ],
)
def test_losses_that_libraries_lose(row: list[float], label: int, expected: float) -> None:
    assert loss(row, label) == pytest.approx(expected, rel=1e-2, abs=0)
    assert ulps(loss(row, label), oracle.losses(row)[label]) <= MOST_ULPS


def test_logits_that_float32_cannot_tell_apart() -> None:
    exact = oracle.losses([1e8 + 8, 1e8])[0]
    assert ulps(loss([1e8 + 8, 1e8], 0, dtype="float32"), exact, **FLOAT32) <= 1


def test_masked_class_with_zero_target() -> None:
    assert soft_loss([-math.inf, 0], [0, 1]) == 0
    assert soft_loss([-math.inf, 0], [1, 0]) == math.inf


@pytest.mark.parametrize("row", [[1000.0, 0.0], [1e5, 1e5 - 1e-5]])
def test_softmax_of_large_logits(row: list[float]) -> None:
    check(row, 1.0, [0, 1])


# Against mpmath ---------------------------------------------------------------------------


@settings(max_examples=250, deadline=None)
@given(rows(), temperatures)
def test_few_classes(row: list[float], temperature: float) -> None:
    check(row, temperature, list(range(len(row))))


@settings(max_examples=25, deadline=None)
@given(rows(most_classes=1000), temperatures)
def test_many_classes(row: list[float], temperature: float) -> None:
    check(row, temperature, [0, 1, len(row) // 2, len(row) - 1])


@pytest.mark.parametrize("k", [2, 3, 10, 35, 99, 100, 129, 478, 842, 1000])
def test_equal_terms_do_not_pile_up_roundings(k: int) -> None:
    for gap in np.linspace(0.0, 2.5, 11).tolist():
        check([0.0, *[-gap] * (k - 1)], 1.0, [0, 1])


@pytest.mark.parametrize("k", [2, 10, 1000])
def test_equal_terms_that_are_subnormal(k: int) -> None:
    for gap in (705.3, 713.967, 740.9, 744.6, 750.2, 752.5):
        check([0.0, *[-gap] * (k - 1)], 1.0, [0, 1])


@settings(max_examples=150, deadline=None)
@given(rows(), temperatures, st.data())
def test_soft_targets(row: list[float], temperature: float, data: st.DataObject) -> None:
    weights = st.one_of(st.just(0.0), st.floats(1e-12, 1))
    target = data.draw(st.lists(weights, min_size=len(row), max_size=len(row)))
    total = math.fsum(target)
    assume(total > 0)
    target = [weight / total for weight in target]
    exact = oracle.expected(target, oracle.losses(row, temperature))
    assert ulps(soft_loss(row, target, temperature=temperature), exact) <= MOST_ULPS
    single = soft_loss(row, target, temperature=temperature, dtype="float32")
    assert ulps(single, exact, **FLOAT32) <= 1


@settings(max_examples=60, deadline=None)
@given(rows(), temperatures, st.sampled_from([0.1, 0.3, 1e-3]), st.data())
def test_smoothed_labels(
    row: list[float], temperature: float, share: float, data: st.DataObject
) -> None:
    label = data.draw(st.integers(0, len(row) - 1))
    losses = oracle.losses(row, temperature)
    exact = (1 - mpf(share)) * losses[label] + mpf(share) / len(row) * mp.fsum(losses)
    shaped = distribution(row, temperature).cross_entropy(
        np.array([label]), Shaping(smoothing=share)
    )
    assert ulps(float(shaped.rows[0]), exact) <= MOST_ULPS


def test_smoothing_adds_no_roundings_of_its_own() -> None:
    row = [-0.0002238792121983966, 0.0011262888182686337, 0.0011744594489602445]
    row += [0.00041522091158220815, -0.0006815432864507633, -0.0007386757373150634]
    row += [0.0007383108286424194]
    losses = oracle.losses(row, 5.0)
    exact = (1 - mpf(0.3)) * losses[1] + mpf(0.3) / 7 * mp.fsum(losses)
    shaped = distribution(row, 5.0).cross_entropy(np.array([1]), Shaping(smoothing=0.3))
    assert ulps(float(shaped.rows[0]), exact) <= MOST_ULPS  # it was 4.53


@settings(max_examples=150, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=9), st.data())
def test_probabilities(p: list[float], data: st.DataObject) -> None:
    target = data.draw(st.lists(st.floats(0, 1), min_size=len(p), max_size=len(p)))
    exact = [-mp.log(value) if value else mp.inf for value in p]
    assert ulps(loss(p, 0, kind="probs"), exact[0]) <= MOST_ULPS
    tiny = any(0 < weight < 1e-290 for weight in target)  # products below all that a sum shows
    assume(not tiny)
    assert ulps(soft_loss(p, target, kind="probs"), oracle.expected(target, exact)) <= MOST_ULPS


def test_eps_clips_in_real_numbers() -> None:
    """In float64 1 - 1e-20 is 1, and -ln 1 would be 0."""
    clipped = NumpyBackend("float64").categorical(Scores(np.array([[1.0, 0.0]]), "probs", 1, 1e-20))
    exact = [-mp.log1p(-mpf(1e-20)), -mp.log(mpf(1e-20))]
    for label in (0, 1):
        assert ulps(clipped.cross_entropy(np.array([label])).rows[0], exact[label]) <= MOST_ULPS


def test_log_probabilities_are_picked_and_negated() -> None:
    assert loss([-0.1, -3.2], 1, kind="logprobs") == 3.2
    assert soft_loss([-math.inf, 0.0], [0, 1], kind="logprobs") == 0


# What must hold whatever the numbers ------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=120), st.integers(-(2**40), 2**40))
def test_shift_invariance(row: list[int], shift: int) -> None:
    """Shifts by whole numbers are exact, so that not one bit may change."""
    one, other = (distribution([float(x + by) for x in row]) for by in (0, shift))
    assert one.probabilities().tolist() == other.probabilities().tolist()
    assert one.log_probabilities().tolist() == other.log_probabilities().tolist()


@settings(max_examples=100, deadline=None)
@given(rows(most_classes=200))
def test_probabilities_sum_to_one(row: list[float]) -> None:
    total = math.fsum(distribution(row).probabilities()[0])
    assert abs(total - 1) <= 2 * math.ulp(1)


@settings(max_examples=100, deadline=None)
@given(rows(), st.data())
def test_index_is_one_hot(row: list[float], data: st.DataObject) -> None:
    label = data.draw(st.integers(0, len(row) - 1))
    one_hot = [float(c == label) for c in range(len(row))]
    assert loss(row, label) == soft_loss(row, one_hot)


@pytest.mark.parametrize("k", [10, 1000])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_sample_does_not_depend_on_its_batch(k: int, order: str) -> None:
    scores = np.random.default_rng(0).normal(size=(50, k)) * 9
    together = NumpyBackend("float64").categorical(
        Scores(np.array(scores, order="C" if order == "C" else "F"), "logits", 1, None)
    )
    alone = [distribution(row.tolist()).probabilities()[0].tolist() for row in scores]
    assert together.probabilities().tolist() == alone


@pytest.mark.parametrize("row", [[math.nan, 0.0], [math.inf, 0.0], [-math.inf, -math.inf]])
def test_undefined_rows_are_nan_and_spoil_no_other(row: list[float]) -> None:
    batch = NumpyBackend("float64").categorical(
        Scores(np.array([row, [0.0, -40]]), "logits", 1, None)
    )
    losses = batch.cross_entropy(np.array([1, 0])).rows
    assert math.isnan(losses[0])
    assert losses[1] == loss([0.0, -40.0], 0)
    assert np.isnan(batch.probabilities()[0]).all()
    assert math.isnan(batch.cross_entropy(np.array([[0.5, 0.5], [1, 0]])).rows[0])
