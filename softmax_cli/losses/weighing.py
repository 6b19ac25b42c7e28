"""What a sample's loss is multiplied by, and what it adds to the divisor of the mean.

Class weights (``--weight``) multiply the losses of all commands. In the divisor they count as in
PyTorch: for ``ce`` with labels the mean is over the weights used, otherwise over the samples.
Sample weights (``--sample-weight-col``) multiply, and the mean is over their sum.
``--divide-by`` says otherwise.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from softmax_cli.backends import Backend
from softmax_cli.data import IGNORED, Batch, BoolArray, Column, FloatArray, Losses, Reduction
from softmax_cli.errors import UsageError
from softmax_cli.job import Job, Sample
from softmax_cli.numerics.precision import round_to
from softmax_cli.text import plural


class Weighed(NamedTuple):
    """What samples cost, and what they count.

    loss     (n,) losses, nan for ignored samples
    weight   (n,) what each adds to the divisor, None where that is 1
    ignored  (n,) which samples count nowhere, None where all count
    reduce   the backend's own mean and sum of them
    """

    loss: FloatArray
    weight: FloatArray | None
    ignored: BoolArray | None
    reduce: Reduction

    @property
    def columns(self) -> dict[str, Column]:
        """The columns in the order in which they are written."""
        weight = {} if self.weight is None else {"weight": Column(self.weight, "number")}
        return weight | {"loss": Column(self.loss, "number", blank=self.ignored)}


def weigh(
    batch: Batch,
    losses: Losses,
    backend: Backend,
    job: Job,
    *,
    used: FloatArray | None = None,
    as_nll_loss: bool = False,
) -> Weighed:
    """The losses with sample weights and without ignored samples.

    ``used`` (n,) are the class weights that are in the losses already; ``as_nll_loss`` tells
    whether the function that has computed them leaves out ignored samples, and divides by the
    weights used unless told otherwise.
    """
    loss = losses.rows
    counted = own_divisor = used if as_nll_loss else None
    if job.divide_by == "weight":
        counted = used
    if batch.weights is not None:
        # of two numbers of a narrower dtype, float64 holds the product exactly
        sample_weights = in_dtype(batch.weights, job)
        loss = np.multiply(loss, sample_weights, where=sample_weights != 0, out=np.zeros_like(loss))
        loss = round_to(loss, job.dtype)
        counted = sample_weights if counted is None else counted * sample_weights
    if job.divide_by == "n":
        counted = None
    ignored = None
    if job.ignore_index is not None and batch.labels is not None:
        ignored = np.asarray(batch.labels == IGNORED)
    reduce = losses.reduce
    if (
        batch.weights is not None
        or counted is not own_divisor
        or not (ignored is None or as_nll_loss)
    ):
        reduce = None
    if reduce is None:
        kept = slice(None) if ignored is None else ~ignored
        outputs = batch.scores.shape[1] if Sample.of(job).sums_outputs else 1
        divisor = None if counted is None else counted[kept]
        reduce = partial(backend.reduce, loss[kept], divisor, outputs)
    if ignored is not None:
        loss = np.where(ignored, np.nan, loss)
        counted = None if counted is None else np.where(ignored, 0.0, counted)
    return Weighed(loss, counted, ignored, reduce)


def in_dtype(weights: FloatArray, job: Job) -> FloatArray:
    """The weights as they enter the computation: torch rounds them first."""
    return round_to(weights, job.dtype) if job.backend == "torch" else weights


def class_weights(
    weights: tuple[float, ...], count: int, option: str = "--weight"
) -> FloatArray | None:
    """The weights as an array, None for none. Raises UsageError for others than ``count``."""
    if not weights:
        return None
    if len(weights) != count:
        raise UsageError(
            f"{option} has {plural(len(weights), 'number')}, "
            f"but there {'is' if count == 1 else 'are'} {count} to weigh",
            "one for each class, in their order"
            if option == "--weight"
            else "one number for all outputs, or one for each",
        )
    return np.array(weights)
