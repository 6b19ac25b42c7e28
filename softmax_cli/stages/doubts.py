"""What counts as valid scores and targets, and what deserves a word of warning."""

from dataclasses import replace

import numpy as np

from softmax_cli.data import Batch, BoolArray, FloatArray, Places, Result
from softmax_cli.errors import DataError, UsageError
from softmax_cli.job import Job, Sample
from softmax_cli.stages.totals import Summary

SUM_TOLERANCE = 1e-3
"""How far a row of probabilities may be from 1: what rounding to four decimals, or float16,
does to a handful of classes."""


class Checker:
    """Checks batches and results as they pass, and knows at the end what to tell the user."""

    def __init__(self, job: Job, n_classes: int) -> None:
        self.job = job
        sample = Sample.of(job)
        self.takes = sample.takes
        self.binary = sample.is_binary or job.multilabel
        self.normalize = job.normalize or (
            job.convention is not None and job.convention.normalizes and not self.binary
        )
        self.n_undefined = 0
        self.n_infinite = 0
        self.first_undefined = ""
        self.first_infinite = ""
        self.worst_sum = 1.0
        self.worst_sum_at = ""
        self.looks_like_probabilities = (
            job.scores == "logits" and self.takes.scores == "classes" and not self.binary
        )
        self.n_checked = 0
        if job.top_k > n_classes and not self.binary:
            raise UsageError(f"--top-k {job.top_k}, but there are only {n_classes} classes")

    def check(self, batch: Batch) -> Batch:
        """The batch, rescaled if the job says so. Raises DataError for what is not valid."""
        scores = batch.scores
        self.n_checked += len(batch)
        if self.job.scores == "probs":
            self._check_range(scores, batch.places, "probability", self._advise_probs())
            if self.normalize:
                scores = self._normalized(scores, batch.places)
            elif not self.binary:
                self._check_sums(scores.sum(axis=1), batch.places, "probabilities")
        elif self.job.scores == "logprobs":
            self._check_logprobs(batch)
        elif self.looks_like_probabilities:
            self.looks_like_probabilities = _look_like_probabilities(scores)
        if batch.targets is not None and self.takes.truth in ("classes", "distribution"):
            self._check_range(batch.targets, batch.places, "target", None)
            if not self.binary:
                self._check_sums(batch.targets.sum(axis=1), batch.places, "targets")
        return replace(batch, scores=scores)

    def inspect(self, result: Result) -> None:
        """Count the samples whose result is nan or an infinite loss."""
        undefined, infinite = _undefined(result) & ~result.ignored, _infinite_loss(result)
        if undefined.any():
            self.n_undefined += int(undefined.sum())
            self.first_undefined = self.first_undefined or _first(undefined, result.batch.places)
        if infinite.any():
            self.n_infinite += int(infinite.sum())
            self.first_infinite = self.first_infinite or _first(infinite, result.batch.places)

    def conclude(self, summary: Summary) -> None:
        """Raise DataError where nothing is left that a mean could be taken of."""
        if summary.n_ignored and not summary.n:
            raise DataError(
                "",
                f"no sample is left: --ignore-index {self.job.ignore_index} leaves out "
                f"{summary.n_ignored} of {summary.n_ignored}",
            )
        if self.job.reduction == "mean" and summary.weight is not None and not summary.weight.units:
            raise DataError(
                "",
                "the weights of all samples sum to 0, so there is no mean",
                "--reduction sum, or --divide-by n, has a number here",
            )

    def notes(self) -> list[str]:
        """What the user should know about the numbers, a line each."""
        notes = []
        if self.looks_like_probabilities and self.n_checked:
            notes.append(
                "warning: these logits look like probabilities (each row sums to 1), so this is "
                "a second softmax; if they are, say --from probs"
            )
        if self.n_undefined:
            notes.append(
                f"note: {_samples(self.n_undefined)} without a defined result ({self._why()}), "
                f"the first at {self.first_undefined}"
            )
        if self.n_infinite:
            eps = "; --eps 1e-15 clips it" if self.job.scores == "probs" else ""
            notes.append(
                f"note: {_samples(self.n_infinite)} with an infinite loss, the first at "
                f"{self.first_infinite}: the true class has probability 0{eps}"
            )
        if self.worst_sum_at:
            notes.append(
                f"note: not every row sums to 1: {self.worst_sum_at} to {self.worst_sum:.6g}; "
                "taken as rounded, and used as given (--normalize rescales)"
            )
        return notes

    def _why(self) -> str:
        torch = ", or 0 · inf in PyTorch's sum" if self.job.backend == "torch" else ""
        return f"nan, +inf or only -inf among the scores{torch}"

    def _advise_probs(self) -> str:
        return "logits? say --from logits"

    def _check_range(
        self, values: FloatArray, places: Places, what: str, advice: str | None
    ) -> None:
        if not (values.min() >= 0 and values.max() <= 1):
            row, column = np.argwhere(~((values >= 0) & (values <= 1)))[0]
            value = float(values[row, column])
            raise DataError(places.at(row), f"{what} {value!r} is outside 0…1", advice)

    def _check_logprobs(self, batch: Batch) -> None:
        if not batch.scores.max() <= 0:
            row, column = np.argwhere(~(batch.scores <= 0))[0]
            value = float(batch.scores[row, column])
            message = f"log-probability {value!r} is not a number below 0"
            raise DataError(batch.places.at(row), message, self._advise_probs())
        if not self.binary:
            self._check_sums(np.exp(batch.scores).sum(axis=1), batch.places, "probabilities")

    def _check_sums(self, sums: FloatArray, places: Places, what: str) -> None:
        off = np.abs(sums - 1)
        worst = int(off.argmax())
        if off[worst] > SUM_TOLERANCE:
            row = int(np.argmax(off > SUM_TOLERANCE))
            advice = None
            if what == "probabilities":
                advice = "logits? say --from logits; --normalize divides each row by its sum"
            raise DataError(places.at(row), f"{what} sum to {sums[row]:.6g}, not to 1", advice)
        if off[worst] > 1e-6 and off[worst] > abs(self.worst_sum - 1):
            self.worst_sum, self.worst_sum_at = float(sums[worst]), places.at(worst)

    def _normalized(self, scores: FloatArray, places: Places) -> FloatArray:
        sums = scores.sum(axis=1)
        if not sums.all():
            row = int(np.argmin(sums))
            raise DataError(places.at(row), "probabilities sum to 0, so they cannot be normalised")
        return np.asarray(scores / sums[:, np.newaxis])


def _look_like_probabilities(scores: FloatArray) -> bool:
    if scores.shape[1] < 2:
        return False
    if not (scores.min() >= 0 and scores.max() <= 1):
        return False
    return bool((np.abs(scores.sum(axis=1) - 1) <= SUM_TOLERANCE).all())


def _undefined(result: Result) -> BoolArray:
    for name in ("loss", "probability"):
        if name in result.columns:
            return np.asarray(np.isnan(result.columns[name].values))
    (values,) = (c.values for c in result.columns.values() if c.values.ndim == 2)
    return np.asarray(np.isnan(values).any(axis=1))


def _infinite_loss(result: Result) -> BoolArray:
    if "loss" not in result.columns:
        return np.zeros(len(result), dtype=np.bool_)
    return np.asarray(result.columns["loss"].values == np.inf)


def _first(found: BoolArray, places: Places) -> str:
    return places.at(int(np.argmax(found)))


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count} samples"
