"""Ctrl-C while another library is at work."""

from collections.abc import Iterator
from signal import SIGINT, default_int_handler, getsignal, signal
from threading import current_thread, main_thread
from typing import TypeVar

T = TypeVar("T")


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
