"""The whole program on one page: read, check, compute, add up, write."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from softmax_cli import __version__
from softmax_cli.backends import load_backend
from softmax_cli.data import Dataset, Result, Schema
from softmax_cli.errors import Exit
from softmax_cli.job import STDIN, Job, Sample, settled, signature
from softmax_cli.losses import MEASURES
from softmax_cli.losses.pieces import Computation
from softmax_cli.readers import input_files, open_dataset
from softmax_cli.report import Totals
from softmax_cli.stages.doubts import Checker
from softmax_cli.stages.totals import Summary
from softmax_cli.system.progress import Progress
from softmax_cli.system.signals import stay_interruptible
from softmax_cli.system.streams import Streams
from softmax_cli.text import inert
from softmax_cli.writers import Report, open_writer
from softmax_cli.writers.output import open_output
from softmax_cli.writers.totals import total

if TYPE_CHECKING:
    from softmax_cli.homework.answers import Review
    from softmax_cli.stages.cross_check import CrossCheck
    from softmax_cli.stages.evaluation import Evaluation
    from softmax_cli.stages.gradients import Gradients


def run(job: Job, streams: Streams) -> Exit:
    """Do what the job says. Raises SoftmaxCliError; output to a file then does not appear."""
    sample = Sample.of(job)
    dataset = open_dataset(job, sample, streams.stdin)
    job = settled(job, dataset.schema.dtype)
    checker = Checker(job, dataset.schema.n_classes)
    backend = load_backend(job.backend, job.dtype, job.device)
    compute = Computation(MEASURES[job.command], backend, job)
    cross_check = _open_cross_check(job) if job.cross_check else None
    review = _open_review(job, dataset.schema) if job.checks else None
    gradients = _open_gradients(job) if job.grad else None
    summary = Summary(outputs=dataset.schema.n_classes if sample.sums_outputs else 1)
    evaluation = _open_evaluation(job, sample, dataset.schema) if sample.evaluates else None
    with (
        open_output(job.output, job.force, input_files(job), streams.stdout) as stream,
        _progress(job, summary, streams) as told,
    ):
        writer = open_writer(job, dataset.schema, stream)
        for result in _results(dataset, checker, compute):
            stay_interruptible()
            summary.add(result)
            if evaluation:
                evaluation.add(result)
            if cross_check:
                cross_check.add(result)
            if gradients is not None:
                gradients.add(result)
            else:
                for part in [result] if review is None else review.watch(iter([result])):
                    writer.write(part)
            told.update(summary.n_rows)
        for result in gradients.results() if gradients is not None else ():
            writer.write(result)
        checker.conclude(summary)
        check = None if review is None else review.conclude(_totals(summary, job))
        signed = signature(job, summary.n, __version__)
        report = Report(summary, dataset.schema.reading, signed, evaluation, check)
        writer.close(report)
    notes = [f"note: {note}" for note in dataset.notes] + checker.notes()
    differences = cross_check.lines() if cross_check else []
    for line in [*writer.remarks(report), *notes, *differences]:
        streams.tell(inert(line))
    agreed = (cross_check is None or cross_check.agrees) and (check is None or check.passed)
    return Exit.DONE if agreed else Exit.UNEXPECTED


def _results(dataset: Dataset, checker: Checker, compute: Computation) -> Iterator[Result]:
    """The results batch by batch; of a stream, each is computed while the one before is written."""
    results = _computed(dataset, checker, compute)
    if not dataset.streams:
        return results
    from softmax_cli.system.ahead import ahead

    return ahead(results)


def _computed(dataset: Dataset, checker: Checker, compute: Computation) -> Iterator[Result]:
    for batch in dataset.batches:
        result = compute(checker.check(batch))
        checker.inspect(result)
        yield result


def _open_cross_check(job: Job) -> "CrossCheck":
    from softmax_cli.stages.cross_check import CrossCheck

    return CrossCheck(job)


def _open_evaluation(job: Job, sample: Sample, schema: Schema) -> "Evaluation | None":
    if not schema.has_labels:
        return None
    from softmax_cli.stages.evaluation import Evaluation

    return Evaluation(sample.n_labels(schema.n_classes), job.top_k)


def _open_review(job: Job, schema: Schema) -> "Review":
    from softmax_cli.homework.answers import open_review

    return open_review(job, schema)


def _totals(summary: Summary, job: Job) -> Totals:
    mean = total(summary, job) if Sample.of(job).has_loss else None
    return Totals(summary.n, summary.n_ignored, total=mean)


def _open_gradients(job: Job) -> "Gradients":
    from softmax_cli.stages.gradients import Gradients

    return Gradients(job)


@contextmanager
def _progress(job: Job, summary: Summary, streams: Streams) -> Iterator[Progress]:
    """Progress on stderr while the block runs; how far it got, if it is interrupted."""
    from_files = STDIN not in (job.inputs or (STDIN,))
    progress = Progress(streams.stderr, input_files(job) if from_files else ())
    try:
        yield progress
    except KeyboardInterrupt:
        progress.clear()
        streams.tell(f"interrupted after {summary.n} samples")
        raise
    finally:
        progress.clear()
