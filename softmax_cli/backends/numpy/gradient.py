"""Gradients by formula: the derivative of each loss by each input, in float64."""

import numpy as np

from softmax_cli.backends.numpy.backend import NumpyBackend
from softmax_cli.data import FloatArray
from softmax_cli.numerics.precision import round_to

BCE_FLOOR = float(np.float32(1e-12))
"""What PyTorch's BCELoss divides by at least, where p (1 - p) is smaller; it is a float32 there."""


class NumpyGradient:
    """See ``gradient.Gradient``."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def categorical(
        self,
        scores: FloatArray,
        kind: str,
        temperature: float,
        eps: float | None,
        targets: FloatArray,
    ) -> FloatArray:
        if kind == "probs":
            gradient = _over(targets, scores, eps)
        elif kind == "logprobs" and temperature == 1:
            gradient = -targets
        else:
            p = NumpyBackend("float64").categorical(scores, kind, temperature, None).probabilities()
            gradient = _softmax_minus(p, targets) / temperature
        return round_to(gradient, self.dtype)

    def bernoulli(
        self,
        scores: FloatArray,
        kind: str,
        temperature: float,
        eps: float | None,
        targets: FloatArray,
    ) -> FloatArray:
        if kind == "logits":
            backend = NumpyBackend("float64")
            p = backend.bernoulli(scores, kind, temperature, None).probabilities()
            rest = backend.bernoulli(-scores, kind, temperature, None).probabilities()
            gradient = ((1 - targets) * p - targets * rest) / temperature
        elif kind == "logprobs":
            with np.errstate(divide="ignore", invalid="ignore"):
                odds = np.exp(scores) / -np.expm1(scores)
            gradient = np.where(targets == 1, 0.0, (1 - targets) * odds) - targets
        else:
            p = scores if eps is None else scores.clip(eps, 1 - eps)
            gradient = (p - targets) / np.maximum(p * (1 - p), BCE_FLOOR)
            gradient = np.where(p == scores, gradient, 0.0)
        return round_to(gradient, self.dtype)


def _softmax_minus(p: FloatArray, targets: FloatArray) -> FloatArray:
    """p times the sum of the target, minus the target (n, k).

    At a label that is nearly certain, p - 1 would have lost its digits: it is minus the sum of
    the others.
    """
    gradient = p * targets.sum(axis=1, keepdims=True) - targets
    labels = targets.argmax(axis=1)
    hard = np.flatnonzero(targets.max(axis=1) == 1)
    others = p[hard]
    others[np.arange(len(hard)), labels[hard]] = 0.0
    undefined = np.isnan(p[hard]).any(axis=1)
    gradient[hard, labels[hard]] = np.where(undefined, np.nan, -others.sum(axis=1))
    return np.asarray(gradient)


def _over(targets: FloatArray, p: FloatArray, eps: float | None) -> FloatArray:
    """-target / p, where the target is not 0; 0 where p is clipped and does not matter."""
    clipped = p if eps is None else p.clip(eps, 1 - eps)
    with np.errstate(divide="ignore"):
        gradient = np.divide(-targets, clipped, where=targets != 0, out=np.zeros_like(p))
    return np.where(clipped == p, gradient, 0.0)
