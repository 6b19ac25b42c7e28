"""Parquet and Arrow IPC: tables that know their columns, read by polars."""

from collections.abc import Generator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from softmax_cli.data import Dataset, Places
from softmax_cli.errors import BadValue, DataError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.assemble import Assembly
from softmax_cli.readers.chunks import Categories, Chunk, Fault, Numbers, TableChunk
from softmax_cli.readers.frames import categories, texts
from softmax_cli.readers.roles import Roles, find_roles, schema_of
from softmax_cli.readers.signatures import Kind, kind_of
from softmax_cli.readers.source import Sources

if TYPE_CHECKING:
    import polars as pl

BATCH_CELLS = 1 << 19
AT = " sample "  # as in the output: counted from 0


def open_columnar(
    names: Sequence[str],
    job: Job,
    sample: Sample,
    class_names: tuple[str, ...] | None,
    sources: Sources,
) -> Dataset:
    """Several files as one dataset, in the order given; all must have the same columns."""
    frames = [_scan(name, names[0], sources) for name in names]
    columns = [_columns(frame, name) for frame, name in zip(frames, names, strict=True)]
    for name, found in zip(names, columns, strict=True):
        if found != columns[0]:
            raise DataError(name, f"its columns differ from those of {names[0]}")
    roles = find_roles(columns[0], True, names[0], job, sample)
    assembly = Assembly(roles, schema_of(roles, sample, class_names), job, sample)
    return assembly.dataset(_chunks(names, frames, roles), names[-1])


def _scan(name: str, first: str, sources: Sources) -> "pl.LazyFrame":
    import polars as pl

    kind = kind_of(sources.first_bytes(name))
    if kind is Kind.PARQUET:
        return pl.scan_parquet(_content(name, sources))
    if kind is Kind.ARROW:
        return pl.scan_ipc(_content(name, sources))
    raise DataError(name, f"not a file of the same kind as {first}")


def _content(name: str, sources: Sources) -> BytesIO:
    with sources.open(name) as stream:
        return BytesIO(stream.read())


def _columns(frame: "pl.LazyFrame", name: str) -> list[str]:
    import polars as pl

    try:
        return frame.collect_schema().names()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(name, error) from None


def _unreadable(name: str, error: Exception) -> DataError:
    return DataError(name, f"cannot be read: {str(error).splitlines()[0]}")


def _chunks(
    names: Sequence[str], frames: "Sequence[pl.LazyFrame]", roles: Roles
) -> Generator[Chunk, None, None]:
    import polars as pl

    step = max(1, BATCH_CELLS // roles.n_columns)
    for name, lazy in zip(names, frames, strict=True):
        start = 0
        try:
            for frame in lazy.collect_batches(chunk_size=step, engine="streaming"):
                if len(frame):
                    yield FrameChunk(roles, frame, _places(name, start, frame))
                start += len(frame)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _unreadable(name, error) from None


def _places(name: str, start: int, frame: "pl.DataFrame") -> Places:
    return Places(name, range(start, start + len(frame)), AT)


class FrameChunk(TableChunk):
    """A piece of a table, whose columns have types."""

    def __init__(self, roles: Roles, frame: "pl.DataFrame", places: Places) -> None:
        super().__init__(roles, places)
        self.frame = frame

    def holds_numbers(self, column: int) -> bool:
        """Whether the column's type is one of numbers."""
        return self._column(column).dtype.is_numeric()

    def numbers(self, columns: Sequence[int]) -> Numbers:
        """Columns as numbers (n, columns); a missing value is a fault."""
        import polars as pl

        faults: list[Fault] = []
        found = []
        for index in columns:
            column = self._column(index)
            if not column.dtype.is_numeric():
                advice = "not a score? carry it by --id-col, or name the scores by --cols"
                what = f"{self.roles.name(index)}: {column.dtype}, not numbers"
                raise DataError(self.places.source, what, advice)
            if column.null_count():
                missing = BadValue("a missing value", skippable=True)
                rows = column.is_null().arg_true().to_list()
                faults += [Fault(row, index, missing) for row in rows]
            found.append(column.cast(pl.Float64).alias(str(index)))
        return Numbers(pl.DataFrame(found).to_numpy(), faults)

    def texts(self, column: int) -> Sequence[str]:
        """The cells; of numbers the shortest texts; empty where there is none."""
        return texts(self._texts(column))

    def categories(self, column: int) -> Categories:
        """The texts of a column, each once."""
        return categories(self._texts(column))

    def _column(self, index: int) -> "pl.Series":
        return self.frame[self.frame.columns[index]]

    def _texts(self, index: int) -> "pl.Series":
        import polars as pl

        column = self._column(index)
        return column if column.dtype == pl.String else column.cast(pl.String)
