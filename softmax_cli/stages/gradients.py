"""``--grad``: the gradient of the mean (or sum) of the losses by each input, as a column."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from softmax_cli.backends import Backend, Scores
from softmax_cli.backends.load import load_backend
from softmax_cli.data import Column, FloatArray, Result, one_hot
from softmax_cli.errors import UsageError
from softmax_cli.job import Job, Sample
from softmax_cli.report import Section, Totals


class Gradients:
    """Adds the column ``grad``, (n, k) or (n,), to results.

    The mean's gradient is the sum's over the number of all samples, so the results wait here until
    that is known. A stage.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.backend = load_backend(job.backend, job.dtype, job.device)
        self.waiting: list[Result] = []

    def watch(self, results: Iterator[Result]) -> Iterator[Result]:
        """Hold all results back, then let them pass with their gradients."""
        for result in results:
            self._add(result)
        yield from self._scaled()

    def merge(self, other: "Gradients") -> None:
        """Raises UsageError: the results of a part have left already."""
        raise UsageError("--grad needs all samples in one run")

    def conclude(self, totals: Totals) -> Section:
        """Nothing: gradients are columns."""
        return Section()

    def _add(self, result: Result) -> None:
        """Take in a result. That of a user's function brings its gradient along."""
        if "grad" in result.columns:
            self.waiting.append(result)
            return
        column = gradient(result, self.backend, self.job)
        self.waiting.append(replace(result, columns={**result.columns, "grad": column}))

    def _scaled(self) -> Iterator[Result]:
        """All results, with the gradient of what the losses are reduced to."""
        is_whole = any("loss" not in result.columns for result in self.waiting)
        is_mean = self.job.reduction == "mean" and not is_whole
        n = sum(map(len, self.waiting)) if is_mean else 1
        for result in self.waiting:
            columns = dict(result.columns)
            columns["grad"] = Column(columns["grad"].values.astype(np.float64) / n, "number")
            yield replace(result, columns=columns)


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
