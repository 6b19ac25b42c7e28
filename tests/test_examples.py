"""The examples run, and softmax-cli agrees with what they print."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import calling
from tests.calling import quiet

pytest.importorskip("torch")
pytest.importorskip("sklearn")

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The file that train_digits.py wrote, and the lines that it printed."""
    path = tmp_path_factory.mktemp("digits") / "digits_logits.csv"
    script = [sys.executable, str(EXAMPLES / "train_digits.py"), str(path)]
    run = subprocess.run(script, capture_output=True, text=True, check=True)
    lines = [line.split(" ", 2) for line in run.stdout.splitlines()]
    return path, {
        line[0] if line[0] == "accuracy" else " ".join(line[:2]): line[-1] for line in lines
    }


def summary(path: Path, env: Mapping[str, str], *options: str) -> dict[str, float]:
    command = ["softmax-cli", "ce", str(path), "-f", "json", "--no-probabilities", *options]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    found: dict[str, float] = json.loads(run.stdout)["summary"]
    return found


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_digits_loss_is_the_training_script_s(
    trained: tuple[Path, dict[str, str]], shell_env: Mapping[str, str], backend: str
) -> None:
    path, printed = trained
    found = summary(path, shell_env, "-b", backend)
    assert found["mean"] == pytest.approx(float(printed["test loss"]), abs=1e-6)
    assert f"({found['n_correct']} of {found['n']})" in printed["accuracy"]


def test_digits_loss_is_exact_in_the_same_dtype(
    trained: tuple[Path, dict[str, str]], shell_env: Mapping[str, str]
) -> None:
    path, printed = trained
    found = summary(path, shell_env, "-b", "torch", "--dtype", "float32")
    assert repr(found["mean"]) == printed["test loss"]


def example(name: str, path: Path) -> list[str]:
    """The lines that an example prints while it writes ``path``."""
    script = [sys.executable, str(EXAMPLES / name), str(path)]
    run = subprocess.run(script, capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


def test_binary_loss_is_that_of_the_last_training_step(tmp_path: Path) -> None:
    path = tmp_path / "probabilities.csv"
    printed = example("train_binary.py", path)
    last = next(line.removeprefix("last loss ") for line in printed if line.startswith("last"))
    assert float(quiet("bce", str(path))) == pytest.approx(float(last), rel=1e-6)
    same_dtype = float(quiet("bce", str(path), "-b", "torch", "--dtype", "float32"))
    assert same_dtype == pytest.approx(float(last), rel=1e-7)
    assert any("(565 of 569)" in line for line in printed)


def test_gradient_descent_has_the_losses_of_mse_and_reaches_its_end(tmp_path: Path) -> None:
    path = tmp_path / "steps.csv"
    printed = example("gradient_descent.py", path)
    steps = [line.split() for line in printed if line.startswith("step")]
    losses = [float(step[-1]) for step in steps]
    out = calling.run("mse", str(path), "-f", "csv").out
    assert [float(line.split(",")[-1]) for line in out.splitlines()[1:]] == losses
    assert float(steps[-1][3]) == pytest.approx(-1, abs=1e-6)
    assert " -1.00    0.0000" in printed
    assert sum("•" in line for line in printed) == 12
