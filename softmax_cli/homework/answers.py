"""The review of a run's answers: compare batch by batch, count, name mistakes.

A review is a stage: it watches results pass, merges what another part of the input has seen, and
concludes with a section. Of answers to each sample, the comparison becomes the results' columns;
an answer to the mean (or sum) of all losses is compared at the end.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Self

import numpy as np

from softmax_cli.data import Batch, Column, Places, Result, Schema
from softmax_cli.errors import DataError, SoftmaxCliError
from softmax_cli.homework.comparison import Comparison, compare_classes, compare_numbers, computed
from softmax_cli.homework.findings import Explanation, Findings, Whole
from softmax_cli.homework.tolerance import Rule
from softmax_cli.job import Job
from softmax_cli.report import Section, Totals
from softmax_cli.text import exact

if TYPE_CHECKING:  # mistakes are loaded when there is one
    from softmax_cli.homework.naming import Named

Mistakes = dict[int, tuple[str, ...]]
"""By row of a wrong answer: the names of those that explain it equally well."""

RIGHT, WRONG, BLANK = "right", "wrong", "blank"
MOST_TIES = 3
GROUP_CELLS = 1 << 18
"""Answers are explained together that belong to so many scores, wherever the input was cut."""
MOST_CELLS = 1 << 20
"""Beyond this size of an input, a wrong mean is not explained: all its samples would be kept."""


class Review(ABC):
    """What both reviews count and say."""

    def __init__(self, job: Job, schema: Schema) -> None:
        self.job = job
        self.schema = schema
        self.of_classes = job.command == "predict"
        self.rule = Rule(job.tol, job.rtol, job.dtype)
        self.n_right = self.n_wrong = self.n_blank = 0
        self.explained: Counter[tuple[str, ...]] = Counter()
        self.why: dict[str, str] = {}

    @abstractmethod
    def watch(self, results: Iterator[Result]) -> Iterator[Result]:
        """Check results as they pass; what comes out is to be written."""

    @abstractmethod
    def conclude(self, totals: Totals) -> Section:
        """What was found, once all samples have passed."""

    def merge(self, other: Self) -> None:
        """Take in what the review of the input's next part has seen."""
        self.n_right += other.n_right
        self.n_wrong += other.n_wrong
        self.n_blank += other.n_blank
        self.explained.update(other.explained)
        self.why |= other.why

    def _count(self, comparison: Comparison) -> None:
        self.n_right += int(comparison.right.sum())
        self.n_wrong += int(comparison.wrong.sum())
        self.n_blank += int(comparison.blank.sum())

    def _note(self, named: "Sequence[Named]", rows: Sequence[int]) -> Mistakes:
        """What explains each of the wrong answers, which stand in those rows."""
        mistakes: Mistakes = {}
        for position, row in enumerate(rows):
            fitting = [found for found in named if found.explains[position]]
            # Ties are those that explain as many rows; what explains fewer is coincidence.
            most = max((found.explains.sum() for found in fitting), default=0)
            ties = [found for found in fitting if found.explains.sum() == most]
            if ties:
                mistakes[row] = tuple(dict.fromkeys(found.text for found in ties))[:MOST_TIES]
        self.why |= {found.text: found.mistake.why for found in named}
        self.explained.update(mistakes.values())
        return mistakes

    def _lines(
        self, where: Callable[[int], str], comparison: Comparison, mistakes: Mistakes
    ) -> Iterator[str]:
        """``hw.csv:17: id=42 answer=0.31 got=…`` for each answer that is not right."""
        if comparison.right.all():
            return
        differences, allowed = comparison.worst
        for row in np.flatnonzero(~comparison.right).tolist():
            answer = ",".join(column[row] for column in comparison.written)
            parts = [f"{where(row)} answer={answer if answer.strip(',') else BLANK}"]
            if not self.job.hide_answers:
                parts.append(f"got={self._got(comparison, row)}")
                if not self.of_classes and not np.isnan(differences[row]):
                    parts.append(f"difference={differences[row]:.3g} allowed={allowed[row]:.3g}")
            if row in mistakes:
                parts.append(f"consistent with: {' or '.join(mistakes[row])}")
            yield " ".join(parts)

    def _got(self, comparison: Comparison, row: int) -> str:
        got = comparison.got[row]
        if self.of_classes:
            return self.schema.class_name(int(got))
        return ",".join(map(exact, np.atleast_1d(got).tolist()))

    def _section(self, whole: Whole | None = None, quiet: Sequence[str] = ()) -> Section:
        explanations = [
            Explanation(names, tuple(self.why[name] for name in names), n)
            for names, n in self.explained.most_common()
        ]
        counts = self.n_right, self.n_wrong, self.n_blank
        findings = Findings(*counts, explanations, whole, self.job.hide_answers)
        return Section(
            passed=findings.passed,
            lines=findings.lines,
            json={"check": findings.json()},
            quiet=quiet,
        )


class SampleReview(Review):
    """Checks the answer to each sample, which comes with its batch."""

    def watch(self, results: Iterator[Result]) -> Iterator[Result]:
        """The results with the comparison as their columns; of long ones, what is to be shown."""
        for result in _in_groups(results):
            yield from self._check(result)

    def conclude(self, totals: Totals) -> Section:
        """What was found, once all samples have passed."""
        return self._section()

    def _check(self, result: Result) -> Iterator[Result]:
        n, n_shown = len(result), self.job.n_shown
        elided = n_shown is not None and 2 * n_shown < n
        comparison = self._compare(result, quick=self.job.quiet or elided)
        self._count(comparison)
        mistakes = self._explain(result, comparison) if comparison.wrong.any() else {}
        if self.job.quiet:
            where = partial(_where, result.batch)
            yield replace(result, told=list(self._lines(where, comparison, mistakes)))
        elif n_shown is not None and elided and comparison.right.all():
            for part in (result.rows(0, n_shown), result.rows(n - n_shown, n)):
                yield self._review(part, self._compare(part), {})
        else:
            yield self._review(result, comparison, mistakes)

    def _compare(self, result: Result, quick: bool = False) -> Comparison:
        batch, got = result.batch, computed(result)
        assert batch.answers is not None
        if self.of_classes:
            base = self.job.label_base
            return compare_classes(batch.answers, batch.places, got, self.schema, base)
        return compare_numbers(batch.answers, batch.places, got, self.rule, quick)

    def _explain(self, result: Result, comparison: Comparison) -> Mistakes:
        """The names of the mistakes that explain each wrong row, if any do."""
        from softmax_cli.homework.exercise import Exercise
        from softmax_cli.homework.naming import Answers, name_mistakes

        wrong = comparison.wrong
        answers = Answers(comparison.answers[wrong], comparison.units[wrong])
        exercise = Exercise.of(result, self.job, self.schema, wrong)
        named = name_mistakes(exercise, answers, _asked(self.job))
        return self._note(named, np.flatnonzero(wrong).tolist())

    def _review(self, result: Result, comparison: Comparison, mistakes: Mistakes) -> Result:
        """The result with the comparison as its columns."""
        columns = {"expected": Column(comparison.texts, "answer")}
        if not self.job.hide_answers:
            columns |= self._right_values(comparison)
        verdicts = np.where(comparison.right, RIGHT, np.where(comparison.blank, BLANK, WRONG))
        named = np.full(len(verdicts), "", dtype=np.object_)
        for row, names in mistakes.items():
            named[row] = " or ".join(names)
        columns["verdict"] = Column(verdicts, "verdict")
        columns["mistake"] = Column(named.astype(np.str_), "text")
        return replace(result, columns=columns, flagged=~comparison.right)

    def _right_values(self, comparison: Comparison) -> dict[str, Column]:
        if self.of_classes:
            return {"got": Column(comparison.got.astype(np.int64), "class")}
        difference, allowed = comparison.worst
        return {
            "got": Column(comparison.got, "number"),
            "difference": Column(difference, "difference"),
            "allowed": Column(allowed, "number"),
        }


class WholeReview(Review):
    """Checks one answer, to the mean (or sum) of all losses."""

    def __init__(self, job: Job, schema: Schema, answer: str) -> None:
        super().__init__(job, schema)
        self.answer = answer
        self.kept: list[Result] = []
        self.n_cells = 0

    def watch(self, results: Iterator[Result]) -> Iterator[Result]:
        """The results as they are, without the losses if answers are to be hidden."""
        for result in results:
            self._keep([result], result.batch.scores.size)
            if self.job.hide_answers:
                labels = {k: c for k, c in result.columns.items() if k == "label"}
                yield replace(result, columns=labels)
            else:
                yield result

    def merge(self, other: Self) -> None:
        """Take in what the review of the input's next part has seen."""
        super().merge(other)
        self._keep(other.kept, other.n_cells)

    def conclude(self, totals: Totals) -> Section:
        """What was found, once all samples have passed; a failure where there is no mean."""
        if totals.total is None:
            return Section(passed=False, failure=DataError("", *totals.undefined))
        total = totals.total
        places = Places("--expect, answer", [1], " ")
        comparison = compare_numbers([[self.answer]], places, np.array([total]), self.rule)
        self._count(comparison)
        mistakes = self._explain(comparison) if comparison.wrong.any() and self.kept else {}
        quantity = "sum of losses" if self.job.reduction == "sum" else "mean loss"
        lines = tuple(self._lines(lambda _: f"{quantity}:", comparison, mistakes))
        (difference,), (allowed,) = comparison.worst
        whole = Whole(quantity, self.answer, total, float(difference), float(allowed))
        return self._section(whole, lines)

    def _keep(self, results: Sequence[Result], n_cells: int) -> None:
        """Keep the samples while they are few: a wrong mean may come from any of them."""
        self.n_cells += n_cells
        self.kept = [*self.kept, *results] if self.n_cells <= MOST_CELLS else []

    def _explain(self, comparison: Comparison) -> Mistakes:
        """The names of the mistakes that explain the answer, if any do."""
        from softmax_cli.homework.exercise import Exercise
        from softmax_cli.homework.naming import Answers, name_mistakes_in_whole

        exercises = [Exercise.of(result, self.job, self.schema) for result in self.kept]
        answers = Answers(comparison.answers, comparison.units)
        named = name_mistakes_in_whole(Exercise.joined(exercises), answers, _asked(self.job))
        return self._note(named, [0])


def _in_groups(results: Iterator[Result]) -> Iterator[Result]:
    """The same samples in results of a length that depends on nothing but their width."""
    waiting: list[Result] = []
    try:
        for result in results:
            length = max(1, GROUP_CELLS // result.batch.scores.shape[1])
            start = 0
            while start < len(result):
                stop = min(len(result), start + length - sum(map(len, waiting)))
                waiting.append(result if stop - start == len(result) else result.rows(start, stop))
                start = stop
                if sum(map(len, waiting)) == length:
                    yield _joined(waiting)
                    waiting = []
    except SoftmaxCliError:  # behind those that wait
        if waiting:
            yield _joined(waiting)
        raise
    if waiting:
        yield _joined(waiting)


def _joined(results: Sequence[Result]) -> Result:
    if len(results) == 1:
        return results[0]
    return Result.joined(Batch.joined([result.batch for result in results]), results)


def open_review(job: Job, schema: Schema) -> Review:
    """The review of the answers that a job gives."""
    if schema.answer is not None:
        return WholeReview(job, schema, schema.answer)
    return SampleReview(job, schema)


def _asked(job: Job) -> str:
    """What is asked for, as the catalogue of mistakes calls it."""
    return "softmax --log" if job.log else job.command


def _where(batch: Batch, row: int) -> str:
    identity = "" if batch.ids is None else f" id={batch.ids[row]}"
    return f"{batch.places.at(row)}:{identity}"
