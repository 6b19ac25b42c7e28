"""``--grad``: the gradient of the mean (or sum) of the losses by each input, as a column."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np

from softmax_cli.data import Column, FloatArray, Result
from softmax_cli.job import Job


class Gradient(Protocol):
    """The derivatives of the sum of all losses; arguments as in ``backends.Backend``."""

    def categorical(
        self,
        scores: FloatArray,
        kind: str,
        temperature: float,
        eps: float | None,
        targets: FloatArray,
    ) -> FloatArray:
        """(n, k) by scores (n, k), with targets (n, k): from logits, softmax - target."""

    def bernoulli(
        self,
        scores: FloatArray,
        kind: str,
        temperature: float,
        eps: float | None,
        targets: FloatArray,
    ) -> FloatArray:
        """(n,) by scores (n,), with targets (n,): from logits, sigmoid - target."""


class Gradients:
    """Adds the column ``grad``, (n, k) or (n,), to results.

    The mean's gradient is the sum's over the number of all samples, so the results wait here until
    that is known.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.gradient = _load(job)
        self.waiting: list[Result] = []

    def add(self, result: Result) -> None:
        """Take in a result. That of a user's function brings its gradient along."""
        if "grad" in result.columns:
            self.waiting.append(result)
            return
        batch, job = result.batch, self.job
        targets, scores = _targets(result), batch.scores
        options = (job.scores, job.temperature, job.eps)
        if job.is_binary:
            column = self.gradient.bernoulli(scores[:, 0], *options, targets[:, 0])
        else:
            column = self.gradient.categorical(scores, *options, targets)
        self.waiting.append(
            replace(result, columns={**result.columns, "grad": Column(column, "number")})
        )

    def results(self) -> Iterator[Result]:
        """All results, with the gradient of what the losses are reduced to."""
        n = sum(map(len, self.waiting)) if self.job.reduction == "mean" else 1
        for result in self.waiting:
            columns = dict(result.columns)
            columns["grad"] = Column(columns["grad"].values.astype(np.float64) / n, "number")
            yield replace(result, columns=columns)


def _load(job: Job) -> Gradient:
    if job.backend == "torch":
        from softmax_cli.backends.torch_gradient import TorchGradient

        return TorchGradient(job.dtype, job.device)
    from softmax_cli.backends.numpy.gradient import NumpyGradient

    return NumpyGradient(job.dtype)


def _targets(result: Result) -> FloatArray:
    """(n, k) targets, one-hot for labels; of a binary output (n, 1), the labels."""
    batch = result.batch
    if batch.targets is not None:
        return batch.targets
    assert result.labels is not None
    labels = result.labels[:, np.newaxis]
    n_classes = batch.scores.shape[1]
    hot = labels if n_classes == 1 else labels == np.arange(n_classes)
    return hot.astype(np.float64)
