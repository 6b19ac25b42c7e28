"""Compressed data as a stream: member after member, to the last byte.

The standard library's readers of bzip2 and xz take whatever follows the first member for the end;
here it is an error, as it is for gzip.
"""

import io
from collections.abc import Callable
from typing import IO, Any, Protocol

_CHUNK = 1 << 18


class Decompressor(Protocol):
    """What ``bz2`` and ``lzma`` have in common: it takes the bytes of one member."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...


class Members(io.RawIOBase):
    """The content of consecutive members of ``stream``, ``begin`` a decompressor for each.

    All begin with ``magic``; behind one may be zeros, if it is ``padded``. Reading raises
    EOFError where a member is cut short, ValueError for what is none.
    """

    def __init__(
        self, stream: IO[bytes], begin: Callable[[], Decompressor], magic: bytes, padded: bool
    ) -> None:
        self.stream = stream
        self.begin = begin
        self.magic = magic
        self.padded = padded
        self.member = begin()
        self.pending = b""  # the beginning of the member

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer, partly perhaps."""
        while not self.member.eof or self._next_member():
            data = self.member.decompress(self._input(), len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)
        return 0

    def close(self) -> None:
        """Close the stream, too."""
        self.stream.close()
        super().close()

    def _input(self) -> bytes:
        if not self.member.needs_input:
            return b""
        data, self.pending = self.pending or self.stream.read(_CHUNK), b""
        if not data:
            raise EOFError
        return data

    def _next_member(self) -> bool:
        """Begin the member that follows; False at the end of the stream."""
        data = self.member.unused_data
        while len(data) < len(self.magic) and (more := self.stream.read(_CHUNK)):
            data += more
            if self.padded:
                data = data.lstrip(b"\0")
        data = data.lstrip(b"\0") if self.padded else data
        if not data:
            return False
        if not data.startswith(self.magic):
            raise ValueError("there are other bytes behind the compressed data")
        self.member, self.pending = self.begin(), data
        return True
