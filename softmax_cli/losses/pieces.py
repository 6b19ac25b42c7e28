"""A measure applied to a long batch in pieces that fit the cache, on all cores."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from math import ceil
from typing import TYPE_CHECKING

from softmax_cli.backends import Backend
from softmax_cli.data import Batch, Result, too_long
from softmax_cli.errors import SoftmaxCliError
from softmax_cli.job import Job
from softmax_cli.losses import divides
from softmax_cli.system.memory import keep_freed_memory

if TYPE_CHECKING:
    from softmax_cli.system.ahead import Workers

PIECE_CELLS = 1 << 18
"""Two megabytes of scores: few calls, and most of what is computed from them is at hand later."""
PIECE_ROWS = 16
"""At least so many; with less in hand, threads are busier with each other than with numbers."""
WHOLE_CELLS = 1 << 22
"""As many scores as PyTorch, or a user's function, gets at once: 32 megabytes of float64, long
enough for a GPU."""


def _n_cells(batches: Sequence[Batch]) -> int:
    return sum(batch.scores.size for batch in batches)


class Computation:
    """Computes results batch by batch. They do not depend on how the samples are divided.

    NumPy lets other threads run while it computes. What cannot be divided gets long batches.
    """

    def __init__(
        self, measure: Callable[[Batch, Backend, Job], Result], backend: Backend, job: Job
    ) -> None:
        self.measure = measure
        self.backend = backend
        self.job = job
        self.divides = divides(job)

    def results(self, batches: Iterator[Batch], streams: bool) -> Iterator[Result]:
        """The measure's results for all batches; ``streams`` tells that more may be awaited."""
        if self.divides or not streams:
            return map(self, batches)
        return self._gathered(batches)

    def _gathered(self, batches: Iterator[Batch]) -> Iterator[Result]:
        """Results of long batches, but of what there is where the input pauses."""
        from softmax_cli.system.ahead import with_pauses

        before: list[Batch] = []
        waiting: list[Batch] = []
        try:
            for batch in chain(with_pauses(batches), [None]):
                full = batch is not None and _n_cells([*waiting, batch]) > WHOLE_CELLS
                if waiting and (full or batch is None):
                    yield self._result(Batch.joined(waiting), before)
                    if _n_cells(before) <= WHOLE_CELLS:  # else they are too many, whatever comes
                        before += waiting
                    waiting = []
                if batch is not None:
                    waiting.append(batch)
        except SoftmaxCliError:  # behind those that wait
            if waiting:
                yield self._result(Batch.joined(waiting), before)
            raise

    def _result(self, batch: Batch, before: Sequence[Batch]) -> Result:
        """The result for the batch, which reduces the losses of those before it too.

        So they do not depend on where the input has paused.
        """
        result = self(batch)
        if not before or (self.job.backend == "numpy" and "loss" in result.columns):
            return result
        if _n_cells([*before, batch]) > WHOLE_CELLS:
            return replace(result, reduce=too_long)
        whole = [*before, batch]
        return replace(result, reduce=lambda: self(Batch.joined(whole)).reduce())

    def __call__(self, batch: Batch) -> Result:
        """The measure's result for the batch."""
        n = len(batch)
        length = max(PIECE_ROWS, PIECE_CELLS // batch.scores.shape[1])
        if n <= length or not self.divides:
            return self._measure(batch)
        n_rounds = ceil(n / (length * self._n_cores))
        length = ceil(n / (n_rounds * self._n_cores))
        pieces = [batch.rows(start, start + length) for start in range(0, n, length)]
        computed = [self._workers.submit(self._measure, piece) for piece in pieces]
        return Result.joined(batch, [future.result() for future in computed])

    def _measure(self, batch: Batch) -> Result:
        return self.measure(batch, self.backend, self.job)

    @cached_property
    def _workers(self) -> "Workers":
        from softmax_cli.system.ahead import Workers

        keep_freed_memory()
        return Workers(self._n_cores)

    @cached_property
    def _n_cores(self) -> int:
        """The cores that this process may use, where the system tells."""
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
