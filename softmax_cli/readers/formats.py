"""The input formats: how a file is recognized, and which reader opens it."""

from collections.abc import Sequence
from typing import Protocol, TextIO

from softmax_cli.data import Dataset
from softmax_cli.job import Job, Sample
from softmax_cli.readers.signatures import ARROW, JSON, PARQUET, begins, first_bytes, holds_arrays


class Reader(Protocol):
    """Opens files of one format as one dataset; ``class_names`` are those of ``--classes``.

    It yields Chunks, of which ``assemble`` makes batches. ``stdin`` is for who reads streams.
    """

    def __call__(
        self,
        names: Sequence[str],
        job: Job,
        sample: Sample,
        class_names: tuple[str, ...] | None,
        stdin: TextIO | None,
    ) -> Dataset: ...


def load_reader(name: str) -> Reader:
    """The reader for what that file holds, imported here. Text takes what is left, and pipes."""
    start = first_bytes(name)
    if holds_arrays(start):
        from softmax_cli.readers.arrays import open_arrays as reader
    elif any(begins(start, signature) for signature in (PARQUET, ARROW, JSON)):
        from softmax_cli.readers.columnar import open_columnar as reader
    else:
        from softmax_cli.readers.delimited import open_delimited as reader
    return reader
