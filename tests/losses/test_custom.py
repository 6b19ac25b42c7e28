"""A user's own loss: like a built-in one where it is right, one clear error where it is not."""

import json
import sys
from pathlib import Path

import pytest

from tests.calling import quiet, run

LOSSES = '''"""Losses of the user."""
from dataclasses import dataclass

import numpy as np


@dataclass
class Margin:
    size: "float" = 1.0


def margin(scores, labels):
    own = scores[np.arange(len(labels)), labels]
    return Margin().size - own / 2


def cross_entropy(scores, labels):
    from torch.nn import functional as F
    return F.cross_entropy(scores, labels, reduction="none")


def squared(scores, targets):
    return ((scores - targets) ** 2).sum(1)


def mean(scores, labels):
    return scores.mean()


def matrix(scores, labels):
    return scores


def texts(scores, labels):
    return ["one"] * len(labels)


def nothing(scores, labels):
    pass


def wrong(scores, labels):
    def deeper():
        return scores @ scores
    return deeper()


def picky(scores, labels):
    raise ValueError("""two
lines""")


def asks_numpy(scores, labels):
    return np.zeros("one")


number = 3
'''
ROWS = ["2,1,0.1", "0.5,2,0.3", "-l", "0,2"]


def line(text: str) -> int:
    """The number of the first line of loss.py that has the text."""
    return next(i for i, each in enumerate(LOSSES.splitlines(), start=1) if text in each)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with loss.py, which is the current one."""
    (tmp_path / "loss.py").write_text(LOSSES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_numpy_function(here: Path) -> None:
    code, out, err = run("custom", "loss.py:margin", *ROWS, "-f", "csv")
    assert code == 0, err
    assert out == "sample,label,loss\n0,0,0.0\n1,2,0.85\n"
    assert "mean loss 0.425 (sum 0.85 / 2 samples)" in err
    assert "|function:loss.py:margin|" in err


def test_torch_function_is_the_built_in_one_bit_for_bit(here: Path) -> None:
    mine = run("custom", "loss.py:cross_entropy", *ROWS, "-b", "torch", "-f", "jsonl").out
    built_in = run("ce", *ROWS, "-b", "torch", "-f", "jsonl", "--no-probabilities").out
    assert [line.split('"loss"')[1] for line in mine.splitlines()] == [
        line.split('"loss"')[1] for line in built_in.splitlines()
    ]


def test_targets_instead_of_labels(here: Path) -> None:
    targets = ["--target", "2,1", "--target", "0,7"]
    assert quiet("custom", "loss.py:squared", "1,2", "3,4", *targets) == "10.0"
    data = b"a,b,t_0,t_1\n1,2,2,1\n3,4,0,7\n"
    options = ["--cols", "a,b", "--target-cols", "t_*", "-b", "torch"]
    assert quiet("custom", "loss.py:squared", *options, stdin=data) == "10.0"


def test_weights_and_ignored_labels(here: Path) -> None:
    data = b"a,b,y,w\n2,1,a,1\n2,1,b,2\n2,1,-1,5\n"
    options = ["--sample-weight-col", "w", "--ignore-index", "-1"]
    found = quiet("custom", "loss.py:margin", *options, stdin=data)
    assert float(found) == pytest.approx((0 + 2 * 0.5) / 3)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mean", f":{line('def mean')}: mean gave a single number"),
        ("matrix", f":{line('def matrix')}: matrix gave shape (2, 3)"),
        ("texts", f":{line('def texts')}: texts gave a list"),
        ("nothing", f":{line('def nothing')}: nothing gave a NoneType"),
        ("picky", f":{line('raise ValueError')}: picky: ValueError: two"),
        ("number", ": number is not a function"),
        ("missing", ": no function missing here"),
    ],
)
def test_one_clear_error(here: Path, name: str, said: str, backend: str) -> None:
    code, out, err = run("custom", f"loss.py:{name}", *ROWS, "-b", backend, "-q")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: loss.py{said}")
    assert len(err.splitlines()) <= 2
    assert "Traceback" not in err


def test_exception_is_told_with_the_innermost_line_of_the_user_s_file(here: Path) -> None:
    err = run("custom", "loss.py:wrong", *ROWS, "-q").err
    assert err.startswith(f"error: loss.py:{line('@ scores')}: wrong: ValueError: matmul: ")
    err = run("custom", "loss.py:asks_numpy", *ROWS, "-q").err
    assert err.startswith(f"error: loss.py:{line('np.zeros')}: asks_numpy: TypeError: ")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def f(x, y):\n  return (\n", "bad.py:2: not Python: '(' was never closed"),
        ("import numpy\n1 / 0\n", "bad.py:2: ZeroDivisionError: division by zero"),
        ("import nowhere\n", "bad.py:1: ModuleNotFoundError: No module named 'nowhere'"),
        ("raise SystemExit(0)\n", "bad.py:1: SystemExit: 0"),
    ],
)
def test_file_that_does_not_load(here: Path, source: str, said: str) -> None:
    (here / "bad.py").write_text(source)
    code, _, err = run("custom", "bad.py:f", *ROWS)
    assert code == 2
    assert err == f"error: {said}\n"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("loss.py", "'loss.py' names no function"),
        ("loss.py:", "'loss.py:' names no function"),
        ("nowhere.py:f", "nowhere.py: no such file"),
        (".:f", ".: Is a directory"),
    ],
)
def test_what_names_no_function(here: Path, spec: str, said: str) -> None:
    code, _, err = run("custom", spec, *ROWS)
    assert code == 2
    assert err.splitlines()[0] == f"error: {said}"


def test_only_the_named_file_is_loaded_and_nothing_is_left_behind(here: Path) -> None:
    (here / "other.py").write_text("raise RuntimeError('loaded')\n")
    (here / "conftest.py").write_text("raise RuntimeError('loaded')\n")
    before = [*sys.path]
    assert quiet("custom", "loss.py:margin", *ROWS) == "0.425"
    assert sys.path == before
    assert sorted(path.name for path in here.iterdir()) == ["conftest.py", "loss.py", "other.py"]


def test_long_input_comes_in_batches(here: Path) -> None:
    data = b"2,1,0\n0.5,2,1\n" * 100_000
    options = ["--no-header", "--label-col", "2"]
    assert quiet("custom", "loss.py:margin", *options, stdin=data) == "0.0"


def test_gradient_is_that_of_the_built_in_loss(tmp_path: Path) -> None:
    file = tmp_path / "loss.py"
    file.write_text(
        "import torch\n"
        "def ce(scores, labels):\n"
        "    return torch.nn.functional.cross_entropy(scores, labels, reduction='none')\n"
    )
    rows = ("2,1,0.1", "0.5,2,0.3", "-l", "0,2", "-b", "torch", "--grad", "-f", "json")
    samples = [
        json.loads(run(*command, *rows).out)["samples"]
        for command in (("custom", f"{file}:ce"), ("ce",))
    ]
    for own, built_in in zip(*samples, strict=True):
        assert own["grad"] == pytest.approx(built_in["grad"], rel=1e-12)


def test_gradient_needs_autograd(tmp_path: Path) -> None:
    file = tmp_path / "loss.py"
    file.write_text("def f(scores, labels):\n    return scores[:, 0]\n")
    ran = run("custom", f"{file}:f", "1,2", "-l", "0", "--grad")
    assert (ran.code, ran.out) == (2, "")
    assert "add --backend torch" in ran.err
