"""Arrays as tables: ``logits.npy``, an .npz or .safetensors with scores, labels and more.

Each array of an archive is as good as a column, or several: options name it.
"""

import math
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from os.path import isfile
from typing import NamedTuple

import numpy as np

from softmax_cli.commands import COMMANDS
from softmax_cli.data import Dataset, IntArray, Places, Schema
from softmax_cli.errors import DataError, UsageError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.assemble import Assembly
from softmax_cli.readers.chunks import Categories, Chunk, Numbers, categorize
from softmax_cli.readers.headings import LABEL_NAMES
from softmax_cli.readers.labels import LabelParser
from softmax_cli.readers.roles import Roles, heading_of_id
from softmax_cli.readers.signatures import ARRAYS, kind_of
from softmax_cli.readers.source import Sources, display_name
from softmax_cli.readers.tensors import NumberArray, Tensor, open_tensors

PIECE_BYTES = 16 << 20
SCORE_NAMES = ("", "logits", "probs", "scores")
OTHER_SCORE_NAMES = ("predictions", "probabilities")
"""What Hugging Face's trainer and this tool's JSON call them; elsewhere these may be classes."""
_PADDING = -100
"""The label of what fills up a sequence, which PyTorch leaves out unless told otherwise."""
LABEL_ARRAYS = LABEL_NAMES | {"label_ids", "targets"}
AT = " sample "  # as in the output: counted from 0


class _Part(NamedTuple):
    """An array by the role it has: ``width`` numbers for a sample, the last axis, if not one."""

    tensor: Tensor
    width: int

    @property
    def lead(self) -> tuple[int, ...]:
        """The axes along which the samples are, in order."""
        shape = self.tensor.shape
        return shape[:-1] if self.width > 1 or (len(shape) > 1 and shape[-1] == 1) else shape


class _Arrays(NamedTuple):
    """The arrays of a file by role, those of the samples' scores first, and how they were read."""

    parts: Mapping[str, _Part]
    reading: str

    @property
    def scores(self) -> Tensor:
        """The array of scores."""
        return self.parts["scores"].tensor


def open_arrays(
    names: Sequence[str],
    job: Job,
    sample: Sample,
    class_names: tuple[str, ...] | None,
    sources: Sources,
) -> Dataset:
    """The arrays of one or several files, in the order given; all must be of the same kinds."""
    files = [_find(name, job, sample, sources) for name in names]
    first = files[0]
    for found in files[1:]:
        if {role: part.tensor.shape[1:] for role, part in found.parts.items()} != {
            role: part.tensor.shape[1:] for role, part in first.parts.items()
        }:
            what = f"not the same kind of arrays as in {first.scores.where}"
            raise DataError(found.scores.where, what)
    takes_padding = "ignore_index" in COMMANDS[job.command].options
    single = all(found.scores.is_single for found in files)
    roles = _roles(first.parts)
    schema = Schema(
        n_classes=len(roles.scores),
        class_names=class_names,
        id_name=None if job.id_col is None else heading_of_id(job.id_col),
        has_labels=roles.label is not None or bool(roles.targets),
        reading=first.reading,
        has_weights=roles.weight is not None,
        dtype="float32" if single else "float64",
        ignore_index=_PADDING if len(first.scores.shape) > 2 and takes_padding else None,
    )
    # The backend widens logits piece by piece; what is checked beforehand is widened here.
    keeps = job.scores == "logits" and not sample.is_binary
    chunks = _chunks([found.parts for found in files], keeps)
    return Assembly(roles, schema, job, sample).dataset(chunks, display_name(names[-1]))


class ArrayChunk:
    """Rows of arrays, each of which is one column (n,) or several (n, columns).

    ``arrays`` and ``sources``, what messages call them, are by the first of their columns.
    """

    error = None

    def __init__(
        self, places: Places, arrays: Mapping[int, NumberArray], sources: Mapping[int, str]
    ) -> None:
        self.places = places
        self.arrays = arrays
        self.sources = sources

    def place(self, row: int, column: int) -> str:
        """``x.npz['labels'] sample 3``."""
        return self.places._replace(source=self.sources[column]).at(row)

    def holds_numbers(self, column: int) -> bool:
        """Always."""
        return True

    def numbers(self, columns: Sequence[int]) -> Numbers:
        """An array, as it is stored."""
        array = self.arrays[columns[0]]
        return Numbers(array.reshape(len(array), len(columns)))  # type: ignore[arg-type]

    def texts(self, column: int) -> Sequence[str]:
        """The shortest texts that read back as the same numbers, in the array's own precision."""
        first = max(start for start in self.arrays if start <= column)
        array = self.arrays[first].reshape(len(self.arrays[first]), -1)
        return [str(value) for value in array[:, column - first]]

    def categories(self, column: int) -> Categories:
        """The texts of the numbers, each of them once."""
        return categorize(self.texts(column))


def find_labels(name: str, sources: Sources) -> Tensor:
    """The one array of a file that holds labels."""
    finder = _Finder(name, open_tensors(name, sources))
    if len(finder.tensors) == 1:
        return finder.readable(next(iter(finder.tensors)))
    found = finder.label(None)
    if found is None:
        raise DataError(name, f"no array of labels: {finder.enumerate()}", "call it labels")
    return found


class ArrayLabels:
    """The labels of such a file, taken as samples come."""

    def __init__(self, name: str, parse: LabelParser, sources: Sources) -> None:
        found = find_labels(name, sources)
        self.name = found.where
        self.parse = parse
        self.pieces = found.pieces(found.rows_in(PIECE_BYTES))
        self.n_left = math.prod(found.shape)
        self.n_taken = 0
        self.read: NumberArray = np.empty(0, dtype=np.int64)

    def take(self, count: int) -> IntArray:
        """The next ``count`` class indices, or fewer. Raises DataError for what is no label."""
        while len(self.read) < min(count, self.n_left):
            self.read = np.concatenate([self.read, _whole(next(self.pieces)).ravel()])
        labels, self.read = self.read[:count], self.read[count:]
        places = Places(self.name, range(self.n_taken, self.n_taken + len(labels)), AT)
        chunk = ArrayChunk(places, {0: labels}, {0: self.name})
        indices, faults = self.parse.read(chunk, 0)
        for row, column, error in faults:
            raise DataError(chunk.place(row, column), error.message, error.advice)
        self.n_taken += len(labels)
        self.n_left -= len(labels)
        return indices

    def rest(self) -> int:
        """How many labels are left."""
        return self.n_left


def _find(name: str, job: Job, sample: Sample, sources: Sources) -> _Arrays:
    finder = _Finder(display_name(name), open_tensors(name, sources))
    label = finder.label(job.label_col)
    beside = label
    if job.labels is not None and isfile(job.labels):
        holds_arrays = kind_of(sources.first_bytes(job.labels)) in ARRAYS
        beside = find_labels(job.labels, sources) if holds_arrays else None
    scores = finder.scores(job.cols)
    axis = _class_axis(scores, None if beside is None else beside.shape, job.class_axis)
    found = {"scores": _as_scores(scores.with_last(axis), sample)}
    width = found["scores"].width
    if label is not None:
        crosswise = label.shape == scores.shape[1:]
        advice = "the classes on the first axis? then say --class-axis 0" if crosswise else None
        part = _of_shape(
            label, found["scores"], 1, advice
        )  # a wrong one tells of the wrong file, wanted or not
        if sample.wants_labels and not (job.labels or job.target or job.target_cols):
            found["label"] = part
    for role, option, flag, n_columns in (
        ("targets", job.target_cols, "--target-cols", width),
        ("weight", job.sample_weight_col, "--sample-weight-col", 1),
        ("id", job.id_col, "--id-col", 1),
        ("answers", job.expect_col, "--expect-col", 1),
        ("answers", job.expect_cols, "--expect-cols", width),
    ):
        if option is not None:
            tensor = finder.called(option, flag)
            if n_columns > 1 and len(tensor.shape) == len(scores.shape):
                tensor = tensor.with_last(axis)
            found[role] = _of_shape(tensor, found["scores"], n_columns)
    return _Arrays(found, _describe(scores, axis, found))


def _class_axis(scores: Tensor, labels: tuple[int, ...] | None, asked: int | None) -> int:
    """The axis of the classes: asked for, or of several the one that the labels lack; the last."""
    shape, n_axes = scores.shape, len(scores.shape)
    if asked is not None:
        if not -n_axes <= asked < n_axes:
            raise DataError(scores.where, f"--class-axis {asked}, but its shape is {shape}")
        return asked % n_axes
    lacking = [axis for axis in range(n_axes) if shape[:axis] + shape[axis + 1 :] == labels]
    if n_axes < 3 or not lacking:
        return n_axes - 1
    if len(lacking) > 1:
        raise DataError(
            scores.where,
            f"of shape {shape}, with labels {labels}: which axis has the classes?",
            f"say {' or '.join(f'--class-axis {axis}' for axis in lacking)}",
        )
    return lacking[0]


class _Finder:
    """Finds arrays of a file by their names."""

    def __init__(self, name: str, tensors: Mapping[str, Tensor]) -> None:
        self.name = name
        self.tensors = tensors

    def called(self, text: str, flag: str) -> Tensor:
        """The array that an option names."""
        if "" in self.tensors:
            raise UsageError(f"{flag} names a column, but {self.name} is an array without columns")
        if text not in self.tensors:
            raise DataError(self.name, f"{flag} {text!r}: no such array", self.enumerate())
        return self.readable(text)

    def scores(self, option: str | None) -> Tensor:
        """The array of scores: named by ``--scores``, or else known by its name, or alone."""
        if option is not None:
            return self.called(option, "--scores")
        for names in (SCORE_NAMES, OTHER_SCORE_NAMES):
            found = self._named(names)
            if len(found) == 1:
                return self.readable(found[0])
            if found:
                break
        if len(self.tensors) == 1:
            return self.readable(next(iter(self.tensors)))
        raise DataError(self.name, self.enumerate() + ": which are the scores?", self._advise())

    def label(self, option: str | None) -> Tensor | None:
        """The array of labels: named by ``--labels-key``, or known by its name; None without."""
        if option is not None:
            return self.called(option, "--labels-key")
        found = self._named(LABEL_ARRAYS)
        if len(found) > 1:
            both = " and ".join(map(repr, found))
            advice = f"say which: --labels-key {found[0]}"
            raise DataError(self.name, f"arrays {both} could both be the labels", advice)
        return self.readable(found[0]) if found else None

    def readable(self, key: str) -> Tensor:
        """The array of that name. Raises DataError if it holds no numbers."""
        tensor = self.tensors[key]
        if tensor.problem is not None:
            raise tensor.problem
        if math.prod(tensor.shape) == 0:
            raise DataError(tensor.where, f"nothing in it: shape {tensor.shape}")
        return tensor

    def enumerate(self) -> str:
        """``its arrays are x (5, 3), y (5,)``."""
        arrays = [f"{key} {tensor.shape}" for key, tensor in self.tensors.items()]
        shown = arrays if len(arrays) <= 8 else [*arrays[:7], "…"]
        return f"its arrays are {', '.join(shown)}" if shown else "there are no arrays in it"

    def _named(self, names: Collection[str]) -> list[str]:
        return [key for key in self.tensors if key.lower() in names]

    def _advise(self) -> str:
        """The options to type, with names of arrays that may well be meant."""
        readable = {key: t for key, t in self.tensors.items() if t.problem is None}
        scores = next((key for key, t in readable.items() if len(t.shape) > 1), "NAME")
        labels = next((key for key, t in readable.items() if len(t.shape) == 1), None)
        return f"say --scores {scores}" + (f" --labels-key {labels}" if labels else "")


def _as_scores(scores: Tensor, sample: Sample) -> _Part:
    shape, binary = scores.shape, sample.is_binary
    if binary and (len(shape) != 2 or shape[1] == 1):
        return _Part(scores, 1)
    if binary or (len(shape) < 2 and not sample.numbers_are_samples):
        wanted = "(samples,)" if binary else "(samples, classes)"
        raise DataError(scores.where, f"shape {shape}, not {wanted}")
    return _Part(scores, shape[-1] if len(shape) > 1 else 1)


def _of_shape(tensor: Tensor, scores: _Part, width: int, advice: str | None = None) -> _Part:
    """The tensor, if it has as many numbers for each sample as its role asks for."""
    shape, lead = tensor.shape, scores.lead
    wanted = (*lead, width) if width > 1 else lead
    if shape[:1] != lead[:1]:
        raise DataError(tensor.where, f"shape {shape}, but there are {lead[0]} rows", advice)
    if [n for n in shape if n != 1] != [n for n in wanted if n != 1]:
        raise DataError(tensor.where, f"shape {shape}, not {wanted}")
    return _Part(tensor, width)


def _roles(found: Mapping[str, _Part]) -> Roles:
    """The roles of columns, if the arrays stood side by side."""
    columns: dict[str, tuple[int, ...]] = {}
    for start, role in _first_columns(found):
        columns[role] = tuple(range(start, start + found[role].width))

    def one(role: str) -> int | None:
        return columns[role][0] if role in columns else None

    return Roles(
        n_columns=sum(map(len, columns.values())),
        header=None,
        scores=columns["scores"],
        label=one("label"),
        targets=columns.get("targets", ()),
        id=one("id"),
        weight=one("weight"),
        answers=columns.get("answers", ()),
    )


def _describe(scores: Tensor, axis: int, roles: Iterable[str]) -> str:
    """``scores f4 array (100, 10) · label array``; of several axes, which has the classes."""
    shape = ", ".join(map(str, scores.shape))
    usual = len(scores.shape) < 3 and axis == len(scores.shape) - 1
    where = "" if usual else f", classes on axis {axis}"
    others = [f"{role} array" for role in roles if role != "scores"]
    return " · ".join([f"scores {scores.dtype.lstrip('<|')} array ({shape}){where}", *others])


def _chunks(files: Sequence[Mapping[str, _Part]], keeps: bool) -> Generator[Chunk, None, None]:
    for found in files:
        yield from _chunks_of(found, keeps)


def _chunks_of(found: Mapping[str, _Part], keeps: bool) -> Iterator[ArrayChunk]:
    """The arrays of a file, a piece at a time."""
    where = found["scores"].tensor.where
    firsts = list(_first_columns(found))
    sources = {first: found[role].tensor.where for first, role in firsts}
    n_items = found["scores"].tensor.rows_in(PIECE_BYTES)
    start = 0
    for pieces in zip(*(part.tensor.pieces(n_items) for part in found.values()), strict=True):
        columns = {
            first: _convert(piece.reshape(-1, found[role].width), role, keeps)
            for (first, role), piece in zip(firsts, pieces, strict=True)
        }
        places = Places(where, range(start, start + len(columns[0])), AT)
        yield ArrayChunk(places, columns, sources)
        start += len(columns[0])


def _first_columns(found: Mapping[str, _Part]) -> Iterator[tuple[int, str]]:
    """Where each role's columns begin, if the arrays stood side by side."""
    end = 0
    for role, part in found.items():
        yield end, role
        end += part.width


def _convert(piece: NumberArray, role: str, keeps: bool) -> NumberArray:
    """Numbers to compute with in float64, but for logits that are widened later."""
    if role == "label":
        return _whole(piece)
    if role in ("id", "answers") or (role == "scores" and keeps and piece.dtype.kind == "f"):
        return piece
    return piece.astype(np.float64, copy=False)


def _whole(labels: NumberArray) -> NumberArray:
    """Labels as integers, if all are: messages and names of classes have ``7``, not ``7.0``."""
    with np.errstate(invalid="ignore"):
        integers = labels.astype(np.int64)
    return integers if np.array_equal(integers, labels) else labels
