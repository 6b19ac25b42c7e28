"""The arrays that travel: a Batch from a reader, a Result from a measure.

Both hold consecutive samples. ``n`` is the number of samples, ``k`` the number of classes
(1 for a binary network's single output).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
SingleArray = np.ndarray[Any, np.dtype[np.float32]]
IntArray = np.ndarray[Any, np.dtype[np.int64]]
BoolArray = np.ndarray[Any, np.dtype[np.bool_]]
Column = FloatArray | IntArray | BoolArray

NO_CLASS = -1
"""In an array of class indices: there is none (a soft target, a prediction from nan)."""


class Schema(NamedTuple):
    """What holds for every batch of one input.

    n_classes      k, the number of scores in a row
    class_names    a name for each class, or None where classes are just indices
    id_name        heading of the id column that is carried through, or None
    has_labels     whether batches bring labels or targets
    reading        one line that tells the user how the input was understood
    dtype          what results are given in unless told otherwise: float32 for narrow arrays
    """

    n_classes: int
    class_names: tuple[str, ...] | None
    id_name: str | None
    has_labels: bool
    reading: str
    dtype: str = "float64"

    def class_name(self, index: int) -> str:
        """The class as the user calls it; empty for NO_CLASS."""
        if index == NO_CLASS:
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
    """

    first_row: int
    scores: FloatArray
    places: "Places"
    labels: IntArray | None = None
    targets: FloatArray | None = None
    ids: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.scores)


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
    labels         (n,) true classes, NO_CLASS where a target is soft; None if not known
    predicted      (n,) most probable classes, NO_CLASS for nan; None if not computed
    """

    batch: Batch
    columns: dict[str, Column]
    labels: IntArray | None = None
    predicted: IntArray | None = None

    def __len__(self) -> int:
        return len(self.batch)


class Dataset(NamedTuple):
    """An opened input: its schema, then its batches, once, then what to tell about them."""

    schema: Schema
    batches: Iterator[Batch]
    notes: list[str]
