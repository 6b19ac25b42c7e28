"""Few threads: the same numbers, or a clear error, and no waiting for ever."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

LIMITED = """
import sys, threading
from softmax_cli import cli
left = int(sys.argv.pop(1))
start = threading.Thread.start
def start_if_allowed(thread):
    global left
    if left <= 0:
        raise RuntimeError("can't start new thread")
    left -= 1
    start(thread)
threading.Thread.start = start_if_allowed
sys.exit(cli.run(sys.argv[1:]))
"""
"""The command line in a Python that starts so many threads; those of polars are not counted."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("threads")
    rng = np.random.default_rng(2)
    frame = pl.DataFrame({f"c{i}": rng.normal(size=30000) for i in range(4)})
    frame = frame.with_columns(y=pl.Series(rng.integers(0, 4, 30000)))
    frame.write_csv(path / "x.csv")
    frame.write_parquet(path / "x.parquet")
    return path


def limited(n_threads: int, *args: object) -> tuple[int, bytes, str]:
    command = [sys.executable, "-c", LIMITED, str(n_threads), *map(str, args)]
    done = subprocess.run(
        command, capture_output=True, timeout=100, check=False, stdin=subprocess.DEVNULL
    )
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize("n_threads", [0, 1, 5, 12])
def test_csv_is_read_and_written_all_the_same(folder: Path, n_threads: int) -> None:
    expected = limited(1000, "ce", folder / "x.csv", "-fcsv", "--no-probabilities")
    assert expected[0] == 0
    assert limited(n_threads, "ce", folder / "x.csv", "-fcsv", "--no-probabilities") == expected


@pytest.mark.parametrize("n_threads", [0, 5, 12])
def test_what_needs_polars_says_that_it_lacks_threads(folder: Path, n_threads: int) -> None:
    for args in (("x.parquet", "-q"), ("x.csv", "-fparquet", "-o", folder / "o.parquet")):
        code, out, err = limited(n_threads, "ce", folder / args[0], *args[1:])
        assert (code, out) == (2, b"")
        assert "polars cannot start its threads" in err
        assert err.count("\n") == 2
    assert not (folder / "o.parquet").exists()


def test_with_few_threads_polars_gets_few(folder: Path) -> None:
    cores = os.cpu_count() or 1
    if cores < 2:
        pytest.skip("one core has the fewest")
    expected = limited(1000, "ce", folder / "x.parquet", "-q")
    assert limited(40, "ce", folder / "x.parquet", "-q") == expected
