"""examples/homework: its key is right, and its script grades everybody in each shell."""

import csv
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import mpmath
import pytest

HOMEWORK = Path(__file__).parents[2] / "examples" / "homework"
CLASS_LIST = """\
ada      0 wrong
alan     0 wrong
ben      8 wrong  log₂ instead of ln
carla    8 wrong  softmax applied twice
dmitri   8 wrong  minus sign forgotten
emmy     8 wrong  probability instead of loss
farid    8 wrong  softmax over the wrong axis
grace    3 wrong  loss of the predicted class instead of the label
hana     8 wrong  label off by one (the next class)
ivo      8 wrong  log₁₀ instead of ln
jun      2 wrong
kim      8 wrong  rounded too early (probabilities to 2 decimals)
lea      1 wrong
milan    8 wrong  softmax forgotten (minus the logit of the label)
"""


@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
def test_class_list(shell: str, shell_env: Mapping[str, str]) -> None:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"no {shell} here")
    if shell == "sh" and shutil.which("dash"):
        pytest.skip("dash and bash are run by name")
    script = [found, str(HOMEWORK / "check.sh")]
    done = subprocess.run(script, env=shell_env, capture_output=True, text=True, check=False)
    assert "".join(line.rstrip() + "\n" for line in done.stdout.splitlines()) == CLASS_LIST
    assert done.returncode == 1
    assert done.stderr == ""


def test_script_has_ten_lines_at_most() -> None:
    lines = (HOMEWORK / "check.sh").read_text().splitlines()
    assert len([line for line in lines if not line.startswith("#")]) <= 10


def test_key_is_right() -> None:
    with (HOMEWORK / "key.csv").open() as file:
        for row in csv.DictReader(file):
            powers = {name: mpmath.exp(mpmath.mpf(row[name])) for name in ("cat", "dog", "bird")}
            loss = -mpmath.log(powers[row["label"]] / mpmath.fsum(powers.values()))
            assert row["loss"] == f"{float(loss):.4f}"
