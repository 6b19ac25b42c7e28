"""Physical lines of text, for the reference parser, out of blocks that others may take whole."""

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from softmax_cli.errors import DataError, SoftmaxCliError
from softmax_cli.job import MAX_RECORD
from softmax_cli.readers.blocks import LineTooLong, cut_blocks
from softmax_cli.readers.encodings import BOM, to_utf8
from softmax_cli.readers.signatures import kind_of, refuse
from softmax_cli.readers.source import Sources, display_name
from softmax_cli.text import bytes_with_unit

if TYPE_CHECKING:
    from concurrent.futures import Future

BLOCK_BYTES = 4 << 20
"""Larger blocks leave the cache, and the allocator's heap, before they are parsed."""
_PART = 1 << 18  # read at a time; the parts are still in the cache when they are joined
_LINE = re.compile(rb"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


class Lines:
    """Iterates over physical lines, their ends (LF, CRLF or a lone CR) kept.

    ``number`` counts the lines that are used up, ``n_blocks`` the blocks that are begun.
    Reading raises DataError for damaged data, for what is no UTF-8 text, and for a record of more
    than ``longest`` bytes: a record is all lines since ``begin_record``.
    """

    def __init__(self, where: str, blocks: Iterator[bytes], longest: int = MAX_RECORD) -> None:
        self.where = where
        self.longest = longest
        self.number = 0
        self.n_blocks = 0
        self._blocks: Iterator[tuple[bytes, Future[Any] | None]] = ((b, None) for b in blocks)
        self._work: Future[Any] | None = None
        self._block = b""
        self._position = 0
        self._record_lines = self._record_bytes = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        start = self._position
        if start == len(self._block):
            if not self._next_block():
                raise StopIteration
            start = self._position
        line, self._position = self._line_at(start, self.number + 1)
        self.number += 1
        self._record_lines += 1
        self._record_bytes += self._position - start
        if self._record_bytes > self.longest:
            raise self._too_long(self.number - self._record_lines + 1)
        return line

    def begin_record(self) -> None:
        """The next line is the first of a record."""
        self._record_lines = self._record_bytes = 0

    def peek(self) -> str:
        """The next line, which is not used up; empty at the end."""
        return self._line_at(self._position, self.number + 1)[0] if self.any_left() else ""

    def peek_second(self) -> str:
        """The line after the next one; empty where there is none."""
        if not self.any_left():
            return ""
        _, end = self._line_at(self._position, self.number + 1)
        if end == len(self._block):  # the first line fills a block
            more, _ = self._read(self.number + 1)
            self._block = self._block[self._position :] + more
            self._position, end = 0, end - self._position
        return self._line_at(end, self.number + 2)[0]

    def any_left(self) -> bool:
        """Whether there is another line; waits for it."""
        return self._position < len(self._block) or self._next_block()

    def rest(self) -> bytes:
        """What is left of the block, or else the next one; empty at the end."""
        self.any_left()
        return self._block[self._position :] if self._position else self._block

    @property
    def n_left(self) -> int:
        """How many bytes are left of the block that is begun."""
        return len(self._block) - self._position

    def work_ahead(self, work: Callable[[bytes], Any]) -> Callable[[], Any]:
        """Have other threads work on the rest of the text, block by block.

        Returns what gives the work's result for ``rest()``.
        """
        from softmax_cli.system.ahead import worked_ahead

        blocks = (block for block, _ in self._blocks)
        self._blocks = worked_ahead(work, chain([self.rest()], blocks))
        self._block, self._position = b"", 0

        def worked() -> Any:
            if self._work is None or self._position:  # others have begun the block
                return work(self.rest())
            return self._work.result()

        return worked

    def skip(self, n_lines: int) -> None:
        """Use up the rest of the block, which has so many lines."""
        self.number += n_lines
        self._block, self._position = b"", 0

    def at_end_of(self, n_blocks: int) -> bool:
        """Whether the block that was begun as number ``n_blocks`` is used up."""
        return self.n_blocks > n_blocks or self._position == len(self._block)

    def _next_block(self) -> bool:
        self._block, self._work = self._read(self.number)
        self._position = 0
        if self.n_blocks == 0 and self._block.startswith(BOM):
            self._position = len(BOM)
        self.n_blocks += 1
        return self._position < len(self._block)

    def _read(self, number: int) -> "tuple[bytes, Future[Any] | None]":
        """The block after that line, with the work that is done for it; empty at the end."""
        try:
            return next(self._blocks, (b"", None))
        except (SoftmaxCliError, MemoryError):  # it could not even be opened
            raise
        except LineTooLong:
            raise self._too_long(number + 1) from None
        except EOFError:
            what = f"compressed data ends early, after line {number}"
            raise DataError(self.where, what) from None
        except (OSError, ValueError) as error:
            what = f"cannot be read after line {number}: {error}"
            raise DataError(self.where, what) from None
        except Exception as error:  # zlib.error, LZMAError: known only once their module is loaded
            what = f"damaged compressed data after line {number}: {error}"
            raise DataError(self.where, what) from None

    def _too_long(self, number: int) -> DataError:
        more = bytes_with_unit(4 * self.longest)
        return DataError(
            f"{self.where}:{number}",
            f"a record of more than {bytes_with_unit(self.longest)} begins here",
            f"no text, or a quote that is never closed? if it is right, say --max-record {more}",
        )

    def _line_at(self, position: int, number: int) -> tuple[str, int]:
        match = _LINE.match(self._block, position)
        if match is None:
            return "", position
        raw = match[0]
        where = f"{self.where}:{number}"
        if b"\0" in raw:
            raise DataError(where, "a NUL byte", "UTF-16 or a binary file? give UTF-8 text")
        try:
            return raw.decode(), match.end()
        except UnicodeDecodeError as error:
            raise DataError(
                where,
                f"byte 0x{raw[error.start]:02x} is not UTF-8",
                "Latin-1? convert it: iconv -f LATIN1 -t UTF-8 FILE | softmax-cli ...",
            ) from None


def open_lines(name: str, sources: Sources, longest: int = MAX_RECORD) -> Lines:
    """The lines of a source. A record has so many bytes at most."""
    return Lines(display_name(name), _blocks(name, sources, longest), longest)


def _blocks(name: str, sources: Sources, longest: int) -> Iterator[bytes]:
    parts: Iterator[bytes | None] = to_utf8(_parts(name, sources))
    if sources.may_pause(name):
        from softmax_cli.system.ahead import with_pauses

        parts = with_pauses(parts)
    return cut_blocks(parts, longest, BLOCK_BYTES)


def _parts(name: str, sources: Sources) -> Iterator[bytes]:
    refuse(kind_of(sources.first_bytes(name)), display_name(name))
    with sources.open(name) as stream:
        while part := stream.read1(min(_PART, BLOCK_BYTES)):  # type: ignore[attr-defined]
            yield part
