"""The right formula, badly computed: clipped, in low precision, overflown, rounded too early.

For losses the values are (n,), for rows of probabilities (n, k). A binary output is worked as
two classes, of logits 0 and z.
"""

from collections.abc import Callable, Iterator

import numpy as np

from softmax_cli.batch import FloatArray
from softmax_cli.mistakes.exercise import Exercise, softmax
from softmax_cli.mistakes.mistake import Mistake, Outcomes

_Any = np.ndarray
CLIPS = (
    (1e-7, "Keras"),
    (1e-15, "scikit-learn before 1.3"),
    (float(np.finfo(np.float32).eps), "scikit-learn for float32"),
    (float(np.finfo(np.float64).eps), "scikit-learn from 1.3"),
    (1e-12, "hand-written code, by habit"),
)


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


def _clip(eps: float) -> Callable[[Exercise], Outcomes]:
    def outcomes(e: Exercise) -> Outcomes:
        p = _probabilities(e)
        yield "", _loss(e, p.clip(eps, 1 - eps))
        yield "", _loss(e, p + eps)

    return outcomes


def _overflow(e: Exercise) -> Outcomes:
    for dtype in (np.float64, np.float32, np.float16):
        powers = np.exp(_logits(e).astype(dtype))
        p = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float64)
        lost = ~np.isfinite(_loss(e, p))
        yield np.dtype(dtype).name, np.where(lost, _loss(e, p), e.truth)
    if e.n_classes == 1:
        p = 1 / (1 + np.exp(-e.z))
        naive = -np.where(e.y == 1, np.log(p), np.log(1 - p))
        yield "float64", np.where(np.isfinite(naive), e.truth, naive)
        yield "float64", -(e.y * np.log(p) + (1 - e.y) * np.log(1 - p))


def _low_precision(dtype: type[np.floating]) -> Callable[[Exercise], Outcomes]:
    def outcomes(e: Exercise) -> Outcomes:
        name = np.dtype(dtype).name
        yield (
            "",
            _loss(e, softmax(_logits(e).astype(dtype).astype(np.float64)))
            .astype(dtype)
            .astype(np.float64),
        )
        for powers in _powers(_logits(e).astype(dtype)):
            p = powers / powers.sum(axis=1, keepdims=True)
            if e.targets is None:
                yield "", p.astype(np.float64)
                continue
            yield "", _pick(e, -np.log(p).astype(np.float64))
            if name == "float16":
                yield "", _pick(e, -np.log(p.astype(np.float64))).astype(dtype).astype(np.float64)
        if e.targets is not None:
            shifted = _logits(e).astype(dtype)
            shifted = shifted - shifted.max(axis=1, keepdims=True)
            logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
            yield "", _pick(e, -logs.astype(np.float64))
        yield "", e.truth.astype(dtype).astype(np.float64)

    return outcomes


def _powers(x: _Any) -> Iterator[_Any]:
    """e^x, and e^x of the differences from the greatest, in the precision of x."""
    yield np.exp(x)
    yield np.exp(x - x.max(axis=1, keepdims=True))


def _early_rounding(e: Exercise) -> Outcomes:
    x, p = _logits(e), _probabilities(e)
    shifted = x - x.max(axis=1, keepdims=True)
    for digits in (4, 3, 2):
        if e.targets is not None:
            yield f"probabilities to {digits} decimals", _loss(e, p.round(digits))
        for exponent in (x, shifted):
            powers = np.exp(exponent).round(digits)
            rounded = powers / powers.sum(axis=1, keepdims=True)
            yield f"powers of e to {digits} decimals", _loss(e, rounded)
            both = rounded.round(digits)
            if e.targets is not None:
                yield f"powers of e and probabilities to {digits} decimals", _loss(e, both)
        if e.targets is not None:
            yield f"losses to {digits} decimals", e.truth.round(digits)


MISTAKES = (
    Mistake(
        "naive exp that overflowed",
        "e to the power of a large logit is infinite; subtract the greatest logit first",
        _overflow,
    ),
    *(
        Mistake(
            f"probabilities clipped at {eps:.3g}",
            f"no probability below {eps:.3g} was let through, as {library} does",
            _clip(eps),
        )
        for eps, library in CLIPS
    ),
    Mistake(
        "rounded too early",
        "intermediate results were rounded; keep all digits until the end",
        _early_rounding,
    ),
    Mistake(
        "float16 arithmetic",
        "half precision carries three digits",
        _low_precision(np.float16),
    ),
    Mistake(
        "float32 arithmetic",
        "single precision carries seven digits",
        _low_precision(np.float32),
    ),
)
