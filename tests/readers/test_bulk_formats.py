"""The same samples in every format give the same bits; damaged files give one clear line."""

import gzip
import io
import json
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ROWS, CLASSES = 9000, 10
Array = npt.NDArray[np.float64] | npt.NDArray[np.int64]


def run(*args: object, stdin: bytes | None = None) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "softmax_cli", *map(str, args)]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data set of 1.7 MB, long enough for the fast way, in all formats."""
    path = tmp_path_factory.mktemp("formats")
    rng = np.random.default_rng(0)
    x, y = rng.normal(0, 3, (ROWS, CLASSES)), rng.integers(0, CLASSES, ROWS)
    frame = pl.DataFrame({**{f"c{i}": x[:, i] for i in range(CLASSES)}, "y": y})
    frame.write_csv(path / "x.csv")
    frame.write_csv(path / "x.tsv", separator="\t")
    frame.write_parquet(path / "x.parquet")
    frame.write_ipc(path / "x.arrow")
    frame.write_ndjson(path / "x.jsonl")
    named = pl.concat_str(pl.lit("c"), pl.col("y").cast(pl.String)).alias("y")
    frame.with_columns(named).write_csv(path / "named.csv")
    np.savetxt(path / "x.txt", np.column_stack([x, y]), fmt="%.17g")
    text = (path / "x.csv").read_bytes()
    (path / "crlf.csv").write_bytes(text.replace(b"\n", b"\r\n"))
    (path / "cr.csv").write_bytes(text.replace(b"\n", b"\r"))
    half = len(text) // 2
    (path / "x.gz").write_bytes(gzip.compress(text[:half]) + gzip.compress(text[half:]))
    for module, name in (("bz2", "x.bz2"), ("lzma", "x.xz")):
        (path / name).write_bytes(__import__(module).compress(text))
    (path / "x.zst").write_bytes(zstd.compress(text[:half]) + zstd.compress(text[half:]))
    np.save(path / "x.npy", x)
    np.save(path / "y.npy", y)
    np.savez(path / "x.npz", logits=x, labels=y)
    np.savez_compressed(path / "z.npz", logits=x, labels=y)
    write_safetensors(path / "x.safetensors", {"logits": x, "labels": y})
    return path


def write_safetensors(path: Path, arrays: dict[str, Array]) -> None:
    header, data = {}, b""
    for name, array in arrays.items():
        start, data = len(data), data + array.tobytes()
        kind = {"f": "F64", "i": "I64"}[array.dtype.kind]
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [start, len(data)]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


@pytest.fixture(scope="module")
def expected(folder: Path) -> str:
    """By the reference parser alone: the head of the file, row by row, small pieces."""
    code, out, _ = run(
        "ce", folder / "x.npy", "-l", folder / "y.npy", "--no-probabilities", "-fcsv"
    )
    assert code == 0
    return out.replace("\n0,", "\n0,", 1)


@pytest.mark.parametrize(
    "name",
    [
        *("x.csv", "x.tsv", "crlf.csv", "cr.csv", "named.csv"),
        *("x.gz", "x.bz2", "x.xz", "x.zst"),
        *("x.parquet", "x.arrow", "x.jsonl"),
    ],
)
def test_same_bits_in_every_format(folder: Path, expected: str, name: str) -> None:
    code, out, _ = run("ce", folder / name, "--no-probabilities", "-fcsv")
    assert code == 0
    assert out.replace("c", "").splitlines()[1:] == expected.splitlines()[1:]


@pytest.mark.parametrize("name", ["x.npz", "z.npz", "x.safetensors"])
def test_same_bits_from_arrays(folder: Path, expected: str, name: str) -> None:
    assert run("ce", folder / name, "--no-probabilities", "-fcsv")[:2] == (0, expected)


def test_same_bits_from_blanks_and_from_a_pipe(folder: Path, expected: str) -> None:
    options = ("--no-probabilities", "-fcsv")
    code, out, _ = run("ce", folder / "x.txt", "--label-col", -1, *options)
    assert (code, out) == (0, expected)
    code, out, _ = run("ce", "-", *options, stdin=(folder / "x.gz").read_bytes())
    assert (code, out.replace("c", "").splitlines()[1:]) == (0, expected.splitlines()[1:])


def test_many_files_are_one_batch_and_other_columns_are_refused(folder: Path) -> None:
    code, out, _ = run("ce", folder / "x.csv", folder / "x.gz", "-q")
    assert (code, out) == run("ce", folder / "x.csv", "-q")[:2]
    (folder / "other.csv").write_text("a,b,y\n1,2,0\n")
    code, _, err = run("ce", folder / "x.csv", folder / "other.csv")
    assert code == 2
    assert "other.csv: its header differs from that of" in err


def cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def scratch(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(64) + data[middle + 64 :]


@pytest.mark.parametrize("damage", [cut, scratch])
@pytest.mark.parametrize("name", ["x.gz", "x.bz2", "x.xz", "x.zst", "z.npz"])
def test_damage_is_an_error(
    folder: Path, tmp_path: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    path, out = tmp_path / name, tmp_path / "out.csv"
    path.write_bytes(damage((folder / name).read_bytes()))
    code, _, err = run("ce", path, "-fcsv", "-o", out)
    assert code == 2
    assert err.startswith(f"error: {path}")
    assert "Traceback" not in err
    assert "internal error" not in err
    assert not out.exists()


@pytest.mark.parametrize("name", ["x.npy", "x.npz", "x.safetensors", "x.arrow", "x.parquet"])
def test_a_file_cut_short_is_an_error(folder: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(cut((folder / name).read_bytes()))
    code, _, err = run("ce", path, "-l", folder / "y.npy", "-q")
    assert code == 2
    assert err.startswith(f"error: {path}")
    assert "internal error" not in err


def npy(header: str, n_bytes: int = 0) -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(n_bytes)


def described(shape: str, dtype: str = "<f8", fortran: bool = False) -> str:
    return f"{{'descr': {dtype!r}, 'fortran_order': {fortran}, 'shape': {shape}, }}"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (npy(described("(9999999999, 99999)")), "promised"),
        (npy(described("(-1, -8)"), 64), "negative"),
        (npy(described("(1, 1)", "|O"), 8), "not of numbers"),
        (npy(described("(4,)"), 32), "shape"),
        (npy("__import__('os').abort()"), "not a readable .npy header"),
        (b"\x93NUMPY", "not a readable .npy header"),
        (struct.pack("<Q", 1 << 20) + b'{"a":', "longer than the file"),
        (struct.pack("<Q", 7) + b'{"a":1}', "not a readable .safetensors header"),
    ],
)
def test_lying_headers(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "bad"
    path.write_bytes(data)
    code, _, err = run("softmax", path)
    assert code == 2
    assert what in err
    assert "internal error" not in err


def test_a_bad_label_is_named_by_its_sample(folder: Path, tmp_path: Path) -> None:
    labels = np.zeros(ROWS, dtype=np.int64)
    labels[4711] = 10
    np.save(tmp_path / "labels.npy", labels)
    code, _, err = run("ce", folder / "x.npy", "-l", tmp_path / "labels.npy")
    assert code == 2
    assert "labels.npy sample 4711: label 10 is out of range 0…9" in err
    np.save(tmp_path / "labels.npy", labels[:-1])
    assert run("ce", folder / "x.npy", "-l", tmp_path / "labels.npy")[0] == 2


def test_long_and_short_output_have_the_same_bytes(folder: Path) -> None:
    lines = (folder / "x.csv").read_text().splitlines(keepends=True)
    _, out, _ = run("ce", folder / "x.csv", "-fcsv")
    short = io.StringIO()
    for start in range(1, 2001, 500):
        part = "".join([lines[0], *lines[start : start + 500]])
        short.write("".join(run("ce", "-", "-fcsv", stdin=part.encode())[1].splitlines(True)[1:]))
    rows = [line.partition(",")[2] for line in out.splitlines()[1:2001]]
    assert rows == [line.partition(",")[2] for line in short.getvalue().splitlines()]


def test_a_small_file_does_not_import_polars(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("a,b,y\n1,2,0\n")
    code = f"""
import sys
sys.argv = ["softmax-cli", "ce", {str(tmp_path / "s.csv")!r}, "-fcsv"]
from softmax_cli.cli import main
try:
    main()
finally:
    assert "polars" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("options", [("ce",), ("softmax", "--log"), ("predict",)])
def test_parquet_holds_what_csv_holds(
    folder: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    code, out, _ = run(*options, folder / "x.csv", "-fcsv")
    assert code == 0
    assert run(*options, folder / "x.csv", "-fparquet", "-o", tmp_path / "o.parquet")[0] == 0
    assert pl.read_parquet(tmp_path / "o.parquet").write_csv() == out


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_pipe_closed_downstream_ends_the_run(folder: Path, kind: str) -> None:
    command = [sys.executable, "-m", "softmax_cli", "softmax", str(folder / "x.csv"), "-f", kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        run.stdout.read(4)
        run.stdout.close()
        assert run.wait(timeout=20) == 141
