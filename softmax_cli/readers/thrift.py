"""Thrift's compact protocol, in which Parquet describes itself: parsed, and written again.

https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from typing import Any, NamedTuple

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
_RAW = {BYTE: 1, DOUBLE: 8}  # how many bytes are kept as they are
_MAX_DEPTH = 32

Struct = dict[int, "Typed"]


class Typed(NamedTuple):
    """A value and its type. A list is a pair of its elements' type and the elements."""

    type: int
    value: Any


class Parser:
    """Reads values one after another; ``position`` is where the next one begins.

    Raises ValueError or IndexError for what is none.
    """

    def __init__(self, data: bytes, position: int = 0) -> None:
        self.data = data
        self.position = position
        self.depth = 0

    def struct(self) -> Struct:
        """A structure: its fields by their numbers."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise ValueError("structures in structures, too deep")
        fields: Struct = {}
        number = 0
        while (head := self._byte()) != 0:
            number = number + (head >> 4) if head >> 4 else self._signed()
            fields[number] = Typed(head & 15, self._value(head & 15))
        self.depth -= 1
        return fields

    def _value(self, kind: int) -> Any:
        if kind in (I16, I32, I64):
            return self._signed()
        if kind == BINARY:
            return self._bytes(self._unsigned())
        if kind == STRUCT:
            return self.struct()
        if kind in (LIST, SET):
            return self._list()
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind in _RAW:
            return self._bytes(_RAW[kind])
        raise ValueError(f"a value of type {kind}")

    def _list(self) -> tuple[int, list[Any]]:
        head = self._byte()
        kind = head & 15
        count = head >> 4 if head >> 4 != 15 else self._unsigned()
        if count > len(self.data) - self.position:
            raise ValueError("a list longer than the file")
        if kind in (TRUE, FALSE):
            return kind, [self._byte() == TRUE for _ in range(count)]
        return kind, [self._value(kind) for _ in range(count)]

    def _byte(self) -> int:
        byte = self.data[self.position]
        self.position += 1
        return byte

    def _bytes(self, count: int) -> bytes:
        end = self.position + count
        if end > len(self.data):
            raise ValueError("a text longer than the file")
        found = self.data[self.position : end]
        self.position = end
        return found

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("a number of more than 64 bits")

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)


def to_bytes(struct: Struct) -> bytes:
    """The structure as ``Parser`` reads it."""
    out = bytearray()
    _write_struct(out, struct)
    return bytes(out)


def _write_struct(out: bytearray, struct: Struct) -> None:
    last = 0
    for number, (kind, value) in sorted(struct.items()):
        if 0 < number - last < 16:
            out.append((number - last) << 4 | kind)
        else:
            out.append(kind)
            _write_signed(out, number)
        last = number
        if kind not in (TRUE, FALSE):
            _write(out, kind, value)
    out.append(0)


def _write(out: bytearray, kind: int, value: Any) -> None:
    if kind in (I16, I32, I64):
        _write_signed(out, value)
    elif kind == BINARY:
        _write_unsigned(out, len(value))
        out += value
    elif kind == STRUCT:
        _write_struct(out, value)
    elif kind in (LIST, SET):
        element, items = value
        if len(items) < 15:
            out.append(len(items) << 4 | element)
        else:
            out.append(15 << 4 | element)
            _write_unsigned(out, len(items))
        for item in items:
            if element in (TRUE, FALSE):
                out.append(TRUE if item else FALSE)
            else:
                _write(out, element, item)
    else:  # a byte or a double, as it was read
        out += value


def _write_signed(out: bytearray, value: int) -> None:
    _write_unsigned(out, (value << 1) ^ (value >> 63))


def _write_unsigned(out: bytearray, value: int) -> None:
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
