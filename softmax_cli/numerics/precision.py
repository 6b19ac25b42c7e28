"""Rounding float64 to narrower dtypes, bfloat16 (which NumPy lacks) among them."""

from typing import NamedTuple

import numpy as np

from softmax_cli.data import FloatArray


class Precision(NamedTuple):
    """A binary floating-point format: significant bits, exponent of its smallest step, maximum."""

    bits: int
    smallest_step: int
    largest: float


PRECISIONS = {
    "float64": Precision(53, -1074, float.fromhex("0x1.fffffffffffffp+1023")),
    "float32": Precision(24, -149, float.fromhex("0x1.fffffep+127")),
    "float16": Precision(11, -24, 65504.0),
    "bfloat16": Precision(8, -133, float.fromhex("0x1.fep+127")),
}


def machine_epsilon(dtype: str) -> float:
    """The distance from 1 to the next number of ``dtype``."""
    return 2.0 ** (1 - PRECISIONS[dtype].bits)


def round_to(values: FloatArray, dtype: str) -> FloatArray:
    """``values`` rounded to the nearest number of ``dtype``, ties to even, still as float64."""
    if dtype == "float64":
        return values
    if dtype != "bfloat16":
        with np.errstate(over="ignore"):
            return values.astype(dtype).astype(np.float64)
    bits, smallest_step, largest = PRECISIONS[dtype]
    _, exponent = np.frexp(values)
    step = np.maximum(exponent - bits, smallest_step)
    rounded = np.ldexp(np.rint(np.ldexp(values, -step)), step)
    return np.where(np.abs(rounded) > largest, np.copysign(np.inf, values), rounded)
