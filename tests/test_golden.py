"""Whole commands: a folder per command line, with its output and exit code beside it.

``cmd`` is run by ``sh -c`` in a copy of its folder; where there is a file ``columns``, on a
terminal of that width, which shows all as ``stdout``. After a wanted change of the output,
``pytest --regenerate-golden`` rewrites ``stdout``, ``stderr`` and ``exit``; read the diff.
"""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.calling import skip_without_torch
from tests.terminal import on_terminal

GOLDEN = Path(__file__).parent / "golden"
EXPECTED = ("stdout", "stderr", "exit")
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/cmd"))


@pytest.mark.parametrize("name", CASES)
def test_golden(
    name: str, tmp_path: Path, shell_env: Mapping[str, str], request: pytest.FixtureRequest
) -> None:
    case = GOLDEN / name
    command = (case / "cmd").read_text(encoding="utf-8")
    skip_without_torch(command)
    if "/dev/full" in command and not Path("/dev/full").exists():
        pytest.skip("no device that is always full here")
    here = tmp_path / "here"
    shutil.copytree(case, here, ignore=shutil.ignore_patterns("cmd", *EXPECTED))
    columns = case / "columns"
    if columns.exists():
        code, shown = on_terminal(command, int(columns.read_text()), shell_env, here)
        written = shown.encode(), b"", b"%d\n" % code
    else:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=here,
            env=shell_env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        written = done.stdout, done.stderr, b"%d\n" % done.returncode
    found = dict(zip(EXPECTED, written, strict=True))
    if request.config.getoption("--regenerate-golden"):
        for kind, content in found.items():
            (case / kind).write_bytes(content)
    for kind in EXPECTED:
        assert found[kind].decode() == (case / kind).read_bytes().decode(), kind


def test_every_folder_is_a_case() -> None:
    assert CASES
    assert sorted(path.name for path in GOLDEN.iterdir() if path.is_dir()) == CASES
