"""How far a long run is, on stderr: only on a terminal, and only past one second."""

import io
from collections.abc import Iterator, Sequence, Sized
from contextlib import suppress
from os.path import getsize, isfile
from time import monotonic
from types import TracebackType
from typing import Any, ClassVar, Self, TextIO, TypeVar

from softmax_cli.text import plural

T = TypeVar("T", bound=Sized)

DELAY, INTERVAL = 1.0, 0.2


class MeteredFile(io.FileIO):
    """A file whose bytes count as they are read; of a compressed one, the compressed.

    A descriptor that does not block is waited for: nothing yet is not the end.
    """

    total_read: ClassVar[int] = 0  # by all of them

    def readinto(self, buffer: Any, /) -> int:
        while (count := super().readinto(buffer)) is None:
            _wait_for(self)
        MeteredFile.total_read += count
        return count


def _wait_for(file: io.FileIO) -> None:
    from selectors import EVENT_READ, DefaultSelector

    with DefaultSelector() as selector:
        selector.register(file, EVENT_READ)
        selector.select()


class Progress:
    """A line that counts samples as they pass, and shows now and then how many have.

    With ``inputs``, the files to be read, it also shows the share of their bytes and the time
    left, if all are plain files; readers open them as MeteredFile. At the end of its block it
    leaves no trace; if that was interrupted, it tells how far it got.
    """

    def __init__(self, stderr: TextIO | None, inputs: Sequence[str | int] = ()) -> None:
        self.stderr = stderr
        self.on_terminal = stderr is not None and stderr.isatty()
        self.shown = ""
        self.n_samples = 0
        self.start = monotonic()
        self.due = self.start
        self.read_before = MeteredFile.total_read
        self.n_bytes = sum(map(getsize, inputs)) if all(map(isfile, inputs)) else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(OSError, ValueError):  # the terminal may be gone, and that is why
            self.clear()
            if isinstance(error, KeyboardInterrupt) and self.stderr is not None:
                told = f"interrupted after {plural(self.n_samples, 'sample')}"
                print(told, file=self.stderr, flush=True)

    def watch(self, batches: Iterator[T]) -> Iterator[T]:
        """Count batches as they pass, and show the line while the next one is awaited."""
        for batch in batches:
            self.n_samples += len(batch)
            self._update()
            yield batch
            self._update()  # it may have been cleared for output

    def clear(self) -> None:
        """Leave no trace of the line, so that something else can be written."""
        if self.shown:
            self._show("")
            self.shown = ""

    def _update(self) -> None:
        now = monotonic()
        if self.on_terminal and now >= (self.due if self.shown else self.start + DELAY):
            from shutil import get_terminal_size

            self.due = now + INTERVAL
            line = self.line(now - self.start)[: get_terminal_size().columns - 1]
            self._show(line)
            self.shown = line

    def _show(self, line: str) -> None:
        """Put a line in the place of the last one: by blanks, as any console can."""
        blank = " " * len(self.shown)
        print(f"\r{blank}\r{line}", end="", file=self.stderr, flush=True)

    def line(self, seconds: float) -> str:
        """What is shown after so many seconds, in less than 80 columns."""
        rows = f"{self.n_samples:,} rows · {self.n_samples / seconds:,.0f} rows/s"
        read = MeteredFile.total_read - self.read_before
        if not 0 < read <= self.n_bytes:  # polars reads some files by itself
            return f"{rows} · {seconds:.0f} s"
        share = f"{read / 1e9:.2f} of {self.n_bytes / 1e9:.2f} GB"
        return f"{share} · {rows} · {seconds * (self.n_bytes / read - 1):.0f} s left"
