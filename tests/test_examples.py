"""The examples run, and softmax-cli agrees with what they print."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

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


def test_committed_digits_have_the_loss_that_the_readme_shows(
    shell_env: Mapping[str, str],
) -> None:
    options = ("-b", "torch", "--dtype", "float32")
    found = summary(EXAMPLES / "digits_logits.csv", shell_env, *options)
    assert str(found["mean"]) in (ROOT / "README.md").read_text()
    assert found["n"] == 450
