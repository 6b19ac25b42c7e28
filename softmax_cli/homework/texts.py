"""Answers as texts become numbers, quickly where nothing is odd about them."""

from collections.abc import Sequence

import numpy as np

from softmax_cli.data import BoolArray, FloatArray, IntArray, Places, Schema
from softmax_cli.errors import BadValue, DataError
from softmax_cli.system.threads import polars_can_start
from softmax_cli.text import MISSING, is_number, parse_number

_DECIMALS: FloatArray = np.power(10.0, -np.arange(400), dtype=np.float64)
_PLAIN_ENDS = frozenset("0123456789.")
_IS_PLAIN: BoolArray = np.isin(np.arange(256), list(b"0123456789.+-\n"))
MANY = 1 << 12
MOST_NAMED = 12
BEYOND = -2
"""A class index that no class has."""


def numbers(texts: Sequence[str], places: Places) -> tuple[FloatArray, BoolArray]:
    """The answers as (n,) numbers, nan where blank, and which are blank.

    Raises DataError for text that is neither a number nor a mark of a missing one.
    """
    together = "".join(texts)
    if together.isascii() and "_" not in together:  # which float() would take
        try:
            values = _parsed(texts)
        except ValueError:
            pass
        else:
            if not np.isinf(values).any():
                return values, np.zeros(len(values), dtype=np.bool_)
    blank = np.array([text.lower() in MISSING for text in texts])
    cells = zip(texts, blank, strict=True)
    values = np.array(
        [np.nan if empty else _number(text, row, places) for row, (text, empty) in enumerate(cells)]
    )
    return values, blank


def _parsed(texts: Sequence[str]) -> FloatArray:
    """The numbers. Raises ValueError if one of the texts is none.

    Python takes a quarter of a microsecond for seventeen digits, polars a tenth of that.
    """
    if len(texts) < MANY or not polars_can_start():
        return np.fromiter(map(float, texts), np.float64, len(texts))
    import polars as pl

    series = pl.Series(texts, dtype=pl.String).cast(pl.Float64, strict=False)
    if series.null_count():
        raise ValueError
    return series.to_numpy()


def _number(text: str, row: int, places: Places) -> float:
    try:
        return parse_number(text)
    except BadValue as error:
        advice = error.advice or "an answer is a number, or blank: nothing, - or ?"
        raise DataError(places.at(row), f"answer {error.message}", advice) from None


def units(texts: Sequence[str]) -> FloatArray:
    """(n,) the value of the last digit of each number as written: 0.01 for ``1.23``.

    0 for ``inf``, ``nan`` and blanks, which have no digits.
    """
    codes = np.frombuffer(("\n".join(texts) + "\n").encode(), dtype=np.uint8)
    ends, points = np.flatnonzero(codes == ord("\n")), np.flatnonzero(codes == ord("."))
    rows = np.searchsorted(ends, points)
    decimals = np.zeros(len(texts), dtype=np.int64)
    decimals[rows] = ends[rows] - points - 1
    values = _DECIMALS[np.minimum(decimals, len(_DECIMALS) - 1)]
    if all(texts) and _IS_PLAIN[codes].all():
        return values
    for row, text in enumerate(texts):
        if not text or text[-1] not in _PLAIN_ENDS or "e" in text or "E" in text:
            values[row] = _unit(text.lower())
    return values


def _unit(text: str) -> float:
    mantissa, _, exponent = text.partition("e")
    if not mantissa or mantissa[-1] not in _PLAIN_ENDS:
        return 0.0
    decimals = len(mantissa.partition(".")[2])
    return float(f"1e{int(exponent or 0) - decimals}")


def classes(
    texts: Sequence[str], places: Places, schema: Schema, base: int
) -> tuple[IntArray, BoolArray]:
    """The answers as (n,) class indices, and which are blank.

    An index may be out of range: that is a wrong answer, not a malformed one. Raises DataError
    for text that is neither a class name nor an index.
    """
    names = {name: index for index, name in enumerate(schema.class_names or ())}
    blank = np.array([text not in names and text.lower() in MISSING for text in texts])
    indices = [
        BEYOND if empty else _class(text, names, base, places, row)
        for row, (text, empty) in enumerate(zip(texts, blank, strict=True))
    ]
    return np.array(indices, dtype=np.int64), blank


def _class(text: str, names: dict[str, int], base: int, places: Places, row: int) -> int:
    if text in names:
        return names[text]
    value = parse_number(text) if is_number(text) else np.nan
    if not value.is_integer():
        known = ", ".join([*names][:MOST_NAMED]) + ", …" * (len(names) > MOST_NAMED)
        advice = f"the classes are {known}" if names else f"classes are numbered from {base} here"
        raise DataError(places.at(row), f"answer {text!r} is not a class", advice)
    return int(value) - base
