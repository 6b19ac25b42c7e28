"""The largest relative error of ours and of each library, on the same inputs, in float64.

    python -m benchmarks.accuracy

Exact values are mpmath's, at 60 digits. 1 means that no digit is right, nan that the library gave
nan. scikit-learn takes probabilities, so it gets those of the library's own or SciPy's softmax;
"naive" is the formula as written, in NumPy.
"""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import scipy.special
import torch
from mpmath import mp, mpf
from sklearn.metrics import log_loss
from sklearn.utils.extmath import softmax as sklearn_softmax
from torch.nn import functional as F

from softmax_cli.backends import Scores
from softmax_cli.backends.numpy.backend import NumpyBackend
from tests import oracle

Array = npt.NDArray[np.float64]
Computation = Callable[[Array], Array]

OURS = NumpyBackend("float64")
RNG = np.random.default_rng(0)
N = 2000


def relative_error(values: Array, exact: Sequence[mpf]) -> float:
    errors = [
        float(abs(mpf(v) - e) / e) if e else float(v != 0)
        for v, e in zip(values.ravel().tolist(), exact, strict=True)
    ]
    return float(np.max(errors))


def each_log_loss(labels: Sequence[int], rows: Array) -> Array:
    classes = list(range(rows.shape[1]))
    return np.array(
        [
            log_loss([y], row[np.newaxis], labels=classes)
            for y, row in zip(labels, rows, strict=True)
        ]
    )


def ce(label: int) -> dict[str, Computation]:
    """-ln softmax(x)[label] of logits (n, k)."""

    def naive(x: Array) -> Array:
        p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
        return np.asarray(-np.log(p[:, label]))

    return {
        "exact": lambda x: np.array([oracle.losses(row)[label] for row in x.tolist()]),
        "softmax-cli": lambda x: (
            OURS.categorical(Scores(x, "logits", 1, None))
            .cross_entropy(np.full(len(x), label))
            .rows
        ),
        "PyTorch": lambda x: F.cross_entropy(
            torch.from_numpy(x), torch.full((len(x),), label), reduction="none"
        ).numpy(),
        "SciPy": lambda x: -scipy.special.log_softmax(x, axis=1)[:, label],
        "scikit-learn": lambda x: each_log_loss([label] * len(x), sklearn_softmax(x)),
        "naive": naive,
    }


def softmax() -> dict[str, Computation]:
    return {
        "exact": lambda x: np.array([p for row in x.tolist() for p in oracle.softmax(row)]),
        "softmax-cli": lambda x: OURS.categorical(Scores(x, "logits", 1, None)).probabilities(),
        "PyTorch": lambda x: torch.softmax(torch.from_numpy(x), 1).numpy(),
        "SciPy": lambda x: scipy.special.softmax(x, axis=1),
        "scikit-learn": sklearn_softmax,
        "naive": lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True),
    }


def soft_ce(target: list[float]) -> dict[str, Computation]:
    """-sum(target · ln softmax(x))."""
    t = np.array([target])
    return {
        "exact": lambda x: np.array(
            [oracle.expected(target, oracle.losses(row)) for row in x.tolist()]
        ),
        "softmax-cli": lambda x: (
            OURS.categorical(Scores(x, "logits", 1, None))
            .cross_entropy(np.repeat(t, len(x), axis=0))
            .rows
        ),
        "PyTorch": lambda x: F.cross_entropy(
            torch.from_numpy(x), torch.from_numpy(np.repeat(t, len(x), axis=0)), reduction="none"
        ).numpy(),
        "SciPy": lambda x: -(t * scipy.special.log_softmax(x, axis=1)).sum(axis=1),
        "naive": lambda x: -(t * np.log(softmax()["naive"](x))).sum(axis=1),
    }


def bce_of_logits(y: int) -> dict[str, Computation]:
    def probability(z: Array) -> Array:
        return np.stack([1 - scipy.special.expit(z), scipy.special.expit(z)], axis=1)

    return {
        "exact": lambda z: np.array([oracle.bernoulli_losses(one)[y] for one in z.tolist()]),
        "softmax-cli": lambda z: (
            OURS.bernoulli(Scores(z, "logits", 1, None))
            .cross_entropy(np.full(len(z), float(y)))
            .rows
        ),
        "PyTorch": lambda z: F.binary_cross_entropy_with_logits(
            torch.from_numpy(z), torch.full((len(z),), float(y)).double(), reduction="none"
        ).numpy(),
        "SciPy": lambda z: -scipy.special.log_expit(z if y else -z),
        "scikit-learn": lambda z: each_log_loss([y] * len(z), probability(z)),
        "naive": lambda z: -np.log(1 / (1 + np.exp(-z)) if y else 1 - 1 / (1 + np.exp(-z))),
    }


def bce_of_probabilities() -> dict[str, Computation]:
    """Of label 1, without a clamp where the library has a choice."""
    return {
        "exact": lambda p: np.array([-mp.log(one) for one in p.tolist()]),
        "softmax-cli": lambda p: (
            OURS.bernoulli(Scores(p, "probs", 1, 0.0)).cross_entropy(np.ones(len(p))).rows
        ),
        "PyTorch": lambda p: F.binary_cross_entropy(
            torch.from_numpy(p), torch.ones(len(p)).double(), reduction="none"
        ).numpy(),
        "SciPy": lambda p: -scipy.special.xlogy(1.0, p),
        "scikit-learn": lambda p: each_log_loss([1] * len(p), np.stack([1 - p, p], axis=1)),
        "naive": lambda p: -np.log(p),
    }


def confident(low: float, high: float) -> Array:
    x = np.zeros((N, 3))
    x[:, 1:] = -RNG.uniform(low, high, (N, 2))
    return x + RNG.normal(size=(N, 1))


CASES: list[tuple[str, dict[str, Computation], Array]] = [
    ("`softmax`, 10 logits of σ = 3", softmax(), RNG.normal(size=(N // 10, 10)) * 3),
    ("`softmax`, logits of σ = 100", softmax(), RNG.normal(size=(N // 10, 10)) * 100),
    ("`ce`, 10 logits of σ = 3", ce(0), RNG.normal(size=(N, 10)) * 3),
    ("`ce`, right by 5 to 30", ce(0), confident(5, 30)),
    ("`ce`, right by 30 to 700", ce(0), confident(30, 700)),
    ("`ce`, 1,000 logits of σ = 3", ce(0), RNG.normal(size=(30, 1000)) * 3),
    ("`ce`, a masked class with target 0", soft_ce([0, 0.5, 0.5]), np.array([[-np.inf, 0, 1]])),
    ("`bce --from logits`, −30 to 30, label 0", bce_of_logits(0), RNG.uniform(-30, 30, N)),
    ("`bce --from logits`, −700 to −30, label 0", bce_of_logits(0), RNG.uniform(-700, -30, N)),
    ("`bce --eps 0`, 1e-300 to 1, label 1", bce_of_probabilities(), 10 ** RNG.uniform(-300, 0, N)),
]
LIBRARIES = ("softmax-cli", "PyTorch", "SciPy", "scikit-learn", "naive")


def main() -> None:
    warnings.simplefilter("ignore")
    print(f"| input | {' | '.join(LIBRARIES)} |")
    print(f"|---|{'---:|' * len(LIBRARIES)}")
    for name, computations, inputs in CASES:
        exact = computations["exact"](inputs).tolist()
        cells = [
            f"{relative_error(computations[library](inputs), exact):.1e}"
            if library in computations
            else "–"
            for library in LIBRARIES
        ]
        print(f"| {name} | {' | '.join(cells).replace('1.0e+00', '1')} |")


if __name__ == "__main__":
    main()
