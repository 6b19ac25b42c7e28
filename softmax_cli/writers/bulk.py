"""Results as polars' tables: for Parquet, and for long CSV with the bytes of the short."""

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from softmax_cli.data import Column, Result, Schema
from softmax_cli.text import inert
from softmax_cli.writers.cells import series

if TYPE_CHECKING:
    import polars as pl


def to_frame(result: Result, schema: Schema) -> "pl.DataFrame":
    """The result as a table with a column per value, numbered from 0, as it is written.

    Class names and ids are inert texts, null where there is none.
    """
    import polars as pl

    first = result.batch.first_row
    columns = [pl.int_range(first, first + len(result), eager=True)]
    if result.batch.ids is not None:
        ids = [inert(text) or None for text in result.batch.ids]
        columns.append(pl.Series(ids, dtype=pl.String))
    for column in result.columns.values():
        columns += [series(part, schema) for part in column.parts()]
    return pl.DataFrame([column.alias(str(i)) for i, column in enumerate(columns)])


def to_bytes(result: Result, schema: Schema, delimiter: str) -> memoryview | None:
    """The result's records in UTF-8; None for a nan, which polars writes in its own way."""
    if any(_has_nan(column) for column in result.columns.values()):
        return None
    text = BytesIO()
    to_frame(result, schema).write_csv(text, separator=delimiter, include_header=False)
    return text.getbuffer()


def _has_nan(column: Column) -> bool:
    values = column.values
    return values.dtype.kind == "f" and bool(np.isnan(values.sum()) and np.isnan(values).any())
