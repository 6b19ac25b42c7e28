"""Totals: exactly rounded, whatever the order, the batches and the merging."""

import math
import pickle
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softmax_cli.job import Job
from softmax_cli.numerics.exact_sum import ExactSum
from softmax_cli.stages.totals import Summary

finite = st.floats(allow_nan=False, allow_infinity=False)
LARGEST = 1.7976931348623157e308


def total(values: list[float]) -> ExactSum:
    result = ExactSum()
    result.add(np.array(values, dtype=np.float64))
    return result


def rounded(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


@settings(max_examples=300, deadline=None)
@given(st.lists(finite, min_size=1, max_size=60))
def test_exactly_rounded(values: list[float]) -> None:
    exact = sum(map(Fraction, values), Fraction())
    assert total(values).divided_by(1) == rounded(exact)
    assert total(values).divided_by(len(values)) == rounded(exact / len(values))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(), max_size=30), st.randoms(use_true_random=False))
def test_merging_in_any_order(values: list[float], rng: random.Random) -> None:
    parts = [total(values[i : i + 3]) for i in range(0, len(values), 3)]
    rng.shuffle(parts)
    while len(parts) > 1:
        one, other = parts.pop(rng.randrange(len(parts))), parts.pop()
        merged = pickle.loads(pickle.dumps(one))
        merged.merge(other)
        parts.append(merged)
    whole = total(values)
    assert (parts or [whole])[0] == whole


@pytest.mark.parametrize("n", [1, 16383, 16384, 16385, 40000])
@pytest.mark.parametrize("value", [LARGEST, 0.1, 5e-324, -LARGEST, 2.0**900 * (1 - 2**-53)])
def test_long_sums_of_one_value(value: float, n: int) -> None:
    exact = Fraction(value) * n
    result = total([value] * n)
    assert result.divided_by(1) == rounded(exact)
    assert result.divided_by(n) == value


def test_all_magnitudes_at_once() -> None:
    rng = np.random.default_rng(0)
    values = np.ldexp(rng.uniform(-1, 1, 20000), rng.integers(-1074, 1024, 20000))
    exact = sum(map(Fraction, values.tolist()), Fraction())
    assert total(values.tolist()).divided_by(3) == rounded(exact / 3)


def test_two_losses_whose_sum_overflows() -> None:
    assert total([1.7e308, 1.7e308]).divided_by(1) == math.inf
    assert total([1.7e308, 1.7e308]).divided_by(2) == 1.7e308


def test_ten_million_small_losses_and_a_large_one() -> None:
    losses = np.full(10_000_001, 0.1)
    exact = (Fraction(0.1) * 10_000_000 + 10**16) / 10_000_001
    for position in (0, 5_000_000, 10_000_000):
        losses[position] = 1e16
        result = ExactSum()
        for start in range(0, len(losses), 999_999):
            result.add(losses[start : start + 999_999])
        assert result.divided_by(len(losses)) == float(exact)
        losses[position] = 0.1


def test_infinities_and_nan() -> None:
    assert total([math.inf, 1.0]).divided_by(2) == math.inf
    assert total([-math.inf, 1e308]).divided_by(2) == -math.inf
    assert math.isnan(total([math.inf, -math.inf]).divided_by(2))
    assert math.isnan(total([math.nan, 1.0]).divided_by(2))


def test_mean_is_rounded_to_a_narrower_dtype_once() -> None:
    """The mean lies just above the middle of two float32 numbers, by less than float64 shows."""
    values = [1.0, 2.0**-24, 2.0**-80]
    assert total(values).divided_by(1, "float32") == 1 + 2.0**-23


def test_summary_is_picklable() -> None:
    summary = Summary(Job("ce"))
    summary.loss.add(np.array([0.1, math.inf]))
    assert pickle.loads(pickle.dumps(summary)) == summary
