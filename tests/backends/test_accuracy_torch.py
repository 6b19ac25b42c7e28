"""The torch backend gives PyTorch's own values, bit for bit."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from softmax_cli.backends import Scores
from softmax_cli.backends.load import load_backend

pytest.importorskip("torch")
import torch
from torch import Tensor
from torch.nn import functional as F

Array = npt.NDArray[Any]

RNG = np.random.default_rng(4)
SPECIAL = [[30, -8, 1, 0], [0, -40, -1e5, 2], [1e308, -1e308, 0, 0], [-np.inf, 0, 5, 1], [88.8] * 4]
LOGITS = np.concatenate([RNG.normal(size=(203, 4)) * 9, np.array(SPECIAL)])
PROBS = RNG.dirichlet(np.ones(4), len(LOGITS))
LABELS = RNG.integers(0, 4, len(LOGITS))
TARGETS = RNG.dirichlet(np.ones(4), len(LOGITS))
BINARY = np.concatenate([LOGITS[:, 0], [np.inf, -np.inf, -40, 0]])
BINARY_TARGETS = np.concatenate([RNG.uniform(size=len(BINARY) // 2), np.ones(len(BINARY))])
BINARY_TARGETS = BINARY_TARGETS[: len(BINARY)]
UNIT = np.concatenate([PROBS[:, 0], [0.0, 1.0, 1e-50, 5e-324]])

DTYPES = ["float64", "float32", "float16", "bfloat16"]
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


class Upload(NamedTuple):
    """Arrays to tensors of a dtype on a device."""

    dtype: str
    device: str

    def __call__(self, array: Array) -> Tensor:
        return torch.tensor(array, dtype=getattr(torch, self.dtype), device=self.device)

    def indices(self, labels: Array) -> Tensor:
        return torch.tensor(labels, device=self.device)


@pytest.fixture(params=[Upload(dtype, device) for dtype in DTYPES for device in DEVICES], ids=str)
def upload(request: pytest.FixtureRequest) -> Upload:
    assert isinstance(request.param, Upload)
    return request.param


def check(values: Array, expected: Tensor) -> None:
    assert values.dtype == np.float64
    np.testing.assert_array_equal(values, expected.double().cpu().numpy(), strict=True)


@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_logits(upload: Upload, temperature: float) -> None:
    ours = load_backend("torch", *upload).categorical(Scores(LOGITS, "logits", temperature, None))
    x, y = upload(LOGITS), upload.indices(LABELS)
    if temperature != 1:
        x = x / temperature
    check(ours.probabilities(), torch.softmax(x, 1))
    check(ours.log_probabilities(), torch.log_softmax(x, 1))
    check(ours.cross_entropy(LABELS).rows, F.cross_entropy(x, y, reduction="none"))
    check(ours.cross_entropy(TARGETS).rows, F.cross_entropy(x, upload(TARGETS), reduction="none"))


def test_log_probabilities(upload: Upload) -> None:
    logs = np.log(PROBS)
    ours = load_backend("torch", *upload).categorical(Scores(logs, "logprobs", 1, None))
    x, y = upload(logs), upload.indices(LABELS)
    check(ours.cross_entropy(LABELS).rows, F.nll_loss(x, y, reduction="none"))


def test_probabilities(upload: Upload) -> None:
    ours = load_backend("torch", *upload).categorical(Scores(PROBS, "probs", 1, None))
    x, y = upload(PROBS).log(), upload.indices(LABELS)
    check(ours.cross_entropy(LABELS).rows, F.nll_loss(x, y, reduction="none"))


def test_binary_logits(upload: Upload) -> None:
    ours = load_backend("torch", *upload).bernoulli(Scores(BINARY, "logits", 1, None))
    z, y = upload(BINARY), upload(BINARY_TARGETS)
    check(ours.probabilities(), torch.sigmoid(z))
    expected = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    check(ours.cross_entropy(BINARY_TARGETS).rows, expected)


@pytest.mark.parametrize("eps", [None, 1e-7])
def test_binary_probabilities(upload: Upload, eps: float | None) -> None:
    targets = BINARY_TARGETS[: len(UNIT)]
    ours = load_backend("torch", *upload).bernoulli(Scores(UNIT, "probs", 1, eps))
    p = upload(UNIT) if eps is None else upload(UNIT).clamp(eps, 1 - eps)
    expected = F.binary_cross_entropy(p, upload(targets), reduction="none")
    check(ours.cross_entropy(targets).rows, expected)
