"""Files, pipes and standard input as streams of bytes, decompressed by content."""

import io
import os
import re
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import IO, Any, TextIO
from weakref import finalize

from softmax_cli.errors import DataError, UsageError
from softmax_cli.job import STDIN
from softmax_cli.readers.members import Members
from softmax_cli.readers.signatures import BZIP2, GZIP, N_BYTES, XZ, ZSTD, is_undecided
from softmax_cli.system.progress import MeteredFile
from softmax_cli.system.streams import descriptor_of

_SPOOL_BYTES = 64 << 20  # as much of a stream is kept in memory, more in a temporary file
_PART_BYTES = 1 << 20


class _Decompressed(io.RawIOBase):
    """What a decompressor gives, which leaves it to others to close what it reads."""

    def __init__(self, stream: io.BufferedIOBase, raw: IO[bytes]) -> None:
        self.stream = stream
        self.raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        return self.stream.readinto1(buffer)

    def close(self) -> None:
        self.stream.close()
        self.raw.close()
        super().close()


def _gunzip(raw: IO[bytes]) -> IO[bytes]:
    import gzip

    return io.BufferedReader(_Decompressed(gzip.open(raw), raw))


def _bunzip(raw: IO[bytes]) -> IO[bytes]:
    import bz2

    return io.BufferedReader(Members(raw, bz2.BZ2Decompressor, BZIP2, padded=False))


def _unxz(raw: IO[bytes]) -> IO[bytes]:
    import lzma

    return io.BufferedReader(Members(raw, lzma.LZMADecompressor, XZ, padded=True))


def _unzstd(raw: IO[bytes]) -> IO[bytes]:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    return io.BufferedReader(_Decompressed(zstd.open(raw), raw))


_COMPRESSED: tuple[tuple[bytes, Callable[[IO[bytes]], IO[bytes]]], ...] = (
    (GZIP, _gunzip),
    (BZIP2, _bunzip),
    (XZ, _unxz),
    (ZSTD, _unzstd),
)


def display_name(name: str) -> str:
    """What messages call the source."""
    return "stdin" if name == STDIN else name


class Sources:
    """Opens what a run reads, by name; ``-`` is ``stdin``.

    What can be read only once, a pipe, is opened once: who looks at its first bytes takes nothing
    from who reads it afterwards. All raise DataError for what cannot be opened (a directory, a
    missing file) and UsageError for an address.
    """

    def __init__(self, stdin: TextIO | None) -> None:
        self._stdin = stdin
        self._once: dict[str, IO[bytes] | None] = {}  # None: somebody reads it
        self._spooled: dict[str, _Spool] = {}

    def first_bytes(self, name: str) -> bytes:
        """The first bytes of the content, as many as it takes to know what it is.

        That compressed data are damaged is left to who reads them.
        """
        if name in self._spooled or os.path.isfile(name):
            with self.open(name) as stream, suppress(Exception):  # decompressors have many kinds
                return stream.read(N_BYTES)
            return b""
        start, self._once[name] = _begin(self.open(name))
        return start

    def open(self, name: str) -> IO[bytes]:
        """The content from its beginning, decompressed."""
        if name in self._spooled:
            return self._spooled[name].open()
        if name in self._once:
            stream, self._once[name] = self._once[name], None
            if stream is None:
                where = display_name(name)
                raise UsageError(f"{where} is read twice, but can be read once", "save it first")
            return stream
        if os.path.isfile(name):
            return _decompress(*_open_regular(name))
        self._once[name] = None
        raw = _open_stdin(self._stdin) if name == STDIN else _open_file(name)
        return _decompress(*_begin(raw))

    def may_pause(self, name: str) -> bool:
        """Whether the source may keep its reader waiting: a pipe, a terminal, no plain file."""
        place: str | int | None = name
        if name == STDIN:
            place = None if self._stdin is None else descriptor_of(self._stdin)
        try:
            return place is not None and not stat.S_ISREG(os.stat(place).st_mode)
        except OSError:
            return False

    def open_seekable(self, name: str) -> IO[bytes]:
        """The content with a position of its own, as often as it is asked for.

        What cannot be read so by itself is kept, in memory or in a temporary file.
        """
        if name not in self._spooled and os.path.isfile(name):
            start, raw = _open_regular(name)
            if not any(start.startswith(magic) for magic, _ in _COMPRESSED):
                return raw
            raw.close()
        if name not in self._spooled:
            with self.open(name) as stream:
                self._spooled[name] = _Spool(stream, display_name(name))
        return self._spooled[name].open()


class _Spool:
    """The content of a stream, kept."""

    def __init__(self, stream: IO[bytes], where: str) -> None:
        import tempfile

        self.file = tempfile.SpooledTemporaryFile(_SPOOL_BYTES)  # noqa: SIM115
        self.lock = Lock()
        finalize(self, self.file.close)  # when nobody holds it any more
        try:
            while part := stream.read(_PART_BYTES):
                self.file.write(part)
        except Exception as error:
            raise damage(where, error) from None

    def open(self) -> IO[bytes]:
        return io.BufferedReader(_View(self))

    def read(self, position: int, n_bytes: int) -> bytes:
        with self.lock:
            self.file.seek(position)
            return self.file.read(n_bytes)

    @property
    def n_bytes(self) -> int:
        with self.lock:
            return self.file.seek(0, io.SEEK_END)


class _View(io.RawIOBase):
    """What a spool holds, with a position of its own."""

    def __init__(self, spool: _Spool) -> None:
        self.spool = spool
        self.position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self.spool.read(self.position, len(buffer))
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        origins = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.spool.n_bytes}
        self.position = max(0, origins[whence] + offset)
        return self.position

    def tell(self) -> int:
        return self.position


class _Rewound(io.RawIOBase):
    """A stream of which the first bytes have been read, or could not be: again from there."""

    def __init__(self, start: bytes, stream: IO[bytes], failure: Exception | None) -> None:
        self.start = start
        self.stream = stream
        self.failure = failure

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data, self.start = self.start[: len(buffer)], self.start[len(buffer) :]
        if data:
            buffer[: len(data)] = data
            return len(data)
        if self.failure is not None:
            raise self.failure
        count: int = self.stream.readinto1(buffer)  # type: ignore[attr-defined]
        return count

    def close(self) -> None:
        self.stream.close()
        super().close()


def damage(where: str, error: Exception) -> DataError:
    """What a decompressor has raised, or reading itself, as an error of that source."""
    if isinstance(error, DataError):
        return error
    if isinstance(error, EOFError):
        return DataError(where, "compressed data ends early")
    what = "cannot be read" if isinstance(error, OSError) else "damaged compressed data"
    return DataError(where, f"{what}: {error}")


def _begin(stream: IO[bytes]) -> tuple[bytes, IO[bytes]]:
    """As many first bytes as it takes to know what it is, and the stream with them."""
    start, failure = b"", None
    try:
        while is_undecided(start) and (part := stream.read1(N_BYTES - len(start))):  # type: ignore[attr-defined]
            start += part
    except Exception as error:  # told to who reads on
        failure = error
    return start, io.BufferedReader(_Rewound(start, stream, failure))


def _decompress(start: bytes, stream: IO[bytes]) -> IO[bytes]:
    for magic, decompress in _COMPRESSED:
        if start.startswith(magic):
            return decompress(stream)
    return stream


def _open_regular(name: str) -> tuple[bytes, IO[bytes]]:
    stream = io.BufferedReader(MeteredFile(name, "rb"))
    try:
        return stream.peek(N_BYTES)[:N_BYTES], stream
    except OSError as error:
        stream.close()
        raise damage(name, error) from None


def _open_file(name: str) -> IO[bytes]:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", name):
        raise UsageError(
            f"{name}: an address, not a file", "fetch it first: curl ADDRESS | softmax-cli ..."
        )
    if os.path.isdir(name):
        raise DataError(
            name, "a directory, not a file", f"name its files: {name.rstrip('/')}/*.csv"
        )
    try:
        return io.BufferedReader(MeteredFile(name, "rb"))
    except FileNotFoundError:
        raise DataError(name, "no such file") from None


def _open_stdin(stdin: TextIO | None) -> IO[bytes]:
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
