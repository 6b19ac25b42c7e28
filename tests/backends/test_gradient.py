"""--grad: PyTorch's autograd is the judge of the formulas."""

import errno
import io
import json
import tempfile
from itertools import product
from random import Random

import pytest

from tests.calling import run

pytest.importorskip("torch")
import torch
from torch.nn import functional as F


def gradients(*args: str) -> list[list[float]]:
    code, out, err = run(*args, "--grad", "-f", "json")
    assert code == 0, err
    found = [sample["grad"] for sample in json.loads(out)["samples"]]
    return [g if isinstance(g, list) else [g] for g in found]


ROWS = [[2.0, 1.0, 0.1], [0.5, 2.0, 0.3], [-30.0, 5.0, 700.0]]


@pytest.mark.parametrize(
    ("backend", "reduction", "heat"), [*product(["numpy", "torch"], ["mean", "sum"], ["1", "2.5"])]
)
def test_cross_entropy(backend: str, reduction: str, heat: str) -> None:
    x = torch.tensor(ROWS, dtype=torch.float64, requires_grad=True)
    loss = F.cross_entropy(x / float(heat), torch.tensor([0, 2, 1]), reduction=reduction)
    (expected,) = torch.autograd.grad(loss, x)
    rows = [",".join(map(str, row)) for row in ROWS]
    options = ("-l", "0,2,1", "-b", backend, "--reduction", reduction, "-T", heat)
    found = torch.tensor(gradients("ce", *rows, *options), dtype=torch.float64)
    torch.testing.assert_close(found, expected, rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("kind", ["probs", "logprobs", "logits"])
def test_backends_agree(kind: str) -> None:
    rng = Random(kind)
    p = [rng.uniform(0.05, 0.95) for _ in range(6)]
    logits = {"probs": p, "logprobs": [float(torch.tensor(v).double().log()) for v in p]}
    values = logits.get(kind, [rng.gauss(0, 3) for _ in p])
    args = ["bce", "--from", kind, *map(repr, values), "--target", "0,1,0,1,0.3,0.8"]
    ours, theirs = (gradients(*args, "-b", backend) for backend in ("numpy", "torch"))
    assert ours == [[pytest.approx(value, rel=1e-9) for value in row] for row in theirs]


def test_backends_agree_on_soft_targets_of_probabilities() -> None:
    args = ("ce", "--from", "probs", "0.2,0.7,0.1", "0,1,0", "--target", "0.5,0.5,0")
    second = ("--target", "0,1,0")
    ours, theirs = (gradients(*args, *second, "-b", backend) for backend in ("numpy", "torch"))
    assert ours[0] == pytest.approx([-0.5 / 0.2 / 2, -0.5 / 0.7 / 2, 0])
    assert ours == [pytest.approx(row) for row in theirs]


def test_masked_class_has_no_gradient() -> None:
    args = ("ce", "2,1,-inf", "-l", "0")
    ours, theirs = (gradients(*args, "-b", backend) for backend in ("numpy", "torch"))
    assert ours == [pytest.approx(row) for row in theirs]
    assert ours[0][2] == 0


def test_certain_label_keeps_its_digits() -> None:
    # exact: -e^-40 / (1 + e^-40); PyTorch gives 0
    assert gradients("ce", "0", "-40", "-l", "0")[0][0] == pytest.approx(-4.248354255291589e-18)


def test_without_a_clamp_the_gradient_of_a_tiny_probability_is_exact() -> None:
    args = ("bce", "1e-20", "0", "1", "0", "1", "0.25", "-l", "1,1,0,0,1,1", "--eps", "0")
    found = [g for (g,) in gradients(*args, "--reduction", "sum")]
    assert found == [-1e20, "-inf", "inf", 1.0, -1.0, -4.0]


def test_what_waits_on_disk_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"id,a,b,y\n" + b"".join(b"%d,%d,1.5,%d\n" % (i, i % 7, i % 2) for i in range(30_000))
    command = ("ce", "--grad", "-f", "csv", "--id-col", "id")
    in_memory = run(*command, stdin=data)
    monkeypatch.setattr("softmax_cli.stages.gradients.ROOM", 100_000)
    assert run(*command, stdin=data) == in_memory
    assert in_memory.out.count("\n") == 30_001


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("softmax_cli.stages.gradients.ROOM", 0)
    monkeypatch.setattr("softmax_cli.system.spool.TemporaryFile", Full)
    ran = run("ce", "2,1", "-l", "0", "--grad", "-f", "csv")
    told = f"error: {tempfile.gettempdir()}: No space left on device\n"
    assert ran == (2, "", told)


def test_columns_are_named_by_class() -> None:
    args = ("ce", "2", "1", "0.1", "-l", "0", "--classes", "a,b,c", "--no-probabilities")
    out = run(*args, "--grad", "-f", "csv").out
    assert out.startswith("sample,label,predicted,loss,grad_a,grad_b,grad_c\n")
