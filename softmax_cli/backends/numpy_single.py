"""Cross-entropy of float32 logits of many classes, in float32 where that is provably enough.

NumPy's float32 exponential takes a quarter of the time of the float64 one. Its error, and what
it does to a loss, is bounded sample by sample; the classes that matter too much are done again
in float64. So every loss is within 1 ulp of float32 of the exact one.
"""

from dataclasses import dataclass
from functools import cached_property
from math import exp, isfinite, log1p, nan

import numpy as np

from softmax_cli.backends.numpy_categorical import FromLogits, class_axis_first
from softmax_cli.backends.numpy_logs import ieee
from softmax_cli.batch import NO_CLASS, FloatArray, IntArray, SingleArray
from softmax_cli.precision import round_to

ROW_CLASSES = 4096  # from here on, the calls for a row of its own cost less than they save
EXP_ERROR = 5.1 * 2.0**-24
"""Relative; NumPy tests its float32 exponential to 2.52 ulp, an ulp being at most 2**-23."""
UNDERFLOW = 2.0**-126  # the most that an exponential below the normal numbers may be off
LEAST, GREATEST = -40.0, 80.0  # logits whose exponentials are far from the ends of float32


@dataclass(eq=False, repr=False)
class FromSingleLogits:
    """Categorical distributions of float32 logits (n, k), the results rounded to float32.

    Cross-entropy is computed here, everything else as of any logits.
    """

    rows: SingleArray

    @cached_property
    def wide(self) -> FromLogits:
        """The same in float64."""
        return FromLogits(class_axis_first(self.rows), "float32")

    @cached_property
    def winner(self) -> IntArray:
        """(n,) the first class of the greatest logit; that of a nan where there is one."""
        return np.array([row.argmax() for row in self.rows], dtype=np.int64)

    @cached_property
    def greatest(self) -> FloatArray:
        """(n,) the greatest logit of each sample; nan if there is a nan."""
        return self.rows[np.arange(len(self.rows)), self.winner].astype(np.float64)

    def probabilities(self) -> FloatArray:
        return self.wide.probabilities()

    def log_probabilities(self) -> FloatArray:
        return self.wide.log_probabilities()

    def predicted(self) -> IntArray:
        return np.where(np.isfinite(self.greatest), self.winner, NO_CLASS)

    def soft_cross_entropy(self, targets: FloatArray) -> FloatArray:
        return self.wide.soft_cross_entropy(targets)

    @ieee
    def cross_entropy(self, labels: IntArray) -> FloatArray:
        gaps = self.greatest - self.rows[np.arange(len(labels)), labels]
        scratch = np.empty_like(self.rows, shape=self.rows.shape[1:])
        losses = [
            _loss(row, winner, gap, scratch)
            for row, winner, gap in zip(self.rows, self.winner.tolist(), gaps.tolist(), strict=True)
        ]
        return round_to(np.array(losses), "float32")


def _loss(row: SingleArray, winner: int, gap: float, scratch: SingleArray) -> float:
    """log1p(S) + gap of one sample, at most half an ulp of float32 from the exact one.

    S is the sum of e^(x - m) over all classes but the winner, m = max x; ``gap`` is m minus the
    label's logit. ``scratch`` is overwritten.

    The exponentials are those of x - c. If m is far below 0, c is a multiple of 16 within 8 of
    m, else it is 0. Either way x - c is exact in float32: where |x - c| <= |x| < 2**28, both x
    and c are multiples of the last bit of x; from 2**28 on, x is within a factor of 2 of c, so
    that Sterbenz's lemma holds, or has no weight. Their sum is taken in float64. So the
    exponentials put E = S e^(m - c) off by at most EXP_ERROR · E + k · UNDERFLOW, and the loss
    by that over (1 + S) e^(m - c).

    Where this may be too much, every class beyond a threshold is computed in float64 instead.
    Those below it, k at most, then add up to too little to matter.
    """
    m = float(row[winner])
    if not isfinite(m):
        return nan
    if m > GREATEST:
        return log1p(_wide_sum(row, winner, m)) + gap
    c = 0.0 if m > LEAST else 16.0 * round(m / 16)
    if c:
        np.exp(np.subtract(row, np.float32(c), out=scratch), out=scratch)
    else:
        np.exp(row, out=scratch)
    scratch[winner] = 0
    scale = exp(m - c)
    in_all = float(scratch.sum(dtype=np.float64))
    others_sum = in_all / scale
    loss = log1p(others_sum) + gap
    if not isfinite(loss):
        return loss
    # The allowed error of E; that of the exact loss's binade, were it the one below.
    half_ulp = 0.49 * float(np.spacing(np.float32(loss * (1 - 2.0**-20))))
    allowed = half_ulp * (1 + others_sum) * scale - len(row) * UNDERFLOW
    if allowed <= 0:
        return log1p(_wide_sum(row, winner, m)) + gap
    if EXP_ERROR * in_all <= allowed:
        return loss
    weighty = np.flatnonzero(scratch > np.float32(allowed / EXP_ERROR / len(row)))
    scratch[weighty] = 0
    others_sum = float(scratch.sum(dtype=np.float64)) / scale
    others_sum += float(np.exp(row[weighty].astype(np.float64) - m).sum())
    return log1p(others_sum) + gap


def _wide_sum(row: SingleArray, winner: int, m: float) -> float:
    terms = np.exp(row.astype(np.float64) - m)
    terms[winner] = 0
    return float(terms.sum())
