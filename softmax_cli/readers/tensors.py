"""Arrays in binary files: .npy, .npz and .safetensors, found by content, read in pieces.

Only headers are parsed, and they are checked against the file before anything is allocated;
nothing is ever unpickled.
"""

import json
import math
import os
from collections.abc import Callable, Iterator
from typing import IO, Any, NamedTuple
from zipfile import BadZipFile, ZipFile

import numpy as np
import numpy.typing as npt

from softmax_cli.errors import DataError
from softmax_cli.readers.signatures import NPY, ZIP
from softmax_cli.system.progress import MeteredFile

_SAFETENSORS = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "bfloat16",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U8": "|u1",
}

NumberArray = npt.NDArray[np.floating | np.integer]


class Tensor(NamedTuple):
    """An array in a file. ``dtype`` is NumPy's name or bfloat16, ``open`` gives its bytes."""

    where: str
    dtype: str
    shape: tuple[int, ...]
    open: Callable[[], IO[bytes]]

    @property
    def is_single(self) -> bool:
        """Whether its numbers are float32 or narrower."""
        return self.dtype == "bfloat16" or np.dtype(self.dtype) in (np.float16, np.float32)

    @property
    def _stored(self) -> np.dtype[np.generic]:
        return np.dtype("<u2" if self.dtype == "bfloat16" else self.dtype)

    @property
    def _row_bytes(self) -> int:
        return math.prod(self.shape[1:]) * self._stored.itemsize

    def rows_in(self, n_bytes: int) -> int:
        """How many rows take so much space, but at least one."""
        return max(1, n_bytes // self._row_bytes)

    def pieces(self, n_rows: int) -> Iterator[NumberArray]:
        """Consecutive rows, so many in each piece. Raises DataError if some lack."""
        as_read, row_shape, row_bytes = self._stored, self.shape[1:], self._row_bytes
        with self.open() as stream:
            for start in range(0, self.shape[0], n_rows):
                count = min(n_rows, self.shape[0] - start)
                data = _read(stream, count * row_bytes, self.where)
                piece = data.view(as_read).reshape(count, *row_shape)
                yield _widen(piece) if self.dtype == "bfloat16" else piece


def open_tensors(name: str) -> dict[str, Tensor]:
    """The arrays of a file by name; the one of a .npy file has the empty name."""
    with open(name, "rb") as file:
        start = file.read(len(NPY))
    if start == NPY:
        with open(name, "rb") as file:
            tensor = _npy(file, name, os.path.getsize(name))
            offset = file.tell()
        return {"": tensor._replace(open=lambda: _open_at(name, offset))}
    if start.startswith(ZIP):
        return _npz(name)
    return _safetensors(name)


def _npy(stream: IO[bytes], where: str, n_bytes: int) -> Tensor:
    """The array that the header describes; the stream is left at its data."""
    read = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
    try:
        major, _ = np.lib.format.read_magic(stream)
        shape, fortran, dtype = read[major](stream)
    except (ValueError, KeyError, EOFError):
        raise DataError(where, "not a readable .npy header") from None
    if fortran and len(shape) > 1 and 1 not in shape:
        raise DataError(
            where,
            "an array in Fortran order, which cannot be read row by row",
            "save it with np.save(name, np.ascontiguousarray(array))",
        )
    tensor = Tensor(where, dtype.str, shape, lambda: stream)
    if dtype.kind not in "fiu" or dtype.itemsize > 8:
        raise DataError(where, f"an array of {dtype}, not of numbers this tool reads")
    _check_size(tensor, n_bytes - stream.tell())
    return tensor


def _npz(name: str) -> dict[str, Tensor]:
    try:
        with ZipFile(name) as archive:
            return dict(_members(archive, name))
    except BadZipFile as error:
        raise DataError(name, f"a damaged archive: {error}") from None


def _members(archive: ZipFile, name: str) -> Iterator[tuple[str, Tensor]]:
    for member in archive.infolist():
        if not member.filename.endswith(".npy"):
            raise DataError(
                name,
                f"an archive with {member.filename!r}, not NumPy's",
                "unpack it: unzip -p FILE | softmax-cli ...",
            )
        where = f"{name}[{member.filename[:-4]!r}]"
        with archive.open(member) as stream:
            tensor = _npy(stream, where, member.file_size)
            offset = stream.tell()

        def open_member(filename: str = member.filename, offset: int = offset) -> IO[bytes]:
            with ZipFile(name) as again:
                data = again.open(filename)  # has the file open until it is closed itself
            data.read(offset)
            return data

        yield member.filename[:-4], tensor._replace(open=open_member)


def _safetensors(name: str) -> dict[str, Tensor]:
    size = os.path.getsize(name)
    with open(name, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if 8 + length > size:
            raise DataError(name, "a .safetensors header longer than the file")
        try:
            header = json.loads(file.read(length))
            entries = {key: _entry(value) for key, value in header.items() if key != "__metadata__"}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DataError(name, "not a readable .safetensors header") from None
    tensors = {}
    for key, (dtype, shape, begin, end) in entries.items():
        where = f"{name}[{key!r}]"
        start = 8 + length + begin

        def open_entry(start: int = start) -> IO[bytes]:
            return _open_at(name, start)

        tensor = Tensor(where, dtype, shape, open_entry)
        if not 0 <= begin <= end <= size - 8 - length:
            raise DataError(where, "its header points outside the file")
        _check_size(tensor, end - begin)
        tensors[key] = tensor
    return tensors


def _entry(value: dict[str, Any]) -> tuple[str, tuple[int, ...], int, int]:
    begin, end = (int(offset) for offset in value["data_offsets"])
    shape = tuple(int(length) for length in value["shape"])
    return _SAFETENSORS[value["dtype"]], shape, begin, end


def _check_size(tensor: Tensor, available: int) -> None:
    itemsize = 2 if tensor.dtype == "bfloat16" else np.dtype(tensor.dtype).itemsize
    if any(length < 0 for length in tensor.shape):
        raise DataError(tensor.where, f"a negative shape {tensor.shape}")
    needed = math.prod(tensor.shape) * itemsize
    if needed != available:
        raise DataError(
            tensor.where, f"{needed} bytes promised for {tensor.shape}, but {available} are there"
        )


def _open_at(name: str, offset: int) -> IO[bytes]:
    file = MeteredFile(name, "rb")
    file.seek(offset)
    return file


def _read(stream: IO[bytes], n_bytes: int, where: str) -> npt.NDArray[np.uint8]:
    data = np.empty(n_bytes, dtype=np.uint8)
    view, filled = data.data, 0
    while filled < n_bytes:
        try:
            count = stream.readinto(view[filled:])  # type: ignore[attr-defined]
        except Exception as error:  # zlib.error, BadZipFile: a damaged member
            raise DataError(where, f"damaged data: {error}") from None
        if not count:
            raise DataError(where, "its data end early")
        filled += count
    return data


def _widen(piece: NumberArray) -> NumberArray:
    """float32 from the upper halves of float32, which bfloat16 is."""
    return (piece.astype(np.uint32) << 16).view(np.float32)
