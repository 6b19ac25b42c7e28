"""Parquet, Arrow IPC and JSON Lines: tables that know their columns, read by polars."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from softmax_cli.data import Batch, Dataset, FloatArray, IntArray, Places
from softmax_cli.errors import DataError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.formats import scan_name
from softmax_cli.readers.frames import text_labels, texts
from softmax_cli.readers.labels import BadLabel, LabelParser
from softmax_cli.readers.roles import Roles, find_roles, schema_of
from softmax_cli.system.ahead import ahead

if TYPE_CHECKING:
    import polars as pl

BATCH_CELLS = 1 << 19
AT = " sample "  # as in the output: counted from 0


def open_columnar(
    names: Sequence[str],
    starts: Sequence[bytes],
    job: Job,
    sample: Sample,
    class_names: tuple[str, ...] | None,
) -> Dataset:
    """Several files as one dataset, in the order given; all must have the same columns."""
    import polars as pl

    frames = []
    for name, start in zip(names, starts, strict=True):
        scan = scan_name(start)
        if scan is None:
            raise DataError(name, f"not a file of the same kind as {names[0]}")
        frames.append(getattr(pl, scan)(name))
    columns = [list(_columns(frame, name)) for frame, name in zip(frames, names, strict=True)]
    for name, found in zip(names, columns, strict=True):
        if found != columns[0]:
            raise DataError(name, f"its columns differ from those of {names[0]}")
    roles = find_roles(columns[0], True, names[0], job, sample)
    schema = schema_of(roles, job, sample, class_names)
    parse = LabelParser.of(schema, job, sample) if roles.label is not None else None
    notes: list[str] = []
    reader = _Reader(roles, parse, job.missing == "skip", notes)
    return Dataset(schema, ahead(reader.batches(names, frames)), notes)


def _columns(frame: "pl.LazyFrame", name: str) -> Iterator[str]:
    import polars as pl

    try:
        yield from frame.collect_schema().names()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(name, error) from None


def _unreadable(name: str, error: Exception) -> DataError:
    return DataError(name, f"cannot be read: {str(error).splitlines()[0]}")


class _Reader:
    def __init__(
        self, roles: Roles, parse: LabelParser | None, skips: bool, notes: list[str]
    ) -> None:
        self.roles = roles
        self.parse = parse
        self.skips = skips
        self.notes = notes
        self.n_rows = 0

    def batches(self, names: Sequence[str], frames: "list[pl.LazyFrame]") -> Iterator[Batch]:
        """All batches. Raises DataError for a missing or textual score and if no row is left."""
        import polars as pl

        n_skipped = 0
        step = max(1, BATCH_CELLS // self.roles.n_columns)
        for name, lazy in zip(names, frames, strict=True):
            start = 0
            try:
                for frame in lazy.collect_batches(chunk_size=step, engine="streaming"):
                    numbers = np.arange(start, start + len(frame))
                    start += len(frame)
                    kept = self._complete(frame, name, numbers)
                    n_skipped += len(frame) - int(kept.sum())
                    if kept.any():
                        yield self._batch(frame.filter(kept), name, numbers[kept])
            except (pl.exceptions.PolarsError, OSError) as error:
                raise _unreadable(name, error) from None
        if not self.n_rows:
            raise DataError(names[-1], f"no data rows{' left' * bool(n_skipped)}")
        if n_skipped:
            rows = "1 row" if n_skipped == 1 else f"{n_skipped} rows"
            self.notes.append(f"--missing skip left out {rows} with missing values")

    def _complete(
        self, frame: "pl.DataFrame", name: str, numbers: IntArray
    ) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Which rows have all they need."""
        kept = np.ones(len(frame), dtype=np.bool_)
        label = [] if self.parse is None or self.roles.label is None else [self.roles.label]
        weight = [] if self.roles.weight is None else [self.roles.weight]
        for index in (*self.roles.scores, *self.roles.targets, *weight, *label):
            column = frame[frame.columns[index]]
            if index not in label and not column.dtype.is_numeric():
                advice = "not a score? carry it by --id-col, or name the scores by --cols"
                what = f"{self.roles.name(index)}: {column.dtype}, not numbers"
                raise DataError(name, what, advice)
            if column.null_count():
                if not self.skips:
                    where = f"{name}{AT}{numbers[column.is_null().arg_max()]}"
                    raise DataError(where, f"{self.roles.name(index)}: a missing value")
                kept &= ~column.is_null().to_numpy()
        return kept

    def _batch(self, frame: "pl.DataFrame", name: str, numbers: IntArray) -> Batch:
        roles = self.roles
        places = Places(name, numbers.tolist(), AT)
        batch = Batch(
            first_row=self.n_rows,
            scores=_numbers(frame, roles.scores),
            places=places,
            labels=self._labels(frame, places),
            targets=_numbers(frame, roles.targets) if roles.targets else None,
            ids=None if roles.id is None else texts(_text(frame[frame.columns[roles.id]])),
            weights=self._weights(frame, places),
        )
        self.n_rows += len(batch)
        return batch

    def _weights(self, frame: "pl.DataFrame", places: Places) -> FloatArray | None:
        if self.roles.weight is None:
            return None
        weights = np.asarray(_numbers(frame, [self.roles.weight])[:, 0])
        bad = ~((weights >= 0) & (weights < np.inf))
        if bad.any():
            row = int(bad.argmax())
            raise self.roles.not_a_weight(places.at(row), weights[row])
        return weights

    def _labels(self, frame: "pl.DataFrame", places: Places) -> IntArray | None:
        if self.parse is None:
            return None
        column = frame[frame.columns[self.roles.label or 0]]
        indices = text_labels(_text(column), self.parse)
        if indices is not None:
            return indices
        for row, text in enumerate(_text(column).to_list()):
            try:
                self.parse(text)
            except BadLabel as error:
                what = f"{self.roles.name(self.roles.label or 0)}: {error.message}"
                raise DataError(places.at(row), what, error.advice) from None
        raise AssertionError("a label is bad only among others")


def _numbers(frame: "pl.DataFrame", columns: Sequence[int]) -> FloatArray:
    import polars as pl

    return frame.select(
        frame[frame.columns[index]].cast(pl.Float64).alias(str(i))
        for i, index in enumerate(columns)
    ).to_numpy()


def _text(column: "pl.Series") -> "pl.Series":
    import polars as pl

    return column if column.dtype == pl.String else column.cast(pl.String)
