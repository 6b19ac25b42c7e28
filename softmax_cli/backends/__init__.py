"""Backends: two independent computations of the same quantities.

``numpy`` is the project's own mathematics, ``torch`` calls ``torch.nn.functional``. Each
turns scores into a distribution object that answers everything asked about it, so that
scores are handed over once and intermediate results are shared; and evaluates the formulas of
losses that need no distribution. All results are NumPy arrays: float64 ones that hold numbers of
the backend's dtype, or int64 ones.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from softmax_cli.data import FloatArray, IntArray, Losses, Reduced

if TYPE_CHECKING:
    from torch import Tensor


class Scores(NamedTuple):
    """What distributions are made of.

    values       (n, k) of n distributions over k classes, or (n,) of n binary ones: class 1's
    kind         ``logits``, ``probs`` or ``logprobs``
    temperature  divides logits and log-probabilities
    eps          clips probabilities to [eps, 1 - eps]; None for no clipping
    """

    values: FloatArray
    kind: str = "logits"
    temperature: float = 1.0
    eps: float | None = None


class Shaping(NamedTuple):
    """What turns a plain cross-entropy into another; by default nothing does.

    weight      w, finite and not negative: (k,) of the classes, or (n,) of binary outputs
    smoothing   ε in [0, 1], mixes the truth with the uniform distribution
    gamma       γ ≥ 0: each -ln p is multiplied by (1-p)^γ, and the loss of a binary output with
                target y by (1-p_t)^γ, with p_t = y p + (1-y) (1-p) (Lin et al., "Focal loss for
                dense object detection", 2017)
    alpha       α in [0, 1], with gamma: multiplies losses; those of a binary output by
                α_t = α y + (1-α) (1-y)
    pos_weight  q (n,) of binary outputs: multiplies the loss of class 1
    """

    weight: FloatArray | None = None
    smoothing: float = 0.0
    gamma: float | None = None
    alpha: float | None = None
    pos_weight: FloatArray | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing is changed."""
        unweighted = self.weight is None and self.pos_weight is None
        return unweighted and not self.smoothing and self.gamma is None


PLAIN = Shaping()


class Formula(NamedTuple):
    """A loss that needs no distribution: our mathematics beside PyTorch's function.

    Both take the same arrays, as float64 arrays or as tensors, and give a loss for each sample
    (n,), or for each of its outputs (n, k), which are added up. PyTorch's also takes
    ``reduction=``: ``none``, ``mean`` or ``sum``. It imports PyTorch when it is called.
    """

    numpy: Callable[..., FloatArray]
    torch: "Callable[..., Tensor]"


SUM_ROUNDING = 1e-6
"""How far the sum of a distribution's probabilities may be from 1 for them to be just rounded."""

UserFunction = Callable[[Any, Any], Any]
"""``f(scores (n, k), labels (n,) or targets (n, m))``, of arrays or of tensors."""


class Categorical(Protocol):
    """n distributions over k classes."""

    def probabilities(self) -> FloatArray:
        """(n, k) p = softmax(logits); nan for rows with nan, +inf or only -inf."""

    def log_probabilities(self) -> FloatArray:
        """(n, k) ln p; -inf for a masked class or a zero probability."""

    def predicted(self) -> IntArray:
        """(n,) the first class of the greatest score; NO_CLASS for an undefined distribution."""

    def cross_entropy(self, truth: IntArray | FloatArray, shaping: Shaping = PLAIN) -> Losses:
        """(n,) Σ_c t_c w_c L_c with L_c = -ln p_c, in nats, as F.cross_entropy; 0 · inf is 0.

        The truth is labels (n,) in 0…k-1, or targets (n, k), distributions: t. Of an IGNORED
        label the loss means nothing, and counts in no reduction. Smoothing makes of t
        (1-ε) t + ε/k; of labels, the loss is (1-ε) w_y L_y + ε/k Σ_c w_c L_c.
        """

    def divergence(self, targets: FloatArray) -> Losses:
        """(n,) Σ_c t_c (ln t_c - ln p_c), in nats, of distributions t (n, k), as F.kl_div.

        0 ln 0 is 0. Of distributions that sum to 1 within SUM_ROUNDING it is not negative; with
        the torch backend it is what PyTorch gives.
        """

    def deviations(self, labels: IntArray) -> FloatArray:
        """(n, k) p_c - [c is the label], of labels (n,) in 0…k-1; small ones keep their digits."""

    def gradient(self, targets: FloatArray) -> FloatArray:
        """(n, k) of the cross-entropies' sum by the scores: of logits, softmax - target."""


class Bernoulli(Protocol):
    """n distributions over the classes 0 and 1."""

    def probabilities(self) -> FloatArray:
        """(n,) the probability of class 1, sigmoid(logits)."""

    def predicted(self, threshold: float) -> IntArray:
        """(n,) 1 where the probability of class 1 exceeds the threshold, NO_CLASS for nan."""

    def cross_entropy(self, targets: FloatArray, shaping: Shaping = PLAIN) -> Losses:
        """(n,) w (q y L_1 + (1-y) L_0), in nats, with L_1 = -ln p and L_0 = -ln(1-p).

        As nn.BCEWithLogitsLoss, of targets y (n,) in [0, 1]; 0 · inf is 0. From probabilities,
        logarithms are clamped at -100 as in nn.BCELoss unless eps is given. Smoothing makes of
        y (1-ε) y + ε/2. With gamma it is the sigmoid focal loss of torchvision, Keras and optax.
        """

    def deviations(self, labels: IntArray) -> FloatArray:
        """(n,) p - y of labels y (n,), 0 or 1; small ones keep their digits."""

    def gradient(self, targets: FloatArray) -> FloatArray:
        """(n,) of the cross-entropies' sum by the scores: of logits, sigmoid - target."""


class Backend(Protocol):
    """Makes distributions of scores, and evaluates formulas. Raises UsageError if it cannot."""

    @property
    def signature(self) -> tuple[str, ...]:
        """What of the backend's own makes its numbers: ``torch:2.13.0``; a device, if not cpu."""

    def categorical(self, scores: Scores) -> Categorical:
        """Distributions from values (n, k)."""

    def bernoulli(self, scores: Scores) -> Bernoulli:
        """Distributions from values (n,)."""

    def evaluate(self, formula: Formula, *arrays: FloatArray | IntArray) -> Losses:
        """(n,) the losses of a formula."""

    def reduce(
        self, losses: FloatArray, weights: FloatArray | None, outputs: int
    ) -> Reduced | None:
        """Losses (n,) in the backend's own arithmetic; None where they are better added exactly.

        The mean divides by the number of losses, or by their weights' (n,) sum, times outputs.
        """

    def apply(
        self, function: UserFunction, scores: FloatArray, truth: IntArray | FloatArray
    ) -> FloatArray | str:
        """What a user's function gives: real numbers, in their shape, or what it gave instead.

        The function gets arrays or tensors of the backend, which it may overwrite.
        """

    def differentiate(
        self, function: UserFunction, scores: FloatArray, truth: IntArray | FloatArray
    ) -> FloatArray:
        """(n, k) the derivative of the sum of what a user's function gives, by the scores."""


def smooth(targets: FloatArray, smoothing: float) -> FloatArray:
    """Binary targets y as (1-ε) y + ε/2; in float64, whatever the backend computes in."""
    return targets * (1 - smoothing) + smoothing / 2 if smoothing else targets
