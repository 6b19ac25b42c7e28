"""Chunks become batches: the one place that says what makes a row a sample.

Whatever the format, here a row gets its label, target, weight, id and answers; the first cell in
the input's order that is not what it should be is told, or its row left out
(``--missing skip``).
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np

from softmax_cli.data import Batch, Dataset, FloatArray, IntArray, Schema
from softmax_cli.errors import BadValue, DataError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.chunks import Chunk, Fault
from softmax_cli.readers.labels import LabelParser
from softmax_cli.readers.roles import Roles
from softmax_cli.text import holds_text, plural, with_point

SKIP_ROWS = "to leave such rows out, say --missing skip"


class Assembly:
    """Makes batches of chunks whose columns have the roles given."""

    def __init__(self, roles: Roles, schema: Schema, job: Job, sample: Sample) -> None:
        self.roles = roles
        self.schema = schema
        self.parse_label = None if roles.label is None else LabelParser.of(schema, job, sample)
        self.skips = job.missing == "skip"
        self.decimal = job.decimal
        self.notes: list[str] = []
        self.n_rows = 0
        self.n_skipped = 0
        self.first_skipped = ""

    @property
    def reads_numeric_labels(self) -> bool:
        """Whether labels that are numbers are class indices, not perhaps names of classes."""
        return self.parse_label is not None and not self.parse_label.knows_a_number

    def dataset(self, chunks: Generator[Chunk, None, None], last: str) -> Dataset:
        """The chunks of sources, the last of which is called so, read while others are used."""
        from softmax_cli.system.ahead import ahead

        return Dataset(self.schema, ahead(self.batches(chunks, last)), self.notes)

    def batches(self, chunks: Generator[Chunk, None, None], last: str) -> Iterator[Batch]:
        """All batches; at the end a note on skipped rows.

        Raises DataError for the first cell that is not what it should be, and if no row is left.
        """
        with closing(chunks):  # files are closed now and not when memory is cleared
            for chunk in chunks:
                batch, error = self._batch(chunk)
                if len(batch):  # what is wrong with these is told before what is behind them
                    self.n_rows += len(batch)
                    yield batch
                if error is not None:
                    raise error
        if not self.n_rows:
            raise DataError(last, f"no data rows{' left' * bool(self.n_skipped)}")
        self._doubt_classes_without_labels(last)
        if self.n_skipped:
            rows = plural(self.n_skipped, "row")
            self.notes.append(f"--missing skip left out {rows}, the first at {self.first_skipped}")

    def _doubt_classes_without_labels(self, where: str) -> None:
        """Raise DataError if labels name several columns, but none before or behind these.

        Such a column may be a class without a sample, or something else. Between columns that
        are classes, another is one, too.
        """
        scores = self.roles.scores
        named = set() if self.parse_label is None else self.parse_label.named
        if not self.roles.surmised or len(named) < 2:
            return
        span = range(min(named), max(named) + 1)
        outside = [self.schema.class_name(i) for i in range(len(scores)) if i not in span]
        if outside:
            names = ", ".join(map(repr, outside[:3])) + (", …" if len(outside) > 3 else "")
            without = self.roles.option([scores[i] for i in span])
            raise DataError(
                where,
                f"no label names {names}: {'classes' if len(outside) > 1 else 'a class'}, too?",
                f"say {self.roles.option(scores)} if so, {without} if not",
            )

    def _batch(self, chunk: Chunk) -> tuple[Batch, DataError | None]:
        """The chunk's samples, up to the first error."""
        roles = self.roles
        scores, faults = chunk.numbers(roles.scores)
        faults = list(faults)
        batch = Batch(
            first_row=self.n_rows,
            scores=scores,
            places=chunk.places,
            labels=self._labels(chunk, faults),
            targets=self._targets(chunk, faults),
            ids=None if roles.id is None else chunk.texts(roles.id),
            weights=self._weights(chunk, faults),
            answers=[self._answers(chunk, column) for column in roles.answers] or None,
        )
        return self._without(batch, chunk, faults) if faults else (batch, chunk.error)

    def _answers(self, chunk: Chunk, column: int) -> Sequence[str]:
        texts = chunk.texts(column)
        return texts if self.decimal == "." else [with_point(text, self.decimal) for text in texts]

    def _labels(self, chunk: Chunk, faults: list[Fault]) -> IntArray | None:
        column, parse = self.roles.label, self.parse_label
        if column is None or parse is None:
            return None
        labels, found = parse.read(chunk, column)
        faults += found
        return labels

    def _targets(self, chunk: Chunk, faults: list[Fault]) -> FloatArray | None:
        if not self.roles.targets:
            return None
        targets, found = chunk.numbers(self.roles.targets)
        faults += found
        return targets

    def _weights(self, chunk: Chunk, faults: list[Fault]) -> FloatArray | None:
        column = self.roles.weight
        if column is None:
            return None
        values, found = chunk.numbers([column])
        weights = values[:, 0]
        faults += found
        bad = np.flatnonzero(~((weights >= 0) & (weights < np.inf)))
        if len(bad):
            texts = chunk.texts(column)
            advice = "a weight of 0 leaves a sample out"
            for row in bad.tolist():
                what = f"weight {texts[row]} is not a finite number from 0 on"
                faults.append(Fault(row, column, BadValue(what, advice)))
        return weights

    def _without(
        self, batch: Batch, chunk: Chunk, faults: Sequence[Fault]
    ) -> tuple[Batch, DataError | None]:
        """The batch without the rows that may be skipped, up to the first other one, if any.

        Of several faults in a row the first counts: scores, then the label, target and weight.
        """
        skipped: list[int] = []
        end, first = len(batch), chunk.error
        for fault in sorted(faults, key=lambda fault: fault.row):
            if fault.row in skipped[-1:]:
                continue
            place = chunk.place(fault.row, fault.column)
            advice = self._advise(chunk, fault)
            error = DataError(place, fault.error.message, advice)
            if not (self.skips and fault.error.skippable):
                end, first = fault.row, error
                break
            self.first_skipped = self.first_skipped or error.message
            skipped.append(fault.row)
        self.n_skipped += len(skipped)
        return _take(batch, np.delete(np.arange(end), skipped)), first

    def _advise(self, chunk: Chunk, fault: Fault) -> str | None:
        """What to type, if the cell is right and was taken for something else."""
        roles = self.roles
        if fault.column == roles.label:
            text = chunk.texts(fault.column)[fault.row]
            called = [c for c in roles.unused if roles.heading(c).lower() == text.lower()]
            if called:
                return f"to score that column, too, say {roles.option([*roles.scores, *called])}"
        if fault.error.advice is not None:
            return fault.error.advice
        if not fault.error.skippable:
            return None if fault.column == roles.label else "numbers look like 2.0 -1e5 inf"
        rest = [column for column in roles.scores if column != fault.column]
        is_first = not (self.n_rows or fault.row) and fault.column in roles.scores
        if is_first and rest and holds_text(chunk.texts(fault.column)[fault.row]):
            return f"not a score? say {roles.option(rest)}"
        return None if self.skips else SKIP_ROWS


def _take(batch: Batch, rows: IntArray) -> Batch:
    """Some rows of a batch."""
    numbers = rows.tolist()

    def pick(texts: Sequence[str]) -> list[str]:
        return [texts[row] for row in numbers]

    places = batch.places
    return replace(
        batch,
        scores=batch.scores[rows],
        places=places._replace(numbers=[places.numbers[row] for row in numbers]),
        labels=None if batch.labels is None else batch.labels[rows],
        targets=None if batch.targets is None else batch.targets[rows],
        ids=None if batch.ids is None else pick(batch.ids),
        weights=None if batch.weights is None else batch.weights[rows],
        answers=None if batch.answers is None else [pick(texts) for texts in batch.answers],
    )
