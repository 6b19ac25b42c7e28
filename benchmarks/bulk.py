"""Bulk input side by side with what one would write instead, as whole processes.

    python benchmarks/bulk.py [--rows N] [--repeats R] [--folder DIR]

Makes its data (4 GB with 10 million rows, kept for the next run), then runs every contender of
a task in turn, again and again, and prints the median wall time, its ratio to ours, and the peak
memory. The ratios within one run are what counts; a machine that does other work makes all of
them slower.
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from os import wait4
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
import polars as pl

OURS = f"{sys.executable} -m softmax_cli"
WRITING = "-f csv -o out.csv --force"
NAMES = [f"c{i}" for i in range(10)]

DUCKDB = """
import duckdb
x = [f"c{i}" for i in range(10)]
m = f"greatest({', '.join(x)})"
s = " + ".join(f"exp({c} - m)" for c in x)
picked = "CASE y " + " ".join(f"WHEN {i} THEN c{i}" for i in range(10)) + " END"
loss = f"ln({s}) - (%s - m)" % picked
rows = f"(SELECT *, {m} AS m FROM read_csv('m.csv'))"
"""
POLARS = """
import polars as pl
x = NAMES
frame = pl.scan_csv("FILE").with_columns(m=pl.max_horizontal(x))
total = pl.sum_horizontal([(pl.col(c) - pl.col("m")).exp() for c in x])
picked = PICKED
loss = total.log() - (picked - pl.col("m"))
"""
FEW = 'pl.coalesce([pl.when(pl.col("y") == i).then(pl.col(c)) for i, c in enumerate(x)])'
MANY = 'pl.concat_list(x).list.get(pl.col("y"))'
PANDAS = """
import numpy as np, pandas as pd
from scipy.special import log_softmax
total = n = 0
for frame in pd.read_csv("m.csv", chunksize=100_000):
    x, y = frame.iloc[:, :10].to_numpy(), frame["y"].to_numpy()
    total -= log_softmax(x, axis=1)[np.arange(len(y)), y].sum()
    n += len(y)
print(total / n)
"""
TORCH = """
import numpy as np, torch
x, y = (torch.from_numpy(np.load(f)) for f in ("x.npy", "y.npy"))
print(torch.nn.functional.cross_entropy(x, y).item())
"""


class Contender(NamedTuple):
    """A command line of a task; Python source runs as a script of its own."""

    name: str
    command: str


def tasks(folder: Path) -> Iterator[tuple[str, list[Contender]]]:
    def script(name: str, source: str) -> Contender:
        file = folder / f"{name.replace(' ', '_')}_{abs(hash(source))}.py"
        file.write_text(source)
        return Contender(name, f"{sys.executable} {file}")

    polars = POLARS.replace("NAMES", repr(NAMES)).replace("FILE", "m.csv").replace("PICKED", FEW)
    many = [f"c{i}" for i in range(1000)]
    wide = POLARS.replace("NAMES", repr(many)).replace("FILE", "wide.csv").replace("PICKED", MANY)
    mean = '\nprint(frame.select(loss.mean()).collect(engine="streaming"))'
    yield (
        "ce, mean only, from the file",
        [
            Contender("softmax-cli", f"{OURS} ce m.csv -q"),
            Contender("softmax-cli, from a pipe", f"cat m.csv | {OURS} ce - -q"),
            script("DuckDB SQL", DUCKDB + 'print(duckdb.sql(f"SELECT avg({loss}) FROM {rows}"))'),
            script("polars streaming", polars + mean),
            script("pandas + SciPy", PANDAS),
        ],
    )
    copy = "duckdb.sql(f\"COPY (SELECT y, {loss} AS loss FROM {rows}) TO 'out.csv'\")"
    sink = '\nframe.select("y", loss=loss).sink_csv("out.csv")'
    yield (
        "ce --no-probabilities -f csv -o out.csv",
        [
            Contender(
                "softmax-cli", f"{OURS} ce m.csv --no-probabilities -fcsv -o out.csv --force"
            ),
            script("DuckDB SQL", DUCKDB + copy),
            script("polars streaming", polars + sink),
        ],
    )
    p = '[((pl.col(c) - pl.col("m")).exp() / total).alias(f"p_{c}") for c in x]'
    yield (
        "softmax -f csv -o out.csv",
        [
            Contender("softmax-cli", f"{OURS} softmax m.csv {WRITING}"),
            script("polars streaming", f'{polars}\nframe.select({p}).sink_csv("out.csv")'),
        ],
    )
    yield (
        "ce, mean only, .csv.gz",
        [
            Contender("softmax-cli", f"{OURS} ce m.csv.gz -q"),
            Contender("gzip -dc, piped", f"gzip -dc m.csv.gz | {OURS} ce - -q"),
        ],
    )
    yield (
        "ce, mean only, 1,000 classes",
        [
            Contender("softmax-cli", f"{OURS} ce wide.csv -q"),
            script("polars streaming", wide + mean),
        ],
    )
    yield (
        "ce of .npy, 50,257 float32 classes",
        [Contender("softmax-cli", f"{OURS} ce x.npy -l y.npy -q"), script("PyTorch", TORCH)],
    )


def make_data(folder: Path, n_rows: int) -> None:
    rng = np.random.default_rng(0)

    def write(name: str, rows: int, classes: int, step: int) -> None:
        with (folder / name).open("wb") as file:
            for start in range(0, rows, step):
                x = rng.normal(0, 3, (step, classes))
                columns = {f"c{i}": x[:, i] for i in range(classes)}
                frame = pl.DataFrame(columns | {"y": rng.integers(0, classes, step)})
                frame.write_csv(file, include_header=start == 0)

    write("m.csv", n_rows, 10, n_rows // 10)
    write("wide.csv", n_rows // 100, 1000, n_rows // 1000)
    np.save(folder / "x.npy", rng.standard_normal((4096, 50257), dtype=np.float32))
    np.save(folder / "y.npy", rng.integers(0, 50257, 4096))
    with (folder / "m.csv.gz").open("wb") as file:
        subprocess.run(["gzip", "-1c", folder / "m.csv"], stdout=file, check=True)


def measure(contender: Contender, folder: Path) -> tuple[float, float]:
    """Wall seconds, and the peak memory in MB of the largest process."""
    start = time.perf_counter()
    process = subprocess.Popen(
        ["sh", "-c", contender.command],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, _ = wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = status
    if status:
        sys.exit(f"{contender.name}: {errors.decode()}")
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


def isolated(contender: Contender, folder: Path) -> tuple[float, float]:
    """The same in a process of its own, so that its children's peak is that of this run."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", contender.name, contender.command, str(folder)],
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stderr)
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("bulk-data"))
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, command, folder = options.one
        print(*measure(Contender(name, command), Path(folder)))
        return
    options.folder.mkdir(exist_ok=True)
    if not (options.folder / "m.csv.gz").exists():
        make_data(options.folder, options.rows)
    print("| task | contender | seconds | ratio to ours | peak MB |\n|---|---|---:|---:|---:|")
    for task, contenders in tasks(options.folder.resolve()):
        runs: dict[str, list[tuple[float, float]]] = {c.name: [] for c in contenders}
        for _ in range(options.repeats):
            for contender in contenders:
                runs[contender.name].append(isolated(contender, options.folder))
        ours = median(seconds for seconds, _ in runs["softmax-cli"])
        for name, measured in runs.items():
            seconds = median(s for s, _ in measured)
            peak = max(megabytes for _, megabytes in measured)
            print(f"| {task} | {name} | {seconds:.2f} | {seconds / ours:.2f} | {peak:.0f} |")


if __name__ == "__main__":
    main()
