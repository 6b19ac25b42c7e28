"""An error of the system at the n-th read, write or thread, for every n: one line, no half file."""

import errno
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from softmax_cli.readers import delimited, lines
from softmax_cli.system.progress import MeteredFile
from softmax_cli.writers import output
from tests.calling import Ran, run

CONTENT = "a,b,y\n" + "".join(f"{i % 7}.25,{i % 5},{i % 2}\n" for i in range(600))


class Countdown:
    """Fails at the n-th call."""

    def __init__(self, n: int, code: int) -> None:
        self.left = n
        self.code = code

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError(self.code, os.strerror(self.code))

    @property
    def has_failed(self) -> bool:
        return self.left <= 0


def until_none_fails(attempt: Callable[[int], bool]) -> int:
    """Attempt with every n until the failure no longer happens; how many did."""
    n = 1
    while attempt(n):
        n += 1
        assert n < 500
    return n - 1


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that is read in many pieces."""
    monkeypatch.setattr(lines, "BLOCK_BYTES", 1 << 10)
    path = tmp_path / "in.csv"
    path.write_text(CONTENT)
    yield path
    assert path.read_text() == CONTENT


@pytest.mark.parametrize("bulk_bytes", [0, 1 << 60])
def test_every_read(table: Path, monkeypatch: pytest.MonkeyPatch, bulk_bytes: int) -> None:
    monkeypatch.setattr(delimited, "BULK_BYTES", bulk_bytes)
    out = table.parent / "out.csv"
    readinto = MeteredFile.readinto

    def attempt(n: int) -> bool:
        count = Countdown(n, errno.EIO)

        def failing(file: MeteredFile, buffer: Any) -> int:
            count.tick()
            return readinto(file, buffer)

        monkeypatch.setattr(MeteredFile, "readinto", failing)
        ran = run("ce", str(table), "-f", "csv", "-o", str(out), "--force")
        assert_whole_or_nothing(ran, out, count.has_failed)
        if count.has_failed:
            (line,) = ran.err.splitlines()
            assert line.startswith(f"error: {table}: cannot be read")
            assert line.endswith(os.strerror(errno.EIO))
        return count.has_failed

    assert until_none_fails(attempt) >= 2


class FaultyFile(io.FileIO):
    """A file that fails, and before that takes less than it is given."""

    count: Countdown

    def write(self, data: Any, /) -> int:
        self.count.tick()
        return super().write(memoryview(data)[: max(4096, len(data) // 2)])


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_every_write(table: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    out = table.parent / "out.csv"

    def attempt(n: int) -> bool:
        count = Countdown(n, code)

        def open_faulty(name: str, mode: str, **_: object) -> io.TextIOWrapper:
            raw = FaultyFile(name, mode)
            raw.count = count
            return io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", newline="")

        monkeypatch.setattr(output, "open", open_faulty, raising=False)
        ran = run("ce", str(table), "-f", "csv", "-o", str(out), "--force")
        assert_whole_or_nothing(ran, out, count.has_failed)
        if count.has_failed:
            assert ran.err == f"error: {out}: {os.strerror(code)}\n"
        return count.has_failed

    assert until_none_fails(attempt) >= 5


@pytest.mark.parametrize("name", ["fsync", "chmod", "replace", "link", "stat"])
def test_every_other_call(table: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    out = table.parent / "out.csv"
    force = ["--force"] if name in ("chmod", "replace") else []
    real = getattr(os, name)

    def attempt(n: int) -> bool:
        out.unlink(missing_ok=True)
        if force:
            out.write_text("old")
        count = Countdown(n, errno.EACCES)

        def failing(*args: Any, **kwargs: Any) -> Any:
            count.tick()
            return real(*args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(os, name, failing)
            ran = run("ce", str(table), "-f", "csv", "-o", str(out), *force)
        if ran.code == 0:
            assert_whole_or_nothing(ran, out, False)
        else:
            assert count.has_failed
            assert ran.code == 2
            assert out.exists() == bool(force)
            assert sorted(os.listdir(table.parent)) == sorted(["in.csv", *["out.csv"] * len(force)])
        return count.has_failed

    until_none_fails(attempt)


@pytest.mark.parametrize("args", [["-f", "csv"], ["-q"], ["-f", "jsonl", "--rows", "all"]])
def test_a_thread_less_changes_nothing(
    table: Path, monkeypatch: pytest.MonkeyPatch, args: list[str]
) -> None:
    monkeypatch.setattr(delimited, "BULK_BYTES", 0)
    expected = run("ce", str(table), *args)
    assert expected.code == 0
    start = Thread.start

    def attempt(n: int) -> bool:
        started = 0

        def limited(thread: Thread) -> None:
            nonlocal started
            started += 1
            if started >= n:  # from then on there is none
                raise RuntimeError("can't start new thread")
            start(thread)

        with monkeypatch.context() as patch:
            patch.setattr(Thread, "start", limited)
            assert run("ce", str(table), *args) == expected
        return started >= n

    assert until_none_fails(attempt) >= 2


def assert_whole_or_nothing(ran: Ran, out: Path, failed: bool) -> None:
    assert ran.code == (2 if failed else 0), ran.err
    assert out.exists() != failed
    if not failed:
        assert out.read_text().count("\n") == CONTENT.count("\n")
        out.unlink()
    assert os.listdir(out.parent) == ["in.csv"]
