"""The input formats: how a file is recognized, and which reader opens it."""

from collections.abc import Sequence
from typing import Protocol

from softmax_cli.data import Dataset
from softmax_cli.errors import UsageError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.signatures import ARRAYS, Kind, kind_of
from softmax_cli.readers.source import Sources, display_name


class Reader(Protocol):
    """Opens files of one format as one dataset; ``class_names`` are those of ``--classes``.

    It yields Chunks, of which ``assemble`` makes batches.
    """

    def __call__(
        self,
        names: Sequence[str],
        job: Job,
        sample: Sample,
        class_names: tuple[str, ...] | None,
        sources: Sources,
    ) -> Dataset: ...


def load_reader(name: str, job: Job, sources: Sources) -> Reader:
    """The reader for what that source holds, imported here. Text takes what is left."""
    kind = kind_of(sources.first_bytes(name))
    if job.class_axis is not None and kind not in ARRAYS:
        raise UsageError(f"--class-axis is about arrays, and {display_name(name)} has none")
    if kind in ARRAYS:
        from softmax_cli.readers.arrays import open_arrays as reader
    elif kind is Kind.JSON:
        from softmax_cli.readers.json import open_json as reader
    elif kind in (Kind.PARQUET, Kind.ARROW):
        from softmax_cli.readers.columnar import open_columnar as reader
    else:
        from softmax_cli.readers.delimited import open_delimited as reader
    return reader
