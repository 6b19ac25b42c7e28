"""Arrays as scores and labels: ``logits.npy``, an .npz or .safetensors with both."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from softmax_cli.data import Batch, Dataset, FloatArray, IntArray, Places, Schema
from softmax_cli.errors import DataError, UsageError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.labels import BadLabel, LabelParser
from softmax_cli.readers.roles import LABEL_NAMES
from softmax_cli.readers.tensors import Tensor, open_tensors
from softmax_cli.system.ahead import ahead

PIECE_BYTES = 16 << 20
SCORE_NAMES = ("logits", "probs", "scores")
AT = " sample "  # as in the output: counted from 0


def open_arrays(
    names: Sequence[str], job: Job, sample: Sample, class_names: tuple[str, ...] | None
) -> Dataset:
    """The arrays of one or several files as one batch."""
    for option in ("label_col", "target_cols", "cols", "id_col", "sample_weight_col"):
        if getattr(job, option) is not None:
            flag = f"--{option.replace('_', '-')}"
            raise UsageError(f"{flag} names a column, but {names[0]} is an array without columns")
    parts = [_scores_and_labels(name, sample) for name in names]
    first, labels = parts[0]
    for scores, its_labels in parts[1:]:
        if scores.shape[1:] != first.shape[1:] or (its_labels is None) != (labels is None):
            raise DataError(scores.where, f"not the same kind of arrays as in {first.where}")
    n_classes = 1 if sample.is_binary else first.shape[1]
    has_labels = (
        labels is not None and sample.wants_labels and job.labels is None and not job.target
    )
    shapes = f"scores {first.dtype.lstrip('<|')} array {_describe(first)}"
    reading = f"{shapes} · label array" if has_labels else shapes
    dtype = "float32" if all(scores.is_single for scores, _ in parts) else "float64"
    schema = Schema(n_classes, class_names, None, has_labels, reading, dtype=dtype)
    # The backend widens logits piece by piece; what is checked beforehand is widened here.
    keeps = job.scores == "logits" and not sample.is_binary
    parse = LabelParser.of(schema, job, sample) if has_labels else None
    return Dataset(schema, ahead(_batches(parts, keeps, parse)), [])


def label_array(name: str) -> Tensor:
    """The one array of a file with labels."""
    tensors = open_tensors(name)
    found = [t for key, t in tensors.items() if key.lower() in LABEL_NAMES or len(tensors) == 1]
    if len(found) != 1 or len(found[0].shape) != 1:
        raise DataError(name, "not one array of labels, of shape (n,)")
    return found[0]


def with_label_array(
    batches: Iterator[Batch], tensor: Tensor, parse: LabelParser
) -> Iterator[Batch]:
    """The batches with the labels of an array, which has as many as there are samples."""
    n_labels = tensor.shape[0]
    labels = _Labels(tensor, parse)
    n_samples = 0
    for batch in batches:
        n_samples += len(batch)
        if n_samples > n_labels:
            break
        yield replace(batch, labels=labels.take(len(batch)))
    if n_samples != n_labels:
        what = f"{n_labels} labels, but there are {'more' if n_samples > n_labels else n_samples}"
        raise UsageError(f"{tensor.where} has {what} samples", "give one label for each sample")


class _Labels:
    """An array of labels, taken as the samples come."""

    def __init__(self, tensor: Tensor, parse: LabelParser) -> None:
        self.where = tensor.where
        self.parse = parse
        self.pieces = tensor.pieces(PIECE_BYTES)
        self.rest = np.empty(0)
        self.n_taken = 0

    def take(self, count: int) -> IntArray:
        """The next ``count`` class indices. Raises DataError for what is no label."""
        while len(self.rest) < count:
            self.rest = np.concatenate([self.rest, next(self.pieces).astype(np.float64)])
        values, self.rest = self.rest[:count], self.rest[count:]
        indices = self.parse.indices(values)
        if indices is None:
            indices = np.array([self._parsed(i, value) for i, value in enumerate(values.tolist())])
        self.n_taken += count
        return indices

    def _parsed(self, i: int, value: float) -> int:
        try:
            return self.parse(f"{value:.17g}")
        except BadLabel as error:
            where = f"{self.where}{AT}{self.n_taken + i}"
            raise DataError(where, error.message, error.advice) from None


def _scores_and_labels(name: str, sample: Sample) -> tuple[Tensor, Tensor | None]:
    tensors = open_tensors(name)
    named = {key.lower(): tensor for key, tensor in tensors.items()}
    found = [named[key] for key in ("", *SCORE_NAMES) if key in named]
    if len(found) != 1:
        raise DataError(
            name,
            f"its arrays are called {', '.join(tensors) or 'nothing: it is empty'}",
            f"call the scores {' or '.join(SCORE_NAMES[:2])}, and the labels labels",
        )
    scores = found[0]
    if sample.numbers_are_samples and len(scores.shape) == 1:
        scores = scores._replace(shape=(scores.shape[0], 1))
    if len(scores.shape) != 2 or 0 in scores.shape or (sample.is_binary and scores.shape[1] != 1):
        wanted = "(samples,)" if sample.is_binary else "(samples, classes)"
        raise DataError(scores.where, f"shape {scores.shape}, not {wanted}")
    labels = next((named[key] for key in sorted(LABEL_NAMES) if key in named), None)
    if labels is not None and labels.shape != scores.shape[:1]:
        raise DataError(labels.where, f"shape {labels.shape}, but there are {scores.shape[0]} rows")
    return scores, labels


def _batches(
    parts: list[tuple[Tensor, Tensor | None]], keeps: bool, parse: LabelParser | None
) -> Iterator[Batch]:
    first_row = 0
    for scores, labels in parts:
        taken = _Labels(labels, parse) if labels is not None and parse is not None else None
        start = 0
        for piece in scores.pieces(PIECE_BYTES):
            rows = piece if keeps and piece.dtype.kind == "f" else piece.astype(np.float64)
            values: FloatArray = rows  # type: ignore[assignment]
            places = Places(scores.where, range(start, start + len(rows)), AT)
            yield Batch(first_row, values, places, None if taken is None else taken.take(len(rows)))
            first_row += len(rows)
            start += len(rows)


def _describe(tensor: Tensor) -> str:
    return f"({', '.join(map(str, tensor.shape))})"
