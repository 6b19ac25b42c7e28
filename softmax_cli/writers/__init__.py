"""Writers: results to text, one module per family of formats, opened by name."""

from collections.abc import Callable
from typing import Protocol, TextIO

from softmax_cli.data import Result, Schema
from softmax_cli.job import Job
from softmax_cli.report import Report


class Writer(Protocol):
    """Writes results as they come, then what was added up."""

    def write(self, result: Result) -> None:
        """Write the samples of a result."""

    def close(self, report: Report) -> None:
        """Write what stands below the samples."""

    def remarks(self, report: Report) -> list[str]:
        """Lines for stderr: what the format itself has no place for."""


def open_writer(job: Job, schema: Schema, stream: TextIO) -> Writer:
    """The writer for the job's format. Only its module is imported."""
    return _WRITERS["quiet" if job.quiet else "steps" if job.steps else job.format]()(
        job, schema, stream
    )


def _quiet() -> "Open":
    from softmax_cli.writers.quiet import QuietWriter

    return QuietWriter


def _steps() -> "Open":
    from softmax_cli.writers.derivation import StepsWriter

    return StepsWriter


def _delimited() -> "Open":
    from softmax_cli.writers.delimited import DelimitedWriter

    return DelimitedWriter


def _json() -> "Open":
    from softmax_cli.writers.json import JsonWriter

    return JsonWriter


def _json_lines() -> "Open":
    from softmax_cli.writers.json import JsonLinesWriter

    return JsonLinesWriter


def _parquet() -> "Open":
    from softmax_cli.writers.parquet import ParquetWriter

    return ParquetWriter


def _markdown() -> "Open":
    from softmax_cli.writers.markdown import MarkdownWriter

    return MarkdownWriter


def _table() -> "Open":
    from softmax_cli.writers.table import TableWriter

    return TableWriter


Open = Callable[[Job, Schema, TextIO], Writer]

_WRITERS: dict[str, Callable[[], Open]] = {
    "quiet": _quiet,
    "steps": _steps,
    "csv": _delimited,
    "tsv": _delimited,
    "json": _json,
    "jsonl": _json_lines,
    "parquet": _parquet,
    "markdown": _markdown,
    "table": _table,
}
