"""What ``evaluation`` adds up, for each labelled sample."""

import numpy as np

from softmax_cli.backends import Bernoulli, Categorical
from softmax_cli.data import FloatArray, IntArray


def of_classes(
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
    errors = probabilities.copy()
    errors[samples, labels] -= 1
    brier = np.square(errors).sum(axis=1)
    return {
        "loss": distribution.cross_entropy(labels).rows,
        "brier": brier / 2 if scores.shape[1] == 2 else brier,
        "rank": rank.astype(np.float64),
        "confidence": probabilities.max(axis=1),
        "hit": (rank == 0).astype(np.float64),
    }


def of_outputs(
    distribution: Bernoulli, probabilities: FloatArray, predicted: IntArray, labels: IntArray
) -> dict[str, FloatArray]:
    """The figures of a binary output, whose confidence is the probability (n,) of class 1."""
    truth = labels.astype(np.float64)
    return {
        "loss": distribution.cross_entropy(truth).rows,
        "brier": np.square(probabilities - truth),
        "rank": (predicted != labels).astype(np.float64),
        "confidence": probabilities,
        "hit": truth,
    }
