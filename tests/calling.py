"""Calls the command line in process: what a user would see, without the start of a process."""

import io
import re
from typing import NamedTuple, TextIO

import pytest

from softmax_cli import cli
from softmax_cli.cli.rules import check
from softmax_cli.job import Job
from softmax_cli.run import run as run_page
from softmax_cli.system.streams import Streams

_FOR_TORCH = re.compile(r"(-b|--backend)[ =]?torch|--cross-check")


class Ran(NamedTuple):
    """What a run left: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str


def run(*args: str, stdin: bytes = b"") -> Ran:
    """Run ``softmax-cli ARGS`` with ``stdin`` as its standard input."""
    skip_without_torch(" ".join(args))
    streams = _in_memory(stdin)
    return _ran(cli.run(args, *streams), streams)


def run_job(job: Job) -> Ran:
    """The same for a command line that has been parsed, which takes most of a small run."""
    streams = _in_memory(b"")

    def action() -> int:
        check(job)
        return run_page(job, streams)

    return _ran(cli.guard(action, streams), streams)


def quiet(*args: str, stdin: bytes = b"") -> str:
    """The output of ``softmax-cli ARGS --quiet``, which must succeed."""
    code, out, err = run(*args, "--quiet", stdin=stdin)
    assert code == 0, err
    return out.removesuffix("\n")


def skip_without_torch(command: str) -> None:
    """Skip the test if ``command`` asks for PyTorch, and it is not installed."""
    if _FOR_TORCH.search(command):
        pytest.importorskip("torch")


def _in_memory(content: bytes) -> Streams:
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    return Streams(io.TextIOWrapper(io.BytesIO(content)), out, err)


def _ran(code: int, streams: Streams) -> Ran:
    return Ran(int(code), _text(streams.stdout), _text(streams.stderr))


def _text(stream: TextIO | None) -> str:
    assert stream is not None
    stream.seek(0)
    return stream.read()
