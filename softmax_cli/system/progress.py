"""How far a long run is, on stderr: only on a terminal, and only past one second."""

import io
from collections.abc import Sequence
from os.path import getsize, isfile
from time import monotonic
from typing import Any, ClassVar, TextIO

DELAY, INTERVAL = 1.0, 0.2
_CLEAR_LINE = "\r\x1b[K"


class MeteredFile(io.FileIO):
    """A file whose bytes count as they are read; of a compressed one, the compressed."""

    total_read: ClassVar[int] = 0  # by all of them

    def readinto(self, buffer: Any, /) -> int:
        count = super().readinto(buffer)
        MeteredFile.total_read += count or 0
        return count


class Progress:
    """A line that is told of the samples done, and shows them now and then.

    With ``inputs``, the files to be read, it also shows the share of their bytes and the time
    left, if all are plain files; readers open them as MeteredFile.
    """

    def __init__(self, stderr: TextIO | None, inputs: Sequence[str] = ()) -> None:
        self.stderr = stderr
        self.on_terminal = stderr is not None and stderr.isatty()
        self.shown = False
        self.start = monotonic()
        self.due = self.start + DELAY
        self.read_before = MeteredFile.total_read
        self.n_bytes = sum(map(getsize, inputs)) if all(map(isfile, inputs)) else 0

    def update(self, n_samples: int) -> None:
        """Show how many are done, if it is time."""
        now = monotonic()
        if self.on_terminal and now >= self.due:
            self.due = now + INTERVAL
            self.shown = True
            line = self.line(n_samples, now - self.start)
            print(_CLEAR_LINE + line, end="", file=self.stderr, flush=True)

    def line(self, n_samples: int, seconds: float) -> str:
        """What is shown after so many seconds, in less than 80 columns."""
        rows = f"{n_samples:,} rows · {n_samples / seconds:,.0f} rows/s"
        read = MeteredFile.total_read - self.read_before
        if not 0 < read <= self.n_bytes:  # polars reads some files by itself
            return f"{rows} · {seconds:.0f} s"
        share = f"{read / 1e9:.2f} of {self.n_bytes / 1e9:.2f} GB"
        return f"{share} · {rows} · {seconds * (self.n_bytes / read - 1):.0f} s left"

    def clear(self) -> None:
        """Leave no trace of the line."""
        if self.shown:
            print(_CLEAR_LINE, end="", file=self.stderr, flush=True)
            self.shown = False
