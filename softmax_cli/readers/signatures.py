"""What a file holds, known by its first bytes and not by its name."""

import os

NPY, ZIP = b"\x93NUMPY", b"PK\x03\x04"
PARQUET, ARROW, JSON = b"PAR1", b"ARROW1", b"{"
_MAX_HEADER = 1 << 24


def first_bytes(name: str) -> bytes:
    """The first bytes of a regular file; empty for what is none."""
    if not os.path.isfile(name):
        return b""
    with open(name, "rb") as file:
        return file.read(16)


def holds_arrays(start: bytes) -> bool:
    """Whether a file that begins so is a .npy, .npz or .safetensors file."""
    return start.startswith((NPY, ZIP)) or _is_safetensors(start)


def begins(start: bytes, signature: bytes) -> bool:
    """Whether a file begins so, blanks aside."""
    return start.lstrip().startswith(signature)


def _is_safetensors(start: bytes) -> bool:
    """Eight bytes with the length of a header in JSON, then the header."""
    header_bytes = int.from_bytes(start[:8], "little")
    return start[8:10] in (b'{"', b"{}", b"{ ") and header_bytes <= _MAX_HEADER
