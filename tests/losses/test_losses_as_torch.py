"""Each loss with each combination of options, against the installed PyTorch.

The torch backend gives PyTorch's bits for each sample and for mean and sum, as they are on this
machine. The NumPy backend agrees to 1e-12, and its totals are exact.
"""

import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pytest

from tests.calling import run

pytest.importorskip("torch")
import torch
from torch import Tensor
from torch.nn import functional as F

N, K = 13, 4
IGNORED = 2
WEIGHT = (0.3, 1.0, 2.5, 0.7)
DTYPES = ("float64", "float32", "bfloat16", "float16")
RANDOM = np.random.default_rng(7)
LOGITS = RANDOM.normal(size=(N, K)) * 3
LABELS = RANDOM.integers(0, K, N)
TARGETS = RANDOM.dirichlet(np.ones(K), N)
PROBABILITIES = RANDOM.dirichlet(np.ones(K), N)
BITS = RANDOM.integers(0, 2, N)
SHARES = RANDOM.random(N)


def table(*columns: Any) -> bytes:
    """A CSV without a header; the values read back bit for bit."""
    rows = np.column_stack(columns)
    return "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist()).encode()


def found(*args: str, data: bytes) -> dict[str, Any]:
    code, out, err = run(*args, "--no-header", "--format", "json", stdin=data)
    assert code == 0, err
    loaded: dict[str, Any] = json.loads(out)
    return loaded


def losses_of(report: dict[str, Any]) -> list[float | None]:
    return [sample["loss"] for sample in report["samples"]]


def compare(
    report: dict[str, Any],
    expected: Tensor,
    backend: str,
    weights: Sequence[float] | None = None,
    ignored: Sequence[bool] | None = None,
) -> None:
    """``expected`` (n,) is PyTorch's; ``weights`` is what its mean divides by the sum of."""
    losses = [
        None if ignored is not None and ignored[i] else value
        for i, value in enumerate(expected.double().tolist())
    ]
    got = losses_of(report)
    assert [value is None for value in got] == [value is None for value in losses]
    assert [x for x in got if x is not None] == close(
        [x for x in losses if x is not None], backend, expected.dtype
    )
    summary = report["summary"]
    total = sum(Fraction(value) for value in got if value is not None)
    divisor = Fraction(summary["n"]) if weights is None else sum(map(Fraction, weights))
    assert summary["divisor"] == float(divisor)
    if expected.dtype is torch.float64:
        exactly = {"sum": float(total), "mean": float(total / divisor)}
        found = {name: summary[name] for name in exactly}
        assert found == (exactly if backend == "numpy" else pytest.approx(exactly, rel=1e-12))


def same_totals(report: dict[str, Any], backend: str, function: Callable[..., Tensor]) -> None:
    """Of the torch backend, mean and sum are those that the function itself reduces to."""
    if backend == "torch":
        for reduction in ("mean", "sum"):
            assert report["summary"][reduction] == function(reduction=reduction).item()


def close(values: list[float], backend: str, dtype: torch.dtype) -> Any:
    """Bit for bit, or for NumPy to 1e-12 and as much of it as the dtype has digits for."""
    if backend == "torch":
        return values
    # PyTorch computes in the narrow dtype, NumPy rounds to it at the end
    tolerance = {
        torch.float64: 1e-12,
        torch.float32: 3e-6,
        torch.bfloat16: 0.2,
        torch.float16: 0.03,
    }
    return pytest.approx(values, rel=tolerance[dtype], abs=tolerance[dtype])


def as_option(values: Sequence[float]) -> str:
    return ",".join(map(repr, values))


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("target", ["labels", "targets"])
def test_ce(backend: str, dtype: str, target: str) -> None:
    kind: torch.dtype = getattr(torch, dtype)
    options = ["--backend", backend, "--dtype", dtype]
    if target == "labels":
        data = table(LOGITS, LABELS)
        options += ["--label-col", "-1"]
        truth = torch.tensor(LABELS)
    else:
        data = table(LOGITS, TARGETS)
        options += ["--cols", "0,1,2,3", "--target-cols", "4,5,6,7"]
        truth = torch.tensor(TARGETS, dtype=kind)
    logits = torch.tensor(LOGITS, dtype=kind)
    for weighted, ignoring, smoothing, reduction in product(
        (False, True), (False, True), (0.0, 0.1, 1.0), ("mean", "sum")
    ):
        if ignoring and target == "targets":
            continue
        weight = torch.tensor(WEIGHT, dtype=kind) if weighted else None
        more = ["--label-smoothing", str(smoothing), "--reduction", reduction]
        more += ["--weight", as_option(WEIGHT)] * weighted
        more += ["--ignore-index", str(IGNORED)] * ignoring
        report = found("ce", *options, *more, data=data)
        settings: dict[str, Any] = {"weight": weight, "label_smoothing": smoothing}
        if ignoring:
            settings["ignore_index"] = IGNORED
        expected = F.cross_entropy(logits, truth, reduction="none", **settings)
        left_out = (LABELS == IGNORED) if ignoring else np.zeros(N, dtype=bool)
        used = None
        if weight is not None and target == "labels":
            used_dtype = kind if backend == "torch" else torch.float64
            each = torch.tensor(WEIGHT, dtype=used_dtype)[LABELS].double()
            used = np.where(left_out, 0.0, each.numpy()).tolist()
        compare(report, expected, backend, used, left_out.tolist())
        same_totals(report, backend, partial(F.cross_entropy, logits, truth, **settings))
        torch_s = F.cross_entropy(
            logits.double(),
            truth.double() if target == "targets" else truth,
            reduction=reduction,
            **settings | {"weight": None if weight is None else weight.double()},
        )
        if dtype == "float64":
            assert report["summary"][reduction] == pytest.approx(torch_s.item(), rel=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("kind", ["logprobs", "probs"])
@pytest.mark.parametrize("weighted", [False, True])
def test_nll(backend: str, kind: str, weighted: bool) -> None:
    logs = torch.tensor(PROBABILITIES).log()
    data = table(PROBABILITIES if kind == "probs" else logs.numpy(), LABELS)
    weight = torch.tensor(WEIGHT, dtype=torch.float64) if weighted else None
    more = ["--weight", as_option(WEIGHT)] * weighted
    report = found(
        "ce", "--from", kind, "--label-col", "-1", "--backend", backend, *more, data=data
    )
    labels = torch.tensor(LABELS)
    expected = F.nll_loss(logs, labels, weight=weight, reduction="none")
    compare(report, expected, backend, np.array(WEIGHT)[LABELS].tolist() if weighted else None)
    same_totals(report, backend, partial(F.nll_loss, logs, labels, weight=weight))
    mean = F.nll_loss(logs, labels, weight=weight)
    assert report["summary"]["mean"] == pytest.approx(mean.item(), rel=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("target", ["labels", "targets"])
@pytest.mark.parametrize("source", ["logits", "probs"])
def test_bce(backend: str, dtype: str, target: str, source: str) -> None:
    kind: torch.dtype = getattr(torch, dtype)
    hard = target == "labels"
    y = BITS if hard else SHARES
    scores = LOGITS[:, 0] if source == "logits" else PROBABILITIES[:, 0]
    data = table(scores, y)
    options = ["--backend", backend, "--dtype", dtype, "--from", source, "--cols", "0"]
    options += ["--label-col", "1"] if hard else ["--target-cols", "1"]
    x, truth = torch.tensor(scores, dtype=kind), torch.tensor(y, dtype=kind)
    for weighted, positive, ignoring, reduction in product(
        (False, True), (None, 3.0), (False, True), ("mean", "sum")
    ):
        if ignoring and not hard:
            continue
        if positive and source == "probs":
            continue  # nn.BCELoss has none
        more = ["--reduction", reduction]
        more += ["--weight", "0.5,2"] * weighted
        more += ["--pos-weight", str(positive)] if positive else []
        more += ["--ignore-index", "1"] * ignoring
        report = found("bce", *options, *more, data=data)
        each = torch.tensor(y * 2.0 + (1 - y) * 0.5, dtype=kind) if weighted else None
        if source == "logits":
            pos_weight = None if positive is None else torch.tensor(positive, dtype=kind)
            function: Any = partial(
                F.binary_cross_entropy_with_logits, x, truth, weight=each, pos_weight=pos_weight
            )
        else:
            function = partial(F.binary_cross_entropy, x, truth, weight=each)
        left_out = (y == 1) if ignoring else np.zeros(N, dtype=bool)
        compare(report, function(reduction="none"), backend, None, left_out.tolist())
        if not ignoring:
            same_totals(report, backend, function)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("source", ["logits", "probs"])
def test_bce_of_several_labels(backend: str, source: str) -> None:
    bits = RANDOM.integers(0, 2, (N, K))
    scores = LOGITS if source == "logits" else PROBABILITIES
    options = ["--multilabel", "--from", source, "--cols", "0,1,2,3", "--target-cols", "4,5,6,7"]
    report = found(
        "bce", *options, "--weight", as_option(WEIGHT), "-b", backend, data=table(scores, bits)
    )
    x, truth = torch.tensor(scores), torch.tensor(bits, dtype=torch.float64)
    weight = torch.tensor(WEIGHT, dtype=torch.float64)
    function = F.binary_cross_entropy if source == "probs" else F.binary_cross_entropy_with_logits
    same_totals(report, backend, partial(function, x, truth, weight=weight))
    expected = function(x, truth, weight=weight, reduction="none").numpy()
    assert losses_of(report) == pytest.approx(expected.sum(axis=1).tolist(), rel=1e-12)
    assert report["summary"]["divisor"] == N * K
    mean = function(x, truth, weight=weight).item()
    assert report["summary"]["mean"] == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_bce_of_several_labels_with_a_pos_weight_each(backend: str) -> None:
    bits = RANDOM.integers(0, 2, (N, K))
    options = ["--multilabel", "--from", "logits", "--pos-weight", as_option(WEIGHT)]
    # without names the second half of the columns are the targets
    report = found("bce", *options, "-b", backend, data=table(LOGITS, bits))
    mean = F.binary_cross_entropy_with_logits(
        torch.tensor(LOGITS),
        torch.tensor(bits, dtype=torch.float64),
        pos_weight=torch.tensor(WEIGHT, dtype=torch.float64),
    )
    assert report["summary"]["mean"] == pytest.approx(mean.item(), rel=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("ignoring", [False, True])
def test_multi_margin(backend: str, dtype: str, ignoring: bool) -> None:
    kind: torch.dtype = getattr(torch, dtype)
    x, labels = torch.tensor(LOGITS, dtype=kind), torch.tensor(LABELS)
    left_out = (LABELS == IGNORED) if ignoring else np.zeros(N, dtype=bool)
    for p, margin, weighted in product((1, 2), (1.0, 0.5), (False, True)):
        options = ["--margin", str(margin), "--p", str(p), "--label-col", "-1", "-b", backend]
        options += ["--dtype", dtype]
        options += ["--weight", as_option(WEIGHT)] * weighted
        options += ["--ignore-index", str(IGNORED)] * ignoring
        report = found("hinge", *options, data=table(LOGITS, LABELS))
        weight = torch.tensor(WEIGHT, dtype=kind) if weighted else None
        function = partial(F.multi_margin_loss, x, labels, p, margin, weight)
        compare(report, function(reduction="none"), backend, None, left_out.tolist())
        if not ignoring:
            same_totals(report, backend, function)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("labels", [(0, 1), (-1, 1)])
def test_hinge_of_one_score(backend: str, dtype: str, labels: tuple[int, int]) -> None:
    kind: torch.dtype = getattr(torch, dtype)
    x = torch.tensor(LOGITS[:, 0], dtype=kind)
    signs = torch.tensor(2.0 * BITS - 1, dtype=kind)
    function = partial(F.margin_ranking_loss, x, torch.zeros_like(x), signs, 1.0)
    data = table(LOGITS[:, 0], np.array(labels)[BITS])
    report = found("hinge", "--label-col", "1", "-b", backend, "--dtype", dtype, data=data)
    compare(report, function(reduction="none"), backend)
    same_totals(report, backend, function)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("command", "function"),
    [
        ("mse", F.mse_loss),
        ("mae", F.l1_loss),
        ("huber", F.huber_loss),
        ("huber --delta 2.5", partial(F.huber_loss, delta=2.5)),
        ("huber --beta 0.5", partial(F.smooth_l1_loss, beta=0.5)),
        ("huber --beta 0", partial(F.smooth_l1_loss, beta=0.0)),
    ],
)
def test_errors(backend: str, dtype: str, command: str, function: Any) -> None:
    kind: torch.dtype = getattr(torch, dtype)
    x, t = torch.tensor(LOGITS[:, 0], dtype=kind), torch.tensor(LOGITS[:, 1], dtype=kind)
    options = ["-b", backend, "--dtype", dtype]
    report = found(*command.split(), *options, data=table(LOGITS[:, 0], LOGITS[:, 1]))
    compare(report, function(x, t, reduction="none"), backend)
    # several outputs: the mean is over all values
    other = LOGITS[:, ::-1]
    several = found(*command.split(), *options, data=table(LOGITS, other))
    x, t = torch.tensor(LOGITS, dtype=kind), torch.tensor(other.copy(), dtype=kind)
    expected = function(x, t, reduction="none").sum(1).double().tolist()
    assert losses_of(several) == close(expected, backend, kind)
    assert several["summary"]["divisor"] == N * K
    same_totals(several, backend, partial(function, x, t))
    if dtype == "float64":
        assert several["summary"]["mean"] == pytest.approx(function(x, t).item(), rel=1e-12)
        assert several["summary"]["sum"] == pytest.approx(
            function(x, t, reduction="sum").item(), rel=1e-12
        )


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("source", ["logits", "probs", "logprobs"])
def test_kl(backend: str, dtype: str, source: str) -> None:
    kind: torch.dtype = getattr(torch, dtype)
    targets = TARGETS.copy()
    targets[0] = [0, 1, 0, 0]
    scores = {"logits": LOGITS, "probs": PROBABILITIES, "logprobs": np.log(PROBABILITIES)}[source]
    data = table(scores, targets)
    report = found("kl", "--from", source, "-b", backend, "--dtype", dtype, data=data)
    x, t = torch.tensor(scores, dtype=kind), torch.tensor(targets, dtype=kind)
    log_q = {"logits": torch.log_softmax(x, 1), "probs": x.log(), "logprobs": x}[source]
    compare(report, F.kl_div(log_q, t, reduction="none").sum(1), backend)
    if backend == "torch":
        batchmean = F.kl_div(log_q, t, reduction="batchmean").item()
        assert report["summary"]["mean"] == batchmean
    if dtype == "float64":
        mean = F.kl_div(log_q, t, reduction="batchmean").item()
        assert report["summary"]["mean"] == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("target", ["labels", "targets"])
@pytest.mark.parametrize("smoothing", ["0", "0.1"])
def test_focal_loss_by_its_definition(backend: str, target: str, smoothing: str) -> None:
    p = torch.softmax(torch.tensor(LOGITS), 1)
    t = F.one_hot(torch.tensor(LABELS), K).double() if target == "labels" else torch.tensor(TARGETS)
    mixed = t * (1 - float(smoothing)) + float(smoothing) / K
    weight = torch.tensor(WEIGHT, dtype=torch.float64)
    expected = (mixed * weight * (1 - p) ** 2 * -p.log()).sum(1)
    data = table(LOGITS, LABELS if target == "labels" else TARGETS)
    columns = ["--label-col", "-1"]
    if target == "targets":
        columns = ["--cols", "0,1,2,3", "--target-cols", "4,5,6,7"]
    options = ["--focal", "2", "--weight", as_option(WEIGHT), "--label-smoothing", smoothing]
    report = found("ce", *options, *columns, "-b", backend, data=data)
    assert losses_of(report) == pytest.approx(expected.tolist(), rel=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("source", ["logits", "probs"])
def test_binary_focal_loss_by_its_definition(backend: str, source: str) -> None:
    scores = LOGITS[:, 0] if source == "logits" else PROBABILITIES[:, 0]
    p = torch.tensor(scores) if source == "probs" else torch.sigmoid(torch.tensor(scores))
    y = torch.tensor(BITS, dtype=torch.float64)
    expected = 2 * y * (1 - p) ** 1.5 * -p.log() + (1 - y) * p**1.5 * -(1 - p).log()
    options = ["--focal", "1.5", "--pos-weight", "2", "--from", source, "--label-col", "1"]
    report = found("bce", *options, "-b", backend, data=table(scores, BITS))
    assert losses_of(report) == pytest.approx(expected.tolist(), rel=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("alpha", [None, 0.25])
def test_binary_focal_loss_of_soft_targets_is_torchvision_s(
    backend: str, alpha: float | None
) -> None:
    """torchvision/ops/focal_loss.py; Keras and optax compute the same."""
    x, y = torch.tensor(LOGITS[:, 0]), torch.tensor(SHARES)
    p = torch.sigmoid(x)
    p_t = p * y + (1 - p) * (1 - y)
    expected = F.binary_cross_entropy_with_logits(x, y, reduction="none") * (1 - p_t) ** 2
    options = ["--focal", "2", "--from", "logits", "--target-cols", "1"]
    if alpha is not None:
        expected = (alpha * y + (1 - alpha) * (1 - y)) * expected
        options += ["--focal-alpha", str(alpha)]
    report = found("bce", *options, "-b", backend, data=table(LOGITS[:, 0], SHARES))
    assert losses_of(report) == pytest.approx(expected.tolist(), rel=1e-12)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_binary_label_smoothing_is_towards_a_half(backend: str) -> None:
    y = torch.tensor(BITS * 0.8 + 0.1)
    expected = F.binary_cross_entropy(torch.tensor(SHARES), y, reduction="none")
    options = ["--label-smoothing", "0.2", "--label-col", "1", "-b", backend]
    report = found("bce", *options, data=table(SHARES, BITS))
    assert losses_of(report) == pytest.approx(expected.tolist(), rel=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_totals_that_no_function_of_pytorch_s_gives_are_in_its_arithmetic(dtype: str) -> None:
    """The losses times the sample weights, over the weights' sum, each rounded to the dtype."""
    kind: torch.dtype = getattr(torch, dtype)
    x, weights = torch.tensor(LOGITS, dtype=kind), torch.tensor(SHARES, dtype=kind)
    losses = F.cross_entropy(x, torch.tensor(LABELS), reduction="none") * weights
    options = ["--label-col", "4", "--sample-weight-col", "5", "-b", "torch", "--dtype", dtype]
    report = found("ce", *options, data=table(LOGITS, LABELS, SHARES))
    assert report["summary"]["sum"] == losses.sum().item()
    assert report["summary"]["mean"] == (losses.sum() / weights.sum()).item()


def test_a_long_input_is_reduced_as_a_whole_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    n = 40_000  # several batches of any reader
    x = RANDOM.normal(size=(n, K)).astype(np.float32)
    labels = RANDOM.integers(0, K, n)
    data = table(x.astype(np.float64), labels)
    args = ("ce", "--label-col", "-1", "--no-header", "-b", "torch", "--dtype", "float32", "-q")
    code, out, err = run(*args, stdin=data)
    logits, truth = torch.from_numpy(x), torch.from_numpy(labels)
    assert (code, err) == (0, "")
    assert float(out) == F.cross_entropy(logits, truth).item()
    monkeypatch.setattr("softmax_cli.losses.pieces.WHOLE_CELLS", 1 << 14)
    code, out, err = run(*args, stdin=data)
    losses = F.cross_entropy(logits, truth, reduction="none").double()
    assert code == 0
    assert float(out) == np.float32(losses.mean().item())
    assert err.startswith("note: the input is longer than the one batch that PyTorch reduces")
