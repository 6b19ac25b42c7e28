"""Stages: whoever watches results pass and has something to say at the end."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, Self

from softmax_cli.data import Result, Schema
from softmax_cli.job import Job, Sample
from softmax_cli.report import Section, Totals

if TYPE_CHECKING:
    from softmax_cli.stages.totals import Summary


class Stage(Protocol):
    """Sees all results of a run, in order."""

    def watch(self, results: Iterator[Result]) -> Iterator[Result]:
        """Observe results as they pass, replace them or hold them back."""

    def merge(self, other: Self) -> None:
        """Take in what a stage of the same kind has seen of the input's next part."""

    def conclude(self, totals: Totals) -> Section:
        """What there is to say, once all results have passed."""


class Stages:
    """All stages of a run, each of which watches what the one before lets pass."""

    def __init__(self, summary: "Summary", others: Sequence[Stage]) -> None:
        self.summary = summary
        self.all: Sequence[Stage] = [summary, *others]

    def watch(self, results: Iterator[Result]) -> Iterator[Result]:
        """Have all stages watch; what comes out is to be written."""
        for stage in self.all:
            results = stage.watch(results)
        return results

    def merge(self, other: "Stages") -> None:
        """Take in what the stages of the same job have seen of the input's next part."""
        for mine, theirs in zip(self.all, other.all, strict=True):
            mine.merge(theirs)

    def conclude(self) -> tuple[Totals, list[Section]]:
        """The totals, and what each stage has to say. Raises DataError if there are none."""
        totals = self.summary.totals()
        return totals, [stage.conclude(totals) for stage in self.all]


def open_stages(job: Job, schema: Schema) -> Stages:
    """The stages that the job asks for: first those that only observe, then the others.

    In this order the sections stand in the report. Only what is asked for is imported.
    """
    from softmax_cli.stages.doubts import Doubts
    from softmax_cli.stages.totals import Summary

    sample = Sample.of(job)
    stages: list[Stage] = []
    if sample.evaluates and schema.has_labels:
        from softmax_cli.stages.evaluation import Evaluation

        stages.append(Evaluation(job, schema))
    stages.append(Doubts(job))
    if job.cross_check:
        from softmax_cli.stages.cross_check import CrossCheck

        stages.append(CrossCheck(job))
    if job.checks:
        from softmax_cli.homework.answers import open_review

        stages.append(open_review(job, schema))
    if job.grad and not job.quiet:  # which prints none
        from softmax_cli.stages.gradients import Gradients

        stages.append(Gradients(job))
    outputs = schema.n_classes if sample.sums_outputs else 1
    return Stages(Summary(job, outputs), stages)
