"""A user's own loss: like a built-in one where it is right, one clear error where it is not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import softmax_cli
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


def complex_numbers(scores, labels):
    return scores[:, 0] + 1j * scores[:, 1]


def vandal(scores, labels):
    own = margin(scores, labels)
    labels[:] = 1
    scores[:] = 0
    return own


def prints(scores, labels):
    print("who reads this?")
    return margin(scores, labels)


def panics(scores, labels):
    class PanicException(BaseException):
        pass
    raise PanicException("index out of bounds")


def where(scores, labels):
    import threading
    return scores[:, 0] * 0 + threading.get_ident()


def sizes(scores, labels):
    return scores[:, 0] * 0 + len(scores)


class Criterion:
    def __call__(self, scores, labels):
        return scores.mean()


criterion = Criterion()


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
        ("Criterion", ": Criterion is a class"),
        ("panics", f":{line('raise Panic')}: panics: PanicException: index out of bounds"),
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


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("name", ["mean", "criterion"])
def test_one_number_for_all_samples_is_the_total(here: Path, name: str, backend: str) -> None:
    """Every tutorial's loss gives one."""
    spec = f"loss.py:{name}"
    mean = (2 + 1 + 0.1 + 0.5 + 2 + 0.3) / 6
    assert float(quiet("custom", spec, *ROWS, "-b", backend)) == pytest.approx(mean, rel=1e-15)
    code, out, err = run("custom", spec, *ROWS, "-b", backend, "-f", "csv")
    assert (code, out) == (0, "sample,label\n0,0\n1,2\n")
    assert "(one number for 2 samples)" in err
    summary = json.loads(run("custom", spec, *ROWS, "-b", backend, "-f", "json").out)["summary"]
    assert summary == {"n": 2, "loss": pytest.approx(mean, rel=1e-15)}


def test_a_module_is_a_function_of_tensors(here: Path) -> None:
    pytest.importorskip("torch")
    file = here / "module.py"
    file.write_text("from torch import nn\nloss = nn.CrossEntropyLoss(label_smoothing=0.1)\n")
    options = ("--label-smoothing", "0.1", "-b", "torch")
    mine = quiet("custom", "module.py:loss", *ROWS, "-b", "torch")
    assert mine == quiet("ce", *ROWS, *options)
    grad = json.loads(
        run("custom", "module.py:loss", *ROWS, "-b", "torch", "--grad", "-f", "json").out
    )["samples"]
    weights = [sample["grad"] for sample in grad]
    # of the mean over both samples: (softmax - smoothed target) / 2
    assert weights[0][0] == pytest.approx((0.6590011388859679 - 0.9 - 0.1 / 3) / 2)
    code, _, err = run("custom", "module.py:loss", *ROWS)
    assert code == 2
    assert err.endswith("\n  PyTorch's functions take tensors: add --backend torch\n")
    file.write_text(
        "import torch\nloss = torch.nn.CrossEntropyLoss(weight=torch.tensor([1., 2., 5.]))\n"
    )
    code, _, err = run("custom", "module.py:loss", *ROWS, "-b", "torch")
    assert code == 2
    assert err.endswith("float64: say --dtype float32\n")
    options = ("-b", "torch", "--dtype", "float32")
    mine = quiet("custom", "module.py:loss", *ROWS, *options)
    assert mine == quiet("ce", *ROWS, "--weight", "1,2,5", *options)


@pytest.mark.parametrize(
    ("options", "named"),
    [("--reduction sum", "--reduction"), ("--ignore-index 2", "--ignore-index")],
)
def test_one_number_has_no_losses_to_work_on(here: Path, options: str, named: str) -> None:
    code, out, err = run("custom", "loss.py:mean", *ROWS, *options.split())
    assert (code, out) == (2, "")
    assert f"mean gives one number for all samples, so that {named} has no losses" in err


def test_one_number_of_several_batches_is_no_number(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"2,1,0\n0.5,2,1\n" * 100_000
    options = ("--no-header", "--label-col", "2")
    mean = quiet("custom", "loss.py:mean", *options, stdin=data)
    assert float(mean) == pytest.approx((2 + 1 + 0.5 + 2) / 4)
    monkeypatch.setattr("softmax_cli.losses.pieces.WHOLE_CELLS", 1 << 14)
    code, out, err = run("custom", "loss.py:mean", *options, "-q", stdin=data)
    assert (code, out) == (2, "")
    assert err.startswith("error: loss.py:mean gives one number for a batch, and the input comes ")


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_real_numbers_only(here: Path, backend: str) -> None:
    code, out, err = run("custom", "loss.py:complex_numbers", *ROWS, "-b", backend)
    assert (code, out) == (2, "")
    assert "complex128 values, not one number for each of 2 samples" in err


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_a_function_may_overwrite_what_it_gets(here: Path, backend: str) -> None:
    data = b"a,b,y\n2,1,0\n3,1,0\n"
    outputs = [
        run("custom", f"loss.py:{name}", "-f", "csv", "-b", backend, stdin=data).out
        for name in ("margin", "vandal")
    ]
    assert outputs[0] == outputs[1] == "sample,label,loss\n0,a,0.0\n1,a,-0.5\n"


def test_what_it_prints_is_no_data(here: Path) -> None:
    code, out, err = run("custom", "loss.py:prints", *ROWS, "-q")
    assert (code, out, err) == (0, "0.425\n", "who reads this?\n")


def test_it_is_called_on_one_thread_with_long_batches(here: Path) -> None:
    data = b"2,1,0\n0.5,2,1\n" * 300_000
    options = ("--no-header", "--label-col", "2", "-f", "csv")
    called, sizes = (
        {row.rsplit(",", 1)[1] for row in run(*command, stdin=data).out.splitlines()[1:]}
        for command in (
            ("custom", "loss.py:where", *options),
            ("custom", "loss.py:sizes", *options),
        )
    )
    assert len(called) == 1
    assert max(map(float, sizes)) > 500_000  # but for what is there when the input pauses
    (here / "loss.py").write_text(LOSSES + "# threads\n")
    out = run("custom", "loss.py:sizes", *options, stdin=data).out
    assert max(float(row.rsplit(",", 1)[1]) for row in out.splitlines()[1:]) < 300_000


def test_files_that_it_leaves_open_are_flushed(here: Path) -> None:
    (here / "log.py").write_text(
        "log = open('log.txt', 'w')\n"
        "def f(scores, labels):\n"
        "    log.write('called')\n"
        "    return scores[:, 0]\n"
    )
    command = [sys.executable, "-P", "-m", "softmax_cli", "custom", "log.py:f", *ROWS, "-q"]
    package = str(Path(softmax_cli.__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": package}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1.25\n", "")
    assert (here / "log.txt").read_text() == "called"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def f(x, y):\n  return (\n", "bad.py:2: not Python: '(' was never closed"),
        ("import numpy\n1 / 0\n", "bad.py:2: ZeroDivisionError: division by zero"),
        ("import nowhere\n", "bad.py:1: ModuleNotFoundError: No module named 'nowhere'"),
        ("raise SystemExit(0)\n", "bad.py:1: SystemExit: 0"),
        ("raise GeneratorExit\n", "bad.py:1: GeneratorExit"),
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
