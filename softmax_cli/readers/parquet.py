"""Parquet files cut into their row groups, each of which polars decodes by itself.

So memory is that of a row group, only the columns that are needed are read, nothing is mapped,
and what is decoded has been checked: that pages are where the file says, hold as many values as
it says, and have their checksums, where there are any.

https://github.com/apache/parquet-format: Thrift structures, by the numbers of their fields.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from io import SEEK_END, BytesIO
from typing import IO, TYPE_CHECKING, NamedTuple
from zlib import crc32

from softmax_cli.errors import DataError
from softmax_cli.readers.frames import decode
from softmax_cli.readers.thrift import I64, LIST, STRUCT, Parser, Struct, Typed, to_bytes

if TYPE_CHECKING:
    import polars as pl

MAGIC, _ENCRYPTED = b"PAR1", b"PARE"
# FileMetaData
_SCHEMA, _N_ROWS, _ROW_GROUPS, _KEYS, _ORDERS = 2, 3, 4, 5, 7
# SchemaElement
_NAME, _N_CHILDREN = 4, 5
# RowGroup, and what of it holds for the columns that are kept
_COLUMNS, _GROUP_ROWS, _OF_GROUP = 1, 3, (1, 2, 3)
# ColumnChunk
_PATH, _START, _META, _ENCRYPTION = 1, 2, 3, 8
# ColumnMetaData, and what of it polars need not know, being offsets in the whole file
_N_VALUES, _SIZE, _DATA, _INDEX, _DICTIONARY = 5, 7, 9, 10, 11
_ELSEWHERE = (_INDEX, 12, 14, 15)
# PageHeader, and the header of a data page, of either version
_PAGE_SIZE, _CHECKSUM, _DATA_PAGE, _DATA_PAGE_2, _PAGE_VALUES = 3, 4, 5, 8, 1


class _Column(NamedTuple):
    """A column of the table: its part of the schema, and its leaves, which have data."""

    name: str
    schema: list[Struct]
    leaves: range


class ParquetFile:
    """A Parquet file by its footer. ``open_stream`` gives its bytes, with a position.

    Raises DataError for what is damaged, encrypted, or lies in several files.
    """

    def __init__(self, where: str, open_stream: Callable[[], IO[bytes]]) -> None:
        self.where = where
        self.open_stream = open_stream
        with open_stream() as stream:
            self.n_bytes = stream.seek(0, SEEK_END)
            self.footer = decode(where, lambda: _footer(stream, self.n_bytes))
        self.columns = decode(where, lambda: list(_columns(_list(self.footer, _SCHEMA))))
        self.groups: list[Struct] = decode(where, lambda: _list(self.footer, _ROW_GROUPS))
        self.n_rows: int = decode(where, lambda: self.footer[_N_ROWS].value)

    def schema(self) -> "pl.Schema":
        """The types of all columns, by their names."""
        import polars as pl

        empty = self._file(self.columns, [], b"")
        return decode(self.where, lambda: pl.read_parquet(BytesIO(empty)).schema)

    def frames(self, names: Sequence[str]) -> "Iterator[pl.DataFrame]":
        """The row groups in order, of these columns only."""
        import polars as pl

        wanted = set(names)
        columns = [column for column in self.columns if column.name in wanted]
        with self.open_stream() as stream:
            for group in self.groups:
                cut = decode(self.where, lambda: self._cut(stream, group, columns))  # noqa: B023
                frame = decode(self.where, lambda: pl.read_parquet(BytesIO(cut)))  # noqa: B023
                if len(frame) != group[_GROUP_ROWS].value:
                    raise DataError(
                        self.where,
                        f"{len(frame)} rows read of a row group of {group[_GROUP_ROWS].value}",
                    )
                yield frame

    def _cut(self, stream: IO[bytes], group: Struct, columns: Sequence[_Column]) -> bytes:
        """A file that has nothing but these columns of a row group."""
        chunks = _list(group, _COLUMNS)
        if len(chunks) != self.columns[-1].leaves.stop:
            raise ValueError("a row group with other columns")
        kept, data = [], bytearray(MAGIC)
        for column in columns:
            for leaf in column.leaves:
                content = self._content(stream, chunks[leaf])
                kept.append(_move(chunks[leaf], len(data)))
                data += content
        of_group = {number: group[number] for number in _OF_GROUP}
        of_group[_COLUMNS] = Typed(LIST, (STRUCT, kept))
        return self._file(columns, [of_group], bytes(data[len(MAGIC) :]))

    def _content(self, stream: IO[bytes], chunk: Struct) -> bytes:
        """The bytes of a column's part of a row group."""
        if _PATH in chunk:
            raise ValueError("its columns are in other files")
        if _ENCRYPTION in chunk:
            raise ValueError("it is encrypted")
        meta: Struct = chunk[_META].value
        start, size = _first_byte(meta), meta[_SIZE].value
        if size < 0 or start + size > self.n_bytes:
            raise ValueError("a column outside the file")
        stream.seek(start)
        content = stream.read(size)
        if len(content) != size:
            raise ValueError("a column's data end early")
        _check_pages(content, meta[_N_VALUES].value)
        return content

    def _file(self, columns: Sequence[_Column], groups: list[Struct], data: bytes) -> bytes:
        root: Struct = dict(_list(self.footer, _SCHEMA)[0])
        root[_N_CHILDREN] = root[_N_CHILDREN]._replace(value=len(columns))
        elements = [root, *(element for column in columns for element in column.schema)]
        footer = {n: v for n, v in self.footer.items() if n not in (_KEYS, _ORDERS)}
        footer[_SCHEMA] = Typed(LIST, (STRUCT, elements))
        footer[_ROW_GROUPS] = Typed(LIST, (STRUCT, groups))
        footer[_N_ROWS] = Typed(I64, sum(group[_GROUP_ROWS].value for group in groups))
        described = to_bytes(footer)
        return b"".join((MAGIC, data, described, struct.pack("<I", len(described)), MAGIC))


def _footer(stream: IO[bytes], size: int) -> Struct:
    stream.seek(max(0, size - 8))
    length, magic = struct.unpack("<I4s", stream.read(8))
    if magic == _ENCRYPTED:
        raise ValueError("it is encrypted")
    if magic != MAGIC or length > size - 12:
        raise ValueError("it has no footer: is it cut short?")
    stream.seek(size - 8 - length)
    footer = Parser(stream.read(length)).struct()
    counted = sum(group[_GROUP_ROWS].value for group in _list(footer, _ROW_GROUPS))
    if counted != footer[_N_ROWS].value:
        raise ValueError(f"{footer[_N_ROWS].value} rows, but {counted} in its row groups")
    return footer


def _list(fields: Struct, number: int) -> list[Struct]:
    kind, (of, items) = fields[number]
    if kind != LIST or (items and of != STRUCT):
        raise ValueError("not a list of structures")
    found: list[Struct] = items
    return found


def _columns(elements: list[Struct]) -> Iterator[_Column]:
    """The columns right under the root, each with all that is under it."""
    position, leaf = 1, 0
    for _ in range(elements[0][_N_CHILDREN].value):
        end, first_leaf, pending = position, leaf, 1
        while pending:
            n_children = elements[end][_N_CHILDREN].value if _N_CHILDREN in elements[end] else 0
            leaf += not n_children
            pending += n_children - 1
            end += 1
        name = elements[position][_NAME].value.decode()
        yield _Column(name, elements[position:end], range(first_leaf, leaf))
        position = end
    if position != len(elements):
        raise ValueError("a schema with more columns than it says")


def _first_byte(meta: Struct) -> int:
    """Where the data of a column begin."""
    starts = (meta[number].value for number in (_DICTIONARY, _DATA) if number in meta)
    found: int = min(start for start in starts if start > 0)
    return found


def _move(chunk: Struct, position: int) -> Struct:
    """The description of a column's data, as if they began at ``position``."""
    meta: Struct = chunk[_META].value
    shift = position - _first_byte(meta)
    moved = {number: value for number, value in meta.items() if number not in _ELSEWHERE}
    for number in (_DICTIONARY, _DATA):
        if number in meta and meta[number].value > 0:
            moved[number] = Typed(I64, meta[number].value + shift)
    return {_START: Typed(I64, 0), _META: Typed(STRUCT, moved)}


def _check_pages(content: bytes, n_values: int) -> None:
    """Raise ValueError unless the pages are whole, and as many values as promised."""
    parser, found = Parser(content), 0
    while parser.position < len(content):
        header = parser.struct()
        end = parser.position + header[_PAGE_SIZE].value
        if not parser.position <= end <= len(content):
            raise ValueError("a page that ends outside its column")
        page = memoryview(content)[parser.position : end]
        if _CHECKSUM in header and crc32(page) != header[_CHECKSUM].value & 0xFFFFFFFF:
            raise ValueError("a page whose checksum is another")
        for number in (_DATA_PAGE, _DATA_PAGE_2):
            if number in header:
                found += header[number].value[_PAGE_VALUES].value
        parser.position = end
    if found != n_values:
        raise ValueError(f"{found} values in its pages, but {n_values} promised")
