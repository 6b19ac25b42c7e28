"""``--cross-check``: the same measure by both backends, and where the two differ most."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import sqrt
from operator import attrgetter

import numpy as np

from softmax_cli.backends import Backend
from softmax_cli.backends.load import load_backend
from softmax_cli.data import Batch, FloatArray, Result
from softmax_cli.job import Job
from softmax_cli.losses import load_measure
from softmax_cli.numerics.precision import machine_epsilon
from softmax_cli.report import Section, Totals
from softmax_cli.stages.known_causes import explain
from softmax_cli.text import exact, plural


def default_rtol(dtype: str) -> float:
    """Half of the dtype's digits: the square root of its machine epsilon."""
    return sqrt(machine_epsilon(dtype))


@dataclass
class Extreme:
    """The largest difference of one kind so far, and where it is."""

    size: float = 0.0
    place: str = ""
    numpy: float = 0.0
    torch: float = 0.0
    cause: str = ""

    def describe(self) -> str:
        """Its size, its place, and both numbers."""
        numbers = f"numpy {exact(self.numpy)}, torch {exact(self.torch)}"
        return f"{self.size:.2g} at {self.place}: {numbers}"


@dataclass
class Differences:
    """Of one column: the largest differences, and how many values differ by more than rtol."""

    n: int = 0
    n_beyond: int = 0
    absolute: Extreme = field(default_factory=Extreme)
    relative: Extreme = field(default_factory=Extreme)

    def merge(self, other: "Differences") -> None:
        """Take in those of later values; of equal differences, the first counts."""
        self.n += other.n
        self.n_beyond += other.n_beyond
        self.absolute = max(self.absolute, other.absolute, key=attrgetter("size"))
        self.relative = max(self.relative, other.relative, key=attrgetter("size"))


class CrossCheck:
    """Computes each batch a second time, with the backend that the job has not chosen. A stage."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.rtol = default_rtol(job.dtype) if job.rtol is None else job.rtol
        self.second = "torch" if job.backend == "numpy" else "numpy"
        self.columns: dict[str, Differences] = {}
        self.n_samples = 0
        self.n_other_class = 0
        self.first_other_class = ""

    def watch(self, results: Iterator[Result]) -> Iterator[Result]:
        """Compare results as they pass."""
        for result in results:
            self._add(result)
            yield result

    def merge(self, other: "CrossCheck") -> None:
        """Take in what the next part of the input has shown."""
        self.n_samples += other.n_samples
        self.n_other_class += other.n_other_class
        self.first_other_class = self.first_other_class or other.first_other_class
        for name, found in other.columns.items():
            self.columns.setdefault(name, Differences()).merge(found)

    def conclude(self, totals: Totals) -> Section:
        """The findings, the verdict first."""
        return Section(passed=self._agrees, notes=list(self._lines()))

    @property
    def _agrees(self) -> bool:
        """Whether no value differs by more than rtol, relative to the greater of the two."""
        return not any(found.n_beyond for found in self.columns.values())

    def _add(self, result: Result) -> None:
        """Compare the result with the other backend's for the same batch."""
        first = self._with_gradient(result, self.job.backend)
        measured = load_measure(self.job.command)(result.batch, self._load(self.second), self.job)
        second = self._with_gradient(measured, self.second)
        ours, theirs = (first, second) if self.second == "torch" else (second, first)
        self.n_samples += len(result)
        for name, column in ours.columns.items():
            if column.kind in ("number", "probability", "log_probability"):
                self._compare(name, result.batch, column.values, theirs.columns[name].values)  # type: ignore[arg-type]
        if ours.predicted is not None and theirs.predicted is not None:
            other = ours.predicted != theirs.predicted
            self.n_other_class += int(other.sum())
            if other.any() and not self.first_other_class:
                self.first_other_class = result.batch.places.at(int(other.argmax()))

    def _load(self, backend: str, dtype: str | None = None) -> Backend:
        return load_backend(backend, dtype or self.job.dtype, self.job.device)

    def _with_gradient(self, result: Result, backend: str, dtype: str | None = None) -> Result:
        """The result with what --grad adds, before it is divided by the number of samples."""
        if not self.job.grad:
            return result
        from softmax_cli.stages.gradients import gradient

        grad = gradient(result, self._load(backend, dtype), self.job)
        return replace(result, columns={**result.columns, "grad": grad})

    def _lines(self) -> Iterator[str]:
        verdict = "agree within" if self._agrees else "differ by more than"
        yield (
            f"cross-check: numpy and torch {verdict} {self.rtol:.2g}, relative "
            f"({self.job.dtype}, {plural(self.n_samples, 'sample')})"
        )
        for name, found in self.columns.items():
            if not found.absolute.size:
                yield f"  {name}: identical"
                continue
            yield f"  {name}: {found.n_beyond} of {found.n} beyond"
            yield f"    largest absolute difference {found.absolute.describe()}"
            yield f"    largest relative difference {found.relative.describe()}"
            if found.relative.cause:
                yield f"    because of {found.relative.cause}"
        if self.n_other_class:
            first = self.first_other_class
            yield f"  predicted: {self.n_other_class} differ, the first at {first}"

    def _compare(self, name: str, batch: Batch, ours: FloatArray, theirs: FloatArray) -> None:
        found = self.columns.setdefault(name, Differences())
        absolute, relative = differences(ours, theirs)
        found.n += ours.size
        found.n_beyond += int((relative > self.rtol).sum())
        for extreme, sizes in ((found.absolute, absolute), (found.relative, relative)):
            worst = np.unravel_index(int(sizes.argmax()), sizes.shape)
            if sizes[worst] > extreme.size:
                extreme.size = float(sizes[worst])
                extreme.place = batch.places.at(int(worst[0]))
                extreme.numpy, extreme.torch = float(ours[worst]), float(theirs[worst])
                if extreme is found.relative and extreme.size > self.rtol:
                    extreme.cause = self._explain(name, batch, worst)

    def _explain(self, name: str, batch: Batch, where: tuple[np.intp, ...]) -> str:
        """Why the two differ there; '' if it is none of the known causes."""
        row = int(where[0])
        sample = batch.rows(row, row + 1)

        def compute(backend: str, dtype: str) -> float:
            job = self.job._replace(dtype=dtype)
            measured = load_measure(job.command)(sample, self._load(backend, dtype), job)
            result = self._with_gradient(measured, backend, dtype)
            return float(result.columns[name].values[(0, *where[1:])])

        return explain(self.job, name, sample, compute, self.rtol)


def differences(ours: FloatArray, theirs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Absolute, and relative to the greater magnitude; inf where only one is infinite or nan."""
    with np.errstate(invalid="ignore", over="ignore"):
        same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
        absolute = np.where(same, 0.0, np.abs(ours - theirs))
        absolute = np.where(np.isnan(absolute), np.inf, absolute)
        greater = np.maximum(np.abs(ours), np.abs(theirs))
        relative = np.where(np.isfinite(greater), absolute / np.where(same, 1, greater), absolute)
    return absolute, relative
