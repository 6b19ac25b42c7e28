"""What each command computes: one entry per command, from a batch to named columns."""

from collections.abc import Callable

import numpy as np

from softmax_cli.backends import Backend, Bernoulli, Categorical
from softmax_cli.batch import NO_CLASS, Batch, Column, FloatArray, IntArray, Result
from softmax_cli.job import Job
from softmax_cli.precision import machine_epsilon, round_to

Measure = Callable[[Batch, Backend, Job], Result]


def _softmax(batch: Batch, backend: Backend, job: Job) -> Result:
    distribution = _categorical(batch, backend, job)
    if job.log:
        return Result(batch, {"log_probabilities": distribution.log_probabilities()})
    return Result(batch, {"probabilities": distribution.probabilities()})


def _ce(batch: Batch, backend: Backend, job: Job) -> Result:
    distribution = _categorical(batch, backend, job)
    labels, predicted = _labels(batch), distribution.predicted()
    if batch.targets is not None:
        loss = distribution.soft_cross_entropy(batch.targets)
    else:
        loss = distribution.cross_entropy(labels)
    columns: dict[str, Column] = {"label": labels, "predicted": predicted, "loss": loss}
    if job.wants_probabilities:
        columns["probabilities"] = distribution.probabilities()
    return Result(batch, columns, labels, predicted)


def _bce(batch: Batch, backend: Backend, job: Job) -> Result:
    distribution = _bernoulli(batch, backend, job)
    labels = _labels(batch)
    targets = labels.astype(np.float64) if batch.targets is None else batch.targets[:, 0]
    columns: dict[str, Column] = {
        "label": labels if batch.targets is None else targets,
        "probability": distribution.probabilities(),
        "loss": distribution.cross_entropy(targets),
    }
    if not job.probabilities:
        del columns["probability"]
    return Result(batch, columns, labels, distribution.predicted(job.threshold))


def _predict(batch: Batch, backend: Backend, job: Job) -> Result:
    columns: dict[str, Column] = {}
    if job.binary:
        binary = _bernoulli(batch, backend, job)
        predicted = binary.predicted(job.threshold)
        columns |= {"predicted": predicted, "probability": binary.probabilities()}
    else:
        distribution = _categorical(batch, backend, job)
        predicted = distribution.predicted()
        columns |= _top(distribution.probabilities(), predicted, job.top_k)
    if batch.labels is None and batch.targets is None:
        return Result(batch, columns)
    labels = _labels(batch)
    columns |= {"label": labels, "correct": (predicted == labels) & (labels != NO_CLASS)}
    return Result(batch, columns, labels, predicted)


MEASURES: dict[str, Measure] = {
    "softmax": _softmax,
    "ce": _ce,
    "bce": _bce,
    "predict": _predict,
}


def _categorical(batch: Batch, backend: Backend, job: Job) -> Categorical:
    return backend.categorical(_scores(batch, job), job.scores, job.temperature, job.eps)


def _bernoulli(batch: Batch, backend: Backend, job: Job) -> Bernoulli:
    return backend.bernoulli(_scores(batch, job)[:, 0], job.scores, job.temperature, job.eps)


def _scores(batch: Batch, job: Job) -> FloatArray:
    """The scores; probabilities clipped in the dtype as the library named by --like does."""
    convention = job.convention
    if convention is None or job.scores != "probs":
        return batch.scores
    eps = machine_epsilon(job.dtype) if convention.eps_of_dtype else convention.eps
    if eps is None:
        return batch.scores
    low, high = round_to(np.array([eps, 1 - eps]), job.dtype)
    return round_to(batch.scores, job.dtype).clip(low, high)


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
        columns["predicted" + suffix] = np.where(predicted == NO_CLASS, NO_CLASS, chosen)
        columns["probability" + suffix] = probabilities[samples, chosen]
    return columns
