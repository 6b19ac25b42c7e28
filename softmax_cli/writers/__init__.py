"""Writers: results to text, one module per family of formats, opened by name."""

from typing import NamedTuple, Protocol, TextIO

from softmax_cli.batch import Result, Schema
from softmax_cli.job import Job
from softmax_cli.summary import Summary


class Report(NamedTuple):
    """What there is to say once all samples have passed."""

    summary: Summary
    reading: str
    signature: str


class Writer(Protocol):
    """Writes results as they come, then what was added up."""

    def write(self, result: Result) -> None:
        """Write the samples of a result."""

    def close(self, report: Report) -> None:
        """Write what stands below the samples."""

    def remarks(self, report: Report) -> list[str]:
        """Lines for stderr: what the format itself has no place for."""


def open_writer(job: Job, schema: Schema, stream: TextIO) -> Writer:
    """The writer for the job's format."""
    if job.quiet:
        from softmax_cli.writers.quiet import QuietWriter

        return QuietWriter(job, schema, stream)
    if job.format in ("csv", "tsv"):
        from softmax_cli.writers.delimited import DelimitedWriter

        return DelimitedWriter(job, schema, stream)
    if job.format in ("json", "jsonl"):
        from softmax_cli.writers.json import JsonLinesWriter, JsonWriter

        return (JsonWriter if job.format == "json" else JsonLinesWriter)(job, schema, stream)
    if job.format == "parquet":
        from softmax_cli.writers.parquet import ParquetWriter

        return ParquetWriter(job, schema, stream)
    if job.format == "markdown":
        from softmax_cli.writers.markdown import MarkdownWriter

        return MarkdownWriter(job, schema, stream)
    from softmax_cli.writers.table import TableWriter

    return TableWriter(job, schema, stream)
