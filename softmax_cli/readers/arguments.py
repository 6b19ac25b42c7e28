"""Numbers and rows given as arguments."""

import re
from collections.abc import Sequence
from os.path import exists
from typing import Literal, NamedTuple

import numpy as np

from softmax_cli.data import Batch, Dataset, Places, Schema
from softmax_cli.errors import BadValue, DataError, UsageError
from softmax_cli.job import STDIN, Sample
from softmax_cli.text import is_number, parse_number, plural


class Argument(NamedTuple):
    """An INPUT as understood: a number, a row of numbers, or a file's name.

    ``values`` are its numbers; ``error`` says why one of them is none.
    """

    text: str
    kind: Literal["a number", "a row", "a file"]
    values: Sequence[float] = ()
    error: DataError | None = None


def read_arguments(inputs: Sequence[str]) -> list[Argument]:
    """What each argument is. Raises DataError for one that is neither numbers nor a file."""
    return [_read(text, f"argument {number}") for number, text in enumerate(inputs, start=1)]


def _read(text: str, where: str) -> Argument:
    cells = text.split(",") if "," in text else text.split()
    if len(cells) < 2:
        cells = [text]
    values, error, n_good = _parse(cells)
    told = None if error is None else DataError(where, error.message, error.advice)
    if n_good == len(cells):
        return Argument(text, "a number" if len(cells) == 1 else "a row", values, told)
    if text == STDIN or exists(text) or "://" in text:
        return Argument(text, "a file")
    if _looks_like_a_row(text):
        return Argument(text, "a row", error=told)
    if told is not None and told.advice is not None and len(cells) == 1:
        raise told
    raise DataError(
        where,
        f"{text!r} is neither a number nor a file",
        "numbers look like 2.0 -1e5 inf; rows like 2,1,0.1",
    )


def _parse(cells: Sequence[str]) -> tuple[list[float], BadValue | None, int]:
    """The numbers, the first error, and how many follow the grammar, as ``1e400`` does."""
    values: list[float] = []
    first: BadValue | None = None
    n_good = 0
    for cell in cells:
        try:
            values.append(parse_number(cell))
            n_good += 1
        except BadValue as error:
            first = first or error
            n_good += is_number(cell)
    return values, first, n_good


def _looks_like_a_row(text: str) -> bool:
    """Whether the argument was meant as a row, though a cell of it is no number."""
    cells = [cell for cell in re.split(r"[,\s]+", text) if cell]
    numbers = sum(is_number(cell) for cell in cells)
    return len(cells) > 1 and 2 * numbers >= len(cells)


def check_one_kind(arguments: Sequence[Argument], binary: bool) -> None:
    """Raise UsageError where arguments of different kinds are mixed."""
    firsts: dict[str, str] = {}
    for text, kind, *_ in arguments:
        firsts.setdefault("a number" if binary and kind == "a row" else kind, text)
    present = [(firsts[kind], kind) for kind in ("a number", "a row", "a file") if kind in firsts]
    if len(present) > 1:
        (first, kind), (second, other) = present[:2]
        raise UsageError(
            f"{first!r} is {kind}, but {second!r} is {other}",
            "give numbers (one sample), rows like 2,1,0.1, or files",
        )


def open_arguments(
    arguments: Sequence[Argument], sample: Sample, class_names: tuple[str, ...] | None
) -> Dataset:
    """The arguments as one batch: numbers are one sample, rows one sample each.

    For a binary output and for values every number is a sample of its own. Raises DataError for
    a cell that is no number and for rows of different lengths.
    """
    for argument in arguments:
        if argument.error is not None:
            raise argument.error
    rows = [argument.values for argument in arguments]
    if sample.is_binary:
        rows = [[value] for row in rows for value in row]
    elif arguments[0].kind == "a row":
        _check_lengths(rows)
    elif not sample.numbers_are_samples:
        rows = [[value for row in rows for value in row]]
    scores = np.array(rows, dtype=np.float64)
    count = scores.shape[1]
    alone = sample.numbers_are_samples and count == 1
    places = Places("sample" if alone else "row", range(1, len(rows) + 1), " ")
    samples = plural(len(rows), "sample")
    reading = samples if alone else f"{samples} of {sample.describe_scores(count)}"
    schema = Schema(count, class_names, None, False, reading)
    return Dataset(schema, iter([Batch(0, scores, places)]), [], streams=False)


def _check_lengths(rows: Sequence[Sequence[float]]) -> None:
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]):
            raise DataError(
                f"row {number}",
                f"{plural(len(row), 'number')}, but row 1 has {len(rows[0])}",
                "each argument with commas is one sample; all need the same classes",
            )
