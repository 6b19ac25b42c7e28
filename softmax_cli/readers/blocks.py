"""A stream of bytes cut into blocks of whole lines."""

from collections.abc import Iterator
from typing import IO

BLOCK_BYTES = 4 << 20
"""Larger blocks leave the cache, and the allocator's heap, before they are parsed."""
_CHUNK = 1 << 18  # read at a time; the parts are still in the cache when they are joined


def read_blocks(stream: IO[bytes], size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Blocks of about ``size`` bytes that end with a line; only the last may lack its end.

    A line longer than that makes its block longer. If the stream fails, the whole lines before
    the failure come first, then the stream's own error.
    """
    parts: list[bytes] = []
    length = 0
    try:
        while part := stream.read1(min(size, _CHUNK)):  # type: ignore[attr-defined]
            parts.append(part)
            length += len(part)
            if length >= size and (end := _end_of_lines(part)):
                parts[-1] = part[:end]
                yield b"".join(parts)  # lets other threads run while it copies
                parts = [part[end:]]
                length = len(parts[0])
    except Exception:  # each decompressor has its own kinds
        text = b"".join(parts)
        if end := _end_of_lines(text):
            yield text[:end]
        raise
    if length:
        yield b"".join(parts)


def _end_of_lines(text: bytes) -> int:
    """Where the last whole line ends. A CR at the very end may be half a CRLF, so it waits."""
    return text.rfind(b"\n") + 1 or text.rfind(b"\r", 0, len(text) - 1) + 1
