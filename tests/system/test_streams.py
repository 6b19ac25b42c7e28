"""A pipe is read as it comes: its rows are written at once, and pauses change nothing."""

import gzip
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from softmax_cli import cli
from softmax_cli.system.ahead import PATIENCE
from tests.calling import skip_without_torch

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and signals of POSIX")

PATIENT = 30.0  # seconds: what comes at all has come by then, on a busy machine too


@contextmanager
def running(*args: str, stdin: int = subprocess.PIPE) -> Iterator["subprocess.Popen[bytes]"]:
    skip_without_torch(" ".join(args))
    run = subprocess.Popen(
        [sys.executable, "-P", "-m", "softmax_cli", *args],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield run
    finally:
        run.kill()
        run.communicate()


def feed(run: "subprocess.Popen[bytes]", data: bytes) -> None:
    assert run.stdin is not None
    run.stdin.write(data)
    run.stdin.flush()


def lines(run: "subprocess.Popen[bytes]", count: int) -> list[str]:
    """So many lines of output, while the input is still open."""
    assert run.stdout is not None
    stdout = run.stdout
    found: list[bytes] = []

    def read() -> None:
        for _ in range(count):
            found.append(stdout.readline())

    reader = Thread(target=read, daemon=True)
    reader.start()
    reader.join(PATIENT)
    return b"".join(found).decode().splitlines()


BACKENDS = [[], ["-b", "torch"]]


@pytest.mark.parametrize("written", ["csv", "tsv", "jsonl"])
@pytest.mark.parametrize("options", BACKENDS)
def test_a_row_is_written_when_its_line_has_come(options: Sequence[str], written: str) -> None:
    header = 0 if written == "jsonl" else 1
    with running("ce", "-f", written, *options) as run:
        feed(run, b"a,b,y\n1,2,0\n")
        assert len(lines(run, 1 + header)) == 1 + header
        feed(run, b"1,2,1\n3,")
        assert len(lines(run, 1)) == 1
        feed(run, b"4,0\n")
        assert len(lines(run, 1)) == 1
        assert run.poll() is None


def test_the_first_row_of_a_file_without_a_header_does_not_wait_for_the_second() -> None:
    with running("softmax", "-q") as run:
        feed(run, b"0,0\n")
        assert lines(run, 1) == ["0.5,0.5"]


def test_a_file_that_grows(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("a,b\n0,0\n")
    tail = subprocess.Popen(["tail", "-f", "-n", "+1", str(path)], stdout=subprocess.PIPE)
    try:
        assert tail.stdout is not None
        with running("softmax", "-f", "csv", stdin=tail.stdout.fileno()) as run:
            assert lines(run, 2)[1] == "0,0.5,0.5"
            with path.open("a") as file:
                file.write("7,7\n")
            assert lines(run, 1) == ["1,0.5,0.5"]
            run.send_signal(signal.SIGINT)
            assert run.wait(PATIENT) == 130
            assert run.stderr is not None
            assert run.stderr.read() == b"interrupted after 2 samples\n"
    finally:
        tail.kill()
        tail.communicate()


def pieces(data: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True):
        yield data[start:stop]


def in_pieces(parts: Iterator[bytes], *args: str, blocking: bool = True) -> tuple[int, str, str]:
    """What a run in this process gives of a pipe that pauses behind each part."""
    skip_without_torch(" ".join(args))
    ours, theirs = os.pipe()
    os.set_blocking(ours, blocking)

    def write() -> None:
        with open(theirs, "wb", buffering=0) as pipe:
            for part in parts:
                pipe.write(part)
                time.sleep(2.5 * PATIENCE)

    writer = Thread(target=write)
    writer.start()
    out, err = io.StringIO(), io.StringIO()
    with open(ours) as stdin:
        code = cli.run(args, stdin, out, err)
        writer.join()
    return code, out.getvalue(), err.getvalue()


DATA = b"a,b,c,y\n" + b"".join(b"%d.%d,%d,0.1,%d\n" % (i % 7, i, i % 5, i % 3) for i in range(40))


@pytest.mark.parametrize("options", [*BACKENDS, ["-b", "torch", "--dtype", "float32"]])
def test_where_the_input_pauses_changes_no_digit(options: Sequence[str]) -> None:
    args = ("ce", "-f", "csv", *options)
    whole = in_pieces(iter([DATA]), *args)
    assert whole[0] == 0
    assert in_pieces(pieces(DATA, [1, 2, 30, 100, 101, 300]), *args) == whole


def test_an_error_is_that_of_the_whole() -> None:
    data = DATA + b"1,2,x,0\n1,2\n"
    whole = in_pieces(iter([data]), "ce", "-q")
    assert whole[0] == 2
    assert in_pieces(pieces(data, [9, 40, len(DATA) + 3, len(DATA) + 8]), "ce", "-q") == whole


def test_compressed_data_that_come_byte_by_byte_first() -> None:
    packed = gzip.compress(DATA)
    plain = in_pieces(iter([DATA]), "ce", "-q")
    assert in_pieces(pieces(packed, [1, 2, 3, 40]), "ce", "-q") == plain


def test_a_descriptor_that_does_not_block_is_waited_for() -> None:
    plain = in_pieces(iter([DATA]), "ce", "-q")
    assert in_pieces(pieces(DATA, [1, 50, 200]), "ce", "-q", blocking=False) == plain
