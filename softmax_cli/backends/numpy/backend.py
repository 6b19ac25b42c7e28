"""The NumPy backend: the project's own formulas, accurate to the last digits.

Everything is computed in float64 from the scores as given and rounded to the wanted dtype
once, at the end; but for ``numpy_single``, which takes float32 where that makes no difference.
"""

from typing import TYPE_CHECKING

import numpy as np

from softmax_cli.backends import Bernoulli, Categorical
from softmax_cli.data import FloatArray

if TYPE_CHECKING:
    from softmax_cli.backends.losses import Losses

SINGLE = ("float32", "logits", 1)


class NumpyBackend:
    """See ``backends.Backend``. ``dtype`` is that of the results."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def categorical(
        self, scores: FloatArray, kind: str, temperature: float, eps: float | None
    ) -> Categorical:
        from softmax_cli.backends.numpy import categorical

        if scores.dtype == np.float32 and (self.dtype, kind, temperature) == SINGLE:
            from softmax_cli.backends.numpy.single import ROW_CLASSES, FromSingleLogits

            if scores.shape[1] >= ROW_CLASSES:
                return FromSingleLogits(scores.astype(np.float32, copy=False))
        by_class = categorical.class_axis_first(scores)
        if kind == "probs":
            return categorical.FromProbabilities(by_class, self.dtype, eps)
        if kind == "logprobs" and temperature == 1:
            return categorical.FromLogProbabilities(by_class, self.dtype)
        return categorical.FromLogits(by_class, self.dtype, temperature)

    def bernoulli(
        self, scores: FloatArray, kind: str, temperature: float, eps: float | None
    ) -> Bernoulli:
        from softmax_cli.backends.numpy import bernoulli

        if kind == "logits":
            return bernoulli.FromLogits(scores, self.dtype, temperature)
        if kind == "logprobs":
            return bernoulli.FromLogProbabilities(scores, self.dtype)
        return bernoulli.FromProbabilities(scores, self.dtype, eps)

    def losses(self) -> "Losses":
        from softmax_cli.backends.numpy.losses import NumpyLosses

        return NumpyLosses(self.dtype)
