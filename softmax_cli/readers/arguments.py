"""Numbers and rows given as arguments."""

import re
from collections.abc import Sequence

import numpy as np

from softmax_cli.data import Batch, Dataset, Places, Schema
from softmax_cli.errors import BadValue, DataError, UsageError
from softmax_cli.job import Sample
from softmax_cli.text import is_number, parse_row


def is_row(text: str) -> bool:
    """Whether the argument is one sample: numbers with commas or blanks between them."""
    cells = text.split(",") if "," in text else text.split()
    return len(cells) > 1 and all(is_number(cell) for cell in cells)


def looks_like_a_row(text: str) -> bool:
    """Whether the argument was meant as a row, though a cell of it is no number."""
    cells = [cell for cell in re.split(r"[,\s]+", text) if cell]
    numbers = sum(is_number(cell) for cell in cells)
    return len(cells) > 1 and 2 * numbers >= len(cells)


def open_arguments(
    inputs: Sequence[str], sample: Sample, class_names: tuple[str, ...] | None
) -> Dataset:
    """The arguments as one batch: numbers are one sample, rows one sample each.

    For a binary output and for values every number is a sample of its own.
    """
    as_rows = any(is_row(text) or looks_like_a_row(text) for text in inputs)
    rows = [_parse(text, number) for number, text in enumerate(inputs, start=1)]
    if sample.is_binary:
        rows = [[value] for row in rows for value in row]
    elif as_rows:
        _check_lengths(rows)
    elif sample.numbers_are_samples:
        pass  # as they are
    else:
        rows = [[value for row in rows for value in row]]
    scores = np.array(rows, dtype=np.float64)
    count = scores.shape[1]
    alone = sample.numbers_are_samples and count == 1
    places = Places("sample" if alone else "row", range(1, len(rows) + 1), " ")
    samples = f"{len(rows)} sample{'s' * (len(rows) != 1)}"
    reading = samples if alone else f"{samples} of {sample.describe_scores(count)}"
    schema = Schema(count, class_names, None, False, reading)
    return Dataset(schema, iter([Batch(0, scores, places)]), [], streams=False)


def _parse(text: str, number: int) -> list[float]:
    try:
        return parse_row(text)
    except BadValue as error:
        raise DataError(f"argument {number}", error.message, error.advice) from None


def _check_lengths(rows: list[list[float]]) -> None:
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]):
            raise DataError(
                f"row {number}",
                f"{len(row)} number{'s' * (len(row) != 1)}, but row 1 has {len(rows[0])}",
                "each argument with commas is one sample; all need the same classes",
            )


def check_one_kind(numbers: list[str], rows: list[str], files: list[str], binary: bool) -> None:
    """Raise UsageError where arguments of different kinds are mixed."""
    kinds = [(numbers, "a number"), (rows, "a row"), (files, "a file")]
    if binary:
        kinds = [(numbers + rows, "a number"), (files, "a file")]
    present = [(texts[0], kind) for texts, kind in kinds if texts]
    if len(present) > 1:
        (first, kind), (second, other) = present[:2]
        raise UsageError(
            f"{first!r} is {kind}, but {second!r} is {other}",
            "give numbers (one sample), rows like 2,1,0.1, or files",
        )
