"""Probabilities, clipped, and their logarithms, as both kinds of distributions need them."""

from math import inf, log, log1p

import numpy as np

from softmax_cli.data import FloatArray

ieee = np.errstate(divide="ignore", over="ignore", invalid="ignore")
"""Decorates what is meant to give inf and nan where IEEE 754 does: ln 0 = -inf."""


def clip(p: FloatArray, eps: float | None) -> FloatArray:
    """The probabilities clipped to [eps, 1 - eps] unless eps is None."""
    return p if eps is None else p.clip(eps, 1 - eps)


@ieee
def log_p(p: FloatArray, eps: float | None) -> FloatArray:
    """ln p, with p clipped to [eps, 1 - eps] unless eps is None."""
    return _clip(np.log(p), eps)


@ieee
def log_q(p: FloatArray, eps: float | None) -> FloatArray:
    """ln(1 - p), with p clipped to [eps, 1 - eps] unless eps is None."""
    return _clip(np.log1p(-p), eps)


@ieee
def log1mexp(log_p: FloatArray) -> FloatArray:
    """ln(1 - p) of ln p, accurate at both ends (Mächler, "log1mexp", 2012)."""
    near_one = np.log(-np.expm1(log_p))
    return np.where(log_p > -log(2), near_one, np.log1p(-np.exp(log_p)))


def _clip(logs: FloatArray, eps: float | None) -> FloatArray:
    """The logarithms are clipped, not p: in float64, 1 - 1e-17 would be 1."""
    if eps is None:
        return logs
    return logs.clip(log(eps) if eps else -inf, log1p(-eps))
