"""Arrays as tables: ``logits.npy``, an .npz or .safetensors with scores, labels and more.

Each array of an archive is as good as a column, or several: options name it.
"""

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import TextIO

import numpy as np

from softmax_cli.data import Dataset, IntArray, Places, Schema
from softmax_cli.errors import DataError, UsageError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.assemble import Assembly
from softmax_cli.readers.chunks import Categories, Chunk, Numbers, categorize
from softmax_cli.readers.labels import LabelParser
from softmax_cli.readers.roles import LABEL_NAMES, Roles, heading_of_id
from softmax_cli.readers.tensors import NumberArray, Tensor, open_tensors

PIECE_BYTES = 16 << 20
SCORE_NAMES = ("logits", "probs", "scores")
AT = " sample "  # as in the output: counted from 0


def open_arrays(
    names: Sequence[str],
    job: Job,
    sample: Sample,
    class_names: tuple[str, ...] | None,
    stdin: TextIO | None,
) -> Dataset:
    """The arrays of one or several files, in the order given; all must be of the same kinds."""
    files = [_find(name, job, sample) for name in names]
    first = files[0]
    for found in files[1:]:
        if {role: tensor.shape[1:] for role, tensor in found.items()} != {
            role: tensor.shape[1:] for role, tensor in first.items()
        }:
            what = f"not the same kind of arrays as in {first['scores'].where}"
            raise DataError(found["scores"].where, what)
    single = all(found["scores"].is_single for found in files)
    roles = _roles(first)
    schema = Schema(
        n_classes=len(roles.scores),
        class_names=class_names,
        id_name=None if job.id_col is None else heading_of_id(job.id_col),
        has_labels=roles.label is not None or bool(roles.targets),
        reading=_describe(first),
        has_weights=roles.weight is not None,
        dtype="float32" if single else "float64",
    )
    # The backend widens logits piece by piece; what is checked beforehand is widened here.
    keeps = job.scores == "logits" and not sample.is_binary
    return Assembly(roles, schema, job, sample).dataset(_chunks(files, keeps), names[-1])


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


class ArrayLabels:
    """The one array of a file with labels, taken as samples come."""

    def __init__(self, name: str, parse: LabelParser) -> None:
        tensors = open_tensors(name)
        found = [t for key, t in tensors.items() if key.lower() in LABEL_NAMES or len(tensors) == 1]
        if len(found) != 1 or len(found[0].shape) != 1:
            raise DataError(name, "not one array of labels, of shape (n,)")
        self.name = found[0].where
        self.parse = parse
        self.pieces = found[0].pieces(found[0].rows_in(PIECE_BYTES))
        self.n_left = found[0].shape[0]
        self.n_taken = 0
        self.read: NumberArray = np.empty(0, dtype=np.int64)

    def take(self, count: int) -> IntArray:
        """The next ``count`` class indices, or fewer. Raises DataError for what is no label."""
        while len(self.read) < min(count, self.n_left):
            self.read = np.concatenate([self.read, _whole(next(self.pieces))])
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


def _find(name: str, job: Job, sample: Sample) -> dict[str, Tensor]:
    """The arrays of a file by role, those of the samples' scores first."""
    tensors = open_tensors(name)
    finder = _Finder(name, tensors)
    found = {"scores": _as_scores(finder.scores(job.cols), sample)}
    n_rows, n_scores = found["scores"].shape
    vector, matrix = (n_rows,), (n_rows, n_scores)
    label = finder.label(job.label_col)
    if label is not None:
        label = _of_shape(label, vector)  # a wrong one tells of the wrong file, wanted or not
        if sample.wants_labels and not (job.labels or job.target or job.target_cols):
            found["label"] = label
    for role, option, flag, shape in (
        ("targets", job.target_cols, "--target-cols", matrix),
        ("weight", job.sample_weight_col, "--sample-weight-col", vector),
        ("id", job.id_col, "--id-col", vector),
        ("answers", job.expect_col, "--expect-col", vector),
        ("answers", job.expect_cols, "--expect-cols", matrix),
    ):
        if option is not None:
            found[role] = _of_shape(finder.called(option, flag), shape)
    return found


class _Finder:
    """Finds arrays of a file by their names."""

    def __init__(self, name: str, tensors: Mapping[str, Tensor]) -> None:
        self.name = name
        self.tensors = tensors
        self.by_small_name = {key.lower(): tensor for key, tensor in tensors.items()}

    def called(self, text: str, flag: str) -> Tensor:
        """The array that an option names."""
        if "" in self.tensors:
            raise UsageError(f"{flag} names a column, but {self.name} is an array without columns")
        if text not in self.tensors:
            arrays = f"the arrays are {', '.join(self.tensors)}"
            raise DataError(self.name, f"{flag} {text!r}: no such array", arrays)
        return self.tensors[text]

    def scores(self, option: str | None) -> Tensor:
        """The array of scores: named by ``--cols``, or else known by its name."""
        if option is not None:
            return self.called(option, "--cols")
        known = ("", *SCORE_NAMES)
        found = [self.by_small_name[key] for key in known if key in self.by_small_name]
        if len(found) != 1:
            raise DataError(
                self.name,
                f"its arrays are called {', '.join(self.tensors) or 'nothing: it is empty'}",
                f"call the scores {' or '.join(SCORE_NAMES[:2])}, and the labels labels",
            )
        return found[0]

    def label(self, option: str | None) -> Tensor | None:
        """The array of labels, if there is one: named by ``--label-col``, or known by its name."""
        if option is not None:
            return self.called(option, "--label-col")
        known = sorted(LABEL_NAMES)
        return next((self.by_small_name[k] for k in known if k in self.by_small_name), None)


def _as_scores(scores: Tensor, sample: Sample) -> Tensor:
    if sample.numbers_are_samples and len(scores.shape) == 1:
        scores = scores._replace(shape=(scores.shape[0], 1))
    binary = sample.is_binary
    if len(scores.shape) != 2 or 0 in scores.shape or (binary and scores.shape[1] != 1):
        wanted = "(samples,)" if binary else "(samples, classes)"
        raise DataError(scores.where, f"shape {scores.shape}, not {wanted}")
    return scores


def _of_shape(tensor: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The tensor, if it has a row for each sample, and as many numbers as its role asks for."""
    if tensor.shape[:1] != shape[:1]:
        raise DataError(tensor.where, f"shape {tensor.shape}, but there are {shape[0]} rows")
    if math.prod(tensor.shape) != math.prod(shape):
        raise DataError(tensor.where, f"shape {tensor.shape}, not {shape}")
    return tensor._replace(shape=shape)


def _roles(found: Mapping[str, Tensor]) -> Roles:
    """The roles of columns, if the arrays stood side by side."""
    columns: dict[str, tuple[int, ...]] = {}
    for start, role in _first_columns(found):
        columns[role] = tuple(range(start, start + math.prod(found[role].shape[1:])))

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


def _describe(found: Mapping[str, Tensor]) -> str:
    """``scores f4 array (100, 10) · label array``."""
    scores = found["scores"]
    shape = ", ".join(map(str, scores.shape))
    others = [f"{role} array" for role in found if role != "scores"]
    return " · ".join([f"scores {scores.dtype.lstrip('<|')} array ({shape})", *others])


def _chunks(files: Sequence[Mapping[str, Tensor]], keeps: bool) -> Generator[Chunk, None, None]:
    for found in files:
        yield from _chunks_of(found, keeps)


def _chunks_of(found: Mapping[str, Tensor], keeps: bool) -> Iterator[ArrayChunk]:
    """The arrays of a file, a piece at a time."""
    where = found["scores"].where
    firsts = list(_first_columns(found))
    sources = {first: found[role].where for first, role in firsts}
    n_rows = found["scores"].rows_in(PIECE_BYTES)
    start = 0
    for pieces in zip(*(tensor.pieces(n_rows) for tensor in found.values()), strict=True):
        places = Places(where, range(start, start + len(pieces[0])), AT)
        arrays = zip(firsts, pieces, strict=True)
        columns = {first: _convert(piece, role, keeps) for (first, role), piece in arrays}
        yield ArrayChunk(places, columns, sources)
        start += len(pieces[0])


def _first_columns(found: Mapping[str, Tensor]) -> Iterator[tuple[int, str]]:
    """Where each role's columns begin, if the arrays stood side by side."""
    end = 0
    for role, tensor in found.items():
        yield end, role
        end += math.prod(tensor.shape[1:])


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
