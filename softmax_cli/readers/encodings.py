"""Text in another encoding that says so, read as UTF-8."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE, IncrementalDecoder, getincrementaldecoder
from collections.abc import Iterator

BOM = b"\xef\xbb\xbf"


def to_utf8(parts: Iterator[bytes]) -> Iterator[bytes]:
    """A text's parts, in UTF-8 if they begin with the mark of UTF-16, as Excel saves it.

    Raises ValueError for what is not in that encoding.
    """
    start = next(parts, b"")
    while len(start) < 2 and (part := next(parts, b"")):
        start += part
    if not start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        yield start
        yield from parts
        return
    decoder = getincrementaldecoder("utf-16")()
    yield _recode(decoder, start)
    for part in parts:
        yield _recode(decoder, part)
    yield _recode(decoder, b"", final=True)


def _recode(decoder: IncrementalDecoder, part: bytes, final: bool = False) -> bytes:
    try:
        return decoder.decode(part, final).encode()
    except UnicodeDecodeError as error:
        raise ValueError(f"damaged UTF-16: {error.reason}") from None
