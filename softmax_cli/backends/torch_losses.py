"""The losses of the torch backend: see ``losses.Losses``.

PyTorch's own functions with PyTorch's own options. What PyTorch lacks (focal loss, pos_weight of
probabilities, Crammer and Singer's margin) is put together from them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from softmax_cli.backends import torch_backend as backend
from softmax_cli.data import FloatArray, IntArray
from softmax_cli.errors import UsageError


@dataclass(frozen=True)
class TorchLosses:
    """See ``losses.Losses``. Values are rounded to ``dtype`` before anything else."""

    dtype: torch.dtype
    device: torch.device

    def cross_entropy(
        self,
        distribution: Any,
        truth: IntArray | FloatArray,
        *,
        weight: FloatArray | None = None,
        smoothing: float = 0.0,
        gamma: float | None = None,
    ) -> FloatArray:
        target = self._upload(truth)
        weights = None if weight is None else self._upload(weight)
        if gamma is None and isinstance(distribution, backend.FromLogits):
            return _download(
                F.cross_entropy(
                    distribution.scores,
                    target,
                    weight=weights,
                    label_smoothing=smoothing,
                    reduction="none",
                )
            )
        logs = distribution.logs
        if gamma is None and truth.ndim == 1 and not smoothing:
            return _download(F.nll_loss(logs, target, weight=weights, reduction="none"))
        if truth.ndim == 1:
            target = F.one_hot(target, logs.shape[1]).to(logs)
        target = (1 - smoothing) * target + smoothing / logs.shape[1]
        if weights is not None:
            target = target * weights
        losses = torch.where(target == 0, 0.0, target * _focal(-logs, gamma))
        return _download(losses.sum(1))

    def binary_cross_entropy(
        self,
        distribution: Any,
        targets: FloatArray,
        *,
        weight: FloatArray | None = None,
        pos_weight: FloatArray | None = None,
        gamma: float | None = None,
    ) -> FloatArray:
        target = self._upload(targets)
        weights = None if weight is None else self._upload(weight)
        positive = None if pos_weight is None else self._upload(pos_weight)
        from_logits = isinstance(distribution, backend.BernoulliFromLogits)
        scores = distribution.scores
        if from_logits and gamma is None:
            return _download(
                F.binary_cross_entropy_with_logits(
                    scores, target, weight=weights, pos_weight=positive, reduction="none"
                )
            )
        if positive is None and gamma is None:
            loss = F.binary_cross_entropy(scores, target, weight=weights, reduction="none")
            return _download(loss)
        function = F.binary_cross_entropy_with_logits if from_logits else F.binary_cross_entropy
        if_one = _focal(function(scores, torch.ones_like(scores), reduction="none"), gamma)
        if_zero = _focal(function(scores, torch.zeros_like(scores), reduction="none"), gamma)
        share = target if positive is None else target * positive
        loss = share * if_one + (1 - target) * if_zero
        return _download(loss if weights is None else weights * loss)

    def squared_error(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        pair = self._upload(predictions), self._upload(targets)
        return _download(F.mse_loss(*pair, reduction="none").sum(1))

    def absolute_error(self, predictions: FloatArray, targets: FloatArray) -> FloatArray:
        pair = self._upload(predictions), self._upload(targets)
        return _download(F.l1_loss(*pair, reduction="none").sum(1))

    def hinge(self, scores: FloatArray, signs: FloatArray, margin: float, p: int) -> FloatArray:
        x, sign = self._upload(scores), self._upload(signs)
        # max(0, -s (x - 0) + margin)
        loss = F.margin_ranking_loss(x, torch.zeros_like(x), sign, margin, reduction="none")
        return _download(loss**p)

    def multi_margin(
        self,
        scores: FloatArray,
        labels: IntArray,
        margin: float,
        p: int,
        weight: FloatArray | None = None,
    ) -> FloatArray:
        x, target = self._upload(scores), self._upload(labels)
        weights = None if weight is None else self._upload(weight)
        try:
            loss = F.multi_margin_loss(x, target, p, margin, weights, reduction="none")
            return _download(loss)
        except (RuntimeError, NotImplementedError) as error:
            raise UsageError(
                f"PyTorch has no multi-margin loss here: {str(error).splitlines()[0]}",
                "say --dtype float32 or float64",
            ) from None

    def best_margin(
        self, scores: FloatArray, labels: IntArray, margin: float, p: int
    ) -> FloatArray:
        x, target = self._upload(scores), self._upload(labels)[:, None]
        own = x.gather(1, target)[:, 0]
        best = x.scatter(1, target, -torch.inf).amax(1)
        return _download((margin - own + best).clamp(min=0) ** p)

    def divergence(self, distribution: Any, targets: FloatArray) -> FloatArray:
        target = self._upload(targets)
        return _download(F.kl_div(distribution.logs, target, reduction="none").sum(1))

    def gradient(
        self,
        function: Callable[[Any, Any], Any],
        scores: FloatArray,
        truth: IntArray | FloatArray,
    ) -> FloatArray:
        x = self._upload(scores).requires_grad_()
        (gradient,) = torch.autograd.grad(function(x, self._upload(truth)).sum(), x)
        return _download(gradient)

    def apply(
        self,
        function: Callable[[Any, Any], Any],
        scores: FloatArray,
        truth: IntArray | FloatArray,
    ) -> tuple[tuple[int, ...] | None, Any]:
        given = function(self._upload(scores), self._upload(truth))
        if not isinstance(given, Tensor):
            return (() if isinstance(given, (float, int)) else None), given
        if given.ndim != 1 or given.dtype.is_complex or given.dtype is torch.bool:
            return tuple(given.shape), given
        return tuple(given.shape), _download(given.detach())

    def _upload(self, array: FloatArray | IntArray) -> Tensor:
        """The array on the device; numbers in the dtype, labels as they are."""
        tensor = torch.from_numpy(np.ascontiguousarray(array))
        dtype = self.dtype if tensor.is_floating_point() else tensor.dtype
        return tensor.to(self.device, dtype)


def _download(tensor: Tensor) -> FloatArray:
    return tensor.to("cpu", torch.float64).numpy()


def _focal(losses: Tensor, gamma: float | None) -> Tensor:
    """Losses -ln p times (1-p)^γ."""
    if gamma is None:
        return losses
    return torch.where(losses == 0, 0.0, losses * (-torch.expm1(-losses)) ** gamma)
