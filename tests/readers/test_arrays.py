"""Arrays of any axes, order and name, against PyTorch's own cross-entropy of the same arrays."""

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.calling import quiet, run

Array = npt.NDArray[Any]
RNG = np.random.default_rng(7)
SCORES = RNG.normal(0, 3, (6, 4, 5))
LABELS = RNG.integers(0, 5, (6, 4))


def expected(scores: Array, labels: Array) -> float:
    """The mean loss as PyTorch computes it, the classes on axis 1 and -100 left out."""
    torch = pytest.importorskip("torch")
    loss = torch.nn.functional.cross_entropy(torch.tensor(scores), torch.tensor(labels))
    return float(loss)


def npz(path: Path, **arrays: Array) -> str:
    np.savez(path / "x.npz", **arrays)  # type: ignore[arg-type]
    return str(path / "x.npz")


def test_sequences(tmp_path: Path) -> None:
    padded = LABELS.copy()
    padded[:, 3] = -100
    name = npz(tmp_path, logits=SCORES, labels=padded)
    value = float(quiet("ce", name))
    assert value == pytest.approx(expected(SCORES.transpose(0, 2, 1), padded), rel=1e-14)
    code, out, err = run("ce", name, "-fcsv")
    assert code == 0
    assert [line.split(",")[1] for line in out.splitlines()[1:5]] == [*map(str, LABELS[0, :3]), ""]
    assert "array (6, 4, 5), classes on axis 2" in err
    assert "|ignore-index:-100|" in err


def test_images(tmp_path: Path) -> None:
    scores, labels = RNG.normal(0, 1, (3, 5, 2, 4)), RNG.integers(0, 5, (3, 2, 4))
    value = pytest.approx(expected(scores, labels), rel=1e-14)
    name = npz(tmp_path, logits=scores, labels=labels)
    assert float(quiet("ce", name, "--class-axis", "1")) == value
    assert float(quiet("ce", name)) == value  # the labels tell
    np.save(tmp_path / "s.npy", scores)
    np.save(tmp_path / "l.npy", labels)
    files = str(tmp_path / "s.npy"), "-l", str(tmp_path / "l.npy")
    assert float(quiet("ce", *files)) == value
    assert float(quiet("ce", *files, "--class-axis", "-3")) == value


def test_an_axis_in_doubt_is_asked_for(tmp_path: Path) -> None:
    scores, labels = RNG.normal(0, 1, (3, 4, 4)), RNG.integers(0, 4, (3, 4))
    name = npz(tmp_path, logits=scores, labels=labels)
    code, _, err = run("ce", name)
    assert code == 2
    assert "say --class-axis 1 or --class-axis 2" in err
    value = float(quiet("ce", name, "--class-axis", "1"))
    assert value == pytest.approx(expected(scores, labels), rel=1e-14)
    assert float(quiet("ce", name, "--class-axis", "2")) != value


def test_classes_first(tmp_path: Path) -> None:
    name = npz(tmp_path, logits=SCORES[0].T, labels=LABELS[0])
    code, _, err = run("ce", name)
    assert code == 2
    assert "say --class-axis 0" in err
    for other in ("2,1,0", "-"):
        code, _, err = run("ce", other, "-l", "0", "--class-axis", "0", stdin=b"2,1,0\n")
        assert code == 2
        assert "--class-axis is about arrays" in err
    value = float(quiet("ce", name, "--class-axis", "0"))
    assert value == pytest.approx(expected(SCORES[0], LABELS[0]), rel=1e-14)


def test_soft_targets_and_weights_lie_as_the_scores_do(tmp_path: Path) -> None:
    targets = RNG.dirichlet(np.ones(5), (6, 4)).transpose(0, 2, 1)
    scores, weights = SCORES.transpose(0, 2, 1), RNG.random((6, 4))
    name = npz(tmp_path, logits=scores, t=targets, w=weights)
    options = ("--class-axis", "1", "--target-cols", "t", "--sample-weight-col", "w")
    flat = npz_of_rows(tmp_path, targets, weights)
    assert quiet("ce", name, *options) == quiet("ce", flat, *options[2:])


def npz_of_rows(path: Path, targets: Array, weights: Array) -> str:
    rows = targets.transpose(0, 2, 1).reshape(-1, 5)
    name = path / "flat.npz"
    np.savez(name, logits=SCORES.reshape(-1, 5), t=rows, w=weights.ravel())
    return str(name)


@pytest.mark.parametrize("shape", [(6, 5), (6, 4, 5), (2, 3, 4, 5)])
def test_fortran_order(tmp_path: Path, shape: tuple[int, ...]) -> None:
    scores, labels = RNG.normal(0, 1, shape), RNG.integers(0, 5, shape[:-1])
    values = set()
    for order in (np.ascontiguousarray, np.asfortranarray):
        np.save(tmp_path / "s.npy", order(scores))
        np.save(tmp_path / "l.npy", order(labels))
        values.add(quiet("ce", str(tmp_path / "s.npy"), "-l", str(tmp_path / "l.npy")))
        values.add(quiet("ce", npz(tmp_path, logits=order(scores), labels=order(labels))))
    assert len(values) == 1


def test_names(tmp_path: Path) -> None:
    rows, labels = SCORES[:, 0], LABELS[:, 0]
    plain = quiet("ce", npz(tmp_path, logits=rows, labels=labels))
    assert quiet("ce", npz(tmp_path, predictions=rows, label_ids=labels)) == plain
    other = npz(tmp_path, a=rows, b=labels, note=np.array(["text"]))
    assert quiet("ce", other, "--scores", "a", "--labels-key", "b") == plain
    code, _, err = run("ce", other)
    assert code == 2
    assert "say --scores a --labels-key b" in err
    code, _, err = run("ce", npz(tmp_path, logits=rows, labels=labels, y=labels))
    assert code == 2
    assert "arrays 'labels' and 'y' could both be the labels" in err


@pytest.mark.parametrize("kind", ["npy", "npz", "safetensors"])
def test_standard_input(tmp_path: Path, kind: str) -> None:
    rows = np.round(SCORES[:, 0], 3)
    content = io.BytesIO()
    if kind == "npy":
        np.save(content, rows)
    elif kind == "npz":
        np.savez(content, logits=rows)
    else:
        content.write(safetensors({"logits": rows}))
    labels = ",".join(map(str, LABELS[:, 0]))
    texts = [",".join(map(str, row)) for row in rows.tolist()]
    assert quiet("ce", "-", "-l", labels, stdin=content.getvalue()) == quiet(
        "ce", *texts, "-l", labels
    )


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
def test_files_of_pytorch(tmp_path: Path, dtype: str, legacy: bool) -> None:
    torch = pytest.importorskip("torch")
    name = str(tmp_path / "x.pt")
    logits = torch.tensor(SCORES[:, 0]).to(getattr(torch, dtype)).requires_grad_()
    content = {"logits": logits, "labels": torch.tensor(LABELS[:, 0]), "epoch": 3}
    torch.save(content, name, _use_new_zipfile_serialization=not legacy)
    rows = logits.detach().double().numpy()
    value = quiet("ce", name, "--dtype", "float64")
    assert value == quiet("ce", npz(tmp_path, logits=rows, labels=LABELS[:, 0]))
    torch.save(logits, name, _use_new_zipfile_serialization=not legacy)
    np.save(tmp_path / "l.npy", LABELS[:, 0])
    assert quiet("ce", name, "-l", str(tmp_path / "l.npy"), "--dtype", "float64") == value


class Harmful:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return print, ("harm",)


def test_nothing_is_run(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.save({"logits": torch.ones(2, 2), "x": Harmful()}, tmp_path / "x.pt")
    code, out, err = run("softmax", str(tmp_path / "x.pt"))
    assert (code, out) == (2, "")
    assert "not only tensors" in err
    (tmp_path / "x.pkl").write_bytes(pickle.dumps([[1.0, 2.0], Harmful()], protocol=4))
    code, out, err = run("softmax", str(tmp_path / "x.pkl"))
    assert (code, out) == (2, "")
    assert "a pickle" in err
    assert "read_pickle" in err


def test_workbooks(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    for name, content in (
        ("x.xlsx", b""),
        ("x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99)),
    ):
        if content:
            (tmp_path / name).write_bytes(content)
        code, _, err = run("softmax", str(tmp_path / name))
        assert code == 2
        assert "an Excel workbook" in err
        assert "as CSV" in err


def safetensors(arrays: Mapping[str, Array], **changes: object) -> bytes:
    """The bytes of the format; ``changes`` replace what its header says of the last array."""
    header: dict[str, dict[str, object]] = {}
    data = b""
    for name, array in arrays.items():
        start, data = len(data), data + array.tobytes()
        kind = {"f": "F64", "i": "I64"}[array.dtype.kind]
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [start, len(data)]}
    next(reversed(header.values())).update(changes)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (safetensors({"a": SCORES, "logits": SCORES}, data_offsets=[0, 960]), "overlap"),
        (safetensors({"logits": SCORES}) + b"x", "end at byte"),
        (safetensors({"logits": SCORES}, shape=[6.0, 4, 5]), "header"),
        (safetensors({"logits": SCORES}, shape=[-6, 4, -5]), "header"),
        (safetensors({"logits": SCORES}, shape=[1e999]), "header"),
        (safetensors({"logits": SCORES}, shape=[6, 4, 6]), "promised"),
        (safetensors({"logits": SCORES}, dtype="C64"), "not of numbers"),
        (safetensors({"a": SCORES, "b": SCORES}).replace(b'"a"', b'"b"', 1), "header"),
        (struct.pack("<Q", 100000) + b'{"a":' * 20000, "header"),
    ],
)
def test_safetensors_are_as_strict_as_their_library(
    tmp_path: Path, content: bytes, what: str
) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    code, _, err = run("softmax", str(path))
    assert code == 2
    assert err.startswith(f"error: {path}")
    assert what in err


def test_many_files_are_closed_when_they_have_been_read(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    for index in range(80):
        np.savez(tmp_path / f"{index}.npz", logits=SCORES[:, 0], labels=LABELS[:, 0])
    names = [str(path) for path in tmp_path.iterdir()]
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (60, limits[1]))
    try:
        assert run("ce", *names, "-q")[0] == 0
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
