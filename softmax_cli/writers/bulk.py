"""Results as polars' tables: for Parquet, and for long CSV with the bytes of the short."""

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from softmax_cli.data import Column, IntArray, Result, Schema, holds_classes
from softmax_cli.text import inert

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
    for name, column in result.columns.items():
        if holds_classes(name, column):
            columns.append(_classes(column.astype(np.int64, copy=False), schema))
        elif column.dtype.kind == "U":
            columns.append(pl.Series([inert(text) or None for text in column.tolist()]))
        elif name == "loss" and result.ignored.any():
            columns.append(pl.Series(column).set(pl.Series(result.ignored), None))
        elif column.ndim == 1:
            columns.append(pl.Series(column))
        else:
            columns += [pl.Series(np.ascontiguousarray(values)) for values in column.T]
    return pl.DataFrame([column.alias(str(i)) for i, column in enumerate(columns)])


def to_bytes(result: Result, schema: Schema, delimiter: str) -> memoryview | None:
    """The result's records in UTF-8; None for a nan, which polars writes in its own way."""
    if any(_has_nan(column) for column in result.columns.values()):
        return None
    text = BytesIO()
    to_frame(result, schema).write_csv(text, separator=delimiter, include_header=False)
    return text.getbuffer()


def _classes(indices: IntArray, schema: Schema) -> "pl.Series":
    import polars as pl

    if schema.class_names is None:
        numbers = pl.Series(indices)
        return numbers.set(numbers < 0, None) if (indices < 0).any() else numbers
    names = pl.Series(
        [*(inert(name) or None for name in schema.class_names), None], dtype=pl.String
    )
    return names.gather(np.where(indices < 0, len(names) - 1, indices))


def _has_nan(column: Column) -> bool:
    return column.dtype.kind == "f" and bool(np.isnan(column.sum()) and np.isnan(column).any())
