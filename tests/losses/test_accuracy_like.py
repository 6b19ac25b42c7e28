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


def test_sklearn_warns_of_rows_that_do_not_sum_to_1_and_computes() -> None:
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    args = ("ce", "--from", "probs", "0.5,0.3", "0.2,0.9", "-l", "0,1", "-q", "--like", "sklearn")
    with pytest.warns(UserWarning, match="do not sum to one"):
        expected = log_loss([0, 1], np.array([[0.5, 0.3], [0.2, 0.9]]))
    code, out, err = run(*args)
    assert (
        code,
        err.count("warning: probabilities that do not sum to 1, row 1 to 0.8: used as given"),
    ) == (0, 1)
    assert float(out) == pytest.approx(expected, rel=1e-15)
    assert run(*args[:-2]).code == 2


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


KERAS_BINARY = {  # BinaryCrossentropy of Keras 3.15.1 on JAX
    ("0", "0"): 1.1920928955078125e-07,
    ("1", "0"): 16.11809539794922,
    ("0", "1"): 15.942384719848633,
    ("1", "1"): 1.1920928955078125e-07,
    ("0", "1e-9"): 1.1920928955078125e-07,
    ("0", "0.9"): 2.3025848865509033,
}


@pytest.mark.parametrize(("label", "p"), KERAS_BINARY)
def test_keras_rounds_the_complement(label: str, p: str) -> None:
    found = losses("bce", p, "-l", label, "--like", "keras")
    assert found == pytest.approx([KERAS_BINARY[label, p]], rel=3e-7, abs=0)


LOGITS = {  # CategoricalCrossentropy(from_logits=True); optax 0.2.8, of targets and of labels
    "20,0": (0.0, 0.0, 0.0),
    "100,0": (0.0, 0.0, 0.0),
    "2,1,0.1": (0.4170299470424652, 0.4170299470424652, 0.41702985763549805),
    "5,0,-3": (0.007048503030091524, 0.007048503030091524, 0.007048606872558594),
}


@pytest.mark.parametrize("row", LOGITS)
def test_of_confident_logits_their_float32_leaves_nothing(row: str) -> None:
    target = ",".join(["1"] + ["0"] * row.count(","))
    keras, of_targets, of_labels = LOGITS[row]
    found = losses("ce", row, "-l", "0", "--like", "keras")
    assert found == pytest.approx([keras], rel=3e-7, abs=0)
    found = losses("ce", row, "--target", target, "--like", "optax")
    assert found == pytest.approx([of_targets], rel=3e-7, abs=0)
    found = losses("ce", row, "-l", "0", "--like", "optax")
    assert found == pytest.approx([of_labels], rel=6e-7, abs=0)  # one step of 2.417


@pytest.mark.parametrize("rows", [("20,0", "2,1"), ("0,-40,3", "-inf,2,2"), ("1e4,0", "0,1e-9")])
def test_like_torch_rounds_as_the_torch_backend(rows: tuple[str, str]) -> None:
    args = ("ce", *rows, "-l", "1,0" if "3" in rows[0] else "0,1", "--like", "torch")
    assert losses(*args) == pytest.approx(losses(*args, "-b", "torch"), rel=3e-7, abs=0)


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
