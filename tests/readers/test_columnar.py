"""Parquet and Arrow: lists, names with brackets, what a checksum finds, and all rows or none."""

import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zlib import crc32

import numpy as np
import polars as pl
import pytest

from softmax_cli.errors import DataError
from softmax_cli.readers.arrow import ArrowFile
from softmax_cli.readers.parquet import ParquetFile
from softmax_cli.readers.thrift import I32, Parser, Typed, to_bytes
from tests.calling import quiet, run

RNG = np.random.default_rng(11)
SCORES, LABELS = RNG.normal(0, 3, (2500, 3)), RNG.integers(0, 3, 2500)
FLAT = pl.DataFrame({"a": SCORES[:, 0], "b": SCORES[:, 1], "c": SCORES[:, 2], "label": LABELS})
LISTS = pl.DataFrame({"logits": SCORES.tolist(), "label": LABELS})
FIXED = LISTS.with_columns(pl.col("logits").cast(pl.Array(pl.Float64, 3)))
KINDS = ["parquet", "arrow"]


def write(frame: pl.DataFrame, path: Path) -> str:
    """The path's name, after the frame has been written in pieces of a thousand rows."""
    if path.suffix == ".parquet":
        frame.write_parquet(path, row_group_size=1000)
    else:
        frame.write_ipc(path, compression="zstd", record_batch_size=1000)
    return str(path)


@pytest.fixture(scope="module")
def value(tmp_path_factory: pytest.TempPathFactory) -> str:
    name = tmp_path_factory.mktemp("csv") / "x.csv"
    FLAT.write_csv(name)
    return quiet("ce", str(name))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("frame", [FLAT, LISTS, FIXED], ids=["flat", "lists", "fixed"])
def test_lists_count_as_columns(tmp_path: Path, kind: str, frame: pl.DataFrame, value: str) -> None:
    name = write(frame, tmp_path / f"x.{kind}")
    assert quiet("ce", name) == value
    assert quiet("ce", "-", stdin=Path(name).read_bytes()) == value


@pytest.mark.parametrize("kind", KINDS)
def test_lists_of_other_lengths_and_missing_ones(tmp_path: Path, kind: str) -> None:
    other = LISTS.with_columns(
        pl.when(pl.int_range(pl.len()) == 1700)
        .then(pl.lit([1.0, 2.0]))
        .otherwise("logits")
        .alias("logits")
    )
    code, _, err = run("ce", write(other, tmp_path / f"x.{kind}"), "-q")
    assert code == 2
    assert "sample 1700: 'logits': 2 values, but 3 in the first row" in err
    missing = LISTS.with_columns(
        pl.when(pl.int_range(pl.len()) == 1700).then(None).otherwise("logits").alias("logits")
    )
    name = write(missing, tmp_path / f"y.{kind}")
    code, _, err = run("ce", name, "-q")
    assert code == 2
    assert "sample 1700: column 'logits_0': a missing value" in err
    code, out, err = run("ce", name, "-fcsv", "--missing", "skip")
    assert code == 0
    assert len(out.splitlines()) == 2500


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_is_no_pattern(tmp_path: Path, kind: str, value: str) -> None:
    name = write(FLAT, tmp_path / f"t[1].{kind}")
    write(FLAT.reverse().head(7), tmp_path / f"t1.{kind}")
    assert quiet("ce", name) == value


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_table_only_the_columns_that_are_needed_are_read(tmp_path: Path, kind: str) -> None:
    frame = FLAT.with_columns(note=pl.lit("x" * 1000), when=pl.lit(None, dtype=pl.Date))
    name = write(frame, tmp_path / f"x.{kind}")
    options = ("--cols", "a,b,c")
    assert quiet("ce", name, *options) == quiet("ce", write(FLAT, tmp_path / f"y.{kind}"))


READERS: dict[str, Callable[[bytes], pl.DataFrame]] = {
    "parquet": lambda data: _read(ParquetFile("x", lambda: BytesIO(data))),
    "arrow": lambda data: _read(ArrowFile("x", lambda: BytesIO(data))),
}


def _read(file: ParquetFile | ArrowFile) -> pl.DataFrame:
    return pl.concat(file.frames([*file.schema()]))


EVERYTHING = pl.DataFrame(
    {
        "i": pl.Series(range(2500), dtype=pl.Int16),
        "u": pl.Series([None, 1] * 1250, dtype=pl.UInt64),
        "f": pl.Series(SCORES[:, 0], dtype=pl.Float32),
        "s": ["", "ü", None, "long text that stands elsewhere", "b"] * 500,
        "k": pl.Series(["x", "y"] * 1250, dtype=pl.Categorical),
        "b": [True, None] * 1250,
        "l": [[1, 2], [], None, [None, 3], [4]] * 500,
        "n": [[["a"], []], [[None]], [], None, [["b", "c"]]] * 500,
        "o": [{"a": 1, "b": "x"}, {"a": None, "b": None}] * 1250,
        "d": pl.Series(range(2500), dtype=pl.Date),
    }
)


@pytest.mark.parametrize("kind", KINDS)
def test_all_types_are_read_as_polars_reads_them(tmp_path: Path, kind: str) -> None:
    data = Path(write(EVERYTHING, tmp_path / f"x.{kind}")).read_bytes()
    found = READERS[kind](data)
    assert found.with_columns(pl.col("k").cast(pl.String)).equals(
        EVERYTHING.with_columns(pl.col("k").cast(pl.String)), null_equal=True
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_rows_says_so(tmp_path: Path, kind: str) -> None:
    code, _, err = run("ce", write(FLAT.head(0), tmp_path / f"x.{kind}"))
    assert code == 2
    assert "no data rows" in err


def with_checksums(data: bytes) -> bytes:
    """A Parquet file of one row group and column with a checksum in each page's header.

    Headers get longer, so what the footer says of offsets and sizes is written anew.
    """
    (length,) = struct.unpack("<I", data[-8:-4])
    footer = Parser(data[-8 - length : -8]).struct()
    meta = footer[4].value[1][0][1].value[1][0][3].value
    pages, parser = b"", Parser(data, 4)
    while parser.position < 4 + meta[7].value:
        header = parser.struct()
        page = data[parser.position : parser.position + header[3].value]
        parser.position += len(page)
        signed = struct.unpack("<i", struct.pack("<I", crc32(page)))[0]
        if meta.get(9) and 5 in header:
            meta[9] = meta[9]._replace(value=4 + len(pages))
        pages += to_bytes(header | {4: Typed(I32, signed)}) + page
    meta[7] = meta[7]._replace(value=len(pages))
    described = to_bytes(footer)
    return b"PAR1" + pages + described + struct.pack("<I", len(described)) + b"PAR1"


def test_checksums_of_pages_are_verified() -> None:
    plain = BytesIO()
    frame = pl.DataFrame({"a": SCORES[:, 0]})
    frame.write_parquet(plain, compression="uncompressed", statistics=False)
    data = with_checksums(plain.getvalue())
    assert pl.read_parquet(BytesIO(data)).equals(frame)
    assert READERS["parquet"](data).equals(frame)
    for position in (200, 5000, 19000):
        flipped = bytearray(data)
        flipped[position] ^= 4
        assert not pl.read_parquet(BytesIO(flipped)).equals(frame)
        with pytest.raises(DataError, match="checksum"):
            READERS["parquet"](bytes(flipped))
