"""The cross-entropy of 50,257 float32 classes alone, beside PyTorch's.

    python benchmarks/kernel.py [REPEATS]

Both get the same array (4096, 50257) in memory and two threads; each run is a process of its own,
which computes it a few times and tells the median.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch

from softmax_cli.backends.load import load_backend
from softmax_cli.data import Batch, IntArray, Places, SingleArray
from softmax_cli.job import Job
from softmax_cli.losses import load_measure
from softmax_cli.losses.pieces import Computation

N, K, PIECE = 4096, 50257, 83  # a piece is what the reader of arrays hands on
N_THREADS = 2
CALLS = 5


def ours() -> Callable[[], object]:
    x, y = data()
    job = Job("ce", ("x.npy",), dtype="float32", quiet=True)
    compute = Computation(load_measure("ce"), load_backend("numpy", "float32", "cpu"), job)

    def work() -> None:
        for start in range(0, N, PIECE):
            rows = slice(start, start + PIECE)
            batch = Batch(start, x[rows], Places("x.npy", range(N)[rows]), y[rows])  # type: ignore[arg-type]
            compute(batch)

    return work


def theirs() -> Callable[[], object]:
    torch.set_num_threads(N_THREADS)
    x, y = map(torch.from_numpy, data())
    return lambda: torch.nn.functional.cross_entropy(x, y)


def data() -> tuple[SingleArray, IntArray]:
    rng = np.random.default_rng(0)
    return rng.standard_normal((N, K), dtype=np.float32), rng.integers(0, K, N)


CONTENDERS = {"softmax-cli": ours, "PyTorch": theirs}


def measure(name: str) -> float:
    work = CONTENDERS[name]()
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(measure(sys.argv[2]))
        return
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(repeats):
        for name, measured in times.items():
            command = [sys.executable, __file__, "--one", name]
            measured.append(float(subprocess.check_output(command)))
    for name, measured in times.items():
        print(
            f"{name:12} median {median(measured):.3f} s, {min(measured):.3f} to {max(measured):.3f}"
        )
    ratios = [a / b for a, b in zip(times["softmax-cli"], times["PyTorch"], strict=True)]
    print(f"ratio        median {median(ratios):.2f}")


if __name__ == "__main__":
    main()
