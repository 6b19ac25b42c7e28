"""Backends: two independent computations of the same quantities.

``numpy`` is the project's own mathematics, ``torch`` calls ``torch.nn.functional``. Each
turns scores into a distribution object that answers everything asked about it, so that
scores are handed over once and intermediate results are shared.
"""

from typing import TYPE_CHECKING, Protocol

from softmax_cli.data import FloatArray, IntArray
from softmax_cli.errors import UsageError

if TYPE_CHECKING:
    from softmax_cli.backends.losses import Losses


class Categorical(Protocol):
    """n distributions over k classes. All results are float64 or int64 NumPy arrays."""

    def probabilities(self) -> FloatArray:
        """(n, k) p = softmax(logits); nan for rows with nan, +inf or only -inf."""

    def log_probabilities(self) -> FloatArray:
        """(n, k) ln p; -inf for a masked class or a zero probability."""

    def predicted(self) -> IntArray:
        """(n,) the first class of the greatest score; NO_CLASS for an undefined distribution."""

    def cross_entropy(self, labels: IntArray) -> FloatArray:
        """(n,) -ln p[label], in nats; labels (n,) are class indices in 0…k-1."""

    def soft_cross_entropy(self, targets: FloatArray) -> FloatArray:
        """(n,) -sum(target · ln p), in nats; targets (n, k) are distributions; 0 · inf is 0."""


class Bernoulli(Protocol):
    """n distributions over the classes 0 and 1. All results are NumPy arrays."""

    def probabilities(self) -> FloatArray:
        """(n,) the probability of class 1, sigmoid(logits)."""

    def predicted(self, threshold: float) -> IntArray:
        """(n,) 1 where the probability of class 1 exceeds the threshold, NO_CLASS for nan."""

    def cross_entropy(self, targets: FloatArray) -> FloatArray:
        """(n,) -(y ln p + (1-y) ln(1-p)), in nats; targets y (n,) in [0, 1]; 0 · inf is 0."""


class Backend(Protocol):
    """Makes distributions of scores.

    ``kind`` says what the scores are: logits, probs or logprobs. ``temperature`` divides logits
    and log-probabilities. ``eps`` clips probabilities to [eps, 1 - eps]; None for no clipping.
    """

    def categorical(
        self, scores: FloatArray, kind: str, temperature: float, eps: float | None
    ) -> Categorical:
        """Distributions from scores (n, k)."""

    def bernoulli(
        self, scores: FloatArray, kind: str, temperature: float, eps: float | None
    ) -> Bernoulli:
        """Distributions from scores (n,), each that of class 1.

        From probabilities, logarithms are clamped at -100 as in nn.BCELoss unless eps is given.
        """

    def losses(self) -> "Losses":
        """Further losses, and the options of these; loaded when first asked for."""


def load_backend(name: str, dtype: str, device: str) -> Backend:
    """The backend of that name. Raises UsageError if it is not installed or lacks the device."""
    if name == "numpy":
        from softmax_cli.backends.numpy.backend import NumpyBackend

        return NumpyBackend(dtype)
    try:
        from softmax_cli.backends.torch_backend import TorchBackend
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise UsageError(
            "the torch backend needs PyTorch, which is not installed",
            "install it: python -m pip install torch",
        ) from None
    return TorchBackend(dtype, device)
