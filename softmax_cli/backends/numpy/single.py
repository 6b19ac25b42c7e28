"""Cross-entropy of float32 logits of many classes, in float32 where that is provably enough.

NumPy's float32 exponential takes a quarter of the time of the float64 one. Its error, and what
it does to a loss, is bounded sample by sample; the classes that matter too much are done again
in float64. So every loss is within 1 ulp of float32 of the exact one.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from softmax_cli.backends import PLAIN, Shaping
from softmax_cli.backends.numpy.categorical import FromLogits, class_axis_first, some_class
from softmax_cli.backends.numpy.logs import ieee
from softmax_cli.data import NO_CLASS, FloatArray, IntArray, Losses, SingleArray
from softmax_cli.numerics.precision import round_to

ROW_CLASSES = 4096  # from here on, float32 saves more than looking after its error costs
EXP_ERROR = 5.1 * 2.0**-24
"""Relative; NumPy tests its float32 exponential to 2.52 ulp, an ulp being at most 2**-23."""
UNDERFLOW = 2.0**-126  # the most that an exponential below the normal numbers may be off
LEAST, GREATEST = -40.0, 80.0  # logits whose exponentials are far from the ends of float32


@dataclass(eq=False, repr=False)
class FromSingleLogits:
    """Categorical distributions of float32 logits (n, k), the results rounded to float32.

    The plain cross-entropy of labels is computed here, everything else as of any logits.
    """

    rows: SingleArray

    @cached_property
    def wide(self) -> FromLogits:
        """The same in float64."""
        return FromLogits(class_axis_first(self.rows), "float32")

    @cached_property
    def winner(self) -> IntArray:
        """(n,) the first class of the greatest logit; that of a nan where there is one."""
        return np.asarray(self.rows.argmax(axis=1))

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

    def cross_entropy(self, truth: IntArray | FloatArray, shaping: Shaping = PLAIN) -> Losses:
        if truth.ndim == 1 and shaping.is_plain:
            return Losses(round_to(self._losses_at(some_class(truth)), "float32"))
        return self.wide.cross_entropy(truth, shaping)

    def deviations(self, labels: IntArray) -> FloatArray:
        return self.wide.deviations(labels)

    def divergence(self, targets: FloatArray) -> Losses:
        return self.wide.divergence(targets)

    def gradient(self, targets: FloatArray) -> FloatArray:
        return self.wide.gradient(targets)

    @ieee
    def _losses_at(self, labels: IntArray) -> FloatArray:
        """log1p(S) + gap of each sample, at most half an ulp of float32 from the exact one.

        S is the sum of e^(x - m) over all classes but the winner, m = max x; the gap is m minus
        the label's logit.

        The exponentials are those of x - c. If m is far below 0, c is a multiple of 16 within 8
        of m, else it is 0. Either way x - c is exact in float32: where |x - c| <= |x| < 2**28,
        both x and c are multiples of the last bit of x; from 2**28 on, x is within a factor of 2
        of c, so that Sterbenz's lemma holds, or has no weight. Their sum is taken in float64. So
        the exponentials put E = S e^(m - c) off by at most EXP_ERROR · E + k · UNDERFLOW, and
        the loss by that over (1 + S) e^(m - c).

        Where this may be too much, the weightiest classes are computed in float64, or all.
        """
        samples, n_classes = np.arange(len(labels)), self.rows.shape[1]
        m = self.greatest
        c = np.where(m > LEAST, 0.0, 16 * np.rint(m / 16))
        shifted = self.rows - c.astype(np.float32)[:, np.newaxis] if c.any() else self.rows
        terms = np.exp(shifted)
        terms[samples, self.winner] = 0
        scale = np.exp(m - c)
        in_all = terms.sum(axis=1, dtype=np.float64)
        others_sum = in_all / scale
        gaps = np.where(np.isfinite(m), m - self.rows[samples, labels], np.nan)
        losses = np.log1p(others_sum) + gaps
        # What E may be off by; the ulp is that of the exact loss, were its binade the one below.
        half_ulp = 0.49 * np.spacing((losses * (1 - 2.0**-20)).astype(np.float32))
        allowed = half_ulp * (1 + others_sum) * scale - n_classes * UNDERFLOW
        hopeless = ~(m <= GREATEST) | (allowed <= 0)
        short = ~(EXP_ERROR * in_all <= allowed) & np.isfinite(gaps)
        for much in (4, 1):  # with 1 the rest, k terms at most, is sure to be little enough
            trying = short & ~hopeless
            if trying.any():
                threshold = np.where(trying, much * allowed / EXP_ERROR / n_classes, np.inf)
                rest, weighty = self._split(terms, in_all, threshold)
                others_sum[trying] = (rest / scale + weighty)[trying]
                short &= ~(EXP_ERROR * rest <= allowed)
        for i in np.flatnonzero(short & hopeless).tolist():
            others_sum[i] = self._wide_sum(i)
        return np.asarray(np.log1p(others_sum) + gaps)

    def _split(
        self, terms: SingleArray, in_all: FloatArray, threshold: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """(n,) sums of the terms up to a positive threshold, and of the others' e^(x - m)."""
        n, k = terms.shape
        chosen = np.flatnonzero(terms > threshold.astype(np.float32)[:, np.newaxis])
        sample = chosen // k
        exact = np.exp(self.rows.reshape(-1)[chosen] - self.greatest[sample])
        rest = in_all - np.bincount(sample, terms.reshape(-1)[chosen], n)
        return rest, np.asarray(np.bincount(sample, exact, n), dtype=np.float64)

    def _wide_sum(self, sample: int) -> float:
        """S of one sample, in float64."""
        wide = np.exp(self.rows[sample] - self.greatest[sample])
        wide[self.winner[sample]] = 0
        return float(wide.sum())
