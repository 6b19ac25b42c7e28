"""A stream of bytes cut into blocks of whole lines."""

from collections.abc import Iterator
from typing import IO

BLOCK_BYTES = 8 << 20
"""Larger blocks fall out of the cache before they are parsed, smaller ones cost more calls."""


def read_blocks(stream: IO[bytes], size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Blocks of about ``size`` bytes that end with a line; only the last may lack its end.

    A line longer than that makes its block longer. If the stream fails, the whole lines before
    the failure come first, then the stream's own error.
    """
    with stream:
        rest = b""
        while True:
            data, error = _read(stream, max(size - len(rest), size // 2))
            block = rest + data if rest else data
            end = len(block) if not data and error is None else _end_of_lines(block)
            if end:
                yield block[:end]
            if error is not None:
                raise error
            if not data:
                return
            rest = block[end:]


def _read(stream: IO[bytes], size: int) -> tuple[bytes, Exception | None]:
    """Up to ``size`` bytes, fewer only at the end or before the error that comes with them."""
    pieces: list[bytes] = []
    while size > 0:
        try:
            piece = stream.read(size)
        except Exception as error:  # each decompressor has its own kinds
            return b"".join(pieces), error
        if not piece:
            break
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces), None


def _end_of_lines(block: bytes) -> int:
    """Where the last whole line ends. A CR at the very end may be half a CRLF, so it waits."""
    end = block.rfind(b"\n") + 1
    return end or block.rfind(b"\r", 0, len(block) - 1) + 1
