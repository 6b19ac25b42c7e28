"""Physical lines of text, for the reference parser, out of blocks that others may take whole."""

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, TextIO

from softmax_cli.errors import DataError, SoftmaxCliError
from softmax_cli.readers.blocks import read_blocks
from softmax_cli.readers.source import display_name, open_bytes

if TYPE_CHECKING:
    from concurrent.futures import Future

_LINE = re.compile(rb"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_BOM = b"\xef\xbb\xbf"


class Lines:
    """Iterates over physical lines, their ends (LF, CRLF or a lone CR) kept.

    ``number`` counts the lines that are used up, ``n_blocks`` the blocks that are begun.
    Reading raises DataError for damaged data and for what is no UTF-8 text.
    """

    def __init__(self, where: str, blocks: Iterator[bytes]) -> None:
        self.where = where
        self.number = 0
        self.n_blocks = 0
        self._blocks: Iterator[tuple[bytes, Future[Any] | None]] = ((b, None) for b in blocks)
        self._work: Future[Any] | None = None
        self._block = b""
        self._position = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._position == len(self._block) and not self._next_block():
            raise StopIteration
        self.number += 1
        line, self._position = self._line_at(self._position, self.number)
        return line

    def peek(self) -> tuple[str, str]:
        """The next two lines, which are not used up; empty where there are none."""
        self.rest()
        first, end = self._line_at(self._position, self.number + 1)
        if end == len(self._block):
            more, _ = next(self._blocks, (b"", None))  # the first line fills a block
            self._block = self._block[self._position :] + more
            self._position, end = 0, end - self._position
        return first, self._line_at(end, self.number + 2)[0]

    def rest(self) -> bytes:
        """What is left of the block, or else the next one; empty at the end."""
        if self._position == len(self._block):
            self._next_block()
        return self._block[self._position :] if self._position else self._block

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
        try:
            block, self._work = next(self._blocks, (b"", None))
        except SoftmaxCliError:  # it could not even be opened
            raise
        except EOFError:
            what = f"compressed data ends early, after line {self.number}"
            raise DataError(self.where, what) from None
        except (OSError, ValueError) as error:
            what = f"cannot be read after line {self.number}: {error}"
            raise DataError(self.where, what) from None
        except Exception as error:  # zlib.error, LZMAError: known only once their module is loaded
            what = f"damaged compressed data after line {self.number}: {error}"
            raise DataError(self.where, what) from None
        self._block = block
        self._position = len(_BOM) if self.n_blocks == 0 and block.startswith(_BOM) else 0
        self.n_blocks += 1
        return self._position < len(block)

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


def open_lines(name: str, stdin: TextIO | None = None) -> Lines:
    """The lines of a source; ``-`` is ``stdin``."""
    return Lines(display_name(name), _blocks(name, stdin))


def _blocks(name: str, stdin: TextIO | None) -> Iterator[bytes]:
    with open_bytes(name, stdin) as stream:
        yield from read_blocks(stream)
