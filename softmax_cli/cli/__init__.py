"""The command line: from arguments to a Job, and the one place where an error becomes an exit code.

Only ``app`` knows Typer, and nothing here loads NumPy.
"""

import gc
import io
import os
import sys
import traceback
from _thread import interrupt_main, start_new_thread
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import sleep
from typing import TextIO

from softmax_cli.cli.reference import TOOLS
from softmax_cli.errors import Exit, SoftmaxCliError
from softmax_cli.job import Job
from softmax_cli.system.signals import Ended, heed_endings
from softmax_cli.system.streams import Streams
from softmax_cli.text import inert, shortened

LONGEST = 480
"""Characters of an error with its advice, however long a cell is that it quotes."""


def run(
    args: Sequence[str],
    stdin: TextIO | None = None,
    stdout: TextIO | None = None,
    stderr: TextIO | None = None,
) -> int:
    """Run the command line ``softmax-cli ARGS`` in this process; its exit code.

    The streams may be files or in memory; by default they are the process's own. Errors are told
    on ``stderr`` and never raised. While it parses, ``sys.stdout`` and ``sys.stderr`` are replaced.
    """
    own = Streams.of_process()
    streams = Streams(
        own.stdin if stdin is None else stdin,
        own.stdout if stdout is None else stdout,
        own.stderr if stderr is None else stderr,
    )
    return int(guard(lambda: _run([*args], streams), streams, debug="--debug" in args))


def main() -> int:
    """Run the command line of this process; its exit code. All output is written by then."""
    if sys.stderr is None:  # closed; print would fall back to stdout, into the data
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # whatever the locale, as output is
            stream.reconfigure(encoding="utf-8")
    heed_endings()
    sys.unraisablehook = _unraisable
    code = run(sys.argv[1:])
    if code != Exit.DONE:
        _silence_stdout()
    return code


def _run(args: list[str], streams: Streams) -> int:
    # Typer only parses. The job runs out here, because deep in Typer's stack Python 3.11 would
    # map and unmap memory at every call that crosses a boundary, and importing takes longer.
    if args and args[0] in TOOLS:
        from softmax_cli.cli.tools import run_tool

        text = run_tool(args[0], args[1:])
        if streams.stdout is not None:
            print(text, end="", file=streams.stdout, flush=True)
        return Exit.DONE
    from softmax_cli.cli.app import parse

    parsed = parse(args, streams)
    if not isinstance(parsed, Job):
        return parsed
    from softmax_cli.run import run as run_job  # loads NumPy, which --help has no use for

    gc.enable()  # __main__ has disabled it while loading
    return run_job(parsed, streams)


def guard(action: Callable[[], int], streams: Streams, debug: bool = False) -> int:
    """Run ``action``; return its exit code, or tell the error and return the error's."""
    try:
        return action()
    except BrokenPipeError:
        return Exit.PIPE_CLOSED
    except KeyboardInterrupt as interrupt:
        return interrupt.code if isinstance(interrupt, Ended) else Exit.INTERRUPTED
    except BaseException as error:  # a panic of a library in Rust is no Exception
        if debug:
            streams.tell(traceback.format_exc().rstrip("\n"))
        message, advice = (inert(text or "") for text in _explain(error))
        message = shortened(message, max(LONGEST // 2, LONGEST - len(advice)))
        advice = shortened(advice, LONGEST - len(message))  # whole, if it is a line to type
        with suppress(OSError, ValueError):  # a closed stderr has nobody to tell
            streams.tell(f"error: {message}" + (f"\n  {advice}" if advice else ""))
        return Exit.TROUBLE


def _explain(error: BaseException) -> tuple[str, str | None]:
    """The error as a line, and perhaps a line of advice."""
    if isinstance(error, SoftmaxCliError):
        return error.message, error.advice
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}", None
    if isinstance(error, MemoryError):
        return "not enough memory", None
    kind = type(error).__name__
    return f"internal error: {kind}: {error}", "a bug: please report it; --debug shows where"


def _unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
    """Interrupt again where an interrupt came while something was deleted, which lost it."""
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        start_new_thread(_interrupt_soon, ())  # in here it would be lost again
    else:
        sys.__unraisablehook__(unraisable)


def _interrupt_soon() -> None:
    sleep(0.01)
    interrupt_main()


def _silence_stdout() -> None:
    """Keep the interpreter from complaining at exit of what it could not write."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
