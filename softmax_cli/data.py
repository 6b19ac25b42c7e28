"""The arrays that travel: a Batch from a reader, a Result from a measure.

Both hold consecutive samples. ``n`` is the number of samples, ``k`` the number of classes
(1 for a binary network's single output).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
SingleArray = np.ndarray[Any, np.dtype[np.float32]]
IntArray = np.ndarray[Any, np.dtype[np.int64]]
BoolArray = np.ndarray[Any, np.dtype[np.bool_]]
_Numbers = TypeVar("_Numbers", FloatArray, IntArray)
TextArray = np.ndarray[Any, np.dtype[np.str_]]
Array = FloatArray | IntArray | BoolArray | TextArray

Kind = Literal[
    "number",
    "probability",
    "log_probability",
    "difference",
    "class",
    "prediction",
    "flag",
    "text",
    "answer",
    "verdict",
]
"""What the values of a column are.

number           floats, as are the next three
probability      with a column per class, the greatest wins
log_probability  likewise
difference       how far an answer is off; nan where there is none
class            indices, written as the classes' names
prediction       likewise, and marked right or wrong where the label is known
flag             booleans
text             texts
answer           an answer as it was written: the text of a number or a class, or a blank
verdict          ``right``, ``wrong`` or ``blank``
"""

NO_CLASS = -1
"""In an array of class indices: there is none (a soft target, a prediction from nan)."""

IGNORED = -2
"""In an array of labels: the sample counts nowhere (``--ignore-index``)."""


class Column(NamedTuple):
    """One or more values for each sample, and what they are.

    values  (n,), or (n, k) with one value per class
    kind    what each value is; writers ask it, never the column's name
    blank   (n,) the samples for which nothing is written, None for none
    """

    values: Array
    kind: Kind
    blank: BoolArray | None = None

    @property
    def n_parts(self) -> int:
        """How many values there are for each sample."""
        return 1 if self.values.ndim == 1 else self.values.shape[1]

    def parts(self) -> "Iterator[Column]":
        """A column (n,) for each value of a sample."""
        if self.values.ndim == 1:
            yield self
            return
        for values in self.values.T:
            yield self._replace(values=values)

    def rows(self, start: int, stop: int) -> "Column":
        """The values of the samples from ``start`` up to ``stop``."""
        blank = None if self.blank is None else self.blank[start:stop]
        return Column(self.values[start:stop], self.kind, blank)

    @classmethod
    def joined(cls, columns: "Sequence[Column]") -> "Column":
        """Columns of one kind as one, in order; either all have blanks or none has."""
        values = np.concatenate([column.values for column in columns])
        blanks = [column.blank for column in columns if column.blank is not None]
        return cls(values, columns[0].kind, np.concatenate(blanks) if blanks else None)


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
    ignore_index   the label of what counts nowhere, unless told otherwise; None for no such
    left_out       the columns that no option has excluded, and that are not used all the same
    """

    n_classes: int
    class_names: tuple[str, ...] | None
    id_name: str | None
    has_labels: bool
    reading: str
    has_weights: bool = False
    answer: str | None = None
    dtype: str = "float64"
    ignore_index: int | None = None
    left_out: str = ""

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

    @classmethod
    def joined(cls, batches: "Sequence[Batch]") -> "Batch":
        """Consecutive batches of one input as one."""
        first = batches[0]
        if len(batches) == 1:
            return first
        ids, answers = first.ids, first.answers
        return cls(
            first_row=first.first_row,
            scores=np.concatenate([b.scores for b in batches]),
            places=Places.joined([b.places for b in batches]),
            labels=_joined([b.labels for b in batches]),
            targets=_joined([b.targets for b in batches]),
            ids=None if ids is None else [text for b in batches for text in b.ids or ()],
            weights=_joined([b.weights for b in batches]),
            answers=None
            if answers is None
            else [
                [text for b in batches for text in (b.answers or answers)[column]]
                for column in range(len(answers))
            ],
        )

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


def _joined(arrays: "Sequence[_Numbers | None]") -> "_Numbers | None":
    given = [array for array in arrays if array is not None]
    return np.concatenate(given) if given else None


class Places(NamedTuple):
    """Where each sample of a batch came from: a source's name and physical line numbers."""

    source: str
    numbers: Sequence[int | str]
    separator: str = ":"

    @classmethod
    def joined(cls, places: "Sequence[Places]") -> "Places":
        """Consecutive places as one; of several sources, each number brings its own."""
        source, _, separator = places[0]
        if all((p.source, p.separator) == (source, separator) for p in places):
            return cls(source, [number for p in places for number in p.numbers], separator)
        return cls("", [p.at(row) for p in places for row in range(len(p.numbers))], "")

    def at(self, row: int) -> str:
        """The place of the sample in that row of the batch."""
        return f"{self.source}{self.separator}{self.numbers[row]}"


class Reduced(NamedTuple):
    """What a backend reduces the losses of a whole batch to, in its own arithmetic."""

    mean: float
    sum: float


Reduction = Callable[[], Reduced | None]
"""Reduces the losses of a batch, if it is asked; None where they are better added up exactly."""


def no_reduction() -> None:
    """Of losses that are added up exactly."""


def too_long() -> None:
    """Of more losses than the backend gets at once."""


class Losses(NamedTuple):
    """The loss of each sample or output (n,).

    reduce  what the function that has computed them reduces them to, if it does such a thing
    """

    rows: FloatArray
    reduce: Reduction | None = None


@dataclass(eq=False, repr=False)
class Result:
    """What a measure computed for a batch.

    columns        what is written, by name, in that order
                   (``weight``: what a sample adds to the divisor of the mean, if not 1)
    labels         (n,) true classes, NO_CLASS where a target is soft; None if not known
    predicted      (n,) most probable classes, NO_CLASS for nan; None if not computed
    figures        names for (n,) values that are added up but not written
    flagged        (n,) the samples that a table shows first, where it cannot show all; or None
    told           lines for stderr, where nothing else is said of the samples
    reduce         the backend's own mean and sum of the losses, with those of the results before
                   it; those of a part are unknown
    """

    batch: Batch
    columns: dict[str, Column]
    labels: IntArray | None = None
    predicted: IntArray | None = None
    figures: dict[str, FloatArray] = field(default_factory=dict)
    flagged: BoolArray | None = None
    told: Sequence[str] = ()
    reduce: Reduction = no_reduction

    def __len__(self) -> int:
        return len(self.batch)

    @classmethod
    def joined(cls, batch: Batch, parts: "Sequence[Result]") -> "Result":
        """The results of a batch's parts, in order, as that of the batch."""
        first = parts[0]
        return cls(
            batch,
            {name: Column.joined([p.columns[name] for p in parts]) for name in first.columns},
            None if first.labels is None else np.concatenate([p.labels for p in parts]),
            None if first.predicted is None else np.concatenate([p.predicted for p in parts]),
            {name: np.concatenate([p.figures[name] for p in parts]) for name in first.figures},
            None if first.flagged is None else np.concatenate([p.flagged for p in parts]),
        )

    def rows(self, start: int, stop: int) -> "Result":
        """The samples from ``start`` up to ``stop``, as a result of their own."""
        rows = slice(start, stop)
        return Result(
            self.batch.rows(start, stop),
            {name: column.rows(start, stop) for name, column in self.columns.items()},
            None if self.labels is None else self.labels[rows],
            None if self.predicted is None else self.predicted[rows],
            {name: values[rows] for name, values in self.figures.items()},
            None if self.flagged is None else self.flagged[rows],
        )

    @property
    def ignored(self) -> BoolArray:
        """(n,) whether the sample counts nowhere."""
        if self.labels is None:
            return np.zeros(len(self), dtype=np.bool_)
        return np.asarray(self.labels == IGNORED)


def one_hot(labels: IntArray, n_classes: int) -> FloatArray:
    """(n, k) 1 at each label, else 0; of a binary output (n, 1), the labels themselves."""
    column = labels[:, np.newaxis]
    hot = column if n_classes == 1 else column == np.arange(n_classes)
    return hot.astype(np.float64)


class Dataset(NamedTuple):
    """An opened input: its schema, then its batches, once, then what to tell about them.

    ``streams`` tells an input of unknown length from arguments, which are one small batch;
    ``files`` are those that are read, standard input by its descriptor; ``doubts`` other ways to
    understand the arguments: told as notes, and where one way leads to an error, with that.
    """

    schema: Schema
    batches: Iterator[Batch]
    notes: list[str]
    streams: bool = True
    files: Sequence[str | int] = ()
    doubts: tuple[str, ...] = ()
