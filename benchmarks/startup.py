"""How long a one-off run takes, against importing the libraries it cannot do without.

    python benchmarks/startup.py [RUNS]

Whole processes, in turn, so that a drift of the machine's speed hits all alike; the ratio is the
median of the ratios run by run. The targets: 1.15, 1.15 and 1.3.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time

PYTHON = sys.executable
OURS = shutil.which("softmax-cli", path=os.path.dirname(PYTHON)) or "softmax-cli"
CASES = (
    ("softmax 2 1 0.1", "import typer, numpy, rich.table, rich.console", 1.15),
    ("softmax 2 1 0.1 -b torch", "import torch, typer, numpy, rich.table", 1.15),
    ("--help", "import typer, rich.console", 1.3),
)


def seconds(command: list[str]) -> float:
    """The wall time of one process."""
    # Without bytecode files every run would time the compiler as well.
    env = {key: os.environ[key] for key in os.environ if key != "PYTHONDONTWRITEBYTECODE"}
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=env)
    return time.perf_counter() - begin


def main(runs: int) -> None:
    print("| command | seconds | against | seconds | ratio | target |")
    print("|---|---:|---|---:|---:|---:|")
    for arguments, imports, target in CASES:
        ours, theirs = [OURS, *arguments.split()], [PYTHON, "-c", imports]
        seconds(ours), seconds(theirs)
        pairs = [(seconds(ours), seconds(theirs)) for _ in range(runs)]
        ratio = statistics.median(a / b for a, b in pairs)
        a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
        row = f"`softmax-cli {arguments}`", f"{a:.3f}", f"`{imports}`", f"{b:.3f}", f"{ratio:.2f}"
        print(f"| {' | '.join(row)} | {target} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
