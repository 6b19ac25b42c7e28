"""Predicted classes; with labels also what ``stages.evaluation`` adds up."""

import numpy as np

from softmax_cli.backends import Backend, Bernoulli, Categorical
from softmax_cli.data import IGNORED, NO_CLASS, Batch, Column, FloatArray, IntArray, Result
from softmax_cli.job import Job
from softmax_cli.losses.distributions import bernoulli, categorical
from softmax_cli.losses.truth import computable, labels_of


def measure(batch: Batch, backend: Backend, job: Job) -> Result:
    """The most probable class of each sample, and whether it is right where that is known."""
    if job.binary:
        binary = bernoulli(batch, backend, job)
        predicted, probabilities = binary.predicted(job.threshold), binary.probabilities()
        columns = {
            "predicted": Column(predicted, "prediction"),
            "probability": Column(probabilities, "probability"),
        }
    else:
        distribution = categorical(batch, backend, job)
        predicted, probabilities = distribution.predicted(), distribution.probabilities()
        columns = _top(probabilities, predicted, job.top_k)
    if batch.labels is None and batch.targets is None:
        return Result(batch, columns)
    labels, truth = labels_of(batch), computable(batch)
    ignored = None if job.ignore_index is None else np.asarray(labels == IGNORED)
    correct = Column(predicted == labels, "flag", blank=ignored)
    columns |= {"label": Column(labels, "class"), "correct": correct}
    if job.binary:
        figures = _figures_of_outputs(binary, probabilities, predicted, truth)
    else:
        figures = _figures_of_classes(distribution, probabilities, batch.scores, truth)
    return Result(batch, columns, labels, predicted, figures)


def _top(probabilities: FloatArray, predicted: IntArray, k: int) -> dict[str, Column]:
    """The k most probable classes and their probabilities; of equals, the first class first."""
    samples = np.arange(len(predicted))
    if k == 1:
        order = probabilities.argmax(axis=1)[:, np.newaxis]
    else:
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


def _figures_of_classes(
    distribution: Categorical, probabilities: FloatArray, scores: FloatArray, labels: IntArray
) -> dict[str, FloatArray]:
    """The figures of distributions over k classes; scores and probabilities are (n, k)."""
    samples = np.arange(len(labels))
    own = scores[samples, labels]
    above = (scores > own[:, np.newaxis]).sum(axis=1)
    # of equal scores the first class is meant, as in the predictions
    equal = scores == own[:, np.newaxis]
    before = (equal & (np.arange(scores.shape[1]) < labels[:, np.newaxis])).sum(axis=1)
    rank = np.where(np.isnan(scores).any(axis=1), scores.shape[1], above + before)
    brier = np.square(distribution.deviations(labels)).sum(axis=1)
    return {
        "loss": distribution.cross_entropy(labels).rows,
        "brier": brier / 2 if scores.shape[1] == 2 else brier,
        "rank": rank.astype(np.float64),
        "confidence": probabilities.max(axis=1),
        "hit": (rank == 0).astype(np.float64),
    }


def _figures_of_outputs(
    distribution: Bernoulli, probabilities: FloatArray, predicted: IntArray, labels: IntArray
) -> dict[str, FloatArray]:
    """The figures of a binary output, whose confidence is the probability (n,) of class 1."""
    truth = labels.astype(np.float64)
    return {
        "loss": distribution.cross_entropy(truth).rows,
        "brier": np.square(distribution.deviations(labels)),
        "rank": (predicted != labels).astype(np.float64),
        "confidence": probabilities,
        "hit": truth,
    }
