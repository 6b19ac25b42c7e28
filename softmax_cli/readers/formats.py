"""What a file holds, known by its first bytes and not by its name."""

import os

NPY, ZIP = b"\x93NUMPY", b"PK\x03\x04"
MAX_HEADER = 1 << 24
SCANS = ((b"PAR1", "scan_parquet"), (b"ARROW1", "scan_ipc"), (b"{", "scan_ndjson"))
"""How columnar files begin, and polars' function that reads them."""


def first_bytes(name: str) -> bytes:
    """The first bytes of a regular file; empty for what is none."""
    if not os.path.isfile(name):
        return b""
    with open(name, "rb") as file:
        return file.read(16)


def file_format(start: bytes) -> str:
    """Whether a file that begins so holds ``arrays``, is ``columnar`` or else is ``text``."""
    if start.startswith((NPY, ZIP)) or _is_safetensors(start):
        return "arrays"
    return "text" if scan_name(start) is None else "columnar"


def scan_name(start: bytes) -> str | None:
    """polars' function for a file that begins so; None if it is not columnar."""
    return next((scan for magic, scan in SCANS if start.lstrip().startswith(magic)), None)


def _is_safetensors(start: bytes) -> bool:
    """Eight bytes with the length of a header in JSON, then the header."""
    header_bytes = int.from_bytes(start[:8], "little")
    return start[8:10] in (b'{"', b"{}", b"{ ") and header_bytes <= MAX_HEADER
