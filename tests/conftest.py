import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import settings

# How long a case takes depends on what else the machine does; a test that is to be quick says so.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

ROOT = Path(__file__).parent.parent
# What would change the output of a run, and so must not leak in from outside
_TELLING = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "SOFTMAX_CLI_BACKEND")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate-golden",
        action="store_true",
        help="rewrite the expectations in tests/golden, for review by diff",
    )


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*_TELLING, "PYTHONUNBUFFERED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture(scope="session")
def shell_env(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """An environment in which the command ``softmax-cli`` is this checkout."""
    if os.name != "posix":
        pytest.skip("the command is a script for a POSIX shell")
    folder = tmp_path_factory.mktemp("bin")
    shim = folder / "softmax-cli"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m softmax_cli "$@"\n')
    shim.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name not in _TELLING}
    kept.pop("PYTHONUNBUFFERED", None)
    return kept | {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm",
    }
