"""What readers take out of polars' columns."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from softmax_cli.errors import DataError
from softmax_cli.readers.chunks import Categories

if TYPE_CHECKING:
    import polars as pl

_BLANKS = "".join(character for character in map(chr, range(0x3001)) if character.isspace())
"""What ``str.strip`` takes away: a few more than polars would."""

T = TypeVar("T")


def texts(column: "pl.Series") -> list[str]:
    """The cells, trimmed; empty where there is none."""
    trimmed: list[str] = column.fill_null("").str.strip_chars(_BLANKS).to_list()
    return trimmed


def categories(column: "pl.Series") -> Categories:
    """The cells, each kind once, in the order of their first rows."""
    import polars as pl

    column = column.fill_null("")
    kinds = column.unique(maintain_order=True)
    codes = column.replace_strict(kinds, range(len(kinds)), return_dtype=pl.Int64)
    return Categories(kinds.to_list(), codes.to_numpy())


def decode(where: str, action: "Callable[[], T]") -> T:
    """What ``action`` makes of a file's bytes; raises DataError if they are damaged.

    polars panics at some, which is no Exception.
    """
    from polars.exceptions import PanicException, PolarsError

    try:
        return action()
    except (DataError, MemoryError):
        raise
    except (Exception, PanicException) as error:
        if isinstance(error, OSError) and error.errno is not None:  # the disk, not the format
            raise
        told = isinstance(error, ValueError | PolarsError)
        reason = str(error).partition("\n")[0] if told else ""
        raise DataError(where, f"damaged: {reason or 'its description cannot be read'}") from None
