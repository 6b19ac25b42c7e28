"""What each command computes: one entry per command, from a batch to named columns."""

from collections.abc import Callable

import numpy as np

from softmax_cli.backends import Backend, Categorical
from softmax_cli.data import NO_CLASS, Batch, Column, FloatArray, IntArray, Result
from softmax_cli.job import Job
from softmax_cli.losses import figures
from softmax_cli.losses.cross_entropies import binary_cross_entropy, cross_entropy
from softmax_cli.losses.custom import custom
from softmax_cli.losses.distributions import bernoulli, categorical
from softmax_cli.losses.margins import hinge
from softmax_cli.losses.pairs import ABSOLUTE_ERROR, SQUARED_ERROR, kl, of_values

Measure = Callable[[Batch, Backend, Job], Result]


def _softmax(batch: Batch, backend: Backend, job: Job) -> Result:
    distribution = categorical(batch, backend, job)
    if job.log:
        values = distribution.log_probabilities()
        return Result(batch, {"log_probabilities": Column(values, "log_probability")})
    return Result(batch, {"probabilities": _probabilities(distribution)})


def _probabilities(distribution: Categorical) -> Column:
    return Column(distribution.probabilities(), "probability")


def _ce(batch: Batch, backend: Backend, job: Job) -> Result:
    distribution = categorical(batch, backend, job)
    labels, predicted = _labels(batch), distribution.predicted()
    columns = {"label": Column(labels, "class"), "predicted": Column(predicted, "prediction")}
    columns |= cross_entropy(batch, distribution, job).columns
    if job.wants_probabilities:
        columns["probabilities"] = _probabilities(distribution)
    return Result(batch, columns, labels, predicted)


def _bce(batch: Batch, backend: Backend, job: Job) -> Result:
    distribution = bernoulli(batch, backend, job)
    weighed = binary_cross_entropy(batch, distribution, job)
    if job.multilabel:
        columns = weighed.columns
        if job.probabilities:
            values = distribution.probabilities().reshape(batch.scores.shape)
            columns["probabilities"] = Column(values, "probability")
        return Result(batch, columns)
    labels = _labels(batch)
    columns = {"label": Column(labels, "class")}
    if batch.targets is not None:
        columns = {"label": Column(batch.targets[:, 0], "number")}
    if job.probabilities:
        columns["probability"] = Column(distribution.probabilities(), "probability")
    columns |= weighed.columns
    return Result(batch, columns, labels, distribution.predicted(job.threshold))


def _predict(batch: Batch, backend: Backend, job: Job) -> Result:
    if job.binary:
        binary = bernoulli(batch, backend, job)
        predicted, probabilities = binary.predicted(job.threshold), binary.probabilities()
        columns = {
            "predicted": Column(predicted, "prediction"),
            "probability": Column(probabilities, "probability"),
        }
    else:
        distribution = categorical(batch, backend, job)
        predicted = distribution.predicted()
        probabilities = distribution.probabilities()
        columns = _top(probabilities, predicted, job.top_k)
    if batch.labels is None and batch.targets is None:
        return Result(batch, columns)
    labels = _labels(batch)
    correct = (predicted == labels) & (labels != NO_CLASS)
    columns |= {"label": Column(labels, "class"), "correct": Column(correct, "flag")}
    if job.binary:
        values = figures.of_outputs(binary, probabilities, predicted, labels)
    else:
        values = figures.of_classes(distribution, probabilities, batch.scores, labels)
    return Result(batch, columns, labels, predicted, values)


MEASURES: dict[str, Measure] = {
    "softmax": _softmax,
    "ce": _ce,
    "bce": _bce,
    "predict": _predict,
    "hinge": hinge,
    "mse": of_values(SQUARED_ERROR),
    "mae": of_values(ABSOLUTE_ERROR),
    "kl": kl,
    "custom": custom,
}


def _labels(batch: Batch) -> IntArray:
    """The labels, or the classes that one-hot targets pick; NO_CLASS for softer ones."""
    if batch.labels is not None:
        return batch.labels
    targets = batch.targets
    assert targets is not None
    if targets.shape[1] == 1:
        hard = (targets[:, 0] == 0) | (targets[:, 0] == 1)
        return np.where(hard, targets[:, 0], NO_CLASS).astype(np.int64)
    return np.where(targets.max(axis=1) == 1, targets.argmax(axis=1), NO_CLASS)


def _top(probabilities: FloatArray, predicted: IntArray, k: int) -> dict[str, Column]:
    """The k most probable classes and their probabilities; of equals, the first class first."""
    samples = np.arange(len(predicted))
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    order[:, 0] = np.where(predicted == NO_CLASS, order[:, 0], predicted)
    columns: dict[str, Column] = {}
    for rank in range(k):
        suffix = "" if rank == 0 else f"_{rank + 1}"
        chosen = order[:, rank]
        classes = np.where(predicted == NO_CLASS, NO_CLASS, chosen)
        columns["predicted" + suffix] = Column(classes, "prediction")
        columns["probability" + suffix] = Column(probabilities[samples, chosen], "probability")
    return columns
