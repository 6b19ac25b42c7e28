"""An exercise: the numbers a student was given, in the forms that mistakes start from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import TypeVar

import numpy as np

from softmax_cli.data import BoolArray, FloatArray, IntArray, Result, Schema, one_hot
from softmax_cli.homework.comparison import computed
from softmax_cli.job import Job

_Array = TypeVar("_Array", FloatArray, IntArray)

MOST_SWAPPED = 12  # classes; with more, some pair fits any number


@dataclass(eq=False)
class Exercise:
    """n samples of k classes, or of one binary output (then k is 1).

    kind         what the scores are: logits, probs or logprobs
    scores       (n, k) as given
    truth        what is right: (n,) losses, (n, k) probabilities or (n,) classes
    labels       (n,) class indices, NO_CLASS where a target is soft; None without labels
    targets      (n, k) class distributions, one-hot for labels; for a binary output (n, 1)
                 values of y; None without labels
    temperature  divides the logits
    reduction    mean or sum: how the losses are put together
    peers        (N, k) the scores of the whole batch from which these n were picked
    picked       (n,) which of the peers these are
    class_names  names of the classes, or None
    """

    kind: str
    scores: FloatArray
    truth: FloatArray
    labels: IntArray | None
    targets: FloatArray | None
    temperature: float
    reduction: str
    peers: FloatArray
    picked: IntArray
    class_names: tuple[str, ...] | None = None

    @classmethod
    def of(
        cls, result: Result, job: Job, schema: Schema, wanted: BoolArray | slice = slice(None)
    ) -> "Exercise":
        """The wanted samples of a result."""
        batch = result.batch
        labels = None if result.labels is None else result.labels[wanted]
        targets = None if batch.targets is None else batch.targets[wanted]
        if targets is None and labels is not None:
            targets = one_hot(labels, batch.scores.shape[1])
        return cls(
            kind=job.scores,
            scores=batch.scores[wanted],
            truth=computed(result)[wanted],
            labels=labels,
            targets=targets,
            temperature=job.temperature,
            reduction=job.reduction,
            peers=batch.scores,
            picked=np.arange(len(batch))[wanted],
            class_names=schema.class_names,
        )

    @classmethod
    def joined(cls, parts: "Sequence[Exercise]") -> "Exercise":
        """Several exercises of whole batches, at least one, as one."""
        scores = np.concatenate([part.scores for part in parts])
        return replace(
            parts[0],
            scores=scores,
            truth=np.concatenate([part.truth for part in parts]),
            labels=_joined([p.labels for p in parts if p.labels is not None]),
            targets=_joined([p.targets for p in parts if p.targets is not None]),
            peers=scores,
            picked=np.arange(len(scores)),
        )

    def class_name(self, index: int) -> str:
        """The class as the student knows it."""
        return str(index) if self.class_names is None else self.class_names[index]

    @property
    def n_classes(self) -> int:
        return int(self.scores.shape[1])

    @property
    def rows(self) -> IntArray:
        """(n,) 0…n-1, to index with."""
        return np.arange(len(self.scores))

    @cached_property
    def logits(self) -> FloatArray:
        """(n, k) what softmax is to be applied to: the scores, or the logarithms of them."""
        return logits_of(self.scores, self.kind, self.temperature)

    @cached_property
    def probabilities(self) -> FloatArray:
        """(n, k) as they should be."""
        return self.scores if self.kind == "probs" else softmax(self.logits)

    @cached_property
    def log_probabilities(self) -> FloatArray:
        """(n, k) as they should be."""
        return log_softmax(self.logits)

    @cached_property
    def predicted(self) -> IntArray:
        """(n,) the most probable class."""
        return np.asarray(self.scores.argmax(axis=1))

    def of_targets(self, values: FloatArray) -> FloatArray:
        """(n,) the value at the label, out of (n, k); the expected value for a soft target."""
        assert self.targets is not None
        products = np.where(self.targets == 0, 0.0, self.targets * values)
        return np.asarray(products.sum(axis=1))

    def swapped_pairs(self) -> Iterator[tuple[str, IntArray]]:
        """Each two classes by name, with the (k,) order of all that swaps them; none of many."""
        if self.n_classes > MOST_SWAPPED:
            return
        for a, b in combinations(range(self.n_classes), 2):
            order = np.arange(self.n_classes)
            order[[a, b]] = b, a
            yield f"{self.class_name(a)} and {self.class_name(b)}", order

    def reduced(self, losses: FloatArray) -> FloatArray:
        """(1,) the mean or sum of losses (n,), whichever was asked for."""
        return np.array([losses.sum() if self.reduction == "sum" else losses.mean()])

    def loss_of(self, probabilities: FloatArray) -> FloatArray:
        """(n,) -ln p[label] for other probabilities (n, k) than the right ones."""
        return self.of_targets(-np.log(probabilities))

    # A binary output: z, p and y are (n,).

    @property
    def z(self) -> FloatArray:
        """(n,) the logit."""
        score = self.scores[:, 0]
        if self.kind == "logits":
            return np.asarray(score / self.temperature)
        p = np.exp(score) if self.kind == "logprobs" else score
        return np.asarray(np.log(p) - np.log1p(-p))

    @property
    def p(self) -> FloatArray:
        """(n,) the probability of class 1."""
        score = self.scores[:, 0]
        if self.kind == "logits":
            return sigmoid(self.z)
        return np.exp(score) if self.kind == "logprobs" else score

    @property
    def y(self) -> FloatArray:
        """(n,) the label."""
        assert self.targets is not None
        return self.targets[:, 0]


def _joined(arrays: Sequence[_Array]) -> _Array | None:
    return np.concatenate(arrays) if arrays else None


def logits_of(scores: FloatArray, kind: str, temperature: float) -> FloatArray:
    """The scores as logits, divided by the temperature."""
    if kind == "probs":
        return np.asarray(np.log(scores))
    return np.asarray(scores / temperature)


def softmax(x: FloatArray, axis: int = 1) -> FloatArray:
    """e^x / sum(e^x) along the axis."""
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True))


def log_softmax(x: FloatArray) -> FloatArray:
    """The logarithm of softmax along the classes."""
    shifted = x - x.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def sigmoid(z: FloatArray) -> FloatArray:
    """1 / (1 + e^-z)."""
    return np.asarray(1 / (1 + np.exp(-z)))


def binary_loss(p: FloatArray, y: FloatArray) -> FloatArray:
    """-(y ln p + (1-y) ln(1-p)), where 0 · ln 0 is 0."""
    one = np.where(y == 0, 0.0, y * np.log(p))
    zero = np.where(y == 1, 0.0, (1 - y) * np.log1p(-p))
    return np.asarray(-(one + zero))
