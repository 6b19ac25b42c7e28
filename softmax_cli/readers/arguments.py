"""Numbers and rows given as arguments."""

import re
from collections.abc import Sequence
from os import listdir
from os.path import basename, dirname, exists, isdir
from shlex import join
from typing import Literal, NamedTuple

import numpy as np

from softmax_cli.data import Batch, Dataset, Places, Schema
from softmax_cli.errors import BadValue, DataError, UsageError
from softmax_cli.job import STDIN, Job, Sample
from softmax_cli.notation import decimal_doubt, read_rows
from softmax_cli.text import is_number, parse_number, plural, with_point


class Argument(NamedTuple):
    """An INPUT as understood: a number, rows of numbers, which are ``rows``, or a file's name."""

    text: str
    kind: Literal["a number", "a row", "a file"]
    rows: Sequence[Sequence[float]] = ()


def read_arguments(inputs: Sequence[str], decimal: str = ".") -> list[Argument]:
    """What each argument is. Raises DataError for one that is neither numbers nor a file."""
    return [_read(text, f"argument {number}", decimal) for number, text in enumerate(inputs, 1)]


def _read(text: str, where: str, decimal: str) -> Argument:
    try:
        written, is_row = read_rows(text, decimal)
        rows = [[parse_number(cell, decimal) for cell in row] for row in written]
        return Argument(text, "a row" if is_row else "a number", rows)
    except BadValue as error:
        told = DataError(where, error.message, error.advice)
    if text == STDIN or exists(text) or "://" in text:
        return Argument(text, "a file")
    if text.endswith(",") and is_number(text.partition(",")[0]):
        raise DataError(where, f"{text!r} ends in a comma", "rows have blanks between them")
    is_number_too_large = is_number(with_point(text, decimal))
    if is_number_too_large or told.advice is not None or _looks_like_a_row(text):
        raise told
    if not text.strip():
        raise DataError(where, "there is nothing in it", "a variable that is not set?")
    if _looks_like_a_name(text):
        raise DataError(text, "no such file", _similar_name(text))
    if text.lstrip()[0] in "[({":
        raise told
    message = f"{text!r} is neither a number nor a file"
    advice = _similar_name(text) or "numbers look like 2.0 -1e5 inf; rows like 2,1,0.1"
    raise DataError(where, message, advice)


def _looks_like_a_row(text: str) -> bool:
    """Whether the argument was meant as a row, though a cell of it is no number."""
    cells = [cell for cell in re.split(r"[,;\s\[\](){}]+", text) if cell]
    numbers = sum(is_number(cell) for cell in cells)
    return len(cells) > 1 and 2 * numbers >= len(cells)


def _looks_like_a_name(text: str) -> bool:
    return "/" in text or re.search(r"\.[A-Za-z][A-Za-z0-9]*$", text) is not None


def _similar_name(text: str) -> str | None:
    """A file that may be meant by the name of one that isn't there."""
    from difflib import get_close_matches

    folder = dirname(text)
    if not isdir(folder or "."):
        return f"there is no directory {folder}"
    shown = [name for name in sorted(listdir(folder or ".")) if not name.startswith(".")]
    by_stem = {name.partition(".")[0]: name for name in shown}
    names = [*by_stem.values(), *by_stem]
    for name in get_close_matches(basename(text), names, n=1, cutoff=0.8):
        found = by_stem.get(name, name)
        return f"did you mean {folder + '/' if folder else ''}{found}?"
    return None


def check_one_kind(arguments: Sequence[Argument], binary: bool) -> None:
    """Raise UsageError where arguments of different kinds are mixed."""
    firsts: dict[str, str] = {}
    for text, kind, *_ in arguments:
        firsts.setdefault("a number" if binary and kind == "a row" else kind, text)
    present = [(firsts[kind], kind) for kind in ("a number", "a row", "a file") if kind in firsts]
    if len(present) > 1:
        (first, kind), (second, other) = present[:2]
        advice = "give numbers (one sample), rows like 2,1,0.1, or files"
        half = len(arguments) // 2
        kinds = [argument.kind for argument in arguments]
        if kinds == ["a row"] * half + ["a number"] * half:
            labels = ",".join(argument.text for argument in arguments[half:])
            advice = f"if the numbers are labels, say -l {labels}"
        raise UsageError(f"{first!r} is {kind}, but {second!r} is {other}", advice)


def open_arguments(
    arguments: Sequence[Argument], job: Job, sample: Sample, class_names: tuple[str, ...] | None
) -> Dataset:
    """The arguments as one batch: numbers are one sample, rows one sample each.

    For a binary output and for values every number is a sample of its own. Raises DataError for
    rows of different lengths.
    """
    rows = [row for argument in arguments for row in argument.rows]
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
    batches = iter([Batch(0, scores, places)])
    return Dataset(schema, batches, [], streams=False, doubts=_doubts(job, sample))


def _check_lengths(rows: Sequence[Sequence[float]]) -> None:
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]):
            raise DataError(
                f"row {number}",
                f"{plural(len(row), 'number')}, but row 1 has {len(rows[0])}",
                "each argument with commas is one sample; all need the same classes",
            )


def _doubts(job: Job, sample: Sample) -> tuple[str, ...]:
    """A note where each comma may be that of a decimal, and the truth doesn't tell."""
    rows = [row for text in job.inputs for row in text.replace(";", " ").split()]
    doubts = [decimal_doubt(row) for row in rows]
    if job.decimal == "," or doubts[0] is None or None in doubts:
        return ()
    has_classes = sample.takes.scores == "classes" and not (sample.is_binary or sample.multilabel)
    if has_classes and (len(rows) == 1 or _n_truths(job) not in (0, 1)):
        return ()
    return (doubts[0],)


def _n_truths(job: Job) -> int | None:
    """How many samples the truth is given for; None if that is not to be known so early."""
    if job.labels is None:
        return len(job.target)
    return None if exists(job.labels) else job.labels.count(",") + 1


def line_with_truth(arguments: Sequence[Argument], job: Job, sample: Sample) -> str | None:
    """The line to type where the second half of the arguments may be the truth of the first."""
    half, odd = divmod(len(arguments), 2)
    if odd or not (sample.pairs_scores or sample.numbers_are_samples):
        return None
    given, truth = arguments[:half], arguments[half:]
    if not sample.pairs_scores and any(
        row not in ([0], [1], [-1]) for t in truth for row in t.rows
    ):
        return None
    option = "--target" if sample.pairs_scores else "-l"
    texts = [argument.text for argument in truth]
    as_list = [",".join(texts)] if truth[0].kind == "a number" else texts
    inputs = [argument.text for argument in given]
    return join(["softmax-cli", job.command, *inputs, *(w for t in as_list for w in (option, t))])
