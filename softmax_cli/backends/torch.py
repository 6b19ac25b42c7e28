"""The torch backend: PyTorch's own functions, so that its numbers are PyTorch's numbers.

Scores are rounded to the dtype before anything else. What PyTorch lacks (focal loss, pos_weight
of probabilities, smoothed or soft targets of log-probabilities) is put together from its parts.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from softmax_cli.backends import (
    PLAIN,
    Bernoulli,
    Categorical,
    Formula,
    Scores,
    Shaping,
    UserFunction,
    smooth,
)
from softmax_cli.data import IGNORED, NO_CLASS, FloatArray, IntArray, Losses, Reduced
from softmax_cli.errors import UsageError


class TorchBackend:
    """See ``backends.Backend``."""

    def __init__(self, dtype: str, device: str) -> None:
        self.dtype: torch.dtype = getattr(torch, dtype)
        self.device = _device(device)

    @property
    def signature(self) -> tuple[str, ...]:
        version = f"torch:{torch.__version__.partition('+')[0]}"
        return (version,) if self.device.type == "cpu" else (version, f"device:{self.device}")

    def categorical(self, scores: Scores) -> Categorical:
        tensor = self._upload(scores.values)
        if scores.kind == "probs":
            return FromProbabilities(tensor, scores.eps)
        if scores.kind == "logprobs" and scores.temperature == 1:
            return FromLogProbabilities(tensor)
        return FromLogits(tensor, scores.temperature)

    def bernoulli(self, scores: Scores) -> Bernoulli:
        tensor = self._upload(scores.values)
        if scores.kind == "logits":
            return BernoulliFromLogits(tensor, None, scores.temperature)
        if scores.kind == "logprobs":
            return BernoulliFromLogProbabilities(tensor, scores.eps)
        return BernoulliFromProbabilities(tensor, scores.eps)

    def evaluate(self, formula: Formula, *arrays: FloatArray | IntArray) -> Losses:
        return _losses(partial(formula.torch, *map(self._upload, arrays)))

    def reduce(
        self, losses: FloatArray, weights: FloatArray | None, outputs: int
    ) -> Reduced | None:
        rows = self._upload(losses)
        if weights is not None:
            mean = rows.sum() / (self._upload(weights).sum() * outputs)
        elif outputs == 1:
            mean = rows.mean()
        else:
            mean = rows.sum() / (len(rows) * outputs)
        return Reduced(mean.item(), rows.sum().item())

    def apply(
        self, function: UserFunction, scores: FloatArray, truth: IntArray | FloatArray
    ) -> FloatArray | str:
        given = function(self._upload(scores.copy()), self._upload(truth.copy()))
        if isinstance(given, (float, int)):
            given = torch.tensor(given)
        if not isinstance(given, Tensor):
            return f"a {type(given).__name__}"
        if given.dtype.is_complex or given.dtype is torch.bool:
            return f"{given.dtype} values"
        return _download(given.detach())

    def differentiate(
        self, function: UserFunction, scores: FloatArray, truth: IntArray | FloatArray
    ) -> FloatArray:
        x = self._upload(scores.copy()).requires_grad_()
        return _derivative(function(x, self._upload(truth.copy())).sum(), x)

    def _upload(self, array: FloatArray | IntArray) -> Tensor:
        """The array on the device; numbers in the dtype, labels as they are."""
        tensor = torch.from_numpy(np.require(array, requirements=["C", "W"]))
        dtype = self.dtype if tensor.is_floating_point() else tensor.dtype
        try:
            return tensor.to(self.device, dtype)
        except (RuntimeError, TypeError) as error:
            what = str(error).splitlines()[0]
            raise UsageError(f"PyTorch cannot hold the scores on {self.device}: {what}") from None


def reduce(losses: Tensor, reduction: str) -> Tensor:
    """What PyTorch's functions do in the end, for what it has no function for."""
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()


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


def _download(tensor: Tensor) -> FloatArray:
    return tensor.to("cpu", torch.float64).numpy()


def _losses(function: Callable[..., Tensor]) -> Losses:
    """Of a function that takes ``reduction``; what it gives for a row's outputs is added up."""

    def reduced() -> Reduced:
        return Reduced(function(reduction="mean").item(), function(reduction="sum").item())

    with _refusals():
        losses = function(reduction="none")
    return Losses(_download(losses if losses.ndim == 1 else losses.sum(1)), reduced)


@contextmanager
def _refusals() -> Iterator[None]:
    """PyTorch's refusal of a dtype or a device as an error that tells what to do."""
    try:
        yield
    except (RuntimeError, NotImplementedError) as error:
        raise UsageError(
            f"PyTorch does not compute this loss here: {str(error).splitlines()[0]}",
            "say --dtype float32 or float64",
        ) from None


def _derivative(total: Tensor, x: Tensor) -> FloatArray:
    (gradient,) = torch.autograd.grad(total, x)
    return _download(gradient)


def _clip(p: Tensor, eps: float | None) -> Tensor:
    return p if eps is None else p.clamp(eps, 1 - eps)


def _focal(losses: Tensor, shaping: Shaping) -> Tensor:
    """Losses -ln p times α (1-p)^γ."""
    if shaping.gamma is None:
        return losses
    focal = torch.where(losses == 0, 0.0, losses * (-torch.expm1(-losses)) ** shaping.gamma)
    return focal if shaping.alpha is None else shaping.alpha * focal


@dataclass
class _Scores:
    """Scores as they were given, on the device."""

    given: Tensor

    def upload(self, array: FloatArray | IntArray) -> Tensor:
        """The array beside the scores; numbers in their dtype, labels as they are."""
        tensor = torch.from_numpy(np.require(array, requirements=["C", "W"]))
        if tensor.is_floating_point():
            return tensor.to(self.given)
        return tensor.to(self.given.device)

    def leaf(self) -> Tensor:
        """The scores as what to differentiate by."""
        return self.given.detach().requires_grad_()


@dataclass
class FromLogProbabilities(_Scores):
    """F.nll_loss of log-probabilities; see ``backends.Categorical``."""

    def logs_of(self, x: Tensor) -> Tensor:
        """(n, k) ln p of scores (n, k)."""
        return x

    @cached_property
    def logs(self) -> Tensor:
        """(n, k) ln p."""
        return self.logs_of(self.given)

    def probabilities(self) -> FloatArray:
        return _download(self.logs.exp())

    def log_probabilities(self) -> FloatArray:
        return _download(self.logs)

    def predicted(self) -> IntArray:
        values, indices = torch.max(self.given, 1)
        return torch.where(values.isfinite(), indices, NO_CLASS).cpu().numpy()

    def cross_entropy(self, truth: IntArray | FloatArray, shaping: Shaping = PLAIN) -> Losses:
        target = self.upload(truth)
        weight = None if shaping.weight is None else self.upload(shaping.weight)
        if truth.ndim == 1 and not shaping.smoothing and shaping.gamma is None:
            return _losses(partial(F.nll_loss, self.logs, target, weight, ignore_index=IGNORED))
        n_classes = self.logs.shape[1]
        if truth.ndim == 1:
            target = F.one_hot(target.clamp(min=0), n_classes).to(self.logs)
        target = (1 - shaping.smoothing) * target + shaping.smoothing / n_classes
        if weight is not None:
            target = target * weight
        losses = torch.where(target == 0, 0.0, target * _focal(-self.logs, shaping))
        return Losses(_download(losses.sum(1)))

    def deviations(self, labels: IntArray) -> FloatArray:
        p = self.probabilities()
        p[np.arange(len(labels)), labels] -= 1
        return p

    def divergence(self, targets: FloatArray) -> Losses:
        target = self.upload(targets)

        def function(reduction: str) -> Tensor:
            reduction = "batchmean" if reduction == "mean" else reduction
            return F.kl_div(self.logs, target, reduction=reduction)

        return _losses(function)

    def gradient(self, targets: FloatArray) -> FloatArray:
        x, target = self.leaf(), self.upload(targets)
        # Where the target is 0, the slope of ln at 0 would make the gradient 0 · inf.
        logs = self.logs_of(torch.where(target == 0, 1.0, x))
        return _derivative(-torch.where(target == 0, 0.0, target * logs).sum(), x)


@dataclass
class FromProbabilities(FromLogProbabilities):
    """F.nll_loss of the logarithm of probabilities, clipped if eps is given."""

    eps: float | None

    def logs_of(self, x: Tensor) -> Tensor:
        return _clip(x, self.eps).log()

    def probabilities(self) -> FloatArray:
        return _download(_clip(self.given, self.eps))


@dataclass
class FromLogits(FromLogProbabilities):
    """torch.softmax, log_softmax and F.cross_entropy."""

    temperature: float

    def scaled(self, x: Tensor) -> Tensor:
        """(n, k) logits at temperature 1."""
        return x if self.temperature == 1 else x / self.temperature

    def logs_of(self, x: Tensor) -> Tensor:
        return torch.log_softmax(self.scaled(x), 1)

    def probabilities(self) -> FloatArray:
        return _download(torch.softmax(self.scaled(self.given), 1))

    def cross_entropy(self, truth: IntArray | FloatArray, shaping: Shaping = PLAIN) -> Losses:
        if shaping.gamma is not None:
            return super().cross_entropy(truth, shaping)
        weight = None if shaping.weight is None else self.upload(shaping.weight)
        function = partial(
            F.cross_entropy,
            self.scaled(self.given),
            self.upload(truth),
            weight=weight,
            label_smoothing=shaping.smoothing,
            ignore_index=IGNORED,
        )
        return _losses(function)

    def gradient(self, targets: FloatArray) -> FloatArray:
        x, target = self.leaf(), self.upload(targets)
        logs = self.logs_of(x)
        return _derivative(-torch.where(target == 0, 0.0, target * logs).sum(), x)


@dataclass
class BernoulliFromProbabilities(_Scores):
    """F.binary_cross_entropy, which clamps its logarithms at -100, whatever eps is."""

    eps: float | None

    def p_of(self, x: Tensor) -> Tensor:
        """(n,) the probability of class 1."""
        return _clip(x, self.eps)

    def probabilities(self) -> FloatArray:
        return _download(self.p_of(self.given))

    def deviations(self, labels: IntArray) -> FloatArray:
        return self.probabilities() - labels

    def predicted(self, threshold: float) -> IntArray:
        p = self.p_of(self.given)
        return torch.where(p.isnan(), NO_CLASS, (p > threshold).long()).cpu().numpy()

    def losses_of(self, x: Tensor, target: Tensor, **options: Any) -> Tensor:
        """PyTorch's loss of scores and targets, with its options."""
        return F.binary_cross_entropy(self.p_of(x), target, **options)

    def cross_entropy(self, targets: FloatArray, shaping: Shaping = PLAIN) -> Losses:
        target = self.upload(smooth(targets, shaping.smoothing))
        weight = None if shaping.weight is None else self.upload(shaping.weight)
        if shaping.pos_weight is None and shaping.gamma is None:
            return _losses(partial(self.losses_of, self.given, target, weight=weight))
        losses = self._unweighted(target, shaping)
        if shaping.gamma is not None:
            p = self.p_of(self.given)
            p_t = p * target + (1 - p) * (1 - target)
            losses = losses * (1 - p_t) ** shaping.gamma
            if shaping.alpha is not None:
                losses = losses * (shaping.alpha * target + (1 - shaping.alpha) * (1 - target))
        return _losses(partial(reduce, losses if weight is None else weight * losses))

    def _unweighted(self, target: Tensor, shaping: Shaping) -> Tensor:
        """(n,) before weight and focus."""
        if shaping.pos_weight is None:
            return self.losses_of(self.given, target, reduction="none")
        if_one = self.losses_of(self.given, torch.ones_like(target), reduction="none")
        if_zero = self.losses_of(self.given, torch.zeros_like(target), reduction="none")
        return target * self.upload(shaping.pos_weight) * if_one + (1 - target) * if_zero

    def gradient(self, targets: FloatArray) -> FloatArray:
        x = self.leaf()
        return _derivative(self.losses_of(x, self.upload(targets), reduction="sum"), x)


@dataclass
class BernoulliFromLogProbabilities(BernoulliFromProbabilities):
    """The same of ln p."""

    def p_of(self, x: Tensor) -> Tensor:
        return _clip(x.exp(), self.eps)


@dataclass
class BernoulliFromLogits(BernoulliFromProbabilities):
    """torch.sigmoid and F.binary_cross_entropy_with_logits."""

    temperature: float

    def scaled(self, x: Tensor) -> Tensor:
        """(n,) logits at temperature 1."""
        return x if self.temperature == 1 else x / self.temperature

    def p_of(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.scaled(x))

    def losses_of(self, x: Tensor, target: Tensor, **options: Any) -> Tensor:
        return F.binary_cross_entropy_with_logits(self.scaled(x), target, **options)

    def cross_entropy(self, targets: FloatArray, shaping: Shaping = PLAIN) -> Losses:
        if shaping.pos_weight is None or shaping.gamma is not None:
            return super().cross_entropy(targets, shaping)
        return _losses(
            partial(
                self.losses_of,
                self.given,
                self.upload(smooth(targets, shaping.smoothing)),
                weight=None if shaping.weight is None else self.upload(shaping.weight),
                pos_weight=self.upload(shaping.pos_weight),
            )
        )
