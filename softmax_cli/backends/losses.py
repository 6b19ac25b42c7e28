"""The losses with all their options, as both backends provide them.

Each gives the loss of each sample or output and leaves adding up to the caller. What is called
a weight multiplies a loss. Results are float64 NumPy arrays, holding numbers of the dtype.
"""

from collections.abc import Callable
from typing import Any, Protocol

from softmax_cli.backends import Bernoulli, Categorical
from softmax_cli.data import FloatArray, IntArray


class Losses(Protocol):
    """See ``Backend.losses``."""

    def cross_entropy(
        self,
        distribution: Categorical,
        truth: IntArray | FloatArray,
        *,
        weight: FloatArray | None = None,
        smoothing: float = 0.0,
        gamma: float | None = None,
    ) -> FloatArray:
        """(n,) Σ_c t_c w_c L_c with L_c = -ln p_c, in nats, as F.cross_entropy.

        truth      labels (n,) in 0…k-1, or targets (n, k), distributions: t
        weight     (k,) w, finite and not negative
        smoothing  ε in [0, 1]. Of targets, t becomes (1-ε) t + ε/k; of labels, the loss is
                   (1-ε) w_y L_y + ε/k Σ_c w_c L_c
        gamma      γ ≥ 0: each L_c is multiplied by (1-p_c)^γ (Lin et al., "Focal loss for
                   dense object detection", 2017)
        """

    def binary_cross_entropy(
        self,
        distribution: Bernoulli,
        targets: FloatArray,
        *,
        weight: FloatArray | None = None,
        pos_weight: FloatArray | None = None,
        gamma: float | None = None,
    ) -> FloatArray:
        """(n,) w (q y L_1 + (1-y) L_0), L_1 = -ln p, L_0 = -ln(1-p), as nn.BCEWithLogitsLoss.

        targets     (n,) y in [0, 1]
        weight      (n,) w; pos_weight (n,) q
        gamma       γ ≥ 0: L_1 is multiplied by (1-p)^γ and L_0 by p^γ
        """

    def squared_error(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """(n,) Σ (x - t)² of predictions (n, k) and targets (n, k), as F.mse_loss."""

    def absolute_error(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        """(n,) Σ |x - t| of predictions (n, k) and targets (n, k), as F.l1_loss."""

    def hinge(self, scores: FloatArray, signs: FloatArray, margin: float, p: int) -> FloatArray:
        """(n,) max(0, margin - s x)^p of scores x (n,) and signs s (n,), -1 or 1."""

    def multi_margin(
        self,
        scores: FloatArray,
        labels: IntArray,
        margin: float,
        p: int,
        weight: FloatArray | None = None,
    ) -> FloatArray:
        """(n,) w_y Σ_{j≠y} max(0, margin - x_y + x_j)^p / k of scores (n, k), weights w (k,).

        The same as F.multi_margin_loss.
        Weston and Watkins, "Support vector machines for multi-class pattern recognition", 1999.
        """

    def best_margin(
        self, scores: FloatArray, labels: IntArray, margin: float, p: int
    ) -> FloatArray:
        """(n,) max(0, margin - x_y + max_{j≠y} x_j)^p of scores (n, k), k ≥ 2.

        Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based vector
        machines", 2001.
        """

    def divergence(self, distribution: Categorical, targets: FloatArray) -> FloatArray:
        """(n,) Σ_c t_c (ln t_c - ln p_c), in nats, of distributions t (n, k), as F.kl_div."""

    def gradient(
        self,
        function: Callable[[Any, Any], Any],
        scores: FloatArray,
        truth: IntArray | FloatArray,
    ) -> FloatArray:
        """(n, k) the derivative of the sum of what a user's function gives, by the scores.

        Raises UsageError if the backend cannot differentiate a function that it does not know.
        """

    def apply(
        self,
        function: Callable[[Any, Any], Any],
        scores: FloatArray,
        truth: IntArray | FloatArray,
    ) -> tuple[tuple[int, ...] | None, Any]:
        """The shape of what a user's function gives, or None if it is no array, and it.

        The function gets scores (n, k) and labels (n,) or targets (n, m), as arrays or tensors
        of the backend. An array (n,) becomes a float64 NumPy array.
        """
