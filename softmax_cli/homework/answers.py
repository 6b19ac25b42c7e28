"""The review of a whole run's answers: compare batch by batch, count, name mistakes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from softmax_cli.data import Column, Places, Result, Schema
from softmax_cli.homework import texts
from softmax_cli.homework.comparison import Comparison, as_texts, compare_classes, compare_numbers
from softmax_cli.homework.findings import Explanation, Findings, Whole
from softmax_cli.homework.tolerance import Rule
from softmax_cli.job import Job
from softmax_cli.text import exact

if TYPE_CHECKING:  # mistakes are loaded when there is one
    from softmax_cli.homework.naming import Named

RIGHT, WRONG, BLANK = "right", "wrong", "blank"
MOST_TIES = 3
MOST_CELLS = 1 << 20
"""Beyond this size of an input, a wrong mean is not explained: all its samples would be kept."""


class Review:
    """Checks the answers that come with the batches, or the one to the mean (or sum) of all."""

    def __init__(self, job: Job, schema: Schema) -> None:
        self.job = job
        self.schema = schema
        self.rule = Rule(None if job.tol == "digits" else float(job.tol), job.rtol, job.dtype)
        self.n_right = self.n_wrong = self.n_blank = 0
        self.explained: Counter[tuple[str, ...]] = Counter()
        self.why: dict[str, str] = {}
        self.lines: list[str] = []
        self.kept: list[Result] = []
        self.n_cells = 0

    def check(self, result: Result) -> Iterator[Result]:
        """The result with the comparison as its columns; of a long one, what is to be shown.

        An answer to the mean leaves the columns as they are; ``conclude`` checks it.
        """
        if self.schema.answer is not None:
            self._keep(result)
            yield _without_answers(result) if self.job.hide_answers else result
            return
        elided = self.job.n_shown is not None and 2 * self.job.n_shown < len(result)
        comparison = self._compare(result, quick=self.job.quiet or elided)
        self.n_right += int(comparison.right.sum())
        self.n_wrong += int(comparison.wrong.sum())
        self.n_blank += int(comparison.blank.sum())
        mistakes = self._explain(result, comparison) if comparison.wrong.any() else {}
        if self.job.quiet:
            if not comparison.right.all():
                self.lines += self._lines(result, comparison, mistakes)
            yield result
        elif elided and comparison.right.all():
            n, shown = len(result), self.job.n_shown or 0
            for part in (result.rows(0, shown), result.rows(n - shown, n)):
                columns = self._columns(self._compare(part, quick=False), {})
                yield replace(part, columns=columns, flagged=np.zeros(shown, dtype=np.bool_))
        else:
            columns = self._columns(comparison, mistakes)
            yield replace(result, columns=columns, flagged=~comparison.right)

    def _compare(self, result: Result, quick: bool) -> Comparison:
        if self.job.command == "predict":
            return compare_classes(result, self.schema, self.job.label_base)
        return compare_numbers(result, self.rule, quick)

    def conclude(self, total: float) -> Findings:
        """What was found, once all samples have passed. ``total`` is their mean (or sum)."""
        whole = None
        if self.schema.answer is not None:
            whole = self._check_whole(self.schema.answer, total)
        return Findings(
            self.n_right,
            self.n_wrong,
            self.n_blank,
            tuple(
                Explanation(names, tuple(self.why[name] for name in names), count)
                for names, count in self.explained.most_common()
            ),
            whole,
            tuple(self.lines),
        )

    def _check_whole(self, answer: str, total: float) -> Whole:
        (value,), (blank,) = texts.numbers([answer], Places("--expect, answer", [1], " "))
        answers, units, got = np.array([value]), texts.units([answer]), np.array([total])
        allowed = self.rule.allowed(got, answers, units)
        right = bool(self.rule.right(got, answers, allowed)[0])
        self.n_right, self.n_blank = int(right), int(blank)
        self.n_wrong = 1 - self.n_right - self.n_blank
        quantity = "sum of losses" if self.job.reduction == "sum" else "mean loss"
        whole = Whole(quantity, answer, total, abs(total - float(value)), float(allowed[0]))
        names: tuple[str, ...] = ()
        if self.n_wrong:
            named = self._explain_whole(float(value), float(units[0]))
            names = tuple(dict.fromkeys(found.text for found in named))[:MOST_TIES]
            self.why |= {found.text: found.mistake.why for found in named}
            if names:
                self.explained[names] += 1
        if not right:
            comparison = (whole.got, whole.difference, whole.allowed)
            self.lines.append(self._line(quantity, "", answer, comparison, names))
        return whole

    def _keep(self, result: Result) -> None:
        """Keep the samples while they are few: a wrong mean may come from any of them."""
        self.n_cells += result.batch.scores.size
        self.kept = [*self.kept, result] if self.n_cells <= MOST_CELLS else []

    def _explain_whole(self, answer: float, unit: float) -> "list[Named]":
        from softmax_cli.homework.evidence import explain_whole

        return explain_whole(self.kept, answer, unit, self.job, self.schema) if self.kept else []

    def _explain(self, result: Result, comparison: Comparison) -> dict[int, tuple[str, ...]]:
        """The names of the mistakes that explain each wrong row, if any do."""
        from softmax_cli.homework.evidence import explain

        rows, named = explain(result, comparison, self.job, self.schema)
        explained: dict[int, tuple[str, ...]] = {}
        for position, row in enumerate(rows.tolist()):
            fitting = [found for found in named if found.explains[position]]
            # Ties are those that explain as many rows; what explains fewer is coincidence.
            most = max((found.explains.sum() for found in fitting), default=0)
            ties = [found for found in fitting if found.explains.sum() == most]
            names = tuple(dict.fromkeys(found.text for found in ties))[:MOST_TIES]
            if names:
                explained[row] = names
        self.why |= {found.text: found.mistake.why for found in named}
        self.explained.update(explained.values())
        return explained

    def _columns(
        self, comparison: Comparison, mistakes: dict[int, tuple[str, ...]]
    ) -> dict[str, Column]:
        written = as_texts(comparison.written, comparison.answers)
        columns = {"expected": Column(written, "answer")}
        if not self.job.hide_answers:
            columns |= self._right_values(comparison)
        verdicts = np.where(comparison.right, RIGHT, np.where(comparison.blank, BLANK, WRONG))
        named = np.full(len(verdicts), "", dtype=np.object_)
        for row, names in mistakes.items():
            named[row] = " or ".join(names)
        columns["verdict"] = Column(verdicts, "verdict")
        return columns | {"mistake": Column(named.astype(np.str_), "text")}

    def _right_values(self, comparison: Comparison) -> dict[str, Column]:
        if self.job.command == "predict":
            return {"got": Column(comparison.got.astype(np.int64), "class")}
        difference, allowed = comparison.worst
        return {
            "got": Column(comparison.got, "number"),
            "difference": Column(difference, "difference"),
            "allowed": Column(allowed, "number"),
        }

    def _lines(
        self, result: Result, comparison: Comparison, mistakes: dict[int, tuple[str, ...]]
    ) -> Iterator[str]:
        batch = result.batch
        difference, allowed = comparison.worst
        for row in np.flatnonzero(~comparison.right).tolist():
            identity = "" if batch.ids is None else f"id={batch.ids[row]} "
            answer = ",".join(column[row] for column in comparison.written)
            got: float | str = ",".join(map(exact, np.atleast_1d(comparison.got[row]).tolist()))
            if self.job.command == "predict":
                got = self.schema.class_name(int(comparison.got[row]))
            values = (got, float(difference[row]), float(allowed[row]))
            names = mistakes.get(row, ())
            yield self._line(batch.places.at(row), identity, answer, values, names)

    def _line(
        self,
        where: str,
        identity: str,
        answer: str,
        comparison: tuple[float | str, float, float],
        names: Sequence[str],
    ) -> str:
        """``hw.csv:17: id=42 answer=0.31 expected=…``: one answer that is not right."""
        parts = [f"{where}: {identity}answer={answer or BLANK}"]
        if not self.job.hide_answers:
            got, difference, allowed = comparison
            parts.append(f"got={got}")
            if self.job.command != "predict" and not isnan(difference):
                parts.append(f"difference={difference:.3g} allowed={allowed:.3g}")
        if names:
            parts.append(f"consistent with: {' or '.join(names)}")
        return " ".join(parts)


def _without_answers(result: Result) -> Result:
    return replace(result, columns={k: c for k, c in result.columns.items() if k == "label"})
