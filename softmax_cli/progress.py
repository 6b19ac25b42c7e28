"""How far a long run is, on stderr: only on a terminal, and only past one second."""

import sys
from time import monotonic

DELAY, INTERVAL = 1.0, 0.2
_CLEAR_LINE = "\r\x1b[K"


class Progress:
    """A line that is told of the samples done, and shows them now and then."""

    def __init__(self) -> None:
        self.on_terminal = sys.stderr is not None and sys.stderr.isatty()
        self.shown = False
        self.start = monotonic()
        self.due = self.start + DELAY

    def update(self, n_samples: int) -> None:
        """Show how many are done, if it is time."""
        now = monotonic()
        if self.on_terminal and now >= self.due:
            self.due = now + INTERVAL
            self.shown = True
            rate = n_samples / (now - self.start)
            line = f"{n_samples:,} samples · {rate:,.0f} per second · {now - self.start:.0f} s"
            print(_CLEAR_LINE + line, end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Leave no trace of the line."""
        if self.shown:
            print(_CLEAR_LINE, end="", file=sys.stderr, flush=True)
            self.shown = False
