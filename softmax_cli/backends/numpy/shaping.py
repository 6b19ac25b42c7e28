"""What turns the losses of classes into a shaped cross-entropy: see ``backends.Shaping``."""

import numpy as np

from softmax_cli.backends import Shaping
from softmax_cli.data import FloatArray, IntArray


def times_or_zero(weights: FloatArray, losses: FloatArray) -> FloatArray:
    """The product, 0 where the weight is 0, whatever the loss."""
    return np.multiply(weights, losses, where=weights != 0, out=np.zeros_like(losses))


def focus(losses: FloatArray, factors: FloatArray) -> FloatArray:
    """Losses times the factors of a focal loss; what is not defined stays so."""
    return np.where(np.isnan(losses), losses, times_or_zero(factors, losses))


def weights_of_losses(truth: IntArray | FloatArray, shaping: Shaping, n_classes: int) -> FloatArray:
    """(n, k) what each -ln p is multiplied by: smoothed truth times weight.

    The columns of what is computed are contiguous.
    """
    if truth.ndim == 2 and shaping.weight is None and not shaping.smoothing:
        return truth.astype(np.float64, copy=False)
    weights = np.ones(n_classes) if shaping.weight is None else shaping.weight
    share = shaping.smoothing / n_classes
    by_class = np.empty((n_classes, len(truth)))
    if truth.ndim == 1:
        labels = truth.astype(np.int64, copy=False)
        by_class[:] = (share * weights)[:, np.newaxis]
        by_class[labels, np.arange(len(labels))] += (1 - shaping.smoothing) * weights[labels]
    else:
        np.multiply(truth.T, (1 - shaping.smoothing), out=by_class)
        by_class += share
        by_class *= weights[:, np.newaxis]
    return by_class.T
