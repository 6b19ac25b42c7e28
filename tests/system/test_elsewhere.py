"""Where the system is another: without the modules and functions that only POSIX has."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
POSIX_MODULES = ["fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"]
# What Python on Windows lacks, by its documentation
LACKING = {
    "os": "chown fchmod fchown fork forkpty getuid geteuid getgid getloadavg killpg lchown "
    "mkfifo nice openpty pread pwrite sched_getaffinity sched_yield setsid statvfs sync uname "
    "wait3 O_NONBLOCK O_TMPFILE",
    "signal": "SIGHUP SIGPIPE SIGUSR1 SIGALRM SIGWINCH SIGTSTP SIGKILL alarm pthread_sigmask "
    "pause sigwait setitimer",
    "select": "poll epoll",
}
PRELUDE = f"""
import enum, os, select, signal, sys
import numpy, polars, typer  # which know by themselves where they are
for name in {POSIX_MODULES!r}:
    if name != "posix": sys.modules[name] = None
for module, names in {LACKING!r}.items():
    for name in names.split():
        if hasattr(sys.modules[module], name): delattr(sys.modules[module], name)
kept = {{s.name: s.value for s in signal.Signals if s.name in ("SIGINT", "SIGTERM", "SIGABRT")}}
signal.Signals = enum.IntEnum("Signals", kept)
from softmax_cli.cli import main
sys.exit(main())
"""


def run(*args: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> tuple[int, str, str]:
    ran = subprocess.run(
        [sys.executable, "-P", "-c", PRELUDE, *args],
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "0"} | (env or {}),
    )
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


@pytest.mark.parametrize(
    ("args", "stdin", "out"),
    [
        (["ce", "0,0", "-l", "0", "-q"], b"", "0.6931471805599453\n"),
        (["softmax", "-q"], b"a,b\n0,0\n", "0.5,0.5\n"),
        (["softmax", "-q"], b"a,b\n" + b"0,0\n" * 300_000, "0.5,0.5\n" * 300_000),
    ],
    ids=["argument", "pipe", "long pipe"],
)
def test_without_posix(args: list[str], stdin: bytes, out: str) -> None:
    assert run(*args, stdin=stdin) == (0, out, "")


def test_a_file_is_written_without_posix(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    args = ("softmax", "-", "-f", "csv", "-o", str(out))
    assert run(*args, stdin=b"a,b\n0,0\n")[0] == 0
    assert out.read_text() == "sample,p_a,p_b\n0,0.5,0.5\n"
    code, _, err = run(*args, stdin=b"a,b\n0,0\n")
    assert (code, err.splitlines()[0]) == (2, f"error: {out}: the file exists")
    assert os.listdir(tmp_path) == ["out.csv"]


@pytest.mark.parametrize("locale", ["C", "en_US.ISO-8859-1", "POSIX"])
def test_messages_are_in_utf_8_whatever_the_locale(locale: str) -> None:
    env = {"LC_ALL": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "latin-1"}
    code, _, err = run("ce", "0,0", "-l", "5", "-q", env=env)
    assert code == 2
    assert "0…1" in err
