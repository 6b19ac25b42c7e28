"""What a file or a stream holds, known by its first bytes and not by its name."""

from enum import Enum, auto

from softmax_cli.errors import DataError

N_BYTES = 16
"""As many bytes as are needed to know, and seldom all of them."""
_MAX_HEADER = 1 << 24
_BOM = b"\xef\xbb\xbf"


class Kind(Enum):
    """What can be told apart by first bytes; what is none of these is text."""

    NPY = auto()
    ZIP = auto()
    SAFETENSORS = auto()
    PARQUET = auto()
    ARROW = auto()
    ARROW_STREAM = auto()
    JSON = auto()
    TORCH = auto()
    PICKLE = auto()
    EXCEL = auto()
    HDF5 = auto()
    TEXT = auto()


_MAGIC = (
    (b"\x93NUMPY", Kind.NPY),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),  # an archive of nothing
    (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19", Kind.TORCH),  # .pt before version 1.6; now a ZIP
    (b"PAR1", Kind.PARQUET),
    (b"ARROW1", Kind.ARROW),
    (b"\xff\xff\xff\xff", Kind.ARROW_STREAM),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.EXCEL),  # .xls; .xlsx is a ZIP
    (b"\x89HDF\r\n\x1a\n", Kind.HDF5),
    *((bytes((0x80, version)), Kind.PICKLE) for version in range(2, 6)),
)
GZIP, BZIP2, XZ, ZSTD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"

ARRAYS = (Kind.NPY, Kind.ZIP, Kind.SAFETENSORS, Kind.TORCH)
_FOREIGN = {
    Kind.ZIP: ("a zip archive", "unpack it: unzip -p {} | softmax-cli ..."),
    Kind.NPY: ("a NumPy array", "arrays are INPUT, or the labels of --labels"),
    Kind.SAFETENSORS: ("a file of tensors", "arrays are INPUT, or the labels of --labels"),
    Kind.TORCH: ("a PyTorch file", "arrays are INPUT, or the labels of --labels"),
    Kind.PARQUET: ("a Parquet file", "tables are INPUT, and options name their columns"),
    Kind.ARROW: ("an Arrow file", "tables are INPUT, and options name their columns"),
    Kind.ARROW_STREAM: ("an Arrow stream", "tables are INPUT, and options name their columns"),
    Kind.PICKLE: (
        "a pickle, which could run any program when it is loaded, so it is not",
        'of a table that you trust: python3 -c "import pandas; '
        "pandas.read_pickle('{0}').to_csv('{0}.csv', index=False)\"",
    ),
    Kind.EXCEL: (
        "an Excel workbook",
        "save the sheet as CSV UTF-8 there, or: libreoffice --headless --convert-to csv {}",
    ),
    Kind.HDF5: (
        "an HDF5 file",
        "save its arrays by NumPy: np.savez('x.npz', logits=logits, labels=labels)",
    ),
}


def kind_of(start: bytes) -> Kind:
    """What begins so."""
    if _is_safetensors(start):
        return Kind.SAFETENSORS
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return kind
    return Kind.JSON if start.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[") else Kind.TEXT


def refuse(kind: Kind, name: str) -> None:
    """Raise DataError for what is of that kind where text should be, if that is no text."""
    if kind in _FOREIGN:
        what, advice = _FOREIGN[kind]
        message = f"{what}, not plain or compressed UTF-8 text"
        raise DataError(name, message, advice.format(name))


def is_undecided(start: bytes) -> bool:
    """Whether more bytes could tell something else than these, the first ones of a stream.

    Of lines that come slowly, none is waited for in vain: two short ones are text.
    """
    if len(start) < 10 and _may_be_safetensors(start):
        return True
    if len(start) >= N_BYTES or kind_of(start) is not Kind.TEXT:
        return False
    magics = (_BOM, GZIP, BZIP2, XZ, ZSTD, *(magic for magic, _ in _MAGIC))
    begun = any(len(start) < len(magic) and magic.startswith(start) for magic in magics)
    return begun or not start.removeprefix(_BOM).strip()


def _is_safetensors(start: bytes) -> bool:
    return start[8:10] in (b'{"', b"{}", b"{ ") and _may_be_safetensors(start)


def _may_be_safetensors(start: bytes) -> bool:
    """Eight bytes with the length of a header in JSON, then the header."""
    length = int.from_bytes(start[:8], "little")
    return length <= _MAX_HEADER and b"{".startswith(start[8:9])
