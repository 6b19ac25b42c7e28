"""The registry of input formats: how a file is recognized, and which reader opens it.

A reader is imported when it is needed. It yields Chunks; ``assemble`` makes batches of them.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TextIO

from softmax_cli.data import Dataset
from softmax_cli.job import Job, Sample
from softmax_cli.readers.signatures import ARROW, JSON, PARQUET, begins, first_bytes, holds_arrays


class Reader(Protocol):
    """Opens files of one format as one dataset; ``class_names`` are those of ``--classes``."""

    def __call__(
        self,
        names: Sequence[str],
        job: Job,
        sample: Sample,
        class_names: tuple[str, ...] | None,
        stdin: TextIO | None,
    ) -> Dataset: ...


class Format(NamedTuple):
    """An input format: whether a file with these first bytes is of it, and its reader."""

    holds: Callable[[bytes], bool]
    open: Reader


def _arrays(
    names: Sequence[str],
    job: Job,
    sample: Sample,
    class_names: tuple[str, ...] | None,
    stdin: TextIO | None,
) -> Dataset:
    from softmax_cli.readers.arrays import open_arrays

    return open_arrays(names, job, sample, class_names)


def _columnar(
    names: Sequence[str],
    job: Job,
    sample: Sample,
    class_names: tuple[str, ...] | None,
    stdin: TextIO | None,
) -> Dataset:
    from softmax_cli.readers.columnar import open_columnar

    return open_columnar(names, job, sample, class_names)


def _text(
    names: Sequence[str],
    job: Job,
    sample: Sample,
    class_names: tuple[str, ...] | None,
    stdin: TextIO | None,
) -> Dataset:
    from softmax_cli.readers.delimited import open_delimited

    return open_delimited(names, job, sample, class_names, stdin)


FORMATS = (
    Format(holds_arrays, _arrays),
    Format(lambda start: begins(start, PARQUET), _columnar),
    Format(lambda start: begins(start, ARROW), _columnar),
    Format(lambda start: begins(start, JSON), _columnar),
    Format(lambda start: True, _text),
)
"""In the order in which they are tried; text takes what is left, pipes among it."""


def find_format(name: str) -> Format:
    """The format of a file."""
    start = first_bytes(name)
    return next(row for row in FORMATS if row.holds(start))
