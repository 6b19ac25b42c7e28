"""The whole program on one page: read, check, compute, let stages watch, write, conclude."""

from contextlib import redirect_stdout

from softmax_cli import __version__
from softmax_cli.backends.load import load_backend
from softmax_cli.data import Dataset
from softmax_cli.errors import CountError, DataError, Exit
from softmax_cli.job import Job, Sample, settle, signature
from softmax_cli.losses import load_measure
from softmax_cli.losses.domain import check, check_top_k
from softmax_cli.losses.pieces import Computation
from softmax_cli.readers import open_dataset
from softmax_cli.report import Report
from softmax_cli.stages import open_stages
from softmax_cli.system.progress import Progress
from softmax_cli.system.signals import interruptible
from softmax_cli.system.streams import Streams
from softmax_cli.text import inert
from softmax_cli.writers import open_writer
from softmax_cli.writers.output import open_output


def run(job: Job, streams: Streams) -> Exit:
    """Do what the job says. Raises SoftmaxCliError; output to a file then does not appear."""
    if job.command == "custom":  # what a user's own file prints is no data
        with redirect_stdout(streams.stderr):
            return _run(job, streams)
    return _run(job, streams)


def _run(job: Job, streams: Streams) -> Exit:
    dataset = open_dataset(job, Sample.of(job), streams.stdin)
    try:
        return _compute(job, dataset, streams)
    except (CountError, DataError) as error:
        error.advice = next(iter(dataset.doubts), error.advice)
        raise


def _compute(job: Job, dataset: Dataset, streams: Streams) -> Exit:
    schema = dataset.schema
    job = settle(job, schema.dtype, schema.ignore_index)
    check_top_k(job, schema.n_classes)
    backend = load_backend(job.backend, job.dtype, job.device)
    compute = Computation(load_measure(job.command), backend, job)
    results = compute.results(check(dataset.batches, job), dataset.streams)
    if dataset.streams:  # each is computed while the one before is written
        from softmax_cli.system.ahead import ahead

        results = ahead(results)
    else:  # what is wrong with the arguments is told before anything is written
        results = iter([*results])
    stages = open_stages(job, schema)
    with (
        open_output(job.output, job.force, dataset.files, streams.stdout) as output,
        Progress(streams.stderr, dataset.files) as progress,
    ):
        writer = open_writer(job, schema, output)
        for result in stages.watch(progress.watch(interruptible(results))):
            if output.isatty():
                progress.clear()
            writer.write(result)
            output.flush()  # somebody may wait for it while the input pauses
            for line in result.told:
                progress.clear()
                streams.tell(inert(line))
        totals, sections = stages.conclude()
        signed = signature(job, totals.n, __version__, backend.signature)
        report = Report(totals, sections, schema.reading, signed)
        progress.clear()
        writer.close(report)
    notes = [f"note: {note}" for note in (*dataset.doubts, *dataset.notes)]
    remarks = writer.remarks(report) if job.summary else []
    for line in (*remarks, *notes, *report.notes):
        streams.tell(inert(line))
    if report.failure is not None:
        raise report.failure
    return Exit.DONE if report.passed else Exit.UNEXPECTED
