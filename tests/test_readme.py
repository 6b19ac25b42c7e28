"""Each console block of the README prints what it says, and its picture is a real run."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from softmax_cli.commands import COMMANDS
from tests.calling import skip_without_torch

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks() -> Iterator[tuple[str, str]]:
    """Each command of each console block, with what it prints on either stream."""
    for block in re.findall(r"^```console\n(.*?)^```$", README, re.DOTALL | re.MULTILINE):
        for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            yield command, output.rstrip("\n")


@pytest.mark.parametrize(("command", "expected"), [*blocks()])
def test_console_block(command: str, expected: str, shell_env: Mapping[str, str]) -> None:
    skip_without_torch(command)
    run = subprocess.run(
        ["sh", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env=shell_env,
        check=False,
    )
    printed = run.stdout.rstrip("\n")
    if command.endswith("--backend torch --dtype float32"):  # the last bits are the CPU's
        assert float(printed) == pytest.approx(float(expected), rel=2 * 2.0**-23)
    else:
        assert printed == expected


def test_picture_is_a_real_run(shell_env: Mapping[str, str], tmp_path: Path) -> None:
    picture = tmp_path / "ce.svg"
    script = [sys.executable, "docs/picture.py", str(picture)]
    subprocess.run(script, cwd=ROOT, env=shell_env, check=True)
    assert picture.read_text() == (ROOT / "docs" / "ce.svg").read_text()


def test_help_of_every_command_is_true_to_the_readme() -> None:
    for name in sorted(COMMANDS):
        assert f"| `{name}` |" in README
