"""A measure applied to a long batch in pieces that fit the cache, on all cores."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from softmax_cli.backends import Backend
from softmax_cli.batch import Batch, Places, Result
from softmax_cli.job import Job

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

PIECE_CELLS = 1 << 17
"""A megabyte of scores: few calls, and what is computed from them mostly stays in the cache."""
PIECE_ROWS = 4
"""At least so many; with less in hand, threads are busier with each other than with numbers."""


class Computation:
    """Computes results batch by batch. They do not depend on how the samples are divided.

    NumPy lets other threads run while it computes. PyTorch has threads of its own, and a GPU
    wants long batches, so the torch backend gets them whole.
    """

    def __init__(
        self, measure: Callable[[Batch, Backend, Job], Result], backend: Backend, job: Job
    ) -> None:
        self.measure = measure
        self.backend = backend
        self.job = job

    def __call__(self, batch: Batch) -> Result:
        """The measure's result for the batch."""
        length = max(PIECE_ROWS, PIECE_CELLS // batch.scores.shape[1])
        if len(batch) <= length or self.job.backend != "numpy":
            return self._measure(batch)
        pieces = [_piece(batch, start, length) for start in range(0, len(batch), length)]
        return _joined(batch, list(self._threads.map(self._measure, pieces)))

    def _measure(self, batch: Batch) -> Result:
        return self.measure(batch, self.backend, self.job)

    @cached_property
    def _threads(self) -> "ThreadPoolExecutor":
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(_n_cores())


def _n_cores() -> int:
    """The cores that this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _piece(batch: Batch, start: int, length: int) -> Batch:
    rows = slice(start, start + length)
    places = batch.places
    return replace(
        batch,
        first_row=batch.first_row + start,
        scores=batch.scores[rows],
        places=Places(places.source, places.numbers[rows], places.separator),
        labels=None if batch.labels is None else batch.labels[rows],
        targets=None if batch.targets is None else batch.targets[rows],
        ids=None if batch.ids is None else batch.ids[rows],
    )


def _joined(batch: Batch, results: list[Result]) -> Result:
    first = results[0]
    return Result(
        batch,
        {name: np.concatenate([r.columns[name] for r in results]) for name in first.columns},
        None if first.labels is None else np.concatenate([r.labels for r in results]),
        None if first.predicted is None else np.concatenate([r.predicted for r in results]),
    )
