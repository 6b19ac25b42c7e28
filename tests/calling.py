"""Calls the command line in process: what a user would see, without the start of a process."""

import io
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, NamedTuple
from unittest.mock import patch

import pytest

from softmax_cli import cli
from softmax_cli.cli.rules import checked
from softmax_cli.job import Job
from softmax_cli.run import run as run_page

_FOR_TORCH = re.compile(r"(-b|--backend)[ =]?torch|--cross-check")


class Ran(NamedTuple):
    """What a run left: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str


def run(*args: str, stdin: bytes = b"") -> Ran:
    """Run ``softmax-cli ARGS`` with ``stdin`` as its standard input."""
    skip_without_torch(" ".join(args))
    return _run(lambda: cli._main([*args]), stdin)


def run_job(job: Job) -> Ran:
    """The same for a command line that has been parsed, which takes most of a small run."""
    return _run(lambda: run_page(checked(job)), b"")


def skip_without_torch(command: str) -> None:
    """Skip the test if ``command`` asks for PyTorch, and it is not installed."""
    if _FOR_TORCH.search(command):
        pytest.importorskip("torch")


def _run(action: Callable[[], int], stdin: bytes) -> Ran:
    with _writing() as out, _writing() as err:
        with _reading(stdin), patch.object(sys, "stdout", out), patch.object(sys, "stderr", err):
            code = cli.guard(action, debug=False)
        return Ran(int(code), _text(out), _text(err))


def quiet(*args: str, stdin: bytes = b"") -> str:
    """The output of ``softmax-cli ARGS --quiet``, which must succeed."""
    code, out, err = run(*args, "--quiet", stdin=stdin)
    assert code == 0, err
    return out.removesuffix("\n")


@contextmanager
def _reading(content: bytes) -> Iterator[None]:
    with TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        with io.TextIOWrapper(file) as stdin, patch.object(sys, "stdin", stdin):
            yield


def _writing() -> IO[str]:
    return TemporaryFile("w+", encoding="utf-8", newline="")


def _text(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read()
