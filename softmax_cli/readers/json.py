"""JSON and JSON Lines: a value after another, each a sample or several.

A sample is an object, whose keys are columns, or a list of numbers, which is a row without a
header. Several are a list of samples, or an object whose values are lists of as many.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from softmax_cli.data import Dataset, Places
from softmax_cli.errors import BadValue, DataError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.assemble import Assembly
from softmax_cli.readers.bulk_objects import BulkObjects
from softmax_cli.readers.chunks import Categories, Chunk, Fault, Numbers, TableChunk, categorize
from softmax_cli.readers.headings import is_label
from softmax_cli.readers.lists import Field, find_roles_of_fields
from softmax_cli.readers.roles import Roles, find_roles, schema_of
from softmax_cli.readers.signatures import Kind, kind_of
from softmax_cli.readers.source import Sources, display_name
from softmax_cli.readers.values import Bulk, Value, Values
from softmax_cli.text import holds_text, parse_number

BATCH_CELLS = 1 << 16
_MOST_AXES = 8
_CLASSES = "classes"
"""What a list with the names of the classes is called, in an object with many samples."""


def open_json(
    names: Sequence[str],
    job: Job,
    sample: Sample,
    class_names: tuple[str, ...] | None,
    sources: Sources,
) -> Dataset:
    """Several files as one dataset, in the order given; all must have the same columns."""
    with ExitStack() as opened:
        first = opened.enter_context(closing(_Table(names[0], job, sample, sources)))
        roles = first.find_roles(job, sample)
        class_names = class_names or first.class_names(len(roles.scores))
        assembly = Assembly(roles, schema_of(roles, sample, class_names), job, sample)
        opened.pop_all()  # from here on whoever reads the chunks closes it
    tables = chain([first], (_Table(name, job, sample, sources) for name in names[1:]))
    return assembly.dataset(_chunks(tables, first, roles), display_name(names[-1]))


def _chunks(
    tables: "Iterator[_Table]", first: "_Table", roles: Roles
) -> Generator[Chunk, None, None]:
    limit = max(1, BATCH_CELLS // roles.n_columns)
    for table in tables:
        with closing(table):
            if table.fields != first.fields:
                raise DataError(table.where, f"its columns differ from those of {first.where}")
            table.parse_in_bulk(roles)
            for rows in table.rows():
                if isinstance(rows, Bulk):
                    yield _bulk_chunk(rows, table, roles)
                    continue
                for start in range(0, len(rows), limit):
                    yield JsonChunk(roles, table.where, rows[start : start + limit])


def _bulk_chunk(bulk: Bulk, table: "_Table", roles: Roles) -> Chunk:
    from softmax_cli.readers.columnar import FrameChunk, columns_by_field, single_columns

    lines = range(bulk.line, bulk.line + len(bulk.frame))
    places = Places(table.where, lines)
    columns = columns_by_field(table.fields, roles)
    return FrameChunk(roles, single_columns(bulk.frame, columns, places), places)


class Row(NamedTuple):
    """A sample, and the line where it begins: a cell, as decoded, for each single column."""

    line: int
    cells: Sequence[Any]


class JsonChunk(TableChunk):
    """Samples of a source. A number is what ``text`` says is one, also if it is a string."""

    def __init__(self, roles: Roles, source: str, rows: Sequence[Row]) -> None:
        super().__init__(roles, Places(source, [row.line for row in rows]))
        self.rows = rows

    def holds_numbers(self, column: int) -> bool:
        """Never: numbers are kept as they were written."""
        return False

    def numbers(self, columns: Sequence[int]) -> Numbers:
        """Columns as numbers (n, columns); a null is a fault."""
        first, end = columns[0], columns[-1] + 1
        if list(columns) == list(range(first, end)):
            cells = [cell for row in self.rows for cell in row.cells[first:end]]
        else:
            cells = [row.cells[column] for row in self.rows for column in columns]
        shape = len(self.rows), len(columns)
        values = _floats(cells)
        if values is not None:
            return Numbers(values.reshape(shape))
        faults: list[Fault] = []
        values = np.full(shape, np.nan)
        for index, cell in enumerate(cells):
            row, place = divmod(index, len(columns))
            try:
                values[row, place] = _number(cell)
            except BadValue as error:
                faults.append(Fault(row, columns[place], error))
        return Numbers(values, faults)

    def texts(self, column: int) -> Sequence[str]:
        """The cells as they are written; empty for null."""
        return [self._text(row, column) for row in range(len(self.rows))]

    def categories(self, column: int) -> Categories:
        """The texts of a column, each once."""
        return categorize(self.texts(column))

    def _text(self, row: int, column: int) -> str:
        cell = self.rows[row].cells[column]
        if isinstance(cell, str):
            return cell.strip()
        if isinstance(cell, list | dict):
            raise DataError(self.place(row, column), f"{_kind(cell)}, not a single value")
        return "" if cell is None else str(cell).lower()


def _floats(cells: Sequence[Any]) -> "np.ndarray[Any, np.dtype[np.float64]] | None":
    """The numbers, if all are such, and spelled as all numbers are here; else None."""
    try:
        text = "".join(cells)
        values = np.array(list(map(float, cells)))
    except (TypeError, ValueError):
        return None
    spelled = text.isascii() and text.isprintable() and "_" not in text
    return values if spelled and not np.isinf(values).any() else None


def _number(cell: object) -> float:
    """The number. Raises BadValue."""
    if isinstance(cell, str):
        return parse_number(cell)
    if cell is None:
        raise BadValue("null where a number should be", skippable=True)
    raise BadValue(f"{_kind(cell)}, not a number")


def _kind(cell: object) -> str:
    """What the cell is, as JSON calls it."""
    if isinstance(cell, bool):
        return str(cell).lower()
    return "a list" if isinstance(cell, list) else "an object"


class _Table:
    """An opened source: its fields, which its first sample tells, and its samples."""

    def __init__(self, name: str, job: Job, sample: Sample, sources: Sources) -> None:
        self.where = display_name(name)
        if kind_of(sources.first_bytes(name)) is not Kind.JSON:
            raise DataError(self.where, "not JSON, as the first file is")
        self.splits = sample.is_binary
        self.values = Values(sources.open(name), self.where, job.max_record)
        self.classes: object = None
        self.is_split = False  # a value is several samples
        self.blocks = self._samples()

    @cached_property
    def first(self) -> Value:
        """The first sample. Raises DataError if there is none."""
        begun = next((block for block in self.blocks if block), None)
        if begun is None or isinstance(begun, Bulk):
            raise DataError(self.where, "no data rows")
        self.blocks = chain([begun], self.blocks)
        return begun[0]

    @cached_property
    def has_keys(self) -> bool:
        """Whether samples are objects, not lists."""
        return isinstance(self.first.content, dict)

    @cached_property
    def fields(self) -> list[Field]:
        """The columns; a list has one without a name."""
        content = self.first.content
        columns = content.items() if isinstance(content, dict) else [("", content)]
        return [Field(key, _length(value)) for key, value in columns]

    def find_roles(self, job: Job, sample: Sample) -> Roles:
        """What the columns are."""
        where = f"{self.where}:{self.first.line}"
        content = self.first.content
        if isinstance(content, dict):
            texts = [key for key, cell in content.items() if _is_text(cell)]
            return find_roles_of_fields(self.fields, where, job, sample, texts)
        return find_roles([""] * (self.fields[0].length or 0), False, where, job, sample)

    def class_names(self, count: int) -> tuple[str, ...] | None:
        """The names of so many classes, if the source tells them."""
        names = self.values.head.get(_CLASSES, self.classes)
        if not isinstance(names, list) or len(names) != count:
            return None
        return tuple(names) if all(isinstance(name, str) for name in names) else None

    def close(self) -> None:
        """Close the source."""
        self.values.stream.close()

    def parse_in_bulk(self, roles: Roles) -> None:
        """From here on, have lines of objects parsed by polars, where it may."""
        if not self.has_keys or self.is_split:
            return
        texts = {roles.label, roles.id, *roles.answers}
        numbers = iter(range(roles.n_columns))
        as_written = [
            field.name
            for field in self.fields
            if texts.intersection([next(numbers) for _ in field.headings])
        ]
        bulk = BulkObjects(self.values.first_text, self.fields, as_written)
        self.values.parse_lines = bulk.parse

    def rows(self) -> Iterator[list[Row] | Bulk]:
        """The samples, as they come. Raises DataError for one unlike the first."""
        for block in self.blocks:
            if isinstance(block, Bulk):
                yield block
                continue
            rows: list[Row] = []
            try:
                for sample in block:
                    rows.append(Row(sample.line, self._cells(sample)))
            except DataError:
                yield rows
                raise
            yield rows

    def _samples(self) -> Iterator[list[Value] | Bulk]:
        for values in self.values:
            if isinstance(values, Bulk):
                yield values
                continue
            samples: list[Value] = []
            try:
                for value in values:
                    samples.extend(self._split(value))
            except DataError:
                yield samples
                raise
            yield samples

    def _split(self, value: Value, axes: int = 0) -> Iterator[Value]:
        """The samples of a value, which may be lists of them."""
        line, content = value
        if axes > _MOST_AXES:
            raise DataError(f"{self.where}:{line}", "lists in lists, too deep to be samples")
        if isinstance(content, list):
            if not any(isinstance(item, list | dict) for item in content):
                if content:
                    yield value
                return
            for item in content:
                if not isinstance(item, list | dict):
                    raise DataError(f"{self.where}:{line}", f"{item} among lists")
                yield from self._split(Value(line, item), axes + 1)
        elif isinstance(content, dict):
            lists = {key: item for key, item in content.items() if isinstance(item, list)}
            nested = [key for key, item in lists.items() if item and isinstance(item[0], list)]
            singles = {key.lower() for key in content if key not in lists}
            if not nested and not (self.splits and lists and not any(map(is_label, singles))):
                yield value
                return
            yield from self._split_object(value, lists, nested or list(lists), axes)
        else:
            raise DataError(f"{self.where}:{line}", f"{content}, which is no sample")

    def _split_object(
        self, value: Value, lists: dict[str, list[Any]], leading: list[str], axes: int
    ) -> Iterator[Value]:
        """The samples of an object whose values are lists of as many; what is single is of none."""
        line = value.line
        self.is_split = True
        self.classes = lists.get(_CLASSES, self.classes)
        lists = {key: item for key, item in lists.items() if key != _CLASSES}
        count = len(lists[leading[0]])
        for key, item in lists.items():
            if len(item) != count:
                what = f"{len(item)} values of {key!r}, but {count} of {leading[0]!r}"
                raise DataError(f"{self.where}:{line}", what)
        for index in range(count):
            of_one = {key: item[index] for key, item in lists.items()}
            yield from self._split(Value(line, of_one), axes + 1)

    def _cells(self, sample: Value) -> Sequence[Any]:
        """A cell for each single column. Raises DataError for a sample unlike the first."""
        line, content = sample
        if isinstance(content, dict) is not self.has_keys:
            what = "a list, but the first sample is an object"
            if self.has_keys is False:
                what = "an object, but the first sample is a list"
            raise DataError(f"{self.where}:{line}", what)
        columns = content if isinstance(content, dict) else {"": content}
        cells: list[Any] = []
        n_known = 0
        for key, length in self.fields:
            cell = columns.get(key)
            n_known += key in columns
            if length is None:
                cells.append(cell)
            elif isinstance(cell, list) and len(cell) == length:
                cells += cell
            elif cell is None:
                cells += [None] * length
            else:
                raise self._unlike(line, key, cell, length)
        if n_known < len(columns):
            known = {field.name for field in self.fields}
            key = next(key for key in columns if key not in known)
            raise DataError(
                f"{self.where}:{line}",
                f"the key {key!r}, which the first sample has not",
                f"keep what all have: jq -c '{{{', '.join(self._common(columns))}}}' "
                f"FILE | softmax-cli ...",
            )
        return cells

    def _common(self, columns: dict[str, Any]) -> list[str]:
        return [field.name for field in self.fields if field.name in columns]

    def _unlike(self, line: int, key: str, cell: object, length: int) -> DataError:
        name = f"{key!r}: " if key else ""
        found = f"{len(cell)} numbers" if isinstance(cell, list) else "a single value"
        what = f"{name}{found}, but {length} in the first sample"
        return DataError(f"{self.where}:{line}", what)


def _is_text(cell: object) -> bool:
    """Whether it is words, true, false or an object, and no mark of a missing value."""
    return isinstance(cell, bool | dict) or (isinstance(cell, str) and holds_text(cell))


def _length(cell: object) -> int | None:
    return len(cell) if isinstance(cell, list) else None
