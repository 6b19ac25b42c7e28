"""A measure applied to a long batch in pieces that fit the cache, on all cores."""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING

from softmax_cli.backends import Backend
from softmax_cli.data import Batch, Result
from softmax_cli.job import Job
from softmax_cli.system.memory import keep_freed_memory

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

PIECE_CELLS = 1 << 18
"""Two megabytes of scores: few calls, and most of what is computed from them is at hand later."""
PIECE_ROWS = 16
"""At least so many; with less in hand, threads are busier with each other than with numbers."""
WHOLE_CELLS = 1 << 22
"""As many scores as PyTorch gets at once: 32 megabytes of float64, long enough for a GPU."""


def _gather(batches: Iterable[Batch]) -> Iterator[Batch]:
    waiting: list[Batch] = []
    n_cells = 0
    for batch in batches:
        if waiting and n_cells + batch.scores.size > WHOLE_CELLS:
            yield Batch.joined(waiting)
            waiting, n_cells = [], 0
        waiting.append(batch)
        n_cells += batch.scores.size
    if waiting:
        yield Batch.joined(waiting)


class Computation:
    """Computes results batch by batch. They do not depend on how the samples are divided.

    NumPy lets other threads run while it computes. PyTorch has threads of its own, and a GPU
    wants long batches, so the torch backend gets them whole, and gathered before.
    """

    def __init__(
        self, measure: Callable[[Batch, Backend, Job], Result], backend: Backend, job: Job
    ) -> None:
        self.measure = measure
        self.backend = backend
        self.job = job

    def gather(self, batches: Iterable[Batch]) -> Iterable[Batch]:
        """The same samples in batches of the length that the backend gets at once."""
        return batches if self.job.backend == "numpy" else _gather(batches)

    def __call__(self, batch: Batch) -> Result:
        """The measure's result for the batch."""
        n = len(batch)
        length = max(PIECE_ROWS, PIECE_CELLS // batch.scores.shape[1])
        if n <= length or self.job.backend != "numpy":
            return self._measure(batch)
        n_rounds = ceil(n / (length * self._n_cores))
        length = ceil(n / (n_rounds * self._n_cores))
        pieces = [batch.rows(start, start + length) for start in range(0, n, length)]
        return Result.joined(batch, list(self._threads.map(self._measure, pieces)))

    def _measure(self, batch: Batch) -> Result:
        return self.measure(batch, self.backend, self.job)

    @cached_property
    def _threads(self) -> "ThreadPoolExecutor":
        from concurrent.futures import ThreadPoolExecutor

        keep_freed_memory()
        return ThreadPoolExecutor(self._n_cores)

    @cached_property
    def _n_cores(self) -> int:
        """The cores that this process may use, where the system tells."""
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
