"""Files with bits flipped, cut and longer, at seeded random places.

Either nothing changes, or there is one clear error. Only where a format has no checksum may a
flipped bit change values, as it would for any reader; how many rows there are, never.
"""

import bz2
import gzip
import io
import lzma
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from zlib import crc32

import numpy as np
import polars as pl
import pytest

from softmax_cli.readers.thrift import I32, I64, Parser, Typed, to_bytes
from tests.calling import Ran, run
from tests.readers.test_arrays import safetensors

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ROWS, CLASSES = 40, 3
RNG = np.random.default_rng(5)
SCORES, LABELS = RNG.normal(0, 3, (ROWS, CLASSES)), RNG.integers(0, CLASSES, ROWS)
FRAME = pl.DataFrame({**{f"c{i}": SCORES[:, i] for i in range(CLASSES)}, "y": LABELS})
TEXT = FRAME.write_csv().encode()


def _written(write: Callable[[io.BytesIO], object]) -> bytes:
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


def with_checksums(data: bytes) -> bytes:
    """A flat Parquet file of polars' with a checksum in the header of each page.

    Headers get longer, so what the footer says of offsets and sizes is written anew.
    """
    (length,) = struct.unpack("<I", data[-8:-4])
    footer = Parser(data[-8 - length : -8]).struct()
    pages = b"PAR1"
    for group in footer[4].value[1]:
        for chunk in group[1].value[1]:
            meta = chunk[3].value
            starts = {field: meta[field].value for field in (11, 9) if field in meta}
            parser = Parser(data, min(starts.values()))
            end, begun = parser.position + meta[7].value, len(pages)
            while parser.position < end:
                for field, start in starts.items():
                    if start == parser.position:
                        meta[field] = Typed(I64, len(pages))
                header = parser.struct()
                page = data[parser.position : parser.position + header[3].value]
                parser.position += len(page)
                (signed,) = struct.unpack("<i", struct.pack("<I", crc32(page)))
                pages += to_bytes(header | {4: Typed(I32, signed)}) + page
            meta[7] = Typed(I64, len(pages) - begun)
    described = to_bytes(footer)
    return pages + described + struct.pack("<I", len(described)) + b"PAR1"


PARQUET = _written(lambda s: FRAME.write_parquet(s, row_group_size=25, compression="zstd"))
FILES = {
    "x.csv.gz": gzip.compress(TEXT[:600]) + gzip.compress(TEXT[600:]),
    "x.csv.bz2": bz2.compress(TEXT[:600]) + bz2.compress(TEXT[600:]),
    "x.csv.xz": lzma.compress(TEXT[:600]) + lzma.compress(TEXT[600:]),
    "x.csv.zst": zstd.compress(TEXT, options={zstd.CompressionParameter.checksum_flag: 1}),
    "x.npz": _written(lambda s: np.savez(s, logits=SCORES, labels=LABELS)),
    "z.npz": _written(lambda s: np.savez_compressed(s, logits=SCORES, labels=LABELS)),
    "x.safetensors": safetensors({"logits": SCORES, "labels": LABELS}),
    "x.npy": _written(lambda s: np.save(s, SCORES)),
    "x.parquet": PARQUET,
    "c.parquet": with_checksums(PARQUET),
    "x.arrow": _written(lambda s: FRAME.write_ipc(s, record_batch_size=25)),
    "z.arrow": _written(lambda s: FRAME.write_ipc(s, record_batch_size=25, compression="zstd")),
    "x.jsonl": FRAME.write_ndjson().encode(),
    "x.json": FRAME.write_json().encode(),
    "x.csv": TEXT,
}
CHECKED = {"x.csv.gz", "x.csv.bz2", "x.csv.xz", "x.csv.zst"}
"""Formats in which each byte counts in a checksum."""
TEXTS = {"x.jsonl", "x.csv"}
"""Formats that may end anywhere, and in the middle of a number."""
LASTING = TEXTS | {"x.json"}
"""Formats behind whose end may be more of the same."""
CASES = 40


def flip(data: bytes, random: Random) -> bytes:
    """One bit, half of the time where the description is likely to be."""
    edges = random.choice([range(len(data)), range(min(300, len(data))), range(-300, 0)])
    position = random.choice(edges)
    changed = bytearray(data)
    changed[max(position, -len(data))] ^= 1 << random.randrange(8)
    return bytes(changed)


def cut(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data))]


def extend(data: bytes, random: Random) -> bytes:
    more = [b"\0", b"\n\n1", b"x" * 9, data[:8], data, random.randbytes(random.randrange(1, 99))]
    return data + random.choice(more)


def outcome(path: Path, labels: Path) -> Ran:
    given = ["-l", str(labels)] if path.name == "x.npy" else []
    return run("ce", str(path), *given, "-fcsv", "--no-probabilities")


def damage(name: str, seed: int, tmp_path: Path, change: Callable[[bytes, Random], bytes]) -> None:
    np.save(tmp_path / "l.npy", LABELS)
    path, labels = tmp_path / name, tmp_path / "l.npy"
    path.write_bytes(FILES[name])
    whole = outcome(path, labels)
    assert whole.code == 0, whole.err
    random = Random(f"{name} {seed}")
    for case in range(CASES):
        path.write_bytes(change(FILES[name], random))
        code, out, err = outcome(path, labels)
        told = f"case {case}: {out}{err}"
        if code == 2:
            assert err.startswith("error: "), told
            assert "internal error" not in err, told
            assert err.count("\n") <= 2, told
            assert len(err) < 600, told
        elif out != whole.out:
            assert code == 0, told
            assert name not in CHECKED, told
            if change is flip:
                assert name in TEXTS or out.count("\n") == whole.out.count("\n"), told
            else:
                assert name in (TEXTS if change is cut else LASTING), told


@pytest.mark.parametrize("name", FILES)
def test_flipped_bits(name: str, tmp_path: Path) -> None:
    damage(name, 1, tmp_path, flip)


@pytest.mark.parametrize("name", FILES)
def test_cut_files(name: str, tmp_path: Path) -> None:
    damage(name, 2, tmp_path, cut)


@pytest.mark.parametrize("name", FILES)
def test_longer_files(name: str, tmp_path: Path) -> None:
    damage(name, 3, tmp_path, extend)
