"""A stream of bytes cut into blocks of whole lines."""

from collections.abc import Iterable, Iterator


class LineTooLong(Exception):
    """A line of more bytes than a record may have."""


def cut_blocks(parts: Iterable[bytes | None], longest: int, size: int) -> Iterator[bytes]:
    """Blocks of about ``size`` bytes that end with a line; only the last may lack its end.

    None among the parts is a pause: what lines there are make a block. If the stream fails, the
    whole lines before the failure come first, then the stream's own error; and LineTooLong, if a
    line is longer than ``longest``. One that is longer than a block makes its block longer.
    """
    lines: list[bytes | memoryview] = []
    start: list[bytes | memoryview] = []  # of the line after them
    n_lines = n_start = 0  # bytes
    try:
        for part in parts:
            end = 0
            if part is not None:
                end = _end_of_lines(part)
                if end:
                    lines += [*start, memoryview(part)[:end]]
                    n_lines += n_start + end
                    start, n_start = [], 0
                start.append(memoryview(part)[end:])
                n_start += len(part) - end
                if n_start > longest:
                    raise LineTooLong
            if lines and (part is None or (end and n_lines + n_start >= size)):
                yield b"".join(lines)  # lets other threads run while it copies
                lines, n_lines = [], 0
    except Exception:  # each decompressor has its own kinds
        if lines:
            yield b"".join(lines)
        raise
    if n_lines + n_start:
        yield b"".join([*lines, *start])


def _end_of_lines(text: bytes) -> int:
    """Where the last whole line ends. A CR at the very end may be half a CRLF, so it waits."""
    return text.rfind(b"\n") + 1 or text.rfind(b"\r", 0, len(text) - 1) + 1
