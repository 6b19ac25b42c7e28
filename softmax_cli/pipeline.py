"""The whole program on one page: read, check, compute, add up, write."""

import sys
from typing import TYPE_CHECKING

from softmax_cli import __version__
from softmax_cli.backends import load_backend
from softmax_cli.batch import Schema
from softmax_cli.domain import Checker
from softmax_cli.errors import Exit
from softmax_cli.job import Job, signature
from softmax_cli.measures import MEASURES
from softmax_cli.readers import input_files, open_dataset
from softmax_cli.summary import Summary
from softmax_cli.text import inert
from softmax_cli.writers import Report, open_writer
from softmax_cli.writers.output import open_output
from softmax_cli.writers.totals import total

if TYPE_CHECKING:
    from softmax_cli.expect.review import Review
    from softmax_cli.gradient import Gradients


def run(job: Job) -> Exit:
    """Do what the job says. Raises SoftmaxCliError; output to a file then does not appear."""
    dataset = open_dataset(job)
    checker = Checker(job, dataset.schema.n_classes)
    backend = load_backend(job.backend, job.dtype, job.device)
    measure = MEASURES[job.command]
    summary = Summary()
    review = _open_review(job, dataset.schema) if job.checks else None
    gradients = _open_gradients(job) if job.grad else None
    with open_output(job.output, job.force, input_files(job)) as stream:
        writer = open_writer(job, dataset.schema, stream)
        for batch in dataset.batches:
            result = measure(checker.check(batch), backend, job)
            checker.inspect(result)
            summary.add(result)
            if gradients is not None:
                gradients.add(result)
            else:
                writer.write(result if review is None else review.check(result))
        for result in gradients.results() if gradients is not None else ():
            writer.write(result)
        findings = None if review is None else review.conclude(total(summary, job))
        mark = signature(job, summary.n, __version__)
        report = Report(summary, dataset.schema.reading, mark, findings)
        writer.close(report)
    notes = [f"note: {note}" for note in dataset.notes] + checker.notes()
    for line in [*writer.remarks(report), *notes]:
        print(inert(line), file=sys.stderr)
    return Exit.DONE if findings is None or findings.passed else Exit.UNEXPECTED


def _open_review(job: Job, schema: Schema) -> "Review":
    from softmax_cli.expect.review import Review

    return Review(job, schema)


def _open_gradients(job: Job) -> "Gradients":
    from softmax_cli.gradient import Gradients

    return Gradients(job)
