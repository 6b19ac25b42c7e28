"""Cross-entropies with PyTorch's options; without any, the distributions' own."""

import numpy as np

from softmax_cli.backends import Bernoulli, Categorical, Shaping
from softmax_cli.data import Batch, FloatArray, IntArray
from softmax_cli.job import Job
from softmax_cli.losses.weighing import (
    Weighed,
    class_weights,
    computable,
    in_dtype,
    truth_of,
    weigh,
)


def cross_entropy(batch: Batch, distribution: Categorical, job: Job) -> Weighed:
    """Of labels or of class distributions, with --weight, --label-smoothing and --focal."""
    weight = class_weights(job.weight, batch.scores.shape[1])
    truth = truth_of(batch)
    shaping = Shaping(weight, job.label_smoothing, job.focal)
    loss = distribution.cross_entropy(truth, shaping).rows
    used = None if weight is None else _weights_used(truth, in_dtype(weight, job))
    return weigh(batch, loss, job, used, by_weight=batch.targets is None)


def _weights_used(truth: IntArray | FloatArray, weight: FloatArray) -> FloatArray:
    """(n,) the weight of each label, or the mean weight under each target."""
    if truth.ndim == 1:
        return weight[truth.astype(np.int64, copy=False)]
    return np.asarray((truth * weight).sum(axis=1))


def binary_cross_entropy(batch: Batch, distribution: Bernoulli, job: Job) -> Weighed:
    """Of 0/1 labels or probabilities of class 1, with --weight, --pos-weight and the others.

    The distribution is that of all outputs of the first sample, then of the second, and so on.
    """
    targets = batch.targets
    if targets is None:
        targets = computable(batch).astype(np.float64)[:, np.newaxis]
    n, k = targets.shape
    weight = class_weights(job.weight, k if job.multilabel else 2)
    several = len(job.pos_weight) > 1
    positive = class_weights(job.pos_weight, k if several else 1, "--pos-weight")
    used = None if weight is None else _weights_of_outputs(targets, in_dtype(weight, job))
    shaping = Shaping(
        None if used is None else used.ravel(),
        job.label_smoothing,
        job.focal,
        None if positive is None else np.broadcast_to(positive, (n, k)).ravel(),
    )
    loss = distribution.cross_entropy(targets.ravel(), shaping).rows
    # the mean over its outputs, because each output counts in the divisor
    share = None if used is None else used.mean(axis=1)
    return weigh(batch, loss.reshape(n, k).sum(axis=1), job, share)


def _weights_of_outputs(targets: FloatArray, weight: FloatArray) -> FloatArray:
    """(n, k) the weight of each output: its own, or of a single one that of its class."""
    if targets.shape[1] == 1:
        return np.asarray(targets * weight[-1] + (1 - targets) * weight[0])
    return np.asarray(np.broadcast_to(weight, targets.shape))
