"""Arrays in binary files: .npy, .npz, .safetensors and .pt, found by content, read in pieces.

Only headers are parsed, and they are checked against the file before anything is allocated;
nothing is unpickled here.
"""

import ast
import json
import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import SEEK_END, BytesIO
from typing import IO, Any, NamedTuple
from zipfile import ZipFile, ZipInfo

import numpy as np
import numpy.typing as npt

from softmax_cli.errors import DataError
from softmax_cli.readers.signatures import Kind, kind_of, refuse
from softmax_cli.readers.source import Sources, display_name

BFLOAT16 = "bfloat16"
_SAFETENSORS = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": BFLOAT16,
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
    "BOOL": "|u1",
}
_MAX_NPY_HEADER = 1 << 16

NumberArray = npt.NDArray[np.floating | np.integer]
OpenAt = Callable[[int], IO[bytes]]


class Tensor(NamedTuple):
    """An array in a file.

    where    what messages call it
    dtype    NumPy's name of its type, or bfloat16
    stored   its shape as it is stored, the last axis being the one whose numbers stand together
    axes     of these axes, which are its own, in order
    open     gives its bytes
    problem  why it cannot be read, if that is so: nobody minds unless it is asked for
    """

    where: str
    dtype: str
    stored: tuple[int, ...]
    axes: tuple[int, ...]
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    problem: DataError | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """How long each axis is."""
        return tuple(self.stored[axis] for axis in self.axes)

    @property
    def is_single(self) -> bool:
        """Whether its numbers are float32 or narrower."""
        return self.dtype == BFLOAT16 or np.dtype(self.dtype) in (np.float16, np.float32)

    @property
    def as_read(self) -> np.dtype[np.generic]:
        """The type of NumPy's that its bytes are read as."""
        return np.dtype("<u2" if self.dtype == BFLOAT16 else self.dtype)

    def with_last(self, axis: int) -> "Tensor":
        """The tensor with that axis moved to the end."""
        axes = list(self.axes)
        axes.append(axes.pop(axis))
        return self._replace(axes=tuple(axes))

    def rows_in(self, n_bytes: int) -> int:
        """How many items of the first axis take so much space, but at least one."""
        return max(1, n_bytes // (math.prod(self.shape[1:]) * self.as_read.itemsize))

    def pieces(self, n_rows: int) -> Iterator[NumberArray]:
        """Consecutive items of the first axis, so many in each piece.

        If these do not stand together, the whole array is read first. Raises DataError if some
        lack.
        """
        together = self.axes[0] == 0
        at_once = n_rows if together else self.stored[0]
        with self.open() as stream:
            for start in range(0, self.stored[0], at_once):
                shape = (min(at_once, self.stored[0] - start), *self.stored[1:])
                data = _read(stream, math.prod(shape) * self.as_read.itemsize, self.where)
                array = data.view(self.as_read).reshape(shape).transpose(self.axes)
                for first in range(0, len(array), n_rows):
                    piece = array[first : first + n_rows]
                    yield _widen(piece) if self.dtype == BFLOAT16 else piece


def open_tensors(name: str, sources: Sources) -> dict[str, Tensor]:
    """The arrays of a source by name; one that has none has the empty name.

    Raises DataError for a file that is damaged, and for what holds no arrays.
    """
    where = display_name(name)

    def open_at(offset: int) -> IO[bytes]:
        stream = sources.open_seekable(name)
        stream.seek(offset)
        return stream

    kind = kind_of(sources.first_bytes(name))
    if kind is Kind.NPY:
        with open_at(0) as stream:
            tensor = _npy(stream, where, _size(stream))
            offset = stream.tell()
        return {"": tensor._replace(open=lambda: open_at(offset))}
    if kind is Kind.SAFETENSORS:
        return _safetensors(where, open_at)
    if kind is Kind.TORCH:
        return _checkpoint(where, open_at)
    return _archive(where, open_at)


def check_size(tensor: Tensor, available: int) -> Tensor:
    """The tensor, if so many bytes are what its shape promises. Raises DataError if not."""
    if any(length < 0 for length in tensor.shape):
        raise DataError(tensor.where, f"a negative shape {tensor.shape}")
    needed = math.prod(tensor.shape) * tensor.as_read.itemsize
    if needed != available:
        raise DataError(
            tensor.where, f"{needed} bytes promised for {tensor.shape}, but {available} are there"
        )
    return tensor


def _size(stream: IO[bytes]) -> int:
    """How long the file is, whose position stays where it is."""
    position = stream.tell()
    size = stream.seek(0, SEEK_END)
    stream.seek(position)
    return size


def _npy(stream: IO[bytes], where: str, n_bytes: int) -> Tensor:
    """The array that the header describes; the stream is left at its data."""
    try:
        dtype, fortran, shape = _npy_header(stream)
    except Exception:  # whatever a damaged one leads NumPy and Python's parser to
        raise DataError(where, "not a readable .npy header") from None
    order = range(len(shape))
    stored, axes = (shape[::-1], order[::-1]) if fortran else (shape, order)
    tensor = Tensor(where, dtype.str, stored, tuple(axes), lambda: stream)
    if dtype.kind == "b":
        tensor = tensor._replace(dtype="|u1")
    elif dtype.kind not in "fiu" or dtype.itemsize > 8:
        problem = DataError(where, f"an array of {dtype}, not of numbers this tool reads")
        return tensor._replace(problem=problem)
    return check_size(tensor, n_bytes - stream.tell())


def _npy_header(stream: IO[bytes]) -> tuple[np.dtype[Any], bool, tuple[int, ...]]:
    major, _ = np.lib.format.read_magic(stream)
    length = int.from_bytes(stream.read({1: 2, 2: 4, 3: 4}[major]), "little")
    text = stream.read(min(length, _MAX_NPY_HEADER))
    if len(text) < length:
        raise ValueError
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Python's parser thinks of it is of no interest
        header = ast.literal_eval(text.decode("utf-8" if major == 3 else "latin1").strip())
    shape, fortran = header["shape"], header["fortran_order"]
    valid = header.keys() == {"descr", "fortran_order", "shape"} and isinstance(fortran, bool)
    if not valid or not isinstance(shape, tuple) or not all(type(n) is int for n in shape):
        raise ValueError
    return np.lib.format.descr_to_dtype(header["descr"]), fortran, shape


def _archive(where: str, open_at: OpenAt) -> dict[str, Tensor]:
    """An .npz; or else what other archive it is."""
    try:
        with open_at(0) as stream, ZipFile(stream) as archive:
            members = archive.infolist()
            names = [member.filename for member in members]
            if any(name.endswith("data.pkl") for name in names):
                return _checkpoint(where, open_at)
            _check_is_npz(where, names)
            return {
                member.filename[:-4]: _member(archive, member, where, open_at) for member in members
            }
    except DataError:
        raise
    except Exception as error:  # zipfile raises many kinds: BadZipFile, zlib.error, struct.error
        raise DataError(where, f"a damaged archive: {error}") from None


def _check_is_npz(where: str, names: list[str]) -> None:
    if any(name.startswith("xl/") for name in names):
        refuse(Kind.EXCEL, where)
    for name in names:
        if not name.endswith(".npy"):
            raise DataError(
                where,
                f"an archive with {name!r}, not NumPy's",
                f"unpack it: unzip -p {where} | softmax-cli ...",
            )
        if names.count(name) > 1:
            raise DataError(where, f"two arrays are called {name[:-4]!r}")


def _member(archive: ZipFile, member: ZipInfo, file: str, open_at: OpenAt) -> Tensor:
    where = f"{file}[{member.filename[:-4]!r}]"
    if member.flag_bits & 1:
        raise DataError(where, "encrypted", "unpack the archive, and save its arrays by np.savez")
    with archive.open(member) as stream:
        tensor = _npy(stream, where, member.file_size)
        offset = stream.tell()

    @contextmanager
    def open_member() -> Iterator[IO[bytes]]:
        with open_at(0) as stream, ZipFile(stream) as again, again.open(member) as data:
            data.read(offset)
            yield data

    return tensor._replace(open=open_member)


def _safetensors(where: str, open_at: OpenAt) -> dict[str, Tensor]:
    """The tensors: side by side, and nothing else, as the format's own library asks for."""
    with open_at(0) as stream:
        size = _size(stream)
        data_start = 8 + int.from_bytes(stream.read(8), "little")
        if data_start > size:
            raise DataError(where, "a .safetensors header longer than the file")
        try:
            header = json.loads(stream.read(data_start - 8), object_pairs_hook=_each_once)
            entries = {key: _entry(value) for key, value in header.items() if key != "__metadata__"}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise DataError(where, "not a readable .safetensors header") from None
    end = 0
    for key, entry in sorted(entries.items(), key=lambda item: item[1].span):
        if entry.span[0] != end:
            raise DataError(where, f"its tensors overlap or leave a gap, at {key!r}")
        end = entry.span[1]
    if data_start + end != size:
        raise DataError(where, f"its tensors end at byte {data_start + end} of {size}")
    return {
        key: entry.tensor(f"{where}[{key!r}]", data_start, open_at)
        for key, entry in entries.items()
    }


class _Entry(NamedTuple):
    """What a header says of a tensor; ``span`` is where its bytes begin and end."""

    dtype: str
    shape: tuple[int, ...]
    span: tuple[int, int]

    def tensor(self, where: str, data_start: int, open_at: OpenAt) -> Tensor:
        begin, end = self.span
        dtype = _SAFETENSORS.get(self.dtype, "|u1")
        axes = tuple(range(len(self.shape)))
        tensor = Tensor(where, dtype, self.shape, axes, lambda: open_at(data_start + begin))
        if self.dtype not in _SAFETENSORS:
            what = f"an array of {self.dtype}, not of numbers this tool reads"
            return tensor._replace(problem=DataError(where, what))
        return check_size(tensor, end - begin)


def _entry(value: dict[str, Any]) -> _Entry:
    (begin, end), shape, dtype = value["data_offsets"], value["shape"], value["dtype"]
    counts = [*shape, begin, end, end - begin]
    if not all(type(count) is int and count >= 0 for count in counts) or type(dtype) is not str:
        raise ValueError
    return _Entry(dtype, tuple(shape), (begin, end))


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _checkpoint(where: str, open_at: OpenAt) -> dict[str, Tensor]:
    """What ``torch.save`` has written."""
    from softmax_cli.readers.checkpoints import load_checkpoint

    with open_at(0) as stream:
        arrays = load_checkpoint(where, stream)
    return {key: _loaded(where, key, *array) for key, array in arrays.items()}


def _loaded(where: str, key: str, dtype: str, array: NumberArray) -> Tensor:
    return Tensor(
        f"{where}[{key!r}]" if key else where,
        dtype,
        array.shape,
        tuple(range(array.ndim)),
        lambda: BytesIO(array.tobytes()),
    )


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
