"""What checking costs: a column of a million answers, and a hundred small files.

    python benchmarks/homework.py [ROWS]

Whole processes, in turn; the ratio is the median of the ratios run by run. The targets: 1.5 for the
column when all answers are right, and 1.2 for the files, against as many plain one-off runs.
"""

import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from startup import OURS, seconds

N_CLASSES = 10
N_FILES = 100
RUNS = 3


def write_homework(path: Path, n: int, written: str) -> None:
    """Random logits, labels, and the losses as ``written`` (a format) by a student."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 3, (n, N_CLASSES)).round(4)
    y = rng.integers(0, N_CLASSES, n)
    shifted = x - x.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(n), y]
    with path.open("w") as file:
        file.write(",".join(f"c{j}" for j in range(N_CLASSES)) + ",y,loss\n")
        for row, label, loss in zip(x.tolist(), y.tolist(), losses.tolist(), strict=True):
            file.write(f"{','.join(map(repr, row))},{label},{format(loss, written)}\n")


def compare(name: str, checked: list[list[str]], plain: list[list[str]], target: float) -> None:
    pairs = [(sum(map(seconds, checked)), sum(map(seconds, plain))) for _ in range(RUNS)]
    ratio = statistics.median(a / b for a, b in pairs)
    a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"| {name} | {a:.2f} | {b:.2f} | {ratio:.2f} | {target} |", flush=True)


def main(n: int) -> None:
    print("| check | seconds | without | ratio | target |")
    print("|---|---:|---:|---:|---:|")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hw.csv"
        check = ["--expect-col", "loss"]
        for name, written in (("all digits", ""), ("4 decimals", ".4f")):
            write_homework(path, n, written)
            plain = [OURS, "ce", str(path), "--cols", "c*"]
            for options in (["-q"], []):
                title = f"{n} rows, {name} {' '.join(options)}"
                compare(title, [[*plain, *options, *check]], [[*plain, *options]], 1.5)
        write_homework(path, 5, "")
        one = [OURS, "ce", str(path), "--cols", "c*", "-q"]
        off = [OURS, "ce", "2", "1", "0.1", "-l", "0", "-q"]
        compare(f"{N_FILES} small files", [[*one, *check]] * N_FILES, [off] * N_FILES, 1.2)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
