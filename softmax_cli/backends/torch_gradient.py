"""Gradients by PyTorch's autograd."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from softmax_cli.backends.torch_backend import TorchBackend
from softmax_cli.data import FloatArray


class TorchGradient:
    """See ``gradient.Gradient``."""

    def __init__(self, dtype: str, device: str) -> None:
        self.backend = TorchBackend(dtype, device)

    def categorical(
        self,
        scores: FloatArray,
        kind: str,
        temperature: float,
        eps: float | None,
        targets: FloatArray,
    ) -> FloatArray:
        x, q = self._leaf(scores), self._upload(targets)
        if kind == "probs":
            p = x if eps is None else x.clamp(eps, 1 - eps)
            # Where the target is 0, the slope of ln at 0 would make the gradient 0 · inf.
            logs = torch.where(q == 0, 1.0, p).log()
        elif kind == "logprobs" and temperature == 1:
            logs = x
        else:
            logs = torch.log_softmax(x / temperature, 1)
        return _by(x, -torch.where(q == 0, 0.0, q * logs).sum())

    def bernoulli(
        self,
        scores: FloatArray,
        kind: str,
        temperature: float,
        eps: float | None,
        targets: FloatArray,
    ) -> FloatArray:
        x, y = self._leaf(scores), self._upload(targets)
        if kind == "logits":
            loss = F.binary_cross_entropy_with_logits(x / temperature, y, reduction="sum")
        else:
            p = x.exp() if kind == "logprobs" else x
            p = p if eps is None else p.clamp(eps, 1 - eps)
            loss = F.binary_cross_entropy(p, y, reduction="sum")
        return _by(x, loss)

    def _upload(self, array: FloatArray) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(array))
        return tensor.to(self.backend.device, self.backend.dtype)

    def _leaf(self, scores: FloatArray) -> Tensor:
        return self._upload(scores).requires_grad_()


def _by(x: Tensor, total: Tensor) -> FloatArray:
    """The derivative of the total by x."""
    (gradient,) = torch.autograd.grad(total, x)
    downloaded: FloatArray = gradient.to("cpu", torch.float64).numpy()
    return downloaded
