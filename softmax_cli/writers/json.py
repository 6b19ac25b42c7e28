"""JSON and JSON Lines: strict, at full precision, streamed."""

import json
from collections.abc import Iterator
from math import isfinite
from typing import IO, Any

import numpy as np

from softmax_cli.data import Column, Result, Schema, holds_classes
from softmax_cli.job import Job
from softmax_cli.stages.totals import Summary
from softmax_cli.text import MISSING, escaped_json, is_number, parse_number
from softmax_cli.writers import Report
from softmax_cli.writers.totals import describe_all, divisor

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
        return describe_all(report, self.job)

    def _samples(self, result: Result) -> Iterator[dict[str, Any]]:
        batch = result.batch
        columns = {name: self._values(name, c, result) for name, c in result.columns.items()}
        for row in range(len(result)):
            sample: dict[str, Any] = {"sample": batch.first_row + row}
            if batch.ids is not None:
                sample["id"] = batch.ids[row]
            yield sample | {name: values[row] for name, values in columns.items()}

    def _values(self, name: str, column: Column, result: Result) -> list[Any]:
        values: list[Any] = column.tolist()
        if column.dtype.kind == "f" and not np.isfinite(column).all():
            values = _strict(values)
        if name == "loss" and result.ignored.any():
            return [None if out else v for v, out in zip(values, result.ignored, strict=True)]
        if name == "expected":
            return [_strict(_number(value)) for value in values]
        if holds_classes(name, column):
            named = self.schema.class_names is not None
            return [
                None if index < 0 else self.schema.class_name(index) if named else index
                for index in values
            ]
        return values


class JsonWriter(JsonLinesWriter):
    """One object; its samples are written as they come, so its summary stands last."""

    begun = False

    def write(self, result: Result) -> None:
        for sample in self._samples(result):
            start = ",\n" if self.begun else self._head()
            self.stream.write(f"{start}  {_dump(sample)}")
            self.begun = True

    def close(self, report: Report) -> None:
        summary = _summary(report.summary, self.job)
        if report.evaluation is not None:
            from softmax_cli.writers.evaluating import as_json

            summary |= as_json(report.evaluation, self.job, self.schema)
        tail: dict[str, Any] = {"summary": summary}
        if report.findings is not None:
            from softmax_cli.writers.verdict import findings_as_json

            tail["check"] = findings_as_json(report.findings, self.job)
        tail["signature"] = report.signature
        self.stream.write("\n],\n" + _dump(_strict(tail))[1:] + "\n")

    def remarks(self, report: Report) -> list[str]:
        return [f"read: {report.reading}"]

    def _head(self) -> str:
        head: dict[str, Any] = {"command": self.job.command}
        if self.schema.class_names is not None:
            head["classes"] = list(self.schema.class_names)
        return _dump(head)[:-1] + ', "samples": [\n'


def _number(answer: Any) -> Any:
    """An answer as a number: null where blank, text where it is the name of a class."""
    if isinstance(answer, list):
        return [_number(part) for part in answer]
    if answer.lower() in MISSING:
        return None
    return parse_number(answer) if is_number(answer) else answer


def _summary(summary: Summary, job: Job) -> dict[str, Any]:
    values: dict[str, Any] = {"n": summary.n}
    if summary.n_ignored:
        values["n_ignored"] = summary.n_ignored
    if job.hide_answers:
        return values
    if job.has_loss:
        values["sum"] = summary.loss.divided_by(1, job.dtype)
        values["divisor"] = divisor(summary)
        values["mean"] = _mean(summary, job)
    if summary.n_labelled:
        values["n_labelled"] = summary.n_labelled
        values["n_correct"] = summary.n_correct
        values["accuracy"] = summary.n_correct / summary.n_labelled
    return values


def _mean(summary: Summary, job: Job) -> float | None:
    """None where a ``--reduction sum`` is all that there is: weights that sum to 0."""
    if divisor(summary) == 0:
        return None
    return summary.loss.divided_by(summary.divisor, job.dtype)


def _dump(value: dict[str, Any]) -> str:
    return escaped_json(_ENCODER.encode(value))


def _strict(value: Any) -> Any:
    """``value`` with non-finite numbers as strings, for which JSON has no notation."""
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, list):
        return [_strict(item) for item in value]
    if isinstance(value, dict):
        return {key: _strict(item) for key, item in value.items()}
    return value
