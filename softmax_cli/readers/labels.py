"""Labels: what a cell or an option says about a sample's true class."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from os.path import dirname, isfile

import numpy as np

from softmax_cli.data import IGNORED, Batch, FloatArray, IntArray, Schema
from softmax_cli.errors import BadValue, DataError, UsageError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.lines import open_lines
from softmax_cli.readers.records import find_start, read_records
from softmax_cli.readers.roles import LABEL_NAMES
from softmax_cli.text import MISSING, is_number, parse_number, parse_row


class BadLabel(ValueError):
    """The text is not a label; ``advice`` as in SoftmaxCliError."""

    def __init__(self, message: str, advice: str | None = None, skippable: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.skippable = skippable


class LabelParser:
    """Reads labels for ``n_classes`` classes as indices from ``base``, or as class names.

    Raises UsageError if the class names are integers other than 0…K−1, so that ``1`` could
    mean the class of that name or the class of that index, unless ``labels_as`` says which.
    The label ``ignored`` becomes IGNORED. ``signed`` labels may also be -1 and 1.
    """

    def __init__(
        self,
        n_classes: int,
        names: Sequence[str] | None,
        base: int,
        labels_as: str | None,
        *,
        ignored: int | None = None,
        signed: bool = False,
    ) -> None:
        self.n_classes = n_classes
        self.ignored = ignored
        self.signed = signed
        self.first_of_pair: float | None = None
        self.base = base
        self.labels_as = labels_as
        self.names = list(names or ())
        self.index_of = {name: index for index, name in enumerate(self.names)}
        self.seen_first = False
        if labels_as is None and any(
            _is_integer(name) and int(name) - base != index for index, name in enumerate(self.names)
        ):
            raise UsageError(
                f"labels are ambiguous: the classes are called {_enumerate(self.names)}, "
                f"which are not their indices {base}…{n_classes - 1 + base}",
                "say --labels-as name or --labels-as index",
            )
        if labels_as == "name" and not self.names:
            raise UsageError(
                "--labels-as name, but the classes have no names", "give --classes NAME,NAME,..."
            )

    @classmethod
    def of(cls, schema: Schema, job: Job, sample: Sample) -> "LabelParser":
        """The parser for the labels of a dataset."""
        n_classes = sample.n_labels(schema.n_classes)
        signed = sample.takes.scores == "margins" and schema.n_classes == 1
        return cls(
            n_classes,
            schema.class_names,
            job.label_base,
            job.labels_as,
            ignored=job.ignore_index,
            signed=signed,
        )

    def __call__(self, text: str) -> int:
        """The class index, from 0. Raises BadLabel."""
        text = text.strip()
        if self.labels_as != "index" and text in self.index_of:
            if self.names.count(text) > 1:
                raise BadLabel(f"label {text!r} names {self.names.count(text)} columns")
            index = self.index_of[text]
            return IGNORED if index + self.base == self.ignored else index
        if self.labels_as == "name" or not is_number(text):
            raise self._not_a_label(text)
        return self._index(text)

    @property
    def knows_a_number(self) -> bool:
        """Whether a class has a name that could also be read as a number."""
        by_name = self.labels_as != "index" and any(is_number(name) for name in self.names)
        return self.labels_as == "name" or by_name

    def indices(self, values: FloatArray) -> IntArray | None:
        """The class indices, from 0, of labels read as numbers; None if one is no label.

        Only for classes with no number among their names (``knows_a_number``).
        """
        if self.signed and self.base == 0:
            zeros = {zero for zero in (-1.0, 0.0) if (values == zero).any()}
            if len(zeros | ({self.first_of_pair} - {None})) > 1:
                return None
            self.first_of_pair = next(iter(zeros), self.first_of_pair)
            values = np.where(values == -1, 0.0, values)
        ignored = (
            np.zeros(len(values), np.bool_) if self.ignored is None else values == self.ignored
        )
        shifted = values - self.base
        if not (ignored | (shifted >= 0) & (shifted < self.n_classes)).all():
            return None
        indices = np.where(ignored, IGNORED, shifted).astype(np.int64)
        if not (ignored | (indices == shifted)).all():
            return None
        self.seen_first |= bool((indices == 0).any())
        return indices

    def _index(self, text: str) -> int:
        try:
            value = parse_number(text)
        except BadValue as error:
            raise BadLabel(error.message, error.advice) from None
        if not value.is_integer():
            raise BadLabel(f"label {text} is not a whole number", self._advise_fraction(value))
        if value == self.ignored:
            return IGNORED
        if self.signed and self.base == 0 and value in (-1, 0):
            return self._class_zero(value)
        index = int(value) - self.base
        self.seen_first |= index == 0
        if not 0 <= index < self.n_classes:
            raise BadLabel(
                f"label {text} is out of range {self.base}…{self.n_classes - 1 + self.base}",
                self._advise_range(index),
            )
        return index

    def _class_zero(self, value: float) -> int:
        if self.first_of_pair not in (None, value):
            raise BadLabel("labels are 0 and 1 or -1 and 1, but here are both 0 and -1")
        self.first_of_pair = value
        return 0

    def _advise_fraction(self, value: float) -> str | None:
        if 0 < value < 1:
            return "a probability? class distributions go in --target or --target-cols"
        return None

    def _advise_range(self, index: int) -> str | None:
        if index == self.n_classes and self.base == 0 and not self.seen_first:
            return "the labels look 1-based? then say --label-base 1"
        if index == -100 and self.ignored is None:
            return "PyTorch's label of what is to be ignored? then say --ignore-index -100"
        if index == -1 and self.n_classes == 2 and self.base == 0:
            return "labels -1 and 1? the two classes are 0 and 1 here"
        return None

    def _not_a_label(self, text: str) -> BadLabel:
        if text.lower() in MISSING:
            what = "no label" if text == "" else f"{text!r} marks a missing label"
            return BadLabel(what, skippable=True)
        if self.names:
            return BadLabel(f"label {text!r} is not one of {_enumerate(self.names)}")
        return BadLabel(
            f"label {text!r} is not a class index", "class names need --classes or a header"
        )


def _is_integer(text: str) -> bool:
    return re.fullmatch("[+-]?[0-9]+", text) is not None


def _enumerate(names: Sequence[str]) -> str:
    shown = names if len(names) <= 6 else [*names[:3], "…", *names[-2:]]
    return ", ".join(shown)


def label_texts(option: str) -> Iterator[tuple[str, str]]:
    """Pairs of place and text for each label of ``--labels``, a list or a file's name."""
    parts = [part.strip() for part in option.split(",")]
    if dirname(option) and not isfile(option):
        raise DataError(option, "no such file of labels")
    if isfile(option) and not all(is_number(part) for part in parts):
        yield from _labels_of_file(option)
    else:
        for number, part in enumerate(parts):
            yield f"--labels, label {number + 1}", part


def _labels_of_file(name: str) -> Iterator[tuple[str, str]]:
    lines = open_lines(name)
    # Commas only: a class name may hold blanks.
    records = iter(()) if find_start(lines, ",") is None else read_records(lines, ",")
    for position, (line, cells) in enumerate(records):
        if position == 0 and cells[0].lower() in LABEL_NAMES:
            continue
        if len(cells) != 1:
            raise DataError(
                f"{name}:{line}",
                f"one label per line expected, found {len(cells)} cells",
                "a file with scores and labels is an INPUT; name its column by --label-col",
            )
        yield f"{name}:{line}", cells[0]


def with_labels(batches: Iterable[Batch], job: Job, parse: LabelParser) -> Iterator[Batch]:
    """The batches with the labels of ``--labels``, as many as there are samples."""
    assert job.labels is not None
    texts = label_texts(job.labels)
    for batch in batches:
        labels: list[int] = []
        for where, text in texts:
            try:
                labels.append(parse(text))
            except BadLabel as error:
                raise DataError(where, error.message, error.advice) from None
            if len(labels) == len(batch):
                break
        if len(labels) < len(batch):
            n_labels = batch.first_row + len(labels)
            raise UsageError(
                f"--labels has {n_labels} label{'s' * (n_labels != 1)}, but there are more samples",
                "give one label for each sample",
            )
        yield replace(batch, labels=np.array(labels, dtype=np.int64))
    surplus = sum(1 for _ in texts)
    if surplus:
        raise UsageError(
            f"--labels has {surplus} more label{'s' * (surplus != 1)} than there are samples",
            "give one label for each sample",
        )


def with_targets(batches: Iterable[Batch], job: Job, n_classes: int) -> Iterator[Batch]:
    """The batches with the rows of ``--target``, as many as there are samples."""
    targets = _parse_targets(job, n_classes)
    n_targets = f"{len(targets)} target{'s' * (len(targets) != 1)}"
    advice = "give --target once for each sample"
    n_samples = 0
    for batch in batches:
        n_samples = batch.first_row + len(batch)
        if n_samples > len(targets):
            raise UsageError(f"{n_targets}, but there are more samples", advice)
        yield replace(batch, targets=targets[batch.first_row : n_samples])
    if n_samples < len(targets):
        raise UsageError(
            f"{n_targets}, but only {n_samples} sample{'s' * (n_samples != 1)}", advice
        )


def _parse_targets(job: Job, n_classes: int) -> FloatArray:
    rows: list[list[float]] = []
    for number, text in enumerate(job.target, start=1):
        where = f"--target, target {number}"
        try:
            row = parse_row(text)
        except BadValue as error:
            raise DataError(where, error.message, error.advice) from None
        if n_classes == 1:
            rows.extend([value] for value in row)
        elif len(row) != n_classes:
            raise DataError(where, f"expected {n_classes} numbers, found {len(row)}")
        else:
            rows.append(row)
    return np.array(rows, dtype=np.float64)
