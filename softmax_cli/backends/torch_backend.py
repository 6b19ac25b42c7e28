"""The torch backend: PyTorch's own functions, so that its numbers are PyTorch's numbers."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from softmax_cli.backends import Bernoulli, Categorical
from softmax_cli.data import NO_CLASS, FloatArray, IntArray
from softmax_cli.errors import UsageError

if TYPE_CHECKING:
    from softmax_cli.backends.losses import Losses


class TorchBackend:
    """See ``backends.Backend``. Scores are rounded to ``dtype`` before anything else."""

    def __init__(self, dtype: str, device: str) -> None:
        self.dtype: torch.dtype = getattr(torch, dtype)
        self.device = _device(device)

    def categorical(
        self, scores: FloatArray, kind: str, temperature: float, eps: float | None
    ) -> Categorical:
        tensor = self._upload(scores)
        if kind == "probs":
            return FromProbabilities(_clip(tensor, eps))
        if kind == "logprobs" and temperature == 1:
            return FromLogProbabilities(tensor)
        return FromLogits(tensor if temperature == 1 else tensor / temperature)

    def bernoulli(
        self, scores: FloatArray, kind: str, temperature: float, eps: float | None
    ) -> Bernoulli:
        tensor = self._upload(scores)
        if kind == "logits":
            return BernoulliFromLogits(tensor if temperature == 1 else tensor / temperature)
        return BernoulliFromProbabilities(
            _clip(tensor.exp() if kind == "logprobs" else tensor, eps)
        )

    def losses(self) -> "Losses":
        from softmax_cli.backends.torch_losses import TorchLosses

        return TorchLosses(self.dtype, self.device)

    def _upload(self, array: FloatArray) -> Tensor:
        try:
            return torch.from_numpy(np.ascontiguousarray(array)).to(self.device, self.dtype)
        except (RuntimeError, TypeError) as error:
            what = str(error).splitlines()[0]
            raise UsageError(f"PyTorch cannot hold the scores on {self.device}: {what}") from None


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise UsageError(
            f"--device {name!r} is not a device", "use auto, cpu, cuda, cuda:N or mps"
        ) from None
    available = {
        "cpu": True,
        "cuda": torch.cuda.device_count() > (device.index or 0),
        "mps": torch.backends.mps.is_available(),
    }
    if not available.get(device.type, False):
        raise UsageError(f"--device {name}: PyTorch finds no such device here", "use --device cpu")
    return device


def _clip(p: Tensor, eps: float | None) -> Tensor:
    return p if eps is None else p.clamp(eps, 1 - eps)


def _download(tensor: Tensor) -> FloatArray:
    return tensor.to("cpu", torch.float64).numpy()


def _like(scores: Tensor, targets: FloatArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(targets)).to(scores)


def _indices(scores: Tensor, labels: IntArray) -> Tensor:
    return torch.from_numpy(labels).to(scores.device)


@dataclass
class _Categorical:
    scores: Tensor

    def predicted(self) -> IntArray:
        values, indices = torch.max(self.scores, 1)
        return torch.where(values.isfinite(), indices, NO_CLASS).cpu().numpy()


@dataclass
class FromLogits(_Categorical):
    """torch.softmax, log_softmax and F.cross_entropy."""

    @cached_property
    def logs(self) -> Tensor:
        return torch.log_softmax(self.scores, 1)

    def probabilities(self) -> FloatArray:
        return _download(torch.softmax(self.scores, 1))

    def log_probabilities(self) -> FloatArray:
        return _download(self.logs)

    def cross_entropy(self, labels: IntArray) -> FloatArray:
        target = _indices(self.scores, labels)
        return _download(F.cross_entropy(self.scores, target, reduction="none"))

    def soft_cross_entropy(self, targets: FloatArray) -> FloatArray:
        target = _like(self.scores, targets)
        return _download(F.cross_entropy(self.scores, target, reduction="none"))


@dataclass
class FromLogProbabilities(_Categorical):
    """F.nll_loss of log-probabilities."""

    @property
    def logs(self) -> Tensor:
        return self.scores

    def probabilities(self) -> FloatArray:
        return _download(self.logs.exp())

    def log_probabilities(self) -> FloatArray:
        return _download(self.logs)

    def cross_entropy(self, labels: IntArray) -> FloatArray:
        return _download(F.nll_loss(self.logs, _indices(self.scores, labels), reduction="none"))

    def soft_cross_entropy(self, targets: FloatArray) -> FloatArray:
        weights = _like(self.scores, targets)
        losses = torch.where(weights == 0, 0.0, -weights * self.logs)
        return _download(losses.sum(1))


@dataclass
class FromProbabilities(FromLogProbabilities):
    """F.nll_loss of the logarithm of probabilities."""

    @cached_property
    def logs(self) -> Tensor:
        return self.scores.log()

    def probabilities(self) -> FloatArray:
        return _download(self.scores)


@dataclass
class _Bernoulli:
    scores: Tensor

    @property
    def p(self) -> Tensor:
        return self.scores

    def probabilities(self) -> FloatArray:
        return _download(self.p)

    def predicted(self, threshold: float) -> IntArray:
        above = (self.p > threshold).long()
        return torch.where(self.p.isnan(), NO_CLASS, above).cpu().numpy()


@dataclass
class BernoulliFromLogits(_Bernoulli):
    """torch.sigmoid and F.binary_cross_entropy_with_logits."""

    @property
    def p(self) -> Tensor:
        return torch.sigmoid(self.scores)

    def cross_entropy(self, targets: FloatArray) -> FloatArray:
        target = _like(self.scores, targets)
        return _download(F.binary_cross_entropy_with_logits(self.scores, target, reduction="none"))


@dataclass
class BernoulliFromProbabilities(_Bernoulli):
    """F.binary_cross_entropy, which clamps its logarithms at -100, whatever eps is."""

    def cross_entropy(self, targets: FloatArray) -> FloatArray:
        target = _like(self.scores, targets)
        return _download(F.binary_cross_entropy(self.scores, target, reduction="none"))
