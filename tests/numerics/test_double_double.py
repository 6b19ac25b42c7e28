"""Double-double arithmetic against mpmath."""

from collections.abc import Callable

import numpy as np
import pytest
from mpmath import mp, mpf

from softmax_cli.data import FloatArray
from softmax_cli.numerics import double_double
from softmax_cli.numerics.double_double import ONE, RELATIVE_ERROR, DoubleDouble

RNG = np.random.default_rng(3)
N = 500
SPREAD = RNG.choice([-1.0, 1.0], N) * 10.0 ** RNG.uniform(-130, 130, N)
UNIT = 10.0 ** RNG.uniform(-16, 0, N)


def doubles(high: FloatArray) -> DoubleDouble:
    """Numbers with 106 bits of their own."""
    return DoubleDouble(high, high * 2.0**-54 * RNG.uniform(-1, 1, len(high)))


def exact(number: DoubleDouble) -> list[mpf]:
    pairs = zip(number.high.tolist(), number.low.tolist(), strict=True)
    return [mpf(high) + mpf(low) for high, low in pairs]


def check(found: DoubleDouble, wanted: list[mpf]) -> None:
    with mp.workdps(80):
        for value, want in zip(exact(found), wanted, strict=True):
            assert abs(value - want) <= RELATIVE_ERROR * abs(want)


@pytest.mark.parametrize(
    "operation", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b]
)
@pytest.mark.parametrize("other", [SPREAD[::-1], SPREAD * (1 + UNIT)])
def test_arithmetic(operation: Callable[..., DoubleDouble], other: FloatArray) -> None:
    a, b = doubles(SPREAD), doubles(other.copy())
    with mp.workdps(80):
        wanted = [operation(x, y) for x, y in zip(exact(a), exact(b), strict=True)]
    check(operation(a, b), wanted)


def test_logarithms() -> None:
    sizes = np.abs(SPREAD)
    for a, b in (
        (doubles(sizes), ONE),
        (doubles(sizes), doubles(sizes[::-1].copy())),
        (doubles(sizes), doubles(sizes * (1 + UNIT))),
        (doubles(1 - UNIT / 2), ONE),
        (DoubleDouble.of(np.full(N, 5e-324)), DoubleDouble.of(sizes)),
    ):
        with mp.workdps(80):
            of_b = exact(b) if b.high.ndim else [mpf(1)] * N
            wanted = [mp.log(x / y) for x, y in zip(exact(a), of_b, strict=True)]
        check(double_double.ln(a, b), wanted)


@pytest.mark.parametrize("sign", [-0.999, 1.0])
def test_logarithms_near_one(sign: float) -> None:
    x = doubles(sign * np.concatenate([UNIT, 10.0 ** RNG.uniform(-250, 0, N)]))
    with mp.workdps(400):
        wanted = [mp.log1p(value) for value in exact(x)]
    check(double_double.ln_1p(x), wanted)


def test_exponentials() -> None:
    x = doubles(RNG.uniform(-600, 600, N))
    with mp.workdps(400):
        check(double_double.exp(x), [mp.exp(value) for value in exact(x)])
        small = doubles(RNG.choice([-1.0, 1.0], N) * 10.0 ** RNG.uniform(-250, 2, N))
        check(double_double.expm1(small), [mp.expm1(value) for value in exact(small)])
    assert double_double.exp(DoubleDouble.of(np.array([-1e300]))).high.tolist() == [0.0]


@pytest.mark.parametrize("n", [1, 2, 3, 8, 17])
def test_sums(n: int) -> None:
    number = doubles(RNG.uniform(-1, 1, n))
    total = number.sum()
    with mp.workdps(80):
        error = abs(mpf(float(total.high)) + mpf(float(total.low)) - mp.fsum(exact(number)))
    assert error <= n * RELATIVE_ERROR
