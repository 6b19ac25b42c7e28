"""Labels: what a cell or an option says about a sample's true class."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from softmax_cli.data import IGNORED, NO_CLASS, FloatArray, IntArray, Schema
from softmax_cli.errors import BadValue, UsageError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.chunks import Chunk, Fault
from softmax_cli.readers.headings import member
from softmax_cli.text import MISSING, is_number, parse_number


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
        self.counts = Counter(self.names)
        folded = Counter(map(str.lower, self.names))
        self.index_of_folded = {
            name.lower(): index
            for name, index in self.index_of.items()
            if folded[name.lower()] == 1
        }
        self.named: set[int] = set()
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
            ignored=schema.ignore_index if job.ignore_index is None else job.ignore_index,
            signed=signed,
        )

    def __call__(self, text: str) -> int:
        """The class index, from 0. Raises BadValue."""
        text = text.strip()
        index = None if self.labels_as == "index" else self._named(text)
        if index is not None:
            self.named.add(index)
            return IGNORED if index + self.base == self.ignored else index
        if self.labels_as == "name" or not is_number(text):
            raise self._not_a_label(text)
        return self._index(text)

    def _named(self, text: str) -> int | None:
        """The class called so, in any case, with a stem (``p_cat``) or without; None for none."""
        if self.counts[text] > 1:
            raise BadValue(
                f"label {text!r} names {self.counts[text]} columns",
                "name the scores by --cols, and the classes by --classes",
            )
        name = member(text)
        for known in (text, name):
            index = self.index_of.get(known, self.index_of_folded.get(known.lower()))
            if index is not None:
                return index
        is_column = not self.names and name != text and _is_integer(name)
        return int(name) if is_column and 0 <= int(name) < self.n_classes else None

    @cached_property
    def knows_a_number(self) -> bool:
        """Whether a class has a name that could also be read as a number."""
        by_name = self.labels_as != "index" and any(is_number(name) for name in self.names)
        return self.labels_as == "name" or by_name

    def read(self, chunk: Chunk, column: int) -> tuple[IntArray, list[Fault]]:
        """The class indices (n,) of a column, NO_CLASS for what is none: those cells are faults.

        Each kind of text is parsed once, in the order of its first rows, because what a label
        may contradict is what came before it.
        """
        if not self.knows_a_number and chunk.holds_numbers(column):
            values = chunk.numbers([column]).values[:, 0]
            indices = self.indices(values.astype(np.float64, copy=False))
            if indices is not None:
                return indices, []
        texts, codes = chunk.categories(column)
        self.look_at(texts)
        of_kind = np.full(len(texts), NO_CLASS, dtype=np.int64)
        errors: dict[int, BadValue] = {}
        for code, text in enumerate(texts):
            try:
                of_kind[code] = self(text)
            except BadValue as error:
                errors[code] = error
        rows = enumerate(codes.tolist()) if errors else ()
        faults = [Fault(row, column, errors[code]) for row, code in rows if code in errors]
        return of_kind[codes], faults

    def look_at(self, texts: Iterable[str]) -> None:
        """Know of labels before they are read: what is wrong with one may depend on others."""
        first = (is_number(text) and float(text) == self.base for text in texts)
        self.seen_first = self.seen_first or any(first)

    def indices(self, values: FloatArray) -> IntArray | None:
        """The class indices, from 0, of labels read as numbers; None if one is no label.

        Only for classes with no number among their names (``knows_a_number``).
        """
        first_of_pair = self.first_of_pair
        if self.signed and self.base == 0:
            zeros = {zero for zero in (-1.0, 0.0) if (values == zero).any()}
            if len(zeros | ({first_of_pair} - {None})) > 1:
                return None
            first_of_pair = next(iter(zeros), first_of_pair)
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
        self.first_of_pair = first_of_pair
        self.seen_first |= bool((indices == 0).any())
        return indices

    def _index(self, text: str) -> int:
        value = parse_number(text)
        if not value.is_integer():
            raise BadValue(f"label {text} is not a whole number", self._advise_fraction(value))
        if value == self.ignored:
            return IGNORED
        if self.signed and self.base == 0 and value in (-1, 0):
            return self._class_zero(value)
        index = int(value) - self.base
        self.seen_first |= index == 0
        if not 0 <= index < self.n_classes:
            raise BadValue(
                f"label {text} is out of range {self.base}…{self.n_classes - 1 + self.base}",
                self._advise_range(index, text),
            )
        return index

    def _class_zero(self, value: float) -> int:
        if self.first_of_pair not in (None, value):
            what = "labels are 0 and 1 or -1 and 1, but here are both 0 and -1"
            raise BadValue(what, "a label of what is to be left out? say --ignore-index")
        self.first_of_pair = value
        return 0

    def _advise_fraction(self, value: float) -> str:
        if 0 < value < 1:
            return "a probability? class distributions go in --target or --target-cols"
        return "a value that is predicted, no class? say softmax-cli mse"

    def _advise_range(self, index: int, text: str) -> str:
        if self.n_classes == 1 and index == 1:
            return "one score per sample, of a binary network? say softmax-cli bce"
        if index == self.n_classes and self.base == 0 and not self.seen_first:
            return "the labels look 1-based? then say --label-base 1"
        if index == -100 and self.ignored is None:
            return "PyTorch's label of what is to be ignored? then say --ignore-index -100"
        if index == -1 and self.n_classes == 2 and self.base == 0:
            return "labels -1 and 1? the two classes are 0 and 1 here"
        return f"a label of what is to be left out? say --ignore-index {text}"

    def _not_a_label(self, text: str) -> BadValue:
        if text.lower() in MISSING:
            what = "no label" if text == "" else f"{text!r} marks a missing label"
            return BadValue(what, skippable=True)
        if self.names:
            what = f"label {text!r} is not one of {_enumerate(self.names)}"
            return BadValue(
                what, "the columns' classes in other words? say --classes NAME,NAME,..."
            )
        return BadValue(
            f"label {text!r} is not a class index", "a class's name? say --classes NAME,NAME,..."
        )


def _is_integer(text: str) -> bool:
    return re.fullmatch("[+-]?[0-9]+", text) is not None


def _enumerate(names: Sequence[str]) -> str:
    shown = names if len(names) <= 6 else [*names[:3], "…", *names[-2:]]
    return ", ".join(shown)
