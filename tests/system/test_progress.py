import io
import os
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
    assert halfway.line(250_000, 2.0) == (
        "0.05 of 0.10 GB · 250,000 rows · 125,000 rows/s · 2 s left"
    )


def test_without_a_known_size_there_is_no_time_left() -> None:
    assert Progress(None).line(250_000, 2.0) == "250,000 rows · 125,000 rows/s · 2 s"


def test_the_line_fits_a_terminal(halfway: Progress) -> None:
    halfway.n_bytes = 10**13
    assert len(halfway.line(10**9, 100.0)) < 80


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_shown_on_a_terminal_past_one_second_and_cleared() -> None:
    err = Terminal()
    with patch.object(progress, "monotonic") as clock:
        clock.return_value = 10.0
        told = Progress(err)
        clock.return_value = 10.9
        told.update(5)
        assert err.getvalue() == ""
        clock.return_value = 12.0
        told.update(10)
        assert err.getvalue().endswith("10 rows · 5 rows/s · 2 s")
        told.clear()
        assert err.getvalue().endswith("\r\x1b[K")


def test_not_shown_elsewhere() -> None:
    err = io.StringIO()
    with patch.object(progress, "DELAY", -1.0):
        Progress(err).update(5)
    assert err.getvalue() == ""
