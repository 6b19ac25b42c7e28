"""A loss of one's own, for ``softmax-cli custom examples/my_loss.py:brier``."""

import numpy as np
import numpy.typing as npt


def brier(
    scores: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """How far the softmax of each row of scores (n, k) is from its label (n,), squared."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    truth = np.eye(scores.shape[1])[labels]
    return np.asarray(np.square(probabilities - truth).sum(axis=1))
