"""Answers to be checked, from options and files: texts, because their digits matter."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple, TextIO

from softmax_cli.data import Batch, Dataset, Schema
from softmax_cli.errors import DataError, UsageError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.lines import open_lines
from softmax_cli.readers.records import find_start, read_records
from softmax_cli.text import MISSING, is_number, plural


class Given(NamedTuple):
    """One answer as given: a text, or a row of texts for ``softmax``, and where it stands."""

    where: str
    texts: list[str]


def answered(dataset: Dataset, job: Job, sample: Sample, stdin: TextIO | None) -> Dataset:
    """The dataset with the answers of ``--expect``, ``--expect-row`` or ``--expect-file``.

    A single answer to a loss is about the mean (or sum) of all. The texts are read once: a file
    may be a pipe. Raises UsageError if there are more or fewer answers than samples.
    """
    schema = dataset.schema
    answers = list(_given(job, schema, stdin))
    if len(answers) == 1 and sample.needs_labels:
        return dataset._replace(schema=schema._replace(answer=answers[0].texts[0]))
    return dataset._replace(batches=_with_answers(dataset.batches, answers, sample))


def _with_answers(
    batches: Iterable[Batch], answers: list[Given], sample: Sample
) -> Iterator[Batch]:
    advice = "give one answer for each sample"
    advice += ", or one for the mean" if sample.needs_labels else ""
    end = 0
    for batch in batches:
        end = batch.first_row + len(batch)
        if end > len(answers):
            message = f"{plural(len(answers), 'answer')} expected, but there are more samples"
            raise UsageError(message, advice)
        rows = [given.texts for given in answers[batch.first_row : end]]
        yield replace(batch, answers=[list(column) for column in zip(*rows, strict=True)])
    if end < len(answers):
        expected = f"{plural(len(answers), 'answer')} expected"
        raise UsageError(f"{expected}, but only {plural(end, 'sample')}", advice)


def _given(job: Job, schema: Schema, stdin: TextIO | None) -> Iterator[Given]:
    width = schema.n_classes if job.command == "softmax" else 1
    if job.expect_file is not None:
        yield from _of_file(job.expect_file, width, schema, stdin)
    elif job.command == "softmax":
        option = "--expect-row, row" if job.expect_row else "--expect, row"
        for number, text in enumerate(job.expect_row or (job.expect or "",), start=1):
            yield _row(f"{option} {number}", _split(text), width)
    else:
        for number, text in enumerate(_split(job.expect or ""), start=1):
            yield Given(f"--expect, answer {number}", [text])


def _split(text: str) -> list[str]:
    return [cell.strip() for cell in text.split(",")] if "," in text else text.split() or [""]


def _of_file(name: str, width: int, schema: Schema, stdin: TextIO | None) -> Iterator[Given]:
    lines = open_lines(name, stdin)
    delimiter = find_start(lines, None)
    records = iter(()) if delimiter is None else read_records(lines, delimiter)
    for position, (line, cells) in enumerate(records):
        if position == 0 and not all(_is_answer(cell, schema) for cell in cells):
            continue  # a header
        yield _row(f"{lines.where}:{line}", cells, width)


def _is_answer(text: str, schema: Schema) -> bool:
    return is_number(text) or text.lower() in MISSING or text in (schema.class_names or ())


def _row(where: str, cells: list[str], width: int) -> Given:
    if len(cells) != width:
        raise DataError(where, f"expected {width} number{'s' * (width != 1)}, found {len(cells)}")
    return Given(where, cells)
