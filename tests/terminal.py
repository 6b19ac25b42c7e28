"""A terminal of a given width, as a shell's user sits at."""

import os
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest


def on_terminal(
    command: str, columns: int, env: Mapping[str, str], folder: Path | None = None
) -> tuple[int, str]:
    """The exit code of ``command``, and what it writes on a terminal of that width."""
    if os.name != "posix":
        pytest.skip("needs a terminal of POSIX")
    import fcntl
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        ["sh", "-c", command], stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=folder
    ) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                block = os.read(ours, 1 << 16)
            except OSError:  # how Linux tells the end of a terminal
                break
            if not block:
                break
            written += block
        code = process.wait(timeout=60)
    os.close(ours)
    lines = written.decode().replace("\r\n", "\n").split("\n")
    return code, "\n".join(map(_shown, lines))


def _shown(line: str) -> str:
    """What is left of a line that was written over, as that of progress on a busy machine is."""
    shown = ""
    for part in line.split("\r"):
        shown = part + shown[len(part) :]
    return shown.rstrip() if "\r" in line else line
