"""Hinge losses: by how much a score fails to reach the margin on its label's side."""

import numpy as np

from softmax_cli.backends import Backend
from softmax_cli.data import NO_CLASS, Batch, Column, FloatArray, IntArray, Result
from softmax_cli.job import Job
from softmax_cli.losses.weighing import class_weights, computable, in_dtype, weigh
from softmax_cli.numerics.precision import round_to


def hinge(batch: Batch, backend: Backend, job: Job) -> Result:
    """Of one score per sample, whose sign decides, or of one per class."""
    assert batch.labels is not None
    predicted = _predicted(batch.scores)
    labels, losses = computable(batch), backend.losses()
    weight = class_weights(job.weight, job.n_labels(batch.scores.shape[1]))
    used = None if weight is None else in_dtype(weight, job)[labels]
    if batch.scores.shape[1] == 1:
        signs = np.where(labels == 1, 1.0, -1.0)
        loss = losses.hinge(batch.scores[:, 0], signs, job.margin, job.p)
        loss = _times(used, loss, job)
    elif job.multi_class == "crammer-singer":
        loss = _times(used, losses.best_margin(batch.scores, labels, job.margin, job.p), job)
    else:
        loss = losses.multi_margin(batch.scores, labels, job.margin, job.p, weight)
    columns = {"label": Column(batch.labels, "class"), "predicted": Column(predicted, "prediction")}
    return Result(batch, columns | weigh(batch, loss, job, used).columns, batch.labels, predicted)


def _predicted(scores: FloatArray) -> IntArray:
    """(n,) the class on whose side the score is, or the first class of the greatest score."""
    undefined = np.isnan(scores).any(axis=1)
    chosen = scores[:, 0] > 0 if scores.shape[1] == 1 else scores.argmax(axis=1)
    return np.where(undefined, NO_CLASS, chosen)


def _times(used: FloatArray | None, loss: FloatArray, job: Job) -> FloatArray:
    return loss if used is None else round_to(used * loss, job.dtype)
