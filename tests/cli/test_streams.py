"""``cli.run``: a whole command in this process, on whatever streams it is given."""

import io
import sys
from pathlib import Path

import pytest

from softmax_cli import cli

ROWS = 20_000
LONG = "a,b,y\n" + "1.5,2.5,1\n" * ROWS


def run_on_text(*args: str, stdin: str = "") -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = cli.run(args, io.StringIO(stdin), out, err)
    return code, out.getvalue(), err.getvalue()


def test_text_in_memory() -> None:
    assert run_on_text("ce", "-q", stdin="a,b,y\n0,0,1\n") == (0, "0.6931471805599453\n", "")
    assert run_on_text("ce", "-", "--expect-file", "none", stdin="")[0] == 2
    assert run_on_text("--version")[1].startswith("softmax-cli ")
    code, out, err = run_on_text("softmax", "1", "x")
    assert (code, out) == (2, "")
    assert err.startswith("error: ")


@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl"])
def test_long_output_in_memory_is_that_in_a_file(form: str, tmp_path: Path) -> None:
    code, out, err = run_on_text("ce", "-f", form, stdin=LONG)
    assert (code, out.count("\n")) == (0, ROWS + (form != "jsonl"))
    names = [tmp_path / name for name in ("in", "out", "err")]
    names[0].write_text(LONG)
    with names[0].open() as stdin, names[1].open("w") as stdout, names[2].open("w") as stderr:
        assert cli.run(["ce", "-f", form], stdin, stdout, stderr) == 0
    assert (names[1].read_text(), names[2].read_text()) == (out, err)


def test_bytes_in_memory() -> None:
    import gzip

    stdin = io.TextIOWrapper(io.BytesIO(gzip.compress(LONG.encode())))
    out = io.TextIOWrapper(io.BytesIO())
    assert cli.run(["ce", "-f", "parquet"], stdin, out, io.StringIO()) == 0
    out.seek(0)
    assert out.buffer.read(4) == b"PAR1"


def test_the_streams_stay_open_and_those_of_the_process_are_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    streams = io.StringIO("1,2\n"), io.StringIO(), io.StringIO()
    before = sys.stdin, sys.stdout, sys.stderr
    for line in (["softmax"], ["softmax", "-h"], ["nothing"]):
        cli.run(line, *streams)
    assert (sys.stdin, sys.stdout, sys.stderr) == before
    assert not any(stream.closed for stream in streams)
    assert capsys.readouterr() == ("", "")
    assert cli.run(["softmax", "0", "0", "-q"]) == 0
    assert capsys.readouterr().out == "0.5,0.5\n"
