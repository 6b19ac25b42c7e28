"""Parquet: the columns of CSV, numbers as float64 and int64, streamed by polars."""

from collections.abc import Iterator
from io import TextIOWrapper
from queue import Queue
from threading import Thread
from typing import IO, TYPE_CHECKING

from softmax_cli.data import Result, Schema
from softmax_cli.errors import OutputError
from softmax_cli.job import Job
from softmax_cli.report import Report
from softmax_cli.system.threads import ALLOW_MORE, NO_THREADS, polars_can_start
from softmax_cli.writers.bulk import to_frame
from softmax_cli.writers.delimited import column_names

if TYPE_CHECKING:
    import polars as pl


class ParquetWriter:
    """Hands frames to polars' own writer, which pulls them on a thread of its own."""

    def __init__(self, job: Job, schema: Schema, stream: IO[str]) -> None:
        if stream.isatty():
            raise OutputError("Parquet is not for a terminal", "say --output FILE")
        if not isinstance(stream, TextIOWrapper):
            raise OutputError("Parquet is bytes, and this output takes text", "say --output FILE")
        if not polars_can_start():
            raise OutputError(NO_THREADS, ALLOW_MORE)
        self.job = job
        self.schema = schema
        self.stream = stream
        self.frames: Queue[pl.DataFrame | None] = Queue(maxsize=1)
        self.thread: Thread | None = None
        self.failure: Exception | None = None
        self.ended = False

    def write(self, result: Result) -> None:
        frame = to_frame(result, self.schema)
        names = list(column_names(result, self.schema))
        if len(set(names)) < len(names):
            twice = next(name for i, name in enumerate(names) if name in names[:i])
            message = f"two columns are called {twice!r}, which Parquet cannot hold"
            raise OutputError(message, "name the classes apart by --classes, or say --format csv")
        frame.columns = names
        if self.thread is None:
            self.thread = Thread(target=self._sink, args=(frame.schema,), daemon=True)
            self.thread.start()
        self.frames.put(frame)
        self._check()

    def close(self, report: Report) -> None:
        if self.thread is not None:
            self.frames.put(None)
            self.thread.join()
        self._check()

    def remarks(self, report: Report) -> list[str]:
        return report.as_comments()

    def _sink(self, schema: "pl.Schema") -> None:
        from polars.io.plugins import register_io_source

        def source(
            columns: list[str] | None,
            predicate: "pl.Expr | None",
            n_rows: int | None,
            batch_size: int | None,
        ) -> "Iterator[pl.DataFrame]":
            return self._frames()

        try:
            register_io_source(source, schema=schema).sink_parquet(self.stream.buffer)
        except Exception as error:  # it belongs to the main thread
            self.failure = error
            for _ in self._frames():
                pass

    def _frames(self) -> "Iterator[pl.DataFrame]":
        while not self.ended:
            frame = self.frames.get()
            if frame is None:
                self.ended = True
            else:
                yield frame

    def _check(self) -> None:
        if "Broken pipe" in str(self.failure):  # polars keeps no more of the error than its text
            raise BrokenPipeError
        if self.failure is not None:
            raise OutputError(f"Parquet cannot be written: {str(self.failure).splitlines()[0]}")
