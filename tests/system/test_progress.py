import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from softmax_cli.system import progress
from softmax_cli.system.progress import MeteredFile, Progress


@pytest.fixture
def halfway(tmp_path: Path) -> Progress:
    """The progress of a 100 MB file of which half is read."""
    path = tmp_path / "x.csv"
    path.touch()
    os.truncate(path, 100_000_000)
    told = Progress(None, [str(path)])
    with MeteredFile(str(path)) as file:
        assert file.readinto(bytearray(50_000_000)) == 50_000_000
    return told


def test_bytes_rows_and_time_left(halfway: Progress) -> None:
    halfway.n_samples = 250_000
    assert halfway.line(2.0) == "0.05 of 0.10 GB · 250,000 rows · 125,000 rows/s · 2 s left"


def test_without_a_known_size_there_is_no_time_left() -> None:
    told = Progress(None)
    told.n_samples = 250_000
    assert told.line(2.0) == "250,000 rows · 125,000 rows/s · 2 s"


def test_the_line_fits_a_terminal(halfway: Progress) -> None:
    halfway.n_bytes, halfway.n_samples = 10**13, 10**9
    assert len(halfway.line(100.0)) < 80


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_screen(written: str) -> str:
    """What a console shows that knows no escape sequence: CR goes back, and text replaces text."""
    assert "\x1b[K" not in written
    screen = []
    for line in written.replace("\r\n", "\n").split("\n"):
        shown = ""
        for text in line.split("\r"):
            shown = text + shown[len(text) :]
        screen.append(shown.rstrip(" "))
    return "\n".join(screen)


def seen(err: Terminal) -> str:
    return on_screen(err.getvalue())


def test_shown_on_a_terminal_past_one_second_and_cleared() -> None:
    err = Terminal()
    with patch.object(progress, "monotonic") as clock:
        clock.return_value = 10.0
        told = Progress(err)
        passing = told.watch(iter([[0] * 4, [0] * 4]))
        clock.return_value = 10.9
        next(passing)
        assert err.getvalue() == ""
        clock.return_value = 12.0
        next(passing)
        assert err.getvalue().endswith("4 rows · 2 rows/s · 2 s")
        told.clear()
        assert seen(err) == ""
        assert not list(passing)
        assert err.getvalue().endswith("8 rows · 4 rows/s · 2 s")  # until something is written


def test_not_shown_elsewhere() -> None:
    err = io.StringIO()
    with patch.object(progress, "DELAY", -1.0):
        assert list(Progress(err).watch(iter(["abc"]))) == ["abc"]
    assert err.getvalue() == ""


def test_an_interrupted_run_tells_how_far_it_got() -> None:
    err = Terminal()

    def interrupted() -> None:
        with patch.object(progress, "DELAY", -1.0), Progress(err) as told:
            for _ in told.watch(iter(["abc"])):
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert seen(err) == "interrupted after 3 samples\n"


AT_ONCE = (
    "import sys; from softmax_cli.system import progress; progress.DELAY = -1.0;"
    "from softmax_cli import cli; sys.exit(cli.main())"
)


@pytest.mark.parametrize("options", [["-q"], [], ["-f", "csv"], ["-f", "json"], ["--grad"]])
def test_cleared_before_anything_is_written_on_the_same_terminal(options: list[str]) -> None:
    pytest.importorskip("pty")
    ours, terminal = os.openpty()
    command = [sys.executable, "-c", AT_ONCE, "ce", "2,1,0.1", "-l", "0", *options]
    subprocess.run(command, stdout=terminal, stderr=terminal, check=True, timeout=60)
    os.close(terminal)
    written = _read_all(ours)
    assert "rows/s" in written
    left = on_screen(written)
    assert "rows/s" not in left
    assert left.startswith("0.417" if options == ["-q"] else ("\n", "sample,", "{"))


def _read_all(terminal: int) -> str:
    parts = []
    with contextlib.suppress(OSError):  # which says that the other side is closed
        while part := os.read(terminal, 1 << 16):
            parts.append(part)
    return b"".join(parts).decode()
