"""Writers: results to text, one module per family of formats, opened by name."""

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, TextIO

from softmax_cli.data import Result, Schema
from softmax_cli.job import Job
from softmax_cli.report import Section
from softmax_cli.stages.totals import Summary

if TYPE_CHECKING:  # they take time to load, and few runs evaluate or check answers
    from softmax_cli.stages.evaluation import Evaluation


class Report(NamedTuple):
    """What there is to say once all samples have passed; a section if answers were checked."""

    summary: Summary
    reading: str
    signature: str
    evaluation: "Evaluation | None" = None
    check: Section | None = None


class Writer(Protocol):
    """Writes results as they come, then what was added up."""

    def write(self, result: Result) -> None:
        """Write the samples of a result."""

    def close(self, report: Report) -> None:
        """Write what stands below the samples."""

    def remarks(self, report: Report) -> list[str]:
        """Lines for stderr: what the format itself has no place for."""


# Only the module of the format that is asked for is imported.
_WRITERS = {
    "quiet": ("quiet", "QuietWriter"),
    "steps": ("derivation", "StepsWriter"),
    "csv": ("delimited", "DelimitedWriter"),
    "tsv": ("delimited", "DelimitedWriter"),
    "json": ("json", "JsonWriter"),
    "jsonl": ("json", "JsonLinesWriter"),
    "parquet": ("parquet", "ParquetWriter"),
    "markdown": ("markdown", "MarkdownWriter"),
    "table": ("table", "TableWriter"),
}


def open_writer(job: Job, schema: Schema, stream: TextIO) -> Writer:
    """The writer for the job's format."""
    module, name = _WRITERS["quiet" if job.quiet else "steps" if job.steps else job.format]
    writer: Writer = getattr(import_module(f"{__name__}.{module}"), name)(job, schema, stream)
    return writer
