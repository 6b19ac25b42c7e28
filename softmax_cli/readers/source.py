"""A file, a pipe or standard input as a stream of text lines, decompressed by content."""

import io
import os
import re
import sys
from collections.abc import Iterator
from typing import IO

from softmax_cli.errors import DataError, UsageError
from softmax_cli.job import STDIN

_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "lzma"),
)
_FOREIGN = (
    (b"\x28\xb5\x2f\xfd", "zstd-compressed", "decompress it: zstd -dc FILE | softmax-cli ..."),
    (b"PK\x03\x04", "a zip archive", "unpack it: unzip -p FILE | softmax-cli ..."),
    (b"\xff\xfe", "UTF-16 text", "convert it: iconv -f UTF-16 -t UTF-8 FILE | softmax-cli ..."),
    (b"\xfe\xff", "UTF-16 text", "convert it: iconv -f UTF-16 -t UTF-8 FILE | softmax-cli ..."),
)


def display_name(name: str) -> str:
    """What messages call the source."""
    return "stdin" if name == STDIN else name


def open_lines(name: str) -> Iterator[str]:
    """The physical lines of a source, with their ends (LF, CRLF or a lone CR) kept.

    Raises DataError for what is not a readable UTF-8 text: a directory, a missing or
    damaged file, another encoding, NUL bytes.
    """
    where = display_name(name)
    with _open(name) as raw:
        stream = _decompressed(raw, where)
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
        yield from _checked(text, where)


def _open(name: str) -> IO[bytes]:
    if name == STDIN:
        if sys.stdin is None:
            raise DataError("stdin", "standard input is closed")
        return io.open(sys.stdin.fileno(), "rb", closefd=False)  # noqa: UP020
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", name):
        raise UsageError(
            f"{name}: an address, not a file", "fetch it first: curl ADDRESS | softmax-cli ..."
        )
    if os.path.isdir(name):
        raise DataError(name, "a directory, not a file", f"name its files: {name}/*.csv")
    try:
        return open(name, "rb")
    except FileNotFoundError:
        raise DataError(name, "no such file") from None


def _decompressed(raw: IO[bytes], where: str) -> IO[bytes]:
    buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw)  # type: ignore[type-var]
    start = buffered.peek(8)
    for magic, what, advice in _FOREIGN:
        if start.startswith(magic):
            raise DataError(where, f"{what}, not plain or gzip, bzip2 or xz text", advice)
    for magic, module in _MAGIC:
        if start.startswith(magic):
            from importlib import import_module

            opened: IO[bytes] = import_module(module).open(buffered, "rb")
            return opened
    return buffered


def _checked(text: io.TextIOWrapper, where: str) -> Iterator[str]:
    number = 0
    try:
        for number, line in enumerate(text, start=1):
            if not line.isascii() or "\0" in line:
                _refuse_foreign_bytes(line, f"{where}:{number}")
            yield line
    except DataError:
        raise
    except EOFError:
        raise DataError(where, f"compressed data ends early, after line {number}") from None
    except (OSError, ValueError) as error:
        raise DataError(where, f"cannot be read after line {number}: {error}") from None
    except Exception as error:  # zlib.error, LZMAError: known only once their module is loaded
        raise DataError(where, f"damaged compressed data after line {number}: {error}") from None


def _refuse_foreign_bytes(line: str, where: str) -> None:
    if "\0" in line:
        raise DataError(where, "a NUL byte", "UTF-16 or a binary file? give UTF-8 text")
    for character in line:
        if "\udc80" <= character <= "\udcff":
            raise DataError(
                where,
                f"byte 0x{ord(character) - 0xDC00:02x} is not UTF-8",
                "Latin-1? convert it: iconv -f LATIN1 -t UTF-8 FILE | softmax-cli ...",
            )
