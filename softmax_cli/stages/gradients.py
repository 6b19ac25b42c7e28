"""``--grad``: the gradient of the mean (or sum) of the losses by each input, as a column."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from softmax_cli.backends import Backend, Scores
from softmax_cli.backends.load import load_backend
from softmax_cli.data import Column, FloatArray, Result, no_reduction, one_hot
from softmax_cli.errors import UsageError
from softmax_cli.job import Job, Sample
from softmax_cli.report import Section, Totals
from softmax_cli.system.spool import Spool

ROOM = 1 << 27
"""Bytes of results that wait in memory; more wait on disk."""


class Gradients:
    """Adds the column ``grad``, (n, k) or (n,), to results.

    The mean's gradient is the sum's over the number of all samples, so the results wait here until
    that is known. A stage.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.backend = load_backend(job.backend, job.dtype, job.device)

    def watch(self, results: Iterator[Result]) -> Iterator[Result]:
        """The results with their gradients; of a mean's, not before all have come."""
        waiting: Spool[Result] = Spool(ROOM)
        n = 0
        for result in results:
            n += len(result)
            added = self._add(result)
            if self.job.reduction == "mean" and "loss" in result.columns:
                waiting.put(added, _size(added))
            else:
                yield added
        for result in waiting.take():
            grad = result.columns["grad"].values.astype(np.float64) / n
            yield replace(result, columns={**result.columns, "grad": Column(grad, "number")})

    def merge(self, other: "Gradients") -> None:
        """Raises UsageError: the results of a part have left already."""
        raise UsageError("--grad needs all samples in one run")

    def conclude(self, totals: Totals) -> Section:
        """Nothing: gradients are columns."""
        return Section()

    def _add(self, result: Result) -> Result:
        """The result with its sum's gradient, which that of a user's function brings along."""
        columns = result.columns
        if "grad" not in columns:
            columns = {**columns, "grad": gradient(result, self.backend, self.job)}
        return replace(result, columns=columns, reduce=no_reduction)


def _size(result: Result) -> int:
    """About how many bytes the result takes."""
    arrays = [result.batch.scores, *(column.values for column in result.columns.values())]
    return sum(array.nbytes for array in arrays)


def gradient(result: Result, backend: Backend, job: Job) -> Column:
    """(n, k) or (n,) of each sample's loss by its scores."""
    batch, targets = result.batch, _targets(result)
    scores = Scores(batch.scores, job.scores, job.temperature, job.eps)
    if Sample.of(job).is_binary:
        binary = backend.bernoulli(scores._replace(values=batch.scores[:, 0]))
        return Column(binary.gradient(targets[:, 0]), "number")
    return Column(backend.categorical(scores).gradient(targets), "number")


def _targets(result: Result) -> FloatArray:
    """(n, k) targets, one-hot for labels; of a binary output (n, 1), the labels."""
    batch = result.batch
    if batch.targets is not None:
        return batch.targets
    assert result.labels is not None
    return one_hot(result.labels, batch.scores.shape[1])
