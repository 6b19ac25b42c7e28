"""Truth and answers given beside the samples: --labels, --target, --expect.

Each function adds to batches what was given for their samples, in order; there must be as many
as there are samples.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from os.path import dirname, exists, isdir, isfile
from typing import NamedTuple, Protocol

import numpy as np

from softmax_cli.data import Batch, Dataset, FloatArray, IntArray, Schema
from softmax_cli.errors import BadValue, CountError, DataError
from softmax_cli.job import STDIN, Job, Sample
from softmax_cli.notation import decimal_doubt, read_list, read_row, read_rows
from softmax_cli.readers.headings import LABEL_NAMES
from softmax_cli.readers.labels import LabelParser
from softmax_cli.readers.lines import Lines, open_lines
from softmax_cli.readers.records import Record, find_start, read_records
from softmax_cli.readers.signatures import ARRAYS, kind_of
from softmax_cli.readers.source import Sources, display_name
from softmax_cli.text import MISSING, is_number, parse_number, plural, with_point


class Labels(Protocol):
    """Labels given in order: ``take`` the next so many indices, ``rest`` counts the others."""

    name: str

    def take(self, count: int) -> IntArray: ...

    def rest(self) -> int: ...


def add_labels(
    batches: Iterable[Batch], given: str, parse: LabelParser, sources: Sources
) -> Iterator[Batch]:
    """The batches with the labels of ``--labels``: a list, or a source's name.

    Raises DataError for what is no label, CountError if there are more or fewer than samples.
    """
    advice = "give one label for each sample, with commas: --labels 0,2"
    labels = _open_labels(given, parse, sources)
    for batch in batches:
        indices = labels.take(len(batch))
        if len(indices) < len(batch):
            count = plural(batch.first_row + len(indices), "label")
            raise CountError(f"{labels.name} has {count}, but there are more samples", advice)
        yield replace(batch, labels=indices)
    surplus = labels.rest()
    if surplus:
        count = plural(surplus, "more label")
        raise CountError(f"{labels.name} has {count} than there are samples", advice)


def _open_labels(given: str, parse: LabelParser, sources: Sources) -> Labels:
    if isfile(given) and kind_of(sources.first_bytes(given)) in ARRAYS:
        from softmax_cli.readers.arrays import ArrayLabels

        return ArrayLabels(given, parse, sources)
    return _TextLabels(given, parse, sources)


class _TextLabels:
    """The labels of a list or of a text file."""

    name = "--labels"

    def __init__(self, given: str, parse: LabelParser, sources: Sources) -> None:
        self.parse = parse
        self.texts = _label_texts(given, sources)

    def take(self, count: int) -> IntArray:
        indices = []
        given = list(islice(self.texts, count))
        self.parse.look_at(text for _, text in given)
        for where, text in given:
            try:
                indices.append(self.parse(text))
            except BadValue as error:
                is_word = where.startswith("--labels") and text and not is_number(text)
                column = f"a column? say --label-col {text}" if is_word else None
                advice = column or error.advice or "one label for each sample, as --labels 0,2"
                raise DataError(where, error.message, advice) from None
        return np.array(indices, dtype=np.int64)

    def rest(self) -> int:
        return sum(1 for _ in self.texts)


def _label_texts(option: str, sources: Sources) -> Iterator[tuple[str, str]]:
    """Pairs of place and text for each label of ``--labels``."""
    words = _list("--labels", option)
    is_source = option == STDIN or (exists(option) and not isdir(option))
    if is_source and not all(map(is_number, words)):
        yield from _labels_of_file(option, sources)
    elif dirname(option) or re.search(r"\.[A-Za-z]\w*$", words[-1]):
        raise DataError(option, "no such file of labels", "give its name, or labels: --labels 0,2")
    else:
        for number, word in enumerate(words):
            yield f"--labels, label {number + 1}", word


def _list(option: str, text: str) -> list[str]:
    try:
        return read_list(text)
    except BadValue as error:
        raise DataError(option, error.message, error.advice) from None


def _labels_of_file(name: str, sources: Sources) -> Iterator[tuple[str, str]]:
    where = display_name(name)
    # Commas only: a class name may hold blanks.
    for position, (line, cells) in enumerate(_records(name, ",", sources)):
        if position == 0 and cells[0].lower() in LABEL_NAMES:
            continue
        if len(cells) != 1:
            raise DataError(
                f"{where}:{line}",
                f"one label per line expected, found {len(cells)} cells",
                "a file with scores and labels is an INPUT; name its column by --label-col",
            )
        yield f"{where}:{line}", cells[0]


def add_targets(
    batches: Iterable[Batch], given: tuple[str, ...], width: int, decimal: str
) -> Iterator[Batch]:
    """The batches with the rows of ``--target``, each of so many numbers."""
    targets = _parse_targets(given, width, decimal)
    n_targets = plural(len(targets), "target")
    advice = "give --target once for each sample"
    if width == 1:
        advice = "give a number for each sample, with commas: --target 3,-0.5,2"
    n_samples = 0
    for batch in batches:
        n_samples = batch.first_row + len(batch)
        if n_samples > len(targets):
            raise CountError(f"{n_targets}, but there are more samples", advice)
        yield replace(batch, targets=targets[batch.first_row : n_samples])
    if n_samples < len(targets):
        raise CountError(f"{n_targets}, but only {plural(n_samples, 'sample')}", advice)


def _parse_targets(given: tuple[str, ...], width: int, decimal: str) -> FloatArray:
    rows: list[list[float]] = []
    for number, text in enumerate(given, start=1):
        where = f"--target, target {number}"
        try:
            rows_given = read_rows(text, decimal).rows
            parsed = [[parse_number(cell, decimal) for cell in row] for row in rows_given]
        except BadValue as error:
            raise DataError(where, error.message, error.advice) from None
        if width == 1:
            rows.extend([value] for row in parsed for value in row)
            continue
        for row in parsed:
            if len(row) != width:
                message = f"expected {width} numbers, found {len(row)}"
                raise DataError(where, message, "a number for each score, as --target 0,1,0")
            rows.append(row)
    return np.array(rows, dtype=np.float64)


class Answer(NamedTuple):
    """One answer as given: a text, or a row of texts for ``softmax``, and where it stands.

    Texts, because their digits matter.
    """

    where: str
    texts: list[str]


def add_answers(dataset: Dataset, job: Job, sample: Sample, sources: Sources) -> Dataset:
    """The dataset with the answers of ``--expect``, ``--expect-row`` or ``--expect-file``.

    A single answer to a loss is about the mean (or sum) of all. The texts are read once: a file
    may be a pipe. Raises UsageError if there are more or fewer answers than samples.
    """
    schema = dataset.schema
    answers = list(_answers(job, schema, sources))
    doubt = decimal_doubt((job.expect or "").strip())
    if doubt is not None and job.decimal != "," and sample.has_loss:
        dataset = dataset._replace(doubts=(*dataset.doubts, doubt))
    if len(answers) == 1 and sample.has_loss and job.reduction != "none":
        return dataset._replace(schema=schema._replace(answer=answers[0].texts[0]))
    advice = "give one answer for each sample"
    advice += ", or one for the mean" if sample.has_loss else ""
    return dataset._replace(batches=_with_answers(dataset.batches, answers, advice))


def _with_answers(batches: Iterable[Batch], answers: list[Answer], advice: str) -> Iterator[Batch]:
    expected = f"{plural(len(answers), 'answer')} expected"
    end = 0
    for batch in batches:
        end = batch.first_row + len(batch)
        if end > len(answers):
            raise CountError(f"{expected}, but there are more samples", advice)
        rows = [answer.texts for answer in answers[batch.first_row : end]]
        yield replace(batch, answers=[list(column) for column in zip(*rows, strict=True)])
    if any(text for answer in answers[end:] for text in answer.texts):
        raise CountError(f"{expected}, but only {plural(end, 'sample')}", advice)


def _answers(job: Job, schema: Schema, sources: Sources) -> Iterator[Answer]:
    width = schema.n_classes if job.command == "softmax" else 1
    if job.expect_file is not None:
        yield from _answers_of_file(job, job.expect_file, width, schema, sources)
    elif job.command == "softmax":
        option = "--expect-row, row" if job.expect_row else "--expect, row"
        for number, text in enumerate(job.expect_row or (job.expect or "",), start=1):
            where = f"{option} {number}"
            yield _answer(where, _row(where, text, job.decimal), width)
    elif job.command == "predict":
        for number, text in enumerate(_list("--expect", job.expect or ""), start=1):
            yield Answer(f"--expect, answer {number}", [text])
    else:
        for number, text in enumerate(_row("--expect", job.expect or "", job.decimal), start=1):
            yield Answer(f"--expect, answer {number}", [text])


def _row(where: str, text: str, decimal: str) -> list[str]:
    try:
        return [with_point(cell, decimal) for cell in read_row(text, decimal)]
    except BadValue as error:
        raise DataError(where, error.message, error.advice) from None


def _answers_of_file(
    job: Job, name: str, width: int, schema: Schema, sources: Sources
) -> Iterator[Answer]:
    """An answer for each line, below a header or not; an empty line is a blank answer.

    Comments stand before all of them; empty lines before a header are none.
    """
    where = display_name(name)
    blanks: list[Answer] = []
    delimiter: str | None = None
    for number, line in enumerate(open_lines(name, sources), start=1):
        place = f"{where}:{number}"
        if not line.strip():
            blanks.append(Answer(place, [""] * width))
            continue
        one_line = Lines(place, iter([line.encode()]))
        is_first = delimiter is None
        delimiter = delimiter or find_start(one_line, None, job.decimal)
        if delimiter is None:
            continue  # a comment
        (record,) = read_records(one_line, delimiter)
        cells = [with_point(cell, job.decimal) for cell in record.cells]
        if is_first and not all(_is_answer(cell, schema) for cell in cells):
            blanks = []  # above the header
            continue
        yield from blanks
        yield _answer(place, cells, width)
        blanks = []
    yield from blanks


def _is_answer(text: str, schema: Schema) -> bool:
    return is_number(text) or text.lower() in MISSING or text in (schema.class_names or ())


def _answer(where: str, cells: list[str], width: int) -> Answer:
    if len(cells) != width:
        advice = (
            "an answer is one number" if width == 1 else "a number for each class, in their order"
        )
        what = f"expected {plural(width, 'number')}, found {len(cells)}"
        raise DataError(where, what, advice)
    return Answer(where, cells)


def _records(
    name: str, delimiter: str | None, sources: Sources, decimal: str = "."
) -> Iterator[Record]:
    lines = open_lines(name, sources)
    found = find_start(lines, delimiter, decimal)
    return iter(()) if found is None else read_records(lines, found)
