"""What a batch brings to compare with: labels or targets."""

import numpy as np

from softmax_cli.data import NO_CLASS, Batch, FloatArray, IntArray


def labels_of(batch: Batch) -> IntArray:
    """(n,) the labels, or the classes that one-hot targets pick; NO_CLASS for softer ones."""
    if batch.labels is not None:
        return batch.labels
    targets = targets_of(batch)
    if targets.shape[1] == 1:
        hard = (targets[:, 0] == 0) | (targets[:, 0] == 1)
        return np.where(hard, targets[:, 0], NO_CLASS).astype(np.int64)
    return np.where(targets.max(axis=1) == 1, targets.argmax(axis=1), NO_CLASS)


def targets_of(batch: Batch) -> FloatArray:
    """(n, k) the targets; of labels of a binary output (n, 1), the labels."""
    if batch.targets is not None:
        return batch.targets
    return computable(batch).astype(np.float64)[:, np.newaxis]


def truth_of(batch: Batch) -> IntArray | FloatArray:
    """(n,) labels to compute with, or (n, k) targets where the batch brings those."""
    return computable(batch) if batch.targets is None else batch.targets


def computable(batch: Batch) -> IntArray:
    """(n,) the labels, with some class in place of the ignored one."""
    labels = batch.labels
    if labels is None:
        raise ValueError("a batch without labels or targets")  # readers see to it
    return np.maximum(labels, 0) if (labels < 0).any() else labels
