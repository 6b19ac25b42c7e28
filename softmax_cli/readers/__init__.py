"""Readers: whatever the user gives becomes a Dataset, a schema and a stream of batches.

Only what a run needs is imported: a calculation on arguments reads no files.
"""

from collections.abc import Sequence
from os.path import isfile
from typing import TextIO

from softmax_cli.data import Dataset, Schema
from softmax_cli.errors import UsageError
from softmax_cli.job import STDIN, Job, Sample
from softmax_cli.readers.arguments import (
    Argument,
    check_one_kind,
    line_with_truth,
    open_arguments,
    read_arguments,
)
from softmax_cli.readers.source import Sources
from softmax_cli.system.streams import descriptor_of


def open_dataset(job: Job, sample: Sample, stdin: TextIO | None = None) -> Dataset:
    """Open what the job names: arguments, files or ``stdin``, with their labels and answers.

    Raises UsageError for inputs of mixed kinds, and DataError for what cannot be read.
    """
    arguments = read_arguments(job.inputs or (STDIN,), job.decimal)
    check_one_kind(arguments, sample.is_binary)
    class_names = job.classes or None
    sources = Sources(stdin)
    from_files = arguments[0].kind == "a file"
    if from_files:
        from softmax_cli.readers.formats import load_reader

        names = [argument.text for argument in arguments]
        dataset = load_reader(names[0], job, sources)(names, job, sample, class_names, sources)
    elif job.class_axis is not None:
        raise UsageError("--class-axis is about arrays in files, and these are arguments")
    else:
        dataset = open_arguments(arguments, job, sample, class_names)
    _check_classes(dataset.schema, job, sample)
    dataset = _add_truth(dataset, job, sample, sources, arguments)
    if job.checks:
        dataset = _add_answers(dataset, job, sample, sources, from_files)
    return dataset._replace(files=_files(arguments, job, stdin))


def _files(arguments: Sequence[Argument], job: Job, stdin: TextIO | None) -> Sequence[str | int]:
    """The files that are read, with those of labels, answers and code; stdin's descriptor."""
    names = [argument.text for argument in arguments if argument.kind == "a file"]
    if job.labels is not None and isfile(job.labels):
        names.append(job.labels)
    if job.expect_file is not None:
        names.append(job.expect_file)
    if job.function is not None:
        names.append(job.function.path)
    descriptor = None if stdin is None else descriptor_of(stdin)
    places = [descriptor if name == STDIN else name for name in names]
    return [place for place in places if place is not None]


def _check_classes(schema: Schema, job: Job, sample: Sample) -> None:
    expected = sample.n_labels(schema.n_classes)
    if job.classes and len(schema.class_names or ()) != expected:
        raise UsageError(
            f"--classes names {len(schema.class_names or ())} classes, but there are {expected}",
            "name each class, in the order of the scores, or the scores by --cols",
        )


def _add_truth(
    dataset: Dataset, job: Job, sample: Sample, sources: Sources, arguments: Sequence[Argument]
) -> Dataset:
    """The dataset with the labels or targets of options. Raises UsageError if there are none."""
    schema, batches = dataset.schema, dataset.batches
    if job.sample_weight_col is not None and not schema.has_weights:
        raise _of_files("--sample-weight-col names a column", "give a file with such a column")
    if job.labels is not None:
        from softmax_cli.readers.given import add_labels
        from softmax_cli.readers.labels import LabelParser

        parse = LabelParser.of(schema, job, sample)
        batches = add_labels(batches, job.labels, parse, sources)
    elif job.target:
        from softmax_cli.readers.given import add_targets

        batches = add_targets(batches, job.target, schema.n_classes, job.decimal)
    elif not schema.has_labels and sample.needs_labels:
        raise _no_truth(job, sample, arguments)
    elif not dataset.streams and (job.label_col or job.target_cols):
        advice = "say --labels 0,2 or --target 0,1,0" if sample.needs_labels else "leave them out"
        raise _of_files("--label-col and --target-cols name columns", advice)
    else:
        return dataset
    return dataset._replace(schema=schema._replace(has_labels=True), batches=batches)


def _no_truth(job: Job, sample: Sample, arguments: Sequence[Argument]) -> UsageError:
    what = "a target for each sample" if sample.pairs_scores else "labels"
    message = f"{job.command} needs {what}, and there are none"
    if arguments[0].kind != "a file":
        line = line_with_truth(arguments, job, sample)
        if line is not None:
            return UsageError(message, f"are they the second half? {line}")
    if sample.pairs_scores:
        advice = "give --target, once per sample, or name columns: --target-cols 't_*'"
    elif sample.has_loss and sample.takes.scores != "margins":
        advice = "give --labels 0,2 or --target 0,1,0, or name a column: --label-col y"
    else:
        advice = "give --labels 0,2, or name a column: --label-col y"
    return UsageError(message, advice)


def _add_answers(
    dataset: Dataset, job: Job, sample: Sample, sources: Sources, from_files: bool
) -> Dataset:
    if job.expect_col is None and job.expect_cols is None:
        from softmax_cli.readers.given import add_answers

        return add_answers(dataset, job, sample, sources)
    if not from_files:
        raise _of_files("--expect-col and --expect-cols name columns", "say --expect 0.4170,2.0406")
    return dataset


def _of_files(option: str, advice: str) -> UsageError:
    return UsageError(f"{option} of files, not of arguments", advice)
