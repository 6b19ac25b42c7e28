"""The NumPy backend: the project's own formulas, accurate to the last digits.

Everything is computed in float64 from the scores as given and rounded to the wanted dtype
once, at the end; but for ``single``, which takes float32 where that makes no difference.
"""

import numpy as np

from softmax_cli.backends import Bernoulli, Categorical, Formula, Scores, UserFunction
from softmax_cli.data import FloatArray, IntArray, Losses
from softmax_cli.errors import UsageError
from softmax_cli.numerics.precision import round_to

SINGLE = ("float32", "logits", 1)


class NumpyBackend:
    """See ``backends.Backend``. ``dtype`` is that of the results."""

    signature: tuple[str, ...] = ()

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def categorical(self, scores: Scores) -> Categorical:
        from softmax_cli.backends.numpy import categorical

        values, kind, temperature, eps = scores
        if values.dtype == np.float32 and (self.dtype, kind, temperature) == SINGLE:
            from softmax_cli.backends.numpy.single import ROW_CLASSES, FromSingleLogits

            if values.shape[1] >= ROW_CLASSES:
                return FromSingleLogits(values.astype(np.float32, copy=False))
        by_class = categorical.class_axis_first(values)
        if kind == "probs":
            return categorical.FromProbabilities(by_class, self.dtype, eps)
        if kind == "logprobs" and temperature == 1:
            return categorical.FromLogProbabilities(by_class, self.dtype)
        return categorical.FromLogits(by_class, self.dtype, temperature)

    def bernoulli(self, scores: Scores) -> Bernoulli:
        from softmax_cli.backends.numpy import bernoulli

        if scores.kind == "logits":
            return bernoulli.FromLogits(scores.values, self.dtype, scores.temperature)
        if scores.kind == "logprobs":
            return bernoulli.FromLogProbabilities(scores.values, self.dtype)
        return bernoulli.FromProbabilities(scores.values, self.dtype, scores.eps)

    def evaluate(self, formula: Formula, *arrays: FloatArray | IntArray) -> Losses:
        with np.errstate(over="ignore", invalid="ignore"):
            losses = formula.numpy(*map(_widen, arrays))
            rows = losses if losses.ndim == 1 else losses.sum(axis=1)
        return Losses(round_to(rows, self.dtype))

    def reduce(self, losses: FloatArray, weights: FloatArray | None, outputs: int) -> None:
        """Nothing: totals are exact."""

    def apply(
        self, function: UserFunction, scores: FloatArray, truth: IntArray | FloatArray
    ) -> FloatArray | str:
        with np.errstate():  # what it sets is its own affair
            given = function(scores.copy(), truth.copy())
        is_number = isinstance(given, (np.ndarray, np.generic, float, int))
        if not is_number or isinstance(given, np.ma.MaskedArray):
            return f"a {type(given).__name__}"
        numbers = np.asarray(given)
        if numbers.dtype.kind not in "fiu":
            return f"{numbers.dtype} values"
        return round_to(numbers.astype(np.float64), self.dtype)

    def differentiate(
        self, function: UserFunction, scores: FloatArray, truth: IntArray | FloatArray
    ) -> FloatArray:
        raise UsageError(
            "--grad of a function needs autograd, which NumPy has not", "add --backend torch"
        )


def _widen(array: FloatArray | IntArray) -> FloatArray | IntArray:
    """Numbers as float64; labels as they are."""
    return array.astype(np.float64, copy=False) if array.dtype.kind == "f" else array
