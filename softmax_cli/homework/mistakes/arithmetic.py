"""The right formula, badly computed: clipped, in low precision, overflown, rounded too early.

For losses the values are (n,), for rows of probabilities (n, k). A binary output is worked as
two classes, of logits 0 and z.
"""

from functools import partial
from typing import Any

import numpy as np

from softmax_cli.data import FloatArray
from softmax_cli.homework.exercise import Exercise, binary_loss, sigmoid, softmax
from softmax_cli.homework.mistakes.mistake import Chapter, Outcomes

mistake = Chapter()
mistake_far_off = Chapter()
mistake_in_mean = Chapter()

_Narrow = np.ndarray[Any, Any]
CLIPS = (
    (1e-7, "Keras"),
    (1e-15, "scikit-learn before 1.3"),
    (float(np.finfo(np.float32).eps), "scikit-learn for float32"),
    (float(np.finfo(np.float64).eps), "scikit-learn from 1.3"),
    (1e-12, "hand-written code, by habit"),
)
_WHY_HALF = "half precision carries three digits"
_WHY_SINGLE = "single precision carries seven digits"
_WHY_ROUNDED = "intermediate results were rounded; keep all digits until the end"


def _logits(e: Exercise) -> FloatArray:
    """(n, k) logits; of a binary output, with k = 2."""
    if e.n_classes > 1:
        return e.logits
    return np.column_stack([np.zeros_like(e.z), e.z])


def _probabilities(e: Exercise) -> FloatArray:
    """(n, k) probabilities; of a binary output, with k = 2."""
    return e.probabilities if e.n_classes > 1 else np.column_stack([1 - e.p, e.p])


def _pick(e: Exercise, values: FloatArray) -> FloatArray:
    """The label's value (n,), or the rows as they are if there is no label."""
    if e.targets is None:
        return values
    if e.n_classes > 1:
        return e.of_targets(values)
    targets = np.column_stack([1 - e.y, e.y])
    return np.asarray(np.where(targets == 0, 0.0, targets * values).sum(axis=1))


def _loss(e: Exercise, probabilities: FloatArray) -> FloatArray:
    """-ln p[label], or the rows themselves."""
    return probabilities if e.targets is None else _pick(e, -np.log(probabilities))


@mistake_far_off(
    "naive exp that overflowed",
    "e to the power of a large logit is infinite; subtract the greatest logit first",
)
def overflown(e: Exercise) -> Outcomes:
    for dtype in (np.float64, np.float32, np.float16):
        powers = np.exp(_logits(e).astype(dtype))
        p = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float64)
        lost = ~np.isfinite(_loss(e, p))
        yield np.dtype(dtype).name, np.where(lost, _loss(e, p), e.truth)
    if e.n_classes == 1 and e.targets is not None:
        p = 1 / (1 + np.exp(-e.z))
        naive = -np.where(e.y == 1, np.log(p), np.log(1 - p))
        yield "float64", np.where(np.isfinite(naive), e.truth, naive)
        yield "float64", -(e.y * np.log(p) + (1 - e.y) * np.log(1 - p))


@mistake("rounded too early", _WHY_ROUNDED)
def rounded_probabilities(e: Exercise) -> Outcomes:
    if e.targets is None:
        return
    for digits in (4, 3, 2):
        yield f"probabilities to {digits} decimals", _loss(e, _probabilities(e).round(digits))


def _narrow(values: FloatArray, dtype: type[np.floating]) -> FloatArray:
    return values.astype(dtype).astype(np.float64)


def _log_softmax(x: _Narrow, dtype: type[np.floating]) -> _Narrow:
    """x - max - ln(sum) as NumPy does it or, of x in float32, as PyTorch on the CPU.

    PyTorch keeps float16 in float32, but rounds the sum and its logarithm (found by trying).
    """
    shifted = x - x.max(axis=1, keepdims=True)
    total = np.exp(shifted).sum(axis=1, keepdims=True).astype(dtype)
    return np.asarray(shifted - np.log(total.astype(x.dtype)).astype(dtype))


def _low_precision(e: Exercise, dtype: type[np.floating]) -> Outcomes:
    """The ways to compute in a narrow precision differ in what they round, and so in digits."""
    x = _logits(e).astype(dtype)
    yield "", _narrow(e.truth, dtype)  # only the result
    yield "", _narrow(_loss(e, softmax(x.astype(np.float64))), dtype)  # input and result
    for powers in (np.exp(x), np.exp(x - x.max(axis=1, keepdims=True))):
        p = powers / powers.sum(axis=1, keepdims=True)
        if e.targets is None:
            yield "", p.astype(np.float64)
        else:
            yield "", _pick(e, -np.log(p).astype(np.float64))
            yield "", _narrow(_pick(e, -np.log(p.astype(np.float64))), dtype)
    if e.targets is not None:
        for logs in (_log_softmax(x, dtype), _log_softmax(x.astype(np.float32), dtype)):
            yield "", _narrow(_pick(e, -logs.astype(np.float64)), dtype)
        if e.n_classes == 1:  # nn.BCEWithLogitsLoss: (1 - y) z - ln sigmoid(z), each rounded
            z, y = x[:, 1], e.y.astype(dtype)
            log_p = np.log(sigmoid(z.astype(np.float64))).astype(dtype)
            yield "", ((1 - y) * z - log_p).astype(np.float64)


def _low_precision_mean(e: Exercise, dtype: type[np.floating]) -> Outcomes:
    """The same, with the mean rounded as well."""
    for detail, losses in _low_precision(e, dtype):
        yield detail, _narrow(e.reduced(losses), dtype)


def _clipped(e: Exercise, eps: float) -> Outcomes:
    p = _probabilities(e)
    yield "", _loss(e, p.clip(eps, 1 - eps))
    yield "", _loss(e, p + eps)
    if e.n_classes == 1 and e.targets is not None:
        yield "", binary_loss(e.p.clip(eps, 1 - eps), e.y)  # 1 - (1 - eps) is not quite eps


# what changes more stands first: float16, the clips, float32
mistake("float16 arithmetic", _WHY_HALF)(partial(_low_precision, dtype=np.float16))
for _eps, _library in CLIPS:
    mistake(
        f"probabilities clipped at {_eps:.3g}",
        f"no probability below {_eps:.3g} was let through, as {_library} does",
    )(partial(_clipped, eps=_eps))
mistake("float32 arithmetic", _WHY_SINGLE)(partial(_low_precision, dtype=np.float32))
mistake_in_mean("float16 arithmetic", _WHY_HALF)(partial(_low_precision_mean, dtype=np.float16))
mistake_in_mean("float32 arithmetic", _WHY_SINGLE)(partial(_low_precision_mean, dtype=np.float32))


@mistake("rounded too early", _WHY_ROUNDED)
def rounded_powers(e: Exercise) -> Outcomes:
    x = _logits(e)
    for digits in (4, 3, 2):
        if e.targets is not None:
            yield f"losses to {digits} decimals", e.truth.round(digits)
        for exponent in (x, x - x.max(axis=1, keepdims=True)):
            powers = np.exp(exponent).round(digits)
            p = powers / powers.sum(axis=1, keepdims=True)
            yield f"powers of e to {digits} decimals", _loss(e, p)
