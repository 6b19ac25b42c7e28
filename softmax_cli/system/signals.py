"""Ctrl-C while another library is at work."""

from signal import SIGINT, default_int_handler, getsignal, signal
from threading import current_thread, main_thread


def stay_interruptible() -> None:
    """Put Python's own handler of Ctrl-C back in place, if it is meant to be there.

    polars takes the signal over when it is imported. What arrives while it works it raises in its
    own thread, or loses if it is just finishing.
    """
    if current_thread() is main_thread() and getsignal(SIGINT) is default_int_handler:
        signal(SIGINT, default_int_handler)
