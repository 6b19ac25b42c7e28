"""``--like``: the numbers of other libraries, from the libraries or as they publish them."""

import json

import numpy as np
import pytest

from tests.calling import run

ROWS = ["0.7,0.2,0.1", "0,1,0", "1,0,0", "0.3,0.3,0.4", "1e-20,0.5,0.5"]
LABELS = [0, 0, 0, 2, 0]
PROBS = np.array([[float(cell) for cell in row.split(",")] for row in ROWS])
UNIT = ["0.9", "0", "1", "1e-20", "0.2", "1"]
BITS = [1, 1, 0, 1, 0, 1]


def losses(*args: str) -> list[float]:
    code, out, err = run(*args, "-f", "json")
    assert code == 0, err
    return [float(sample["loss"]) for sample in json.loads(out)["samples"]]


def labels(values: list[int]) -> str:
    return ",".join(map(str, values))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_sklearn(dtype: str) -> None:
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    p = PROBS.astype(dtype)
    expected = [
        log_loss([y], row[np.newaxis], labels=[0, 1, 2]) for y, row in zip(LABELS, p, strict=True)
    ]
    found = losses(
        "ce", "--from", "probs", *ROWS, "-l", labels(LABELS), "--like=sklearn", f"--dtype={dtype}"
    )
    assert found == pytest.approx(expected, rel=1e-6 if dtype == "float32" else 1e-15, abs=0)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_sklearn_binary(dtype: str) -> None:
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    p = np.array(UNIT, dtype=np.float64).astype(dtype)
    both = np.stack([1 - p, p], axis=1)
    expected = [
        log_loss([y], row[np.newaxis], labels=[0, 1]) for y, row in zip(BITS, both, strict=True)
    ]
    found = losses("bce", *UNIT, "-l", labels(BITS), "--like=sklearn", f"--dtype={dtype}")
    assert found == pytest.approx(expected, rel=1e-6 if dtype == "float32" else 1e-15, abs=0)


def test_torch_is_float32_and_clamps() -> None:
    torch = pytest.importorskip("torch")
    p, y = torch.tensor([float(text) for text in UNIT]), torch.tensor(BITS, dtype=torch.float32)
    expected = torch.nn.functional.binary_cross_entropy(p, y, reduction="none").tolist()
    found = losses("bce", *UNIT, "-l", labels(BITS), "--like", "torch")
    assert found == pytest.approx(expected, rel=3e-7, abs=0)
    assert losses("bce", *UNIT, "-l", labels(BITS), "--like", "torch", "-b", "torch") == expected


def test_keras_categorical() -> None:
    """The example in the documentation of keras.metrics.CategoricalCrossentropy."""
    rows = ("0.05,0.95,0", "0.1,0.8,0.1")
    found = losses("ce", "--from", "probs", *rows, "-l", "1,2", "--like", "keras")
    assert sum(found) / 2 == pytest.approx(1.1769392, abs=5e-8)


def test_keras_binary() -> None:
    """The documentation's example; then its clipping by 1e-7 in float32, asymmetric at 0 and 1."""
    found = losses("bce", "0.6", "0.4", "0.4", "0.6", "-l", "0,1,0,0", "--like", "keras")
    assert sum(found) / 4 == pytest.approx(0.8149, abs=5e-5)
    low, high = np.float32(1e-7), np.float32(1) - np.float32(1e-7)
    p = np.array(UNIT, dtype=np.float32).clip(low, high)
    y = np.array(BITS, dtype=np.float32)
    expected = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    found = losses("bce", *UNIT, "-l", labels(BITS), "--like", "keras")
    assert found == pytest.approx(expected.tolist(), rel=3e-7, abs=0)


def test_keras_normalizes_rows() -> None:
    found = losses("ce", "--from", "probs", "2e-1,2e-1", "-l", "0", "--like", "keras")
    assert found == pytest.approx([np.log(2)], rel=1e-7)


def test_optax() -> None:
    """Values of optax/losses/_classification_test.py."""
    found = losses("ce", "10,1,-2", "1,4,0.2", "-l", "1,0", "--like", "optax")
    assert found == pytest.approx([9.00013, 3.0696733], rel=1e-6)
    found = losses("bce", "--from", "logits", "-1e9", "-1e-9", "-l", "1,0", "--like", "optax")
    assert sum(found) / 2 == pytest.approx(5e8, rel=1e-6)


def test_dtype_is_the_librarys_unless_given() -> None:
    args = ("ce", "2", "1", "0.1", "-l", "0", "-f", "csv", "--like", "torch")
    assert "|dtype:float32|" in run(*args).err
    assert "|like:torch|" in run(*args).err
    assert "|dtype:float64|" in run(*args, "--dtype", "float64").err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("ce", "2", "1", "--like", "sklearn"), "log_loss does not take logits"),
        (("bce", "0.5", "--like", "optax"), "optax.losses does not take probs"),
        (("bce", "0.5", "--like", "keras", "--eps", "0"), "brings its own clipping"),
    ],
)
def test_contradictions(args: tuple[str, ...], message: str) -> None:
    code, _, err = run(*args, "-l", "0")
    assert code == 2
    assert message in err
