"""The errors a user can cause, and the exit codes they end in.

Each error is one line (``where: what``) and at most one line of advice. ``cli.main`` is
the only place that turns them into text on stderr and an exit code.
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, as diff(1) has them."""

    DONE = 0
    UNEXPECTED = 1  # an expectation was not met, and nothing else ever
    TROUBLE = 2
    HUNG_UP = 129
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    TERMINATED = 143


class SoftmaxCliError(Exception):
    """Anything the user can mend.

    ``message`` says what and where in one line, ``advice`` says what to do about it.
    """

    def __init__(self, message: str, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class UsageError(SoftmaxCliError):
    """The command line contradicts itself or cannot be read."""


class CountError(UsageError):
    """There are more or fewer labels, targets or answers than samples."""


class DataError(SoftmaxCliError):
    """The input holds something that is not valid; ``where`` is ``file:line`` or ``row 2``."""

    def __init__(self, where: str, message: str, advice: str | None = None) -> None:
        super().__init__(f"{where}: {message}" if where else message, advice)


class BadValue(SoftmaxCliError):
    """A text that is not the value it should be; whoever knows its place makes a DataError of it.

    ``skippable`` tells an empty, missing or textual cell from a value that is written wrongly or
    out of range: ``--missing skip`` may pass over the former, never over the latter.
    """

    def __init__(self, message: str, advice: str | None = None, *, skippable: bool = False) -> None:
        super().__init__(message, advice)
        self.skippable = skippable


class OutOfRange(BadValue):
    """A value of the right kind, but not one that is meant.

    The message goes on after the value's name: ``--top-k`` ``must be at least 1``.
    """


class OutputError(SoftmaxCliError):
    """The output cannot be written."""
