"""Cross-entropy of labels or of class distributions, as nn.CrossEntropyLoss."""

import numpy as np

from softmax_cli.backends import Backend, Shaping
from softmax_cli.data import Batch, Column, FloatArray, IntArray, Result
from softmax_cli.job import Job
from softmax_cli.losses.distributions import categorical
from softmax_cli.losses.truth import labels_of
from softmax_cli.losses.weighing import class_weights, in_dtype, weigh


def measure(batch: Batch, backend: Backend, job: Job) -> Result:
    """-ln p of the label, with --weight, --label-smoothing and --focal."""
    distribution = categorical(batch, backend, job)
    weight = class_weights(job.weight, batch.scores.shape[1])
    truth = labels_of(batch) if batch.targets is None else batch.targets
    shaping = Shaping(weight, job.label_smoothing, job.focal, _alpha(job))
    losses = distribution.cross_entropy(truth, shaping)
    used = None if weight is None else _weights_used(truth, in_dtype(weight, job))
    weighed = weigh(batch, losses, backend, job, used=used, as_nll_loss=batch.targets is None)
    labels, predicted = labels_of(batch), distribution.predicted()
    columns = {"label": Column(labels, "class"), "predicted": Column(predicted, "prediction")}
    columns |= weighed.columns
    if job.wants_probabilities:
        columns["probabilities"] = Column(distribution.probabilities(), "probability")
    return Result(batch, columns, labels, predicted, reduce=weighed.reduce)


def _alpha(job: Job) -> float | None:
    """What a focal loss is multiplied by."""
    if job.focal_alpha is not None or job.convention is None:
        return job.focal_alpha
    return job.convention.focal_alpha


def _weights_used(truth: IntArray | FloatArray, weight: FloatArray) -> FloatArray:
    """(n,) the weight of each label, or the mean weight under each target."""
    if truth.ndim == 1:
        return weight[np.maximum(truth, 0).astype(np.int64, copy=False)]
    return np.asarray((truth * weight).sum(axis=1))
