"""Arrow IPC files cut into their record batches, each of which polars decodes by itself.

So memory is that of a batch, nothing is mapped, and what is decoded has been checked: that
batches and their buffers follow each other without gaps, as every writer lays them out.

https://arrow.apache.org/docs/format/Columnar.html: FlatBuffers, by the numbers of their fields.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from io import SEEK_END, BytesIO
from typing import IO, TYPE_CHECKING, NamedTuple

from softmax_cli.readers.frames import decode

if TYPE_CHECKING:
    import polars as pl

_MAGIC = b"ARROW1"
_MAX_GAP = 64  # to which everything is aligned
_CONTINUES = b"\xff\xff\xff\xff"
_END = _CONTINUES + bytes(4)
# Footer, Message and RecordBatch
_SCHEMA, _DICTIONARIES, _BATCHES = 1, 2, 3
_KIND, _HEADER, _BODY_BYTES = 1, 2, 3
_LENGTH, _NODES, _BUFFERS = 0, 1, 2
_SCHEMA_KIND, _BATCH_KIND = 1, 3


class _Block(NamedTuple):
    """Where a message stands in the file: its description, and then its body."""

    start: int
    n_described: int
    n_body: int

    @property
    def end(self) -> int:
        return self.start + self.n_described + self.n_body


class ArrowFile:
    """An Arrow file by its footer. ``open_stream`` gives its bytes, with a position.

    Raises DataError for what is damaged.
    """

    def __init__(self, where: str, open_stream: Callable[[], IO[bytes]]) -> None:
        self.where = where
        self.open_stream = open_stream
        with open_stream() as stream:
            footer = decode(where, lambda: _footer(stream))
        self.beginning = decode(where, footer.schema_message)
        self.dictionaries = decode(where, lambda: footer.blocks(_DICTIONARIES))
        self.batches = decode(where, lambda: footer.blocks(_BATCHES))
        decode(where, lambda: _check_order([*self.dictionaries, *self.batches], footer.start))

    def schema(self) -> "pl.Schema":
        """The types of all columns, by their names."""
        import polars as pl

        empty = self.beginning + _END
        return decode(self.where, lambda: pl.read_ipc_stream(BytesIO(empty)).schema)

    def frames(self, names: Sequence[str]) -> "Iterator[pl.DataFrame]":
        """The record batches in order, of these columns only."""
        with self.open_stream() as stream:
            beginning = self.beginning
            for block in self.dictionaries:
                beginning += decode(self.where, lambda: _read(stream, block))  # noqa: B023
            for block in self.batches:
                yield decode(self.where, lambda: _frame(beginning, stream, block, names))  # noqa: B023


class _Table(NamedTuple):
    """A table of FlatBuffers in its buffer: where it stands, and its fields, 0 for none."""

    buffer: bytes
    start: int
    fields: tuple[int, ...]

    @classmethod
    def at(cls, buffer: bytes, start: int) -> "_Table":
        """The table there. Raises struct.error or ValueError if there is none."""
        index = start - _unpack("<i", buffer, start)
        size = _unpack("<H", buffer, index)
        return cls(buffer, start, struct.unpack_from(f"<{(size - 4) // 2}H", buffer, index + 4))

    @classmethod
    def root(cls, buffer: bytes) -> "_Table":
        """The table that the buffer is about."""
        return cls.at(buffer, _unpack("<I", buffer, 0))

    def number(self, field: int, form: str) -> int:
        """A number in the table, 0 if it is left out."""
        place = self._place(field)
        return _unpack(form, self.buffer, place) if place else 0

    def target(self, field: int) -> int:
        """Where that stands which the field refers to."""
        place = self._place(field)
        if not place:
            raise ValueError("something is lacking in its description")
        return place + _unpack("<I", self.buffer, place)

    def structs(self, field: int, form: str) -> list[tuple[int, ...]]:
        """The structures of a list."""
        if not self._place(field):
            return []
        start = self.target(field)
        size = struct.calcsize(form) * _unpack("<I", self.buffer, start)
        return list(struct.iter_unpack(form, _slice(self.buffer, start + 4, size)))

    def _place(self, field: int) -> int:
        offset = self.fields[field] if field < len(self.fields) else 0
        return self.start + offset if offset else 0


class _Footer(NamedTuple):
    """The footer of a file, which begins at ``start``."""

    start: int
    buffer: bytes

    def blocks(self, field: int) -> list[_Block]:
        """Where the messages of a kind stand."""
        found = _Table.root(self.buffer).structs(field, "<qi4xq")
        return [_Block(*block) for block in found]

    def schema_message(self) -> bytes:
        """A message with the schema, as a stream of messages begins.

        The table of the message is put before the footer, and refers to the schema in it.
        """
        schema = _Table.root(self.buffer).target(_SCHEMA)
        fields = struct.pack("<6H", 12, 24, 8, 10, 4, 16)
        refers = 40 + schema - 20
        table = struct.pack("<iIhBxIq", 12, refers, 4, _SCHEMA_KIND, 0, 0)
        message = struct.pack("<I", 16) + fields + table + self.buffer
        message += bytes(-len(message) % 8)
        return _CONTINUES + struct.pack("<i", len(message)) + message


def _footer(stream: IO[bytes]) -> _Footer:
    size = stream.seek(0, SEEK_END)
    stream.seek(max(0, size - 10))
    length, magic = struct.unpack("<i6s", stream.read(10))
    if magic != _MAGIC or not 0 < length <= size - 18:
        raise ValueError("it has no footer: is it cut short?")
    start = size - 10 - length
    stream.seek(start)
    return _Footer(start, stream.read(length))


def _check_order(blocks: list[_Block], end: int) -> None:
    """Raise ValueError if messages overlap, or if there is room for others."""
    last = None
    for block in sorted(blocks):
        if last is not None and not 0 <= block.start - last < _MAX_GAP:
            raise ValueError("its batches overlap, or one is lacking")
        if min(block) < 0:
            raise ValueError("a batch of negative length")
        last = block.end
    if last is not None and not 0 <= end - last < _MAX_GAP + len(_END):
        raise ValueError("its batches overlap, or one is lacking")


def _read(stream: IO[bytes], block: _Block) -> bytes:
    stream.seek(block.start)
    size = block.end - block.start
    content = stream.read(size)
    if len(content) != size:
        raise ValueError("it has been cut short")
    return content


def _frame(
    beginning: bytes, stream: IO[bytes], block: _Block, names: Sequence[str]
) -> "pl.DataFrame":
    import polars as pl

    content = _read(stream, block)
    n_rows = _check_batch(content, block)
    frame = pl.read_ipc_stream(BytesIO(beginning + content + _END), columns=list(names))
    if len(frame) != n_rows:
        raise ValueError(f"{len(frame)} rows in a batch of {n_rows}")
    return frame


def _check_batch(content: bytes, block: _Block) -> int:
    """How many rows the batch has. Raises ValueError if its buffers are not side by side."""
    begun = 8 if content.startswith(_CONTINUES) else 4
    message = _Table.root(content[begun : block.n_described])
    if message.number(_KIND, "<B") != _BATCH_KIND:
        raise ValueError("another message where a batch should be")
    if message.number(_BODY_BYTES, "<q") != block.n_body:
        raise ValueError("a batch of another length than its file says")
    batch = _Table.at(message.buffer, message.target(_HEADER))
    n_rows = batch.number(_LENGTH, "<q")
    end = 0
    for start, length in batch.structs(_BUFFERS, "<qq"):
        if length < 0 or not 0 <= start - end < _MAX_GAP:
            raise ValueError("the columns of a batch overlap or leave gaps")
        end = start + length
    if not 0 <= block.n_body - end < _MAX_GAP:
        raise ValueError("the columns of a batch end elsewhere than it does")
    for length, n_missing in batch.structs(_NODES, "<qq"):
        if not 0 <= n_missing <= length:
            raise ValueError("more values are missing than there are")
    return n_rows


def _unpack(form: str, buffer: bytes, start: int) -> int:
    if start < 0:
        raise ValueError("a place before the beginning")
    value: int = struct.unpack_from(form, buffer, start)[0]
    return value


def _slice(buffer: bytes, start: int, size: int) -> bytes:
    found = buffer[start : start + size]
    if len(found) != size:
        raise ValueError("a list that is too long")
    return found
