"""Binary cross-entropy of 0/1 labels or probabilities of class 1, as nn.BCELoss."""

import numpy as np

from softmax_cli.backends import Backend, Shaping
from softmax_cli.data import Batch, Column, FloatArray, Losses, Result
from softmax_cli.job import Job
from softmax_cli.losses.distributions import bernoulli
from softmax_cli.losses.truth import labels_of, targets_of
from softmax_cli.losses.weighing import class_weights, in_dtype, weigh


def measure(batch: Batch, backend: Backend, job: Job) -> Result:
    """-(y ln p + (1-y) ln(1-p)), with --weight, --pos-weight, --label-smoothing and --focal.

    The distribution is that of all outputs of the first sample, then of the second, and so on.
    """
    distribution = bernoulli(batch, backend, job)
    targets = targets_of(batch)
    n, k = targets.shape
    weight = class_weights(job.weight, k if job.multilabel else 2)
    several = len(job.pos_weight) > 1
    positive = class_weights(job.pos_weight, k if several else 1, "--pos-weight")
    used = None if weight is None else _weights_of_outputs(targets, in_dtype(weight, job))
    shaping = Shaping(
        None if used is None else used.ravel(),
        job.label_smoothing,
        job.focal,
        job.focal_alpha,
        None if positive is None else np.broadcast_to(positive, (n, k)).ravel(),
    )
    rows, reduce = distribution.cross_entropy(targets.ravel(), shaping)
    losses = Losses(rows.reshape(n, k).sum(axis=1), reduce)
    # the mean over its outputs, because each output counts in the divisor
    share = None if used is None else used.mean(axis=1)
    weighed = weigh(batch, losses, backend, job, used=share)
    if job.multilabel:
        columns = weighed.columns
        if job.probabilities:
            values = distribution.probabilities().reshape(batch.scores.shape)
            columns["probabilities"] = Column(values, "probability")
        return Result(batch, columns, reduce=weighed.reduce)
    labels = labels_of(batch)
    columns = {"label": Column(labels, "class")}
    if batch.targets is not None:
        columns = {"label": Column(batch.targets[:, 0], "number")}
    if job.probabilities:
        columns["probability"] = Column(distribution.probabilities(), "probability")
    columns |= weighed.columns
    predicted = distribution.predicted(job.threshold)
    return Result(batch, columns, labels, predicted, reduce=weighed.reduce)


def _weights_of_outputs(targets: FloatArray, weight: FloatArray) -> FloatArray:
    """(n, k) the weight of each output: its own, or of a single one that of its class."""
    if targets.shape[1] == 1:
        return np.asarray(targets * weight[-1] + (1 - targets) * weight[0])
    return np.asarray(np.broadcast_to(weight, targets.shape))
