"""What ends a run from outside: Ctrl-C, and the system's own requests."""

from collections.abc import Iterator
from signal import SIG_DFL, SIG_IGN, SIGINT, Signals, default_int_handler, getsignal, signal
from threading import current_thread, main_thread
from types import FrameType
from typing import TypeVar

from softmax_cli.errors import Exit

T = TypeVar("T")

_ENDINGS = {"SIGTERM": Exit.TERMINATED, "SIGHUP": Exit.HUNG_UP}  # Windows lacks the second


class Ended(KeyboardInterrupt):
    """The system has asked the run to end, as Ctrl-C does; ``code`` is what it exits with."""

    def __init__(self, code: Exit) -> None:
        super().__init__()
        self.code = code


def heed_endings() -> None:
    """Have a run that is asked to end remove what it has half written, and say how far it got."""
    for number in Signals:
        if number.name in _ENDINGS and getsignal(number) == SIG_DFL:  # nohup has it ignored
            signal(number, _end)


def _end(number: int, _: FrameType | None) -> None:
    signal(number, SIG_IGN)  # once is enough, and what is removed is removed undisturbed
    raise Ended(_ENDINGS[Signals(number).name])


def interruptible(items: Iterator[T]) -> Iterator[T]:
    """The same items; after each Ctrl-C works, whatever was done to make it."""
    for item in items:
        _restore()
        yield item


def _restore() -> None:
    """Put Python's own handler of Ctrl-C back in place, if it is meant to be there.

    polars takes the signal over when it is imported. What arrives while it works it raises in its
    own thread, or loses if it is just finishing.
    """
    if current_thread() is main_thread() and getsignal(SIGINT) is default_int_handler:
        signal(SIGINT, default_int_handler)
