"""JSON and JSON Lines: strict, at full precision, streamed."""

import json
from collections.abc import Iterator
from typing import IO, Any

from softmax_cli.data import Result, Schema
from softmax_cli.job import Job
from softmax_cli.report import Report
from softmax_cli.text import escaped_json
from softmax_cli.writers.cells import for_json, strict

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


class JsonLinesWriter:
    """One object per sample."""

    def __init__(self, job: Job, schema: Schema, stream: IO[str]) -> None:
        self.job = job
        self.schema = schema
        self.stream = stream

    def write(self, result: Result) -> None:
        for sample in self._samples(result):
            self.stream.write(_dump(sample) + "\n")

    def close(self, report: Report) -> None:
        pass

    def remarks(self, report: Report) -> list[str]:
        return report.as_comments()

    def _samples(self, result: Result) -> Iterator[dict[str, Any]]:
        batch = result.batch
        columns = {name: for_json(column, self.schema) for name, column in result.columns.items()}
        for row in range(len(result)):
            sample: dict[str, Any] = {"sample": batch.first_row + row}
            if batch.ids is not None:
                sample["id"] = batch.ids[row]
            yield sample | {name: values[row] for name, values in columns.items()}


class JsonWriter(JsonLinesWriter):
    """One object; its samples are written as they come, so its summary stands last."""

    begun = False

    def write(self, result: Result) -> None:
        for sample in self._samples(result):
            start = ",\n" if self.begun else self._head()
            self.stream.write(f"{start}  {_dump(sample)}")
            self.begun = True

    def close(self, report: Report) -> None:
        tail = report.json | {"signature": report.signature}
        self.stream.write("\n],\n" + _dump(strict(tail))[1:] + "\n")

    def remarks(self, report: Report) -> list[str]:
        return [f"read: {report.reading}"]

    def _head(self) -> str:
        head: dict[str, Any] = {"command": self.job.command}
        if self.schema.class_names is not None:
            head["classes"] = list(self.schema.class_names)
        return _dump(head)[:-1] + ', "samples": [\n'


def _dump(value: dict[str, Any]) -> str:
    return escaped_json(_ENCODER.encode(value))
