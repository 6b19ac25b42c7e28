"""The Huber loss of the NumPy backend, against mpmath."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf

from softmax_cli.backends.numpy.backend import NumpyBackend
from softmax_cli.data import Batch, Places
from softmax_cli.job import Job
from softmax_cli.losses import load_measure
from tests.calling import quiet, run
from tests.oracle import ulps

values = st.floats(-1e150, 1e150)
scales = st.one_of(st.floats(1e-3, 1e3), st.floats(1e-100, 1e100))


def loss(x: float, t: float, **options: float) -> float:
    batch = Batch(0, np.array([[x]]), Places("test", [1]), targets=np.array([[t]]))
    job = Job("huber", scores="values", dtype="float64", **options)  # type: ignore[arg-type]
    result = load_measure("huber")(batch, NumpyBackend("float64"), job)
    return float(result.columns["loss"].values[0])


def exact(value: Fraction) -> mpf:
    return mpf(value.numerator) / value.denominator


@settings(max_examples=300, deadline=None)
@given(values, values, scales)
def test_is_within_some_ulp(x: float, t: float, scale: float) -> None:
    d, s = abs(Fraction(x) - Fraction(t)), Fraction(scale)
    huber = d * d / 2 if d <= s else s * (d - s / 2)
    smooth = d * d / s / 2 if d < s else d - s / 2
    assert ulps(loss(x, t, delta=scale), exact(huber)) <= 4
    assert ulps(loss(x, t, beta=scale), exact(smooth)) <= 4


def test_what_is_undefined_or_infinite() -> None:
    for options in ({}, {"delta": 2.0}, {"beta": 2.0}, {"beta": 0.0}):
        assert math.isnan(loss(math.nan, 0.0, **options))
        assert loss(math.inf, 0.0, **options) == math.inf
        assert loss(3.0, 3.0, **options) == 0


def test_by_default_delta_is_one() -> None:
    args = ("huber", "2.5", "0", "2", "8", "--target", "3,-0.5,2,4")
    assert quiet(*args) == quiet(*args, "--delta", "1") == str((0.125 + 0.125 + 0 + 3.5) / 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--delta", "1", "--beta", "1"), "--delta and --beta exclude each other"),
        (("--delta", "0"), "--delta must be a finite number above 0"),
        (("--delta", "nan"), "--delta must be a finite number above 0"),
        (("--beta", "-1"), "--beta must be a finite number from 0 on"),
    ],
)
def test_impossible_shapes(options: tuple[str, ...], message: str) -> None:
    code, _, err = run("huber", "1", "--target", "2", *options)
    assert code == 2
    assert message in err
