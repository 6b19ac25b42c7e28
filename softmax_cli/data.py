"""The arrays that travel: a Batch from a reader, a Result from a measure.

Both hold consecutive samples. ``n`` is the number of samples, ``k`` the number of classes
(1 for a binary network's single output).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
SingleArray = np.ndarray[Any, np.dtype[np.float32]]
IntArray = np.ndarray[Any, np.dtype[np.int64]]
BoolArray = np.ndarray[Any, np.dtype[np.bool_]]
TextArray = np.ndarray[Any, np.dtype[np.str_]]
Column = FloatArray | IntArray | BoolArray | TextArray

NO_CLASS = -1
"""In an array of class indices: there is none (a soft target, a prediction from nan)."""

IGNORED = -2
"""In an array of labels: the sample counts nowhere (``--ignore-index``)."""


class Schema(NamedTuple):
    """What holds for every batch of one input.

    n_classes      k, the number of scores in a row
    class_names    a name for each class, or None where classes are just indices
    id_name        heading of the id column that is carried through, or None
    has_labels     whether batches bring labels or targets
    reading        one line that tells the user how the input was understood
    has_weights    whether batches bring sample weights
    answer         the answer to be checked against the mean (or sum) of the losses, or None
    dtype          what results are given in unless told otherwise: float32 for narrow arrays
    """

    n_classes: int
    class_names: tuple[str, ...] | None
    id_name: str | None
    has_labels: bool
    reading: str
    has_weights: bool = False
    answer: str | None = None
    dtype: str = "float64"

    def class_name(self, index: int) -> str:
        """The class as the user calls it; empty for NO_CLASS and IGNORED."""
        if index < 0:
            return ""
        return str(index) if self.class_names is None else self.class_names[index]


@dataclass(eq=False, repr=False)
class Batch:
    """Samples as read.

    first_row      index of the first sample in the whole input
    scores         (n, k) logits, probabilities or log-probabilities
    labels         (n,) class indices, or None
    targets        (n, k) class distributions, or None; at most one of the two is given
    ids            n texts, or None
    places         where each sample came from, for messages
    weights        (n,) sample weights, or None
    answers        the answers to be checked as written, a sequence of n texts for each column of
                   them (k for softmax, else 1), or None
    """

    first_row: int
    scores: FloatArray
    places: "Places"
    labels: IntArray | None = None
    targets: FloatArray | None = None
    ids: Sequence[str] | None = None
    weights: FloatArray | None = None
    answers: Sequence[Sequence[str]] | None = None

    def __len__(self) -> int:
        return len(self.scores)

    def rows(self, start: int, stop: int) -> "Batch":
        """The samples from ``start`` up to ``stop``, as a batch of their own."""
        rows = slice(start, stop)
        return Batch(
            first_row=self.first_row + start,
            scores=self.scores[rows],
            places=self.places._replace(numbers=self.places.numbers[rows]),
            labels=None if self.labels is None else self.labels[rows],
            targets=None if self.targets is None else self.targets[rows],
            ids=None if self.ids is None else self.ids[rows],
            weights=None if self.weights is None else self.weights[rows],
            answers=None if self.answers is None else [texts[rows] for texts in self.answers],
        )


class Places(NamedTuple):
    """Where each sample of a batch came from: a source's name and physical line numbers."""

    source: str
    numbers: Sequence[int]
    separator: str = ":"

    def at(self, row: int) -> str:
        """The place of the sample in that row of the batch."""
        return f"{self.source}{self.separator}{self.numbers[row]}"


@dataclass(eq=False, repr=False)
class Result:
    """What a measure computed for a batch.

    columns        a name for (n,) values, or for (n, k) with one value per class, in the order
                   in which they are written
                   (``weight``: what a sample adds to the divisor of the mean, if not 1)
    labels         (n,) true classes, NO_CLASS where a target is soft; None if not known
    predicted      (n,) most probable classes, NO_CLASS for nan; None if not computed
    figures        names for (n,) values that are added up but not written
    """

    batch: Batch
    columns: dict[str, Column]
    labels: IntArray | None = None
    predicted: IntArray | None = None
    figures: dict[str, FloatArray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.batch)

    @classmethod
    def joined(cls, batch: Batch, parts: "Sequence[Result]") -> "Result":
        """The results of a batch's parts, in order, as that of the batch."""
        first = parts[0]
        return cls(
            batch,
            {name: np.concatenate([p.columns[name] for p in parts]) for name in first.columns},
            None if first.labels is None else np.concatenate([p.labels for p in parts]),
            None if first.predicted is None else np.concatenate([p.predicted for p in parts]),
            {name: np.concatenate([p.figures[name] for p in parts]) for name in first.figures},
        )

    def rows(self, start: int, stop: int) -> "Result":
        """The samples from ``start`` up to ``stop``, as a result of their own."""
        rows = slice(start, stop)
        return Result(
            self.batch.rows(start, stop),
            {name: column[rows] for name, column in self.columns.items()},
            None if self.labels is None else self.labels[rows],
            None if self.predicted is None else self.predicted[rows],
            {name: values[rows] for name, values in self.figures.items()},
        )

    @property
    def ignored(self) -> BoolArray:
        """(n,) whether the sample counts nowhere."""
        if self.labels is None:
            return np.zeros(len(self), dtype=np.bool_)
        return np.asarray(self.labels == IGNORED)


def holds_classes(name: str, column: Column) -> bool:
    """Whether a result's column holds class indices, which are written as the classes' names."""
    return name.startswith(("label", "predicted")) and column.dtype.kind == "i"


class Dataset(NamedTuple):
    """An opened input: its schema, then its batches, once, then what to tell about them.

    ``streams`` tells an input of unknown length from arguments, which are one small batch.
    """

    schema: Schema
    batches: Iterator[Batch]
    notes: list[str]
    streams: bool = True
