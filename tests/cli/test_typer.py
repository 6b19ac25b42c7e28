"""The one private name of Typer's is a matter of speed: without it all commands do the same."""

import io
import re
import shlex
import shutil
from pathlib import Path

import pytest

from softmax_cli import cli
from softmax_cli.cli import app
from tests.calling import skip_without_torch
from tests.test_golden import CASES, EXPECTED, GOLDEN

COMMANDS = {name: (GOLDEN / name / "cmd").read_text(encoding="utf-8") for name in CASES}
PLAIN = [
    name
    for name, line in COMMANDS.items()
    if re.fullmatch(r"softmax-cli [^|&;<>$`()\n]+\n?", line)
    and not (GOLDEN / name / "columns").exists()
]


@pytest.fixture(autouse=True)
def _unknown_to_typer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "without_coercion", lambda params: params)


def test_most_cases_are_plain_enough() -> None:
    assert len(PLAIN) > 100


@pytest.mark.parametrize("name", PLAIN)
def test_golden(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    skip_without_torch(COMMANDS[name])
    here = tmp_path / "here"
    shutil.copytree(GOLDEN / name, here, ignore=shutil.ignore_patterns("cmd", *EXPECTED))
    monkeypatch.chdir(here)
    out, err = io.StringIO(), io.StringIO()
    _, *words = shlex.split(COMMANDS[name])
    code = cli.run(words, io.StringIO(), out, err)
    expected = [(GOLDEN / name / kind).read_bytes().decode() for kind in EXPECTED]
    assert [out.getvalue(), err.getvalue(), f"{code}\n"] == expected
