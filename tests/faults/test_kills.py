"""A run that is killed at any system call leaves the file as it was, or the whole new one."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CALLS = "write,pwrite64,fsync,chmod,fchmod,link,linkat,rename,renameat,renameat2,unlink,unlinkat"
OLD = "old\n"


def traceable() -> bool:
    """Whether there is strace, and it may trace."""
    if shutil.which("strace") is None:
        return False
    command = ["strace", "-f", "-e", "trace=write", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def run(
    folder: Path, options: Sequence[str], name: str = "", call: str = "", n: int = 0
) -> "subprocess.CompletedProcess[bytes]":
    """A run that gets the signal at its n-th call of that kind, if one is said."""
    program = [sys.executable, "-P", "-m", "softmax_cli", "softmax", "in.csv", "-f", "csv"]
    trace = str(folder.parent / "trace")
    tracer = ["strace", "-f", "-qq", "-e", f"trace={CALLS}", "-o", trace]
    if n:
        tracer += ["-e", f"inject={call}:signal={name}:when={n}"]
    return subprocess.run(
        [*tracer, *program, "-o", "out.csv", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    here = tmp_path / "here"
    here.mkdir()
    (here / "in.csv").write_text("a,b\n" + "1,2\n" * 600)
    return here


@pytest.mark.parametrize(
    ("name", "force"),
    [
        ("SIGKILL", False),
        ("SIGTERM", True),
        pytest.param("SIGKILL", True, marks=pytest.mark.long),
        pytest.param("SIGTERM", False, marks=pytest.mark.long),
    ],
)
def test_a_signal_at_every_call(folder: Path, name: str, force: bool) -> None:
    if not traceable():
        pytest.skip("no strace here that may trace")
    options, out = ["--force"] if force else [], folder / "out.csv"
    assert run(folder, options).returncode == 0
    whole = out.read_text()
    calls = re.findall(r"^[0-9]+ +(\w+)\(", (folder.parent / "trace").read_text(), re.MULTILINE)
    assert {"write", "fsync", "rename" if force else "link"} <= set(calls)
    for position, call in enumerate(calls):
        out.unlink(missing_ok=True)
        if force:
            out.write_text(OLD)
        code = run(folder, options, name, call, calls[: position + 1].count(call)).returncode
        assert code in (-signal.Signals[name], 128 + signal.Signals[name])
        text = out.read_text() if out.exists() else None
        assert text in (whole, OLD if force else None)
        litter = {path for path in os.listdir(folder) if path.startswith(".")}
        assert len(litter) <= (name == "SIGKILL")  # nobody can remove it then
        assert set(os.listdir(folder)) - litter - {"out.csv"} == {"in.csv"}
        for path in litter:
            (folder / path).unlink()
