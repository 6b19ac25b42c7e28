"""Totals over all samples: exact, mergeable, the same whatever the order or the batches."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from softmax_cli.data import Reduction, Result, no_reduction, too_long
from softmax_cli.errors import DataError
from softmax_cli.job import Job, Sample
from softmax_cli.numerics.exact_sum import ExactSum
from softmax_cli.report import Cell, Section, Totals, Write
from softmax_cli.text import plural


@dataclass
class Summary:
    """What is known of all samples seen so far. A stage.

    outputs     how many outputs each loss is the sum of
    n           samples that count; n_ignored do not
    loss        exact sum of the losses, if the command has losses
    weight      exact sum of the weights, if they are what the mean divides by
    reduce      what the backend itself reduces the losses to, as the last result says
    is_whole    whether results bring one number for all samples, and no losses
    n_labelled  samples with one true class; of these n_correct were predicted right
    """

    job: Job
    outputs: int = 1
    n: int = 0
    n_ignored: int = 0
    loss: ExactSum = field(default_factory=ExactSum)
    weight: ExactSum | None = None
    reduce: Reduction = no_reduction
    is_whole: bool = False
    n_labelled: int = 0
    n_correct: int = 0

    def watch(self, results: Iterator[Result]) -> Iterator[Result]:
        """Count results in."""
        for result in results:
            self._add(result)
            yield result

    def merge(self, other: "Summary") -> None:
        """Count in what another summary has counted."""
        if self.n and other.n:
            self.reduce = too_long
        elif other.n:
            self.reduce = other.reduce
        self.n += other.n
        self.n_ignored += other.n_ignored
        self.loss.merge(other.loss)
        if other.weight is not None:
            self.weight = self.weight or ExactSum()
            self.weight.merge(other.weight)
        self.n_labelled += other.n_labelled
        self.n_correct += other.n_correct

    def totals(self) -> Totals:
        """The numbers. Raises DataError where the mean is asked for and undefined."""
        job, sample = self.job, Sample.of(self.job)
        if not sample.has_loss or job.reduction == "none":
            return Totals(self.n, self.n_ignored)
        if self.is_whole:
            return Totals(self.n, self.n_ignored, total=self._whole())
        undefined = self._no_mean
        if undefined and job.reduction == "mean" and job.is_for_the_total:
            raise DataError("", *undefined)
        own = self.reduce()
        loss_sum = self.loss.divided_by(1, job.dtype) if own is None else own.sum
        divisor = self._divisor if isinstance(self._divisor, int) else self._divisor.divided_by(1)
        mean = None if undefined else self._mean()
        total = loss_sum if job.reduction == "sum" else mean
        return Totals(self.n, self.n_ignored, loss_sum, divisor, total, undefined)

    def _whole(self) -> float:
        """The one number for all samples. Raises DataError for several, of several batches."""
        own = self.reduce()
        if own is None:
            raise DataError(
                "",
                f"{self.job.function} gives one number for a batch, and the input comes in several",
                "return one loss per sample",
            )
        return own.mean

    @property
    def _no_mean(self) -> tuple[str, ...]:
        """Why the mean would be 0 / 0, and what there is instead; empty where there is a mean."""
        if not self.n:
            left_out = f"--ignore-index {self.job.ignore_index} leaves out {self.n_ignored}"
            return f"no sample is left: {left_out} of {self.n_ignored}", "--reduction sum gives 0"
        if self.weight is not None and not self.weight.units:
            why = "the weights of all samples sum to 0, so there is no mean"
            return why, "--reduction sum, or --divide-by n, has a number here"
        return ()

    def conclude(self, totals: Totals) -> Section:
        """The totals in words such as ``mean loss 1.2288 (sum 2.4576 / 2 samples)``."""

        def lines(write: Write) -> list[Cell]:
            return [Cell(text, "total") for text in self._describe(totals, write)]

        return Section(lines=lines, json={"summary": self._json(totals)}, notes=self._notes())

    def _add(self, result: Result) -> None:
        ignored = result.ignored
        n_ignored = int(ignored.sum())
        self.n += len(result) - n_ignored
        self.n_ignored += n_ignored
        if Sample.of(self.job).has_loss:
            self.reduce = result.reduce
            self.is_whole = "loss" not in result.columns
        if "loss" in result.columns:
            losses = result.columns["loss"].values.astype(np.float64)
            self.loss.add(losses[~ignored] if n_ignored else losses)
        if "weight" in result.columns:
            self.weight = self.weight or ExactSum()
            self.weight.add(result.columns["weight"].values.astype(np.float64))
        if result.labels is not None and result.predicted is not None:
            labelled = result.labels >= 0
            self.n_labelled += int(labelled.sum())
            self.n_correct += int((labelled & (result.labels == result.predicted)).sum())

    @property
    def _divisor(self) -> int | ExactSum:
        """What the mean divides the sum of the losses by; weights are finite."""
        if self.weight is None:
            return self.n * self.outputs
        return ExactSum(self.weight.units * self.outputs)

    def _mean(self) -> float:
        own = self.reduce()
        return self.loss.divided_by(self._divisor, self.job.dtype) if own is None else own.mean

    def _notes(self) -> list[str]:
        if self.job.backend != "torch" or self.reduce is not too_long:
            return []
        return [
            "note: the input is longer than the one batch that PyTorch reduces itself (2**22 "
            "scores): mean and sum are the exact ones of its losses"
        ]

    def _describe(self, totals: Totals, write: Write) -> Iterator[str]:
        if self.job.hide_answers:
            return
        if totals.undefined and self.job.reduction == "mean":
            yield f"mean loss undefined: {totals.undefined[0]}"
        elif totals.loss_sum is not None:
            samples = plural(self.n, "sample")
            if self.n_ignored:
                samples += f", {self.n_ignored} ignored"
            if self.job.reduction == "sum":
                yield f"sum of losses {write(totals.loss_sum)} ({samples})"
            else:
                parts = self._describe_divisor(totals, samples, write)
                yield f"mean loss {write(self._mean())} (sum {write(totals.loss_sum)} / {parts})"
        elif totals.total is not None:
            yield f"loss {write(totals.total)} (one number for {plural(self.n, 'sample')})"
        if self.n_labelled:
            share = f"{self.n_correct / self.n_labelled:.2%}"
            yield f"accuracy {share} ({self.n_correct} of {self.n_labelled})"

    def _describe_divisor(self, totals: Totals, samples: str, write: Write) -> str:
        each = f" × {self.outputs} outputs" if self.outputs > 1 else ""
        if self.weight is not None and totals.divisor is not None:
            return f"weight {write(totals.divisor)}: {samples}{each}"
        return f"{totals.divisor}: {samples}{each}" if each else samples

    def _json(self, totals: Totals) -> dict[str, Any]:
        values: dict[str, Any] = {"n": self.n}
        if self.n_ignored:
            values["n_ignored"] = self.n_ignored
        if self.job.hide_answers:
            return values
        if totals.loss_sum is not None:
            values["sum"] = totals.loss_sum
            values["divisor"] = totals.divisor
            values["mean"] = None if totals.undefined else self._mean()
            if totals.undefined:
                values["mean_undefined"] = totals.undefined[0]
        elif totals.total is not None:
            values["loss"] = totals.total
        if self.n_labelled:
            values["n_labelled"] = self.n_labelled
            values["n_correct"] = self.n_correct
            values["accuracy"] = self.n_correct / self.n_labelled
        return values
