"""The command line as a whole: exit codes, streams, signals, what is loaded."""

import io
import json
import math
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from softmax_cli import __version__, cli
from softmax_cli.commands import COMMANDS
from softmax_cli.system.streams import Streams
from tests.calling import quiet, run

FORMATS = ("table", "csv", "tsv", "json", "jsonl", "markdown")
LN2 = 0.69314718055994531  # by hand from tables


def test_version() -> None:
    assert run("--version") == (0, f"softmax-cli {__version__}\n", "")


@pytest.mark.parametrize("command", [(), *((name,) for name in sorted(COMMANDS))])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_leads_with_examples(command: tuple[str, ...], flag: str) -> None:
    code, out, err = run(*command, flag)
    assert (code, err) == (0, "")
    assert 0 < out.index("Examples:") < out.index("Usage:")
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_examples_of_the_help_work(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shlex

    monkeypatch.chdir(tmp_path)
    Path("loss.py").write_text("def my_loss(scores, labels):\n    return scores[:, 0] * labels\n")
    file = tmp_path / "data.csv"
    contents = {
        "bce": "p,y\n0.5,1\n",
        "ce": "a,b,c,y,my_loss\n1,2,3,1,1.4076\n",
        "hinge": "f,y\n0.5,1\n",
        "mse": "predicted,y\n0.5,1\n",
        "mae": "predicted,y\n0.5,1\n",
        "huber": "predicted,y\n0.5,1\n",
        "kl": "q_0,q_1,p_0,p_1\n0.5,0.5,1,0\n",
    }
    file.write_text(contents.get(name, "a,b,c,y\n1,2,3,1\n"))
    for line, _ in COMMANDS[name].examples:
        words = shlex.split(line.split("|")[-1])
        assert words[0] == "softmax-cli"
        words = [str(file) if word.endswith(".csv") else word for word in words[1:]]
        if name == "ce" and "--expect-col" not in words and str(file) in words:
            words += ["--cols", "a,b,c"]
        stdin = b"" if "|" not in line else b"a,b,c,y\n1,2,3,1\n"
        code, out, err = run(*words, stdin=stdin)
        assert code == 0, (line, err)
        assert out


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ce --from probs 0.5,0.25,0.25 -l 1", 2 * LN2),
        ("ce --from logprobs -0.6931471805599453,-0.6931471805599453 -l 0", LN2),
        ("ce 0,0 7,7 -l 0,1", LN2),
        ("ce 0,0 7,7 -l 0,1 --reduction sum", 2 * LN2),
        ("ce --from probs 2e-1,6e-1 -l 1 --normalize", 0.28768207245178093),  # ln(4/3)
        ("ce 0,2.1972245773362196 -l 0 -T 2", 2 * LN2),  # ln 9 / 2 = ln 3
        ("bce 0.5 0.25 -l 1,1", 1.5 * LN2),
        ("bce 0.5,0.25 -l 1,1", 1.5 * LN2),
        ("bce --from logits 0 0 -l 1,0", LN2),
        ("bce 0 -l 1", 100.0),  # nn.BCELoss clamps
        ("bce 1 -l 0", 100.0),
        ("bce 0 -l 1 --eps 0.25", 2 * LN2),
        ("bce 0.5 --target 0.3", LN2),
        ("bce --from logits -800 -l 1", 800.0),
        ("ce -inf,0,0 -l 1", LN2),
        ("ce -inf,0 -l 0", math.inf),
        ("ce 1000,0 -l 1", 1000.0),
        ("ce 5 -l 0", 0.0),
    ],
)
def test_losses_by_hand(line: str, expected: float, backend: str) -> None:
    assert float(quiet(*line.split(), "-b", backend)) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("line", ["ce nan,1 -l 1", "ce inf,1 -l 1", "ce -inf,-inf -l 0"])
def test_undefined_is_nan_with_a_note(line: str) -> None:
    code, out, err = run(*line.split(), "-q")
    assert (code, out) == (0, "nan\n")
    assert err.startswith("note: 1 sample without a defined result")
    assert err.endswith("the first at row 1\n")


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("predict 1,2 3,1", ["1", "0"]),
        ("predict 1,2 3,1 --classes no,yes", ["yes", "no"]),
        ("predict 1,3,2 --top-k 3", ["1,2,0"]),
        ("predict 2,2,1", ["0"]),
        ("predict --binary 1 -1 0", ["1", "0", "0"]),
        ("predict --binary --from probs 0.3 0.2 --threshold 0.25", ["1", "0"]),
        ("predict nan,1", [""]),
        ("softmax 0,0", ["0.5,0.5"]),
        ("softmax --log 0,-inf", ["0.0,-inf"]),
    ],
)
@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_quiet(line: str, lines: list[str], backend: str) -> None:
    assert quiet(*line.split(), "-b", backend).split("\n") == lines


def test_json_is_strict() -> None:
    def refuse(text: str) -> None:
        raise AssertionError(text)

    line = "ce nan,1 -inf,1 1,2 -l 0,0,0 -f json"
    answer = json.loads(run(*line.split()).out, parse_constant=refuse)
    assert [sample["loss"] for sample in answer["samples"][:2]] == ["nan", "inf"]
    assert answer["samples"][0]["predicted"] is None
    assert answer["summary"]["mean"] == "nan"
    assert answer["summary"]["n"] == answer["summary"]["divisor"] == 3


@pytest.mark.parametrize("form", FORMATS)
def test_stdout_is_the_same_in_a_file(form: str, tmp_path: Path) -> None:
    line = ["ce", "1,2", "3,4", "-l", "0,1", "-f", form]
    out = tmp_path / "out"
    assert run(*line, "-o", str(out)).out == ""
    assert out.read_text(encoding="utf-8") == run(*line).out


def test_a_one_letter_file_given_twice_counts_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("x,y\n1,0\n")
    monkeypatch.chdir(tmp_path)
    assert json.loads(run("ce", "a", "a", "-f", "json").out)["summary"]["n"] == 2


def test_several_files_count_on(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("id,a,b\nx,1,2\ny,1,2\n")
    two.write_text("id;a;b\nz;1;2\n")
    records = run("softmax", str(one), str(two), "-f", "csv").out.splitlines()
    assert [record.split(",")[:2] for record in records[1:]] == [["0", "x"], ["1", "y"], ["2", "z"]]


def test_the_environment_chooses_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setenv("SOFTMAX_CLI_BACKEND", "torch")
    assert "backend:torch" in run("softmax", "1", "2").out
    assert "backend:numpy" in run("softmax", "1", "2", "-b", "numpy").out


def test_an_interrupt_ends_in_130_and_says_how_far_it_got(shell_env: Mapping[str, str]) -> None:
    endless = ["sh", "-c", "echo a,b,y; exec yes 1.5,2.5,1"]
    command = [sys.executable, "-P", "-m", "softmax_cli", "ce", "-f", "csv"]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(endless, stdout=pipe) as feeder,
        subprocess.Popen(
            command, stdin=feeder.stdout, stdout=pipe, stderr=pipe, env=shell_env
        ) as process,
    ):
        assert feeder.stdout is not None
        feeder.stdout.close()
        assert process.stdout is not None
        assert process.stdout.read(6) == b"sample"  # it is at work
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert re.fullmatch(rb"interrupted after [0-9]+ samples?\n", err)


@pytest.mark.parametrize(
    ("line", "forbidden"),
    [
        (("--help",), ("numpy", "torch", "rich", "pydantic")),
        (("ce", "--help"), ("numpy", "torch", "rich", "pydantic")),
        (("--version",), ("numpy", "torch", "rich", "pydantic")),
        (("softmax", "1", "2"), ("torch", "polars", "pydantic")),
        (("softmax", "1", "2", "-f", "csv"), ("torch", "polars", "rich", "pydantic")),
    ],
)
def test_nothing_is_loaded_that_the_run_does_not_need(
    line: tuple[str, ...], forbidden: tuple[str, ...], shell_env: Mapping[str, str]
) -> None:
    code = (
        "import sys, softmax_cli.cli as cli; code = cli.main(); "
        "print('loaded:', *sys.modules, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *line],
        env=shell_env,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = done.stderr.rpartition("loaded: ")[2].split()
    assert "softmax_cli.cli.argv" in modules
    assert not set(modules) & set(forbidden)


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="needs a file that we may not read"
)
def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("1,2\n")
    file.chmod(0)
    code, _, err = run("softmax", str(file))
    assert (code, err) == (2, f"error: {file}: Permission denied\n")


class Panic(BaseException):
    """As polars raises it: no Exception."""


@pytest.mark.parametrize("error", [Panic("index out of\nbounds"), GeneratorExit(), SystemExit(0)])
def test_whatever_is_raised_is_one_line_and_never_a_wrong_answer(error: BaseException) -> None:
    def action() -> int:
        raise error

    told = io.StringIO()
    assert cli.guard(action, Streams(None, None, told)) == 2
    first, advice = told.getvalue().splitlines()
    assert first.startswith(f"error: internal error: {type(error).__name__}")
    assert advice == "  a bug: please report it; --debug shows where"


LONG = "7" * 100_000


@pytest.mark.parametrize(
    "args",
    [
        ("softmax", f"{LONG}x", "2"),
        ("softmax", LONG, "2"),
        ("softmax", "\x1b\n" * 10_000),
        ("softmax", f"[{LONG}"),
        ("softmax", f"{LONG};2"),
        ("softmax", "2", "1", f"--{LONG}"),
        ("softmax", "2", "1", "-f", LONG),
        ("softmax", "2", "1", "-o", f"{LONG}.x"),
        ("ce", "2", "1", "-l", LONG),
        ("ce", "2", "1", "-l", "0", LONG),
        ("ce", "2", "1", "--target", f"{LONG}x"),
        ("ce", f"{LONG}.csv"),
        (LONG, "2"),
        (f"{LONG}x",),
    ],
)
def test_an_error_is_never_longer_than_500_characters(args: tuple[str, ...]) -> None:
    code, out, err = run(*args)
    assert (code, out) == (2, "")
    assert len(err) <= 500


def test_advice_is_whole_where_the_message_leaves_it_room() -> None:
    given = ["1.25"] * 70
    err = run("mse", *given, "--target", "1", "2").err
    assert f"mse {' '.join(given)} --target 1,2\n" in err


def test_an_interrupt_while_something_is_deleted_is_not_lost(shell_env: Mapping[str, str]) -> None:
    program = """
import sys
from softmax_cli import cli, run

class Held:
    def __del__(self):
        raise KeyboardInterrupt

def page(job, streams):
    held = Held()
    del held
    while True:
        pass

run.run = page
sys.argv = ["softmax-cli", "softmax", "2"]
sys.exit(cli.main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=shell_env, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")
