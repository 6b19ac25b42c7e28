"""What readers take out of polars' columns."""

from typing import TYPE_CHECKING

from softmax_cli.readers.chunks import Categories

if TYPE_CHECKING:
    import polars as pl

_BLANKS = "".join(character for character in map(chr, range(0x3001)) if character.isspace())
"""What ``str.strip`` takes away: a few more than polars would."""


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
