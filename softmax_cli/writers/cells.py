"""A column's values as they are written: what a value is stands here once, for all formats.

``plain`` turns a column into Python's own values; JSON writes them as they are, ``text`` is what
CSV, TSV and ``--quiet`` write, ``cells`` what a table shows. ``series`` does the same for polars.
"""

from collections.abc import Iterator
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from softmax_cli.data import Column, IntArray, Result, Schema
from softmax_cli.report import Cell
from softmax_cli.text import MISSING, exact, inert, is_number, parse_number, rounded

if TYPE_CHECKING:
    import polars as pl

RIGHT, WRONG = Cell("✓", "right"), Cell("✗", "wrong")
IGNORED = Cell("ignored", "dim")
VERDICTS = {"right": RIGHT, "wrong": WRONG, "blank": Cell(f"{WRONG.text} blank", "wrong")}
CLASSES = ("class", "prediction")
TEXTS = ("text", "answer", "verdict")
_PREFIXES = {"probability": "p", "log_probability": "logp"}


def headings(name: str, column: Column, schema: Schema) -> Iterator[str]:
    """The name of each part of a column: ``loss``; ``p_cat``, or ``logp_cat`` for logarithms."""
    if column.values.ndim == 1:
        yield name
        return
    for index in range(column.n_parts):
        yield inert(f"{stem(name, column)}_{schema.class_name(index)}")


def stem(name: str, column: Column) -> str:
    """What the headings of a column with several parts begin with."""
    return _PREFIXES.get(column.kind, name)


def plain(column: Column, schema: Schema) -> list[Any]:
    """The values, in lists if there are several for a sample; None for what is left blank.

    A class is its name, or its index where classes have no names.
    """
    values: list[Any] = column.values.tolist()
    if column.kind in CLASSES:
        names = schema.class_names
        values = [None if i < 0 else i if names is None else names[i] for i in values]
    if column.blank is not None:
        values = [None if out else v for v, out in zip(values, column.blank, strict=True)]
    return values


def for_json(column: Column, schema: Schema) -> list[Any]:
    """The values as JSON can hold them; an answer that is a number becomes one."""
    values = plain(column, schema)
    if column.kind == "answer":
        return [strict(_number(value)) for value in values]
    if column.values.dtype.kind == "f" and not np.isfinite(column.values).all():
        return [strict(value) for value in values]
    return values


def strict(value: Any) -> Any:
    """``value`` with non-finite numbers as strings, for which JSON has no notation."""
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, list):
        return [strict(item) for item in value]
    if isinstance(value, dict):
        return {key: strict(item) for key, item in value.items()}
    return value


def text(value: Any) -> str:
    """One of ``plain``'s values with all its digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return exact(value) if isinstance(value, float) else inert(str(value))


def cells(column: Column, result: Result, schema: Schema, digits: int) -> list[Cell]:
    """The values of a column (n,) of the result, as a table shows them."""
    shown = [_cell(value, column, digits) for value in plain(column, schema)]
    if column.kind == "prediction":
        marks = _marks(column, result)
        shown = [
            each if mark is None else Cell(f"{each.text} {mark.text}", mark.role)
            for each, mark in zip(shown, marks, strict=True)
        ]
    if column.blank is not None:
        ignored = (column.blank & result.ignored).tolist()
        shown = [IGNORED if out else each for each, out in zip(shown, ignored, strict=True)]
    return shown


def _cell(value: Any, column: Column, digits: int) -> Cell:
    if column.kind == "flag":
        return RIGHT if value else WRONG
    if column.kind == "verdict":
        return VERDICTS[value]
    if column.kind == "difference" and isnan(value):
        return Cell("")
    return Cell(rounded(value, digits) if isinstance(value, float) else text(value))


def series(column: Column, schema: Schema) -> "pl.Series":
    """A column (n,) for polars: null where something is blank, texts inert."""
    import polars as pl

    if column.kind in CLASSES:
        found = _classes(column.values.astype(np.int64, copy=False), schema)
    elif column.kind in TEXTS:
        texts = [inert(value) or None for value in column.values.tolist()]
        found = pl.Series(texts, dtype=pl.String)
    else:
        found = pl.Series(np.ascontiguousarray(column.values))
    return found if column.blank is None else found.set(pl.Series(column.blank), None)


def _classes(indices: IntArray, schema: Schema) -> "pl.Series":
    import polars as pl

    if schema.class_names is None:
        numbers = pl.Series(indices)
        return numbers.set(numbers < 0, None) if (indices < 0).any() else numbers
    names = pl.Series(
        [*(inert(name) or None for name in schema.class_names), None], dtype=pl.String
    )
    return names.gather(np.where(indices < 0, len(names) - 1, indices))


def _number(answer: Any) -> Any:
    """An answer as a number: null where blank, text where it is the name of a class."""
    if isinstance(answer, list):
        return [_number(part) for part in answer]
    if answer.lower() in MISSING:
        return None
    return parse_number(answer) if is_number(answer) else answer


def _marks(column: Column, result: Result) -> list[Cell | None]:
    """Whether each prediction is right, where the label is known and no flag says it."""
    labels = result.labels
    if labels is None or any(each.kind == "flag" for each in result.columns.values()):
        return [None] * len(result)
    pairs = zip(column.values.tolist(), labels.tolist(), strict=True)
    return [None if label < 0 else RIGHT if got == label else WRONG for got, label in pairs]
