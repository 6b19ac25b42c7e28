"""An interrupted run says how far it got, and leaves no file."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.mark.skipif(os.name != "posix", reason="sends signals of POSIX")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_what_ends_a_run_leaves_no_file_and_it_says_how_far_it_got(
    tmp_path: Path, name: str, code: int
) -> None:
    out = tmp_path / "out.csv"
    command = [sys.executable, "-m", "softmax_cli", "softmax", "-", "-fcsv", "-o", str(out)]
    # What nohup has ignored would stay so.
    reset = f"import os, signal, sys; signal.signal(signal.{name}, signal.SIG_DFL)"
    reset += "; os.execv(sys.executable, sys.argv[1:])"
    run = subprocess.Popen(
        [sys.executable, "-c", reset, *command], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert run.stdin is not None
    assert run.stderr is not None
    run.stdin.write(b"1.5,2.5\n" * (1 << 20))  # two blocks, and then it waits for more
    run.stdin.flush()
    deadline = time.monotonic() + 20
    while not [path for path in tmp_path.iterdir() if path.stat().st_size > 0]:
        assert time.monotonic() < deadline, "what is there is not written until more comes"
        time.sleep(0.05)
    run.send_signal(signal.Signals[name])
    assert run.wait(timeout=20) == code
    run.stdin.close()
    told = run.stderr.read().decode()
    run.stderr.close()
    assert told.startswith("interrupted after ")
    assert int(told.split()[2]) > 0
    assert list(tmp_path.iterdir()) == []
