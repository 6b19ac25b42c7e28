"""What readers take out of polars' columns."""

from typing import TYPE_CHECKING

from softmax_cli.data import IntArray
from softmax_cli.readers.labels import BadLabel, LabelParser

if TYPE_CHECKING:
    import polars as pl


def texts(column: "pl.Series") -> list[str]:
    """The cells, trimmed; empty where there is none."""
    trimmed: list[str] = column.fill_null("").str.strip_chars().to_list()
    return trimmed


def text_labels(column: "pl.Series", parse: LabelParser) -> IntArray | None:
    """The class indices of labels as text, each distinct text parsed once; None if one is bad.

    In the order of their first samples: what a label contradicts is what came before it.
    """
    import polars as pl

    column = column.fill_null("")
    before = parse.seen_first, parse.first_of_pair
    distinct = column.unique(maintain_order=True).to_list()
    try:
        indices = [parse(text) for text in distinct]
    except BadLabel:
        parse.seen_first, parse.first_of_pair = (
            before  # whoever looks for the bad one starts afresh
        )
        return None
    return column.replace_strict(distinct, indices, return_dtype=pl.Int64).to_numpy()
