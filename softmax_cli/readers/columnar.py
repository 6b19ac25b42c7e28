"""Parquet and Arrow: tables that know their columns, decoded by polars."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Protocol

from softmax_cli.data import Dataset, Places
from softmax_cli.errors import BadValue, DataError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.assemble import Assembly
from softmax_cli.readers.chunks import Categories, Chunk, Fault, Numbers, TableChunk
from softmax_cli.readers.frames import categories, texts
from softmax_cli.readers.lists import Field, find_roles_of_fields
from softmax_cli.readers.roles import Roles, schema_of
from softmax_cli.readers.signatures import Kind, kind_of
from softmax_cli.readers.source import Sources, display_name
from softmax_cli.system.threads import ALLOW_MORE, NO_THREADS, polars_can_start

if TYPE_CHECKING:
    import polars as pl

BATCH_CELLS = 1 << 19
AT = " sample "  # as in the output: counted from 0


class Table(Protocol):
    """A file of a table. Both raise DataError for what is damaged."""

    where: str

    def schema(self) -> "Mapping[str, pl.DataType]":
        """The types of the columns, by their names."""
        ...

    def frames(self, names: Sequence[str]) -> "Iterator[pl.DataFrame]":
        """All rows, of these columns."""
        ...


def open_columnar(
    names: Sequence[str],
    job: Job,
    sample: Sample,
    class_names: tuple[str, ...] | None,
    sources: Sources,
) -> Dataset:
    """Several files as one dataset, in the order given; all must have the same columns."""
    if not polars_can_start():
        raise DataError(display_name(names[0]), NO_THREADS, ALLOW_MORE)
    tables = [_open(name, names[0], sources) for name in names]
    schemas = [table.schema() for table in tables]
    for table, schema in zip(tables, schemas, strict=True):
        if [*schema] != [*schemas[0]]:
            raise DataError(table.where, f"its columns differ from those of {tables[0].where}")
    fields = _fields(tables[0], schemas[0])
    not_numbers = [name for name, kind in schemas[0].items() if not _holds_numbers(kind)]
    roles = find_roles_of_fields(fields, tables[0].where, job, sample, not_numbers)
    assembly = Assembly(roles, schema_of(roles, sample, class_names), job, sample)
    return assembly.dataset(_chunks(tables, fields, roles), display_name(names[-1]))


def _open(name: str, first: str, sources: Sources) -> Table:
    def open_stream() -> IO[bytes]:
        return sources.open_seekable(name)

    where = display_name(name)
    kind = kind_of(sources.first_bytes(name))
    if kind is Kind.PARQUET:
        from softmax_cli.readers.parquet import ParquetFile

        return ParquetFile(where, open_stream)
    if kind is Kind.ARROW:
        from softmax_cli.readers.arrow import ArrowFile

        return ArrowFile(where, open_stream)
    raise DataError(where, f"not a file of the same kind as {display_name(first)}")


def _holds_numbers(kind: "pl.DataType") -> bool:
    import polars as pl

    inner = kind.inner if isinstance(kind, pl.List | pl.Array) else kind
    return inner.is_numeric()


def _fields(table: Table, schema: "Mapping[str, pl.DataType]") -> list[Field]:
    """The columns; how long a list is, its first row says."""
    import polars as pl

    lists = [name for name, kind in schema.items() if isinstance(kind, pl.List | pl.Array)]
    first = next((f.head(1) for f in table.frames(lists) if len(f)), None) if lists else None
    lengths = {} if first is None else {name: len(_as_list(first[name])[0]) for name in lists}
    return [Field(name, lengths.get(name)) for name in schema]


def _chunks(
    tables: Sequence[Table], fields: Sequence[Field], roles: Roles
) -> Generator[Chunk, None, None]:
    step = max(1, BATCH_CELLS // roles.n_columns)
    columns = columns_by_field(fields, roles)
    for table in tables:
        start = 0
        for frame in table.frames([*columns]):
            for piece in frame.iter_slices(step):
                places = Places(table.where, range(start, start + len(piece)), AT)
                yield FrameChunk(roles, single_columns(piece, columns, places), places)
                start += len(piece)


def columns_by_field(fields: Sequence[Field], roles: Roles) -> dict[str, range]:
    """The numbers of the single columns of each field that has a role."""
    used = {*roles.scores, *roles.targets, *roles.answers, roles.label, roles.id, roles.weight}
    columns: dict[str, range] = {}
    end = 0
    for field in fields:
        start, end = end, end + len(field.headings)
        if used.intersection(range(start, end)):
            columns[field.name] = range(start, end)
    return columns


def single_columns(
    frame: "pl.DataFrame", columns: Mapping[str, range], places: Places
) -> "pl.DataFrame":
    """The frame with its columns called by their numbers, and lists spread over several."""
    import polars as pl

    found: list[pl.Series] = []
    for name, numbers in columns.items():
        series = frame[name]
        if isinstance(series.dtype, pl.List | pl.Array):
            found += _spread(_as_list(series), numbers, places)
        else:
            found.append(series.alias(str(numbers.start)))
    return pl.DataFrame(found)


def _spread(series: "pl.Series", numbers: range, places: Places) -> "Iterator[pl.Series]":
    """A series for each part of lists that are all as long as the first."""
    import polars as pl

    other = (series.list.len() != len(numbers)).arg_true()
    if len(other):
        row = other[0]
        what = f"{series.name!r}: {len(series[row])} values, but {len(numbers)} in the first row"
        raise DataError(places.at(row), what)
    if series.null_count():
        nothing = pl.Series([[None] * len(numbers)], dtype=series.dtype)
        series = series.zip_with(series.is_not_null(), nothing.new_from_index(0, len(series)))
    parts = series.explode()
    for index, number in enumerate(numbers):
        yield parts.gather_every(len(numbers), index).alias(str(number))


def _as_list(series: "pl.Series") -> "pl.Series":
    import polars as pl

    return series.arr.to_list() if isinstance(series.dtype, pl.Array) else series


class FrameChunk(TableChunk):
    """A piece of a table, whose columns have types. They are called by their numbers."""

    def __init__(self, roles: Roles, frame: "pl.DataFrame", places: Places) -> None:
        super().__init__(roles, places)
        self.frame = frame

    def holds_numbers(self, column: int) -> bool:
        """Whether the column's type is one of numbers."""
        return self.frame[str(column)].dtype.is_numeric()

    def numbers(self, columns: Sequence[int]) -> Numbers:
        """Columns as numbers (n, columns); a missing value is a fault."""
        import polars as pl

        found = self.frame.select([str(column) for column in columns])
        for series, column in zip(found, columns, strict=True):
            if not series.dtype.is_numeric():
                rest = [score for score in self.roles.scores if score != column]
                advice = f"not a score? say {self.roles.option(rest)}" if rest else None
                what = f"{self.roles.name(column)}: {series.dtype}, not numbers"
                raise DataError(self.places.source, what, advice)
        missing = BadValue("a missing value", skippable=True)
        faults = [
            Fault(row, column, missing)
            for series, column in zip(found, columns, strict=True)
            if series.null_count()
            for row in series.is_null().arg_true().to_list()
        ]
        return Numbers(found.cast(pl.Float64).to_numpy(), faults)

    def texts(self, column: int) -> Sequence[str]:
        """The cells; of numbers the shortest texts; empty where there is none."""
        return texts(self._texts(column))

    def categories(self, column: int) -> Categories:
        """The texts of a column, each once."""
        return categories(self._texts(column))

    def _texts(self, column: int) -> "pl.Series":
        import polars as pl

        series = self.frame[str(column)]
        return series if series.dtype == pl.String else series.cast(pl.String)
