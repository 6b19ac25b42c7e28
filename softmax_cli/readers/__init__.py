"""Readers: whatever the user gives becomes a Dataset, a schema and a stream of batches.

Only what a run needs is imported: a calculation on arguments reads no files.
"""

from collections.abc import Iterator
from os.path import exists, isfile
from typing import TYPE_CHECKING, TextIO

from softmax_cli.data import Batch, Dataset, Schema
from softmax_cli.errors import BadValue, DataError, UsageError
from softmax_cli.job import STDIN, Job, Sample
from softmax_cli.readers.arguments import check_one_kind, is_row, looks_like_a_row, open_arguments
from softmax_cli.text import is_number, parse_number

if TYPE_CHECKING:
    from softmax_cli.readers.labels import LabelParser


def open_dataset(job: Job, sample: Sample, stdin: TextIO | None = None) -> Dataset:
    """Open what the job names: arguments, files or ``stdin``, with their labels.

    Raises UsageError for inputs of mixed kinds, and DataError for what cannot be read.
    """
    numbers, rows, files = _sort(job.inputs or (STDIN,))
    check_one_kind(numbers, rows, files, sample.is_binary)
    class_names = job.classes or None
    if files:
        dataset = _open_files(files, job, sample, class_names, stdin)
    else:
        dataset = open_arguments(job.inputs, sample, class_names)
    _check_classes(dataset.schema, job, sample)
    dataset = _labelled(dataset, job, sample)
    if not job.checks:
        return dataset
    if job.expect_col is None and job.expect_cols is None:
        from softmax_cli.readers.answers import answered

        return answered(dataset, job, sample, stdin)
    if not files:
        raise UsageError("--expect-col and --expect-cols name columns of files, not of arguments")
    return dataset


def _open_files(
    files: list[str],
    job: Job,
    sample: Sample,
    class_names: tuple[str, ...] | None,
    stdin: TextIO | None,
) -> Dataset:
    """The files by the reader for what the first of them holds."""
    from softmax_cli.readers.formats import file_format, first_bytes

    starts = [first_bytes(name) for name in files]
    kind = file_format(starts[0])
    if kind == "arrays":
        from softmax_cli.readers.arrays import open_arrays

        return open_arrays(files, job, sample, class_names)
    if kind == "columnar":
        from softmax_cli.readers.columnar import open_columnar

        return open_columnar(files, starts, job, sample, class_names)
    from softmax_cli.readers.delimited import open_files

    return open_files(tuple(files), job, sample, class_names, stdin)


def _with_labels(
    given: str, batches: Iterator[Batch], job: Job, parse: "LabelParser"
) -> Iterator[Batch]:
    if isfile(given):
        from softmax_cli.readers.formats import file_format, first_bytes

        if file_format(first_bytes(given)) == "arrays":
            from softmax_cli.readers.arrays import label_array, with_label_array

            return with_label_array(batches, label_array(given), parse)
    from softmax_cli.readers.labels import with_labels

    return with_labels(batches, job, parse)


def input_files(job: Job) -> list[str]:
    """The files that the job reads, with that of its labels, standard input left out."""
    *_, files = _sort(job.inputs)
    labels = [job.labels] if job.labels is not None and isfile(job.labels) else []
    answers = [job.expect_file] if job.expect_file is not None else []
    return [name for name in files + labels + answers if name != STDIN]


def _sort(inputs: tuple[str, ...]) -> tuple[list[str], list[str], list[str]]:
    numbers: list[str] = []
    rows: list[str] = []
    files: list[str] = []
    for position, text in enumerate(inputs, start=1):
        if is_number(text):
            numbers.append(text)
        elif is_row(text):
            rows.append(text)
        elif text == STDIN or exists(text) or "://" in text:
            files.append(text)
        elif looks_like_a_row(text):
            rows.append(text)  # its bad cell is named when it is parsed
        else:
            raise _neither(text, position)
    return numbers, rows, files


def _neither(text: str, position: int) -> DataError:
    try:
        parse_number(text)
    except BadValue as error:
        if error.advice is not None:
            return DataError(f"argument {position}", error.message, error.advice)
    return DataError(
        f"argument {position}",
        f"{text!r} is neither a number nor a file",
        "numbers look like 2.0 -1e5 inf; rows like 2,1,0.1",
    )


def _check_classes(schema: Schema, job: Job, sample: Sample) -> None:
    expected = sample.n_labels(schema.n_classes)
    if job.classes and len(schema.class_names or ()) != expected:
        raise UsageError(
            f"--classes names {len(schema.class_names or ())} classes, but there are {expected}"
        )


def _labelled(dataset: Dataset, job: Job, sample: Sample) -> Dataset:
    schema, batches = dataset.schema, dataset.batches
    if job.sample_weight_col is not None and not schema.has_weights:
        raise UsageError("--sample-weight-col names a column of files, not of arguments")
    if job.labels is not None:
        from softmax_cli.readers.labels import LabelParser

        batches = _with_labels(job.labels, batches, job, LabelParser.of(schema, job, sample))
        return dataset._replace(schema=schema._replace(has_labels=True), batches=batches)
    if job.target:
        from softmax_cli.readers.labels import with_targets

        batches = with_targets(batches, job, schema.n_classes)
        return dataset._replace(schema=schema._replace(has_labels=True), batches=batches)
    if not schema.has_labels and sample.needs_labels:
        raise _no_truth(job.command, sample)
    if not schema.has_labels and (job.label_col or job.target_cols):
        raise UsageError("--label-col and --target-cols name columns of files, not of arguments")
    return dataset


def _no_truth(command: str, sample: Sample) -> UsageError:
    if sample.pairs_scores:
        return UsageError(
            f"{command} needs a target for each sample, and there are none",
            "give --target, once per sample, or name columns: --target-cols 't_*'",
        )
    return UsageError(
        f"{command} needs labels, and there are none",
        "give --labels 0,2 or --target 0,1,0, or name a column: --label-col y"
        if sample.has_loss and sample.takes.scores != "margins"
        else "give --labels 0,2, or name a column: --label-col y",
    )
