"""A file, a pipe or standard input as a stream of bytes, decompressed by content."""

import io
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, TextIO, cast

from softmax_cli.errors import DataError, UsageError
from softmax_cli.job import STDIN
from softmax_cli.readers.signatures import ARROW, NPY, PARQUET, ZIP
from softmax_cli.system.progress import MeteredFile
from softmax_cli.system.streams import descriptor_of


def _gunzip(raw: IO[bytes]) -> IO[bytes]:
    import gzip

    return cast(IO[bytes], gzip.open(raw))


def _bunzip(raw: IO[bytes]) -> IO[bytes]:
    import bz2

    return cast(IO[bytes], bz2.open(raw))


def _unxz(raw: IO[bytes]) -> IO[bytes]:
    import lzma

    return cast(IO[bytes], lzma.open(raw))


def _unzstd(raw: IO[bytes]) -> IO[bytes]:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    return cast(IO[bytes], zstd.open(raw))


_COMPRESSED: tuple[tuple[bytes, Callable[[IO[bytes]], IO[bytes]]], ...] = (
    (b"\x1f\x8b", _gunzip),
    (b"BZh", _bunzip),
    (b"\xfd7zXZ\x00", _unxz),
    (b"\x28\xb5\x2f\xfd", _unzstd),
)
_FOREIGN = (
    (ZIP, "a zip archive", "unpack it: unzip -p FILE | softmax-cli ..."),
    (NPY, "a NumPy array", "give the .npy file by its name"),
    (PARQUET, "a Parquet file", "give it by its name"),
    (ARROW, "an Arrow file", "give it by its name"),
)


def display_name(name: str) -> str:
    """What messages call the source."""
    return "stdin" if name == STDIN else name


@contextmanager
def open_bytes(name: str, stdin: TextIO | None) -> Iterator[IO[bytes]]:
    """The source's bytes, decompressed; ``-`` is ``stdin``.

    Raises DataError for what cannot be opened (a directory, a missing file) and for archives;
    UsageError for an address.
    """
    with _open(name, stdin) as raw:
        start = raw.peek(8)
        for magic, what, advice in _FOREIGN:
            if start.startswith(magic):
                message = f"{what}, not plain or compressed UTF-8 text"
                raise DataError(display_name(name), message, advice)
        for magic, decompress in _COMPRESSED:
            if start.startswith(magic):
                with decompress(raw) as decompressed:
                    yield decompressed
                return
        yield raw


def may_pause(name: str, stdin: TextIO | None) -> bool:
    """Whether the source may keep its reader waiting: a pipe, a terminal, no plain file."""
    place: str | int | None = name
    if name == STDIN:
        place = None if stdin is None else descriptor_of(stdin)
    try:
        return place is not None and not stat.S_ISREG(os.stat(place).st_mode)
    except OSError:
        return False


def _open(name: str, stdin: TextIO | None) -> io.BufferedReader:
    if name == STDIN:
        return _open_stdin(stdin)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", name):
        raise UsageError(
            f"{name}: an address, not a file", "fetch it first: curl ADDRESS | softmax-cli ..."
        )
    if os.path.isdir(name):
        raise DataError(name, "a directory, not a file", f"name its files: {name}/*.csv")
    try:
        return io.BufferedReader(MeteredFile(name, "rb"))
    except FileNotFoundError:
        raise DataError(name, "no such file") from None


def _open_stdin(stdin: TextIO | None) -> io.BufferedReader:
    if stdin is None:
        raise DataError("stdin", "standard input is closed")
    descriptor = descriptor_of(stdin)
    if descriptor is None:
        in_bytes = isinstance(stdin, io.TextIOWrapper)
        content = stdin.buffer.read() if in_bytes else stdin.read().encode()
        return io.BufferedReader(io.BytesIO(content))
    _widen_pipe(descriptor)
    return io.BufferedReader(MeteredFile(descriptor, "rb", closefd=False))


def _widen_pipe(descriptor: int) -> None:
    """Let a pipe hold a megabyte, where that can be: its ends wait for each other less often."""
    with suppress(ImportError, AttributeError, OSError):  # Windows, macOS, no pipe or not allowed
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 1 << 20)
