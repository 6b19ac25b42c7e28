"""A stream of bytes cut into blocks of whole lines."""

from collections.abc import Iterator
from typing import IO

BLOCK_BYTES = 4 << 20
"""Larger blocks leave the cache, and the allocator's heap, before they are parsed."""


def read_blocks(stream: IO[bytes], size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Blocks of at most ``size`` bytes that end with a line; only the last may lack its end.

    A line longer than that makes its block longer. If the stream fails, the whole lines before
    the failure come first, then the stream's own error.
    """
    buffer = bytearray(size)
    filled = 0
    while True:
        filled, failure = _fill(stream, buffer, filled)
        at_end = filled < len(buffer)
        end = filled if at_end and failure is None else _end_of_lines(buffer, filled)
        if end:
            yield bytes(memoryview(buffer)[:end])
        if failure is not None:
            raise failure
        if at_end:
            return
        buffer[: filled - end] = buffer[end:filled]
        filled -= end
        if filled == len(buffer):
            buffer.extend(bytes(filled))


def _fill(stream: IO[bytes], buffer: bytearray, filled: int) -> tuple[int, Exception | None]:
    """Fill the buffer, but at the end or before the failure that comes with it; how far it is.

    It is filled by what the stream has at hand, so that nothing is lost of what comes before
    the damage.
    """
    with memoryview(buffer) as view:
        while filled < len(buffer):
            try:
                count = stream.readinto1(view[filled:])  # type: ignore[attr-defined]
            except Exception as failure:  # each decompressor has its own kinds
                return filled, failure
            if not count:
                break
            filled += count
    return filled, None


def _end_of_lines(buffer: bytearray, filled: int) -> int:
    """Where the last whole line ends. A CR at the very end may be half a CRLF, so it waits."""
    end = buffer.rfind(b"\n", 0, filled) + 1
    return end or buffer.rfind(b"\r", 0, filled - 1) + 1
