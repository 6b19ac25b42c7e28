"""What the numbers should be, from mpmath at 60 digits, and how far off a number is.

The logarithm of a sum is taken as log1p of the sum without its greatest term: 60 digits lose
e^-700 beside 1, too.
"""

import math
from collections.abc import Sequence

import mpmath
from mpmath import mp, mpf

mp.dps = 60


def softmax(logits: Sequence[float], temperature: float = 1.0) -> list[mpf]:
    """e^(x/T) over the sum of its kind."""
    powers = [mp.exp(-gap) for gap in _gaps(logits, temperature)]
    total = mp.fsum(powers)
    return [power / total for power in powers]


def losses(logits: Sequence[float], temperature: float = 1.0) -> list[mpf]:
    """-ln softmax(x/T) of each class."""
    gaps = _gaps(logits, temperature)
    others = sorted(gaps)[1:]
    tail = mp.log1p(mp.fsum(mp.exp(-gap) for gap in others))
    return [gap + tail for gap in gaps]


def expected(weights: Sequence[float], values: Sequence[mpf]) -> mpf:
    """The sum of weight times value; 0 times inf is 0."""
    return mp.fsum(mpf(w) * v for w, v in zip(weights, values, strict=True) if w)


def bernoulli_losses(logit: float, temperature: float = 1.0) -> tuple[mpf, mpf]:
    """-ln(1 - p) and -ln p of p = 1 / (1 + e^(-z/T))."""
    zero, one = losses([0.0, logit], temperature)
    return zero, one


def _gaps(logits: Sequence[float], temperature: float) -> list[mpf]:
    greatest = mpf(max(logits))
    return [
        mp.inf if logit == -math.inf else (greatest - mpf(logit)) / mpf(temperature)
        for logit in logits
    ]


def ulps(value: float, exact: mpf, smallest: int = -1074, bits: int = 53) -> float:
    """How many units in the last place of ``exact`` a value is away from it.

    ``bits`` and ``smallest``, the exponent of the smallest step, say of which format.
    """
    largest = mpf(2) ** (1024 if bits == 53 else 128)
    if mpmath.isinf(exact) or abs(exact) >= largest * (1 - mpf(2) ** -(bits + 1)):
        return 0.0 if math.isinf(value) else math.inf
    if not math.isfinite(value):
        return math.inf
    exponent = int(mp.floor(mp.log(abs(exact), 2))) if exact else smallest
    step = mpf(2) ** max(exponent - bits + 1, smallest)
    return float(abs(mpf(value) - exact) / step)
