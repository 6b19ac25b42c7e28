"""What other libraries do to probabilities before they take the logarithm.

Pure data: a number that somebody got elsewhere is reproduced by saying whose it is.
"""

from typing import NamedTuple


class Convention(NamedTuple):
    """A library's way of computing a loss.

    function      the function meant, as its users call it
    dtype         what it computes in unless told otherwise
    takes         the kinds of scores that it takes
    eps           probabilities are clipped to [eps, 1 - eps], rounded to the dtype; None for no
                  clipping
    eps_of_dtype  eps is the dtype's own machine epsilon
    normalizes    each row of probabilities is divided by its sum first
    """

    function: str
    dtype: str
    takes: tuple[str, ...]
    eps: float | None = None
    eps_of_dtype: bool = False
    normalizes: bool = False


CONVENTIONS = {
    # nothing is clipped; that nn.BCELoss clamps logarithms at -100 is the default here, too
    "torch": Convention("torch.nn", "float32", ("logits", "probs", "logprobs")),
    # sklearn/metrics/_classification.py, _log_loss
    "sklearn": Convention("sklearn.metrics.log_loss", "float64", ("probs",), eps_of_dtype=True),
    # keras/src/backend/jax/nn.py, categorical_crossentropy and binary_crossentropy;
    # 1e-7 is keras.config.epsilon()
    "keras": Convention("keras.losses", "float32", ("logits", "probs"), eps=1e-7, normalizes=True),
    # optax/losses/_classification.py
    "optax": Convention("optax.losses", "float32", ("logits",)),
}
