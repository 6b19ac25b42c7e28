"""What deserves a word of warning or explanation."""

from collections.abc import Iterator

import numpy as np

from softmax_cli.backends import SUM_ROUNDING
from softmax_cli.data import BoolArray, Result
from softmax_cli.job import Job, Sample
from softmax_cli.losses.domain import SUM_TOLERANCE, look_like_probabilities, row_sums
from softmax_cli.report import Section, Totals
from softmax_cli.text import plural


class Doubts:
    """Counts results that are nan or infinite, and looks for scores that are not what they seem.

    A stage.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        sample = Sample.of(job)
        self.n = 0
        self.n_undefined = 0
        self.n_infinite = 0
        self.first_undefined = ""
        self.first_infinite = ""
        self.worst_sum = 1.0
        self.worst_sum_at = ""
        self.worst_sum_of = ""
        self.has_classes = sample.takes.scores == "classes" and not sample.numbers_are_samples
        self.has_one_class = False
        self.looks_like_probabilities = (
            job.scores == "logits" and sample.takes.scores == "classes" and not job.multilabel
        )

    def watch(self, results: Iterator[Result]) -> Iterator[Result]:
        """Look at results, which pass unchanged."""
        for result in results:
            self.n += len(result)
            self._look_at_scores(result)
            self._look_at_values(result)
            yield result

    def merge(self, other: "Doubts") -> None:
        """Count in what another part of the input has given rise to."""
        self.n += other.n
        self.n_undefined += other.n_undefined
        self.n_infinite += other.n_infinite
        self.first_undefined = self.first_undefined or other.first_undefined
        self.first_infinite = self.first_infinite or other.first_infinite
        if abs(other.worst_sum - 1) > abs(self.worst_sum - 1):
            self.worst_sum, self.worst_sum_at = other.worst_sum, other.worst_sum_at
            self.worst_sum_of = other.worst_sum_of
        self.looks_like_probabilities &= other.looks_like_probabilities
        self.has_one_class |= other.has_one_class

    def conclude(self, totals: Totals) -> Section:
        """What the user should know about the numbers, a line each."""
        return Section(notes=list(self._notes()))

    def _look_at_scores(self, result: Result) -> None:
        batch = result.batch
        self.has_one_class = self.has_classes and batch.scores.shape[1] == 1
        if self.looks_like_probabilities:
            self.looks_like_probabilities = look_like_probabilities(batch.scores, self.job.binary)
        for what, sums in row_sums(batch, self.job):
            off = np.abs(sums - 1)
            worst = int(off.argmax())
            if off[worst] > max(SUM_ROUNDING, abs(self.worst_sum - 1)):
                self.worst_sum, self.worst_sum_at = float(sums[worst]), batch.places.at(worst)
                self.worst_sum_of = what

    def _look_at_values(self, result: Result) -> None:
        undefined, infinite = _undefined(result) & ~result.ignored, _infinite_loss(result)
        places = result.batch.places
        if undefined.any():
            self.n_undefined += int(undefined.sum())
            self.first_undefined = self.first_undefined or places.at(int(undefined.argmax()))
        if infinite.any():
            self.n_infinite += int(infinite.sum())
            self.first_infinite = self.first_infinite or places.at(int(infinite.argmax()))

    def _notes(self) -> Iterator[str]:
        if self.has_one_class:
            yield (
                "warning: one class, whose probability is always 1; the outputs of a binary "
                "network? say bce; the classes of one sample? write them in one row: 2,1,0.1"
            )
        if self.looks_like_probabilities and self.n:
            sign, second = "each row sums to 1", "softmax"
            if self.job.binary:
                sign, second = "all are from 0 to 1", "sigmoid"
            yield (
                f"warning: these logits look like probabilities ({sign}), so this is a second "
                f"{second}; if they are, say --from probs"
            )
        if self.n_undefined:
            torch = ", or 0 · inf in PyTorch's sum" if self.job.backend == "torch" else ""
            yield (
                f"note: {plural(self.n_undefined, 'sample')} without a defined result (nan, +inf "
                f"or only -inf among the scores{torch}), the first at {self.first_undefined}"
            )
        if self.n_infinite:
            eps = "; --eps 1e-15 clips it" if self.job.scores == "probs" else ""
            yield (
                f"note: {plural(self.n_infinite, 'sample')} with an infinite loss, the first at "
                f"{self.first_infinite}: the true class has probability 0{eps}"
            )
        if self.worst_sum_at and abs(self.worst_sum - 1) > SUM_TOLERANCE:
            like = self.job.convention
            yield (
                f"warning: {self.worst_sum_of} that do not sum to 1, {self.worst_sum_at} to "
                f"{self.worst_sum:.6g}: used as given, "
                + ("so the loss may be negative" if like is None else f"as by {like.function}")
            )
        elif self.worst_sum_at:
            yield (
                f"note: not every row sums to 1: {self.worst_sum_at} to {self.worst_sum:.6g}; "
                "taken as rounded, and used as given (--normalize rescales)"
            )


def _undefined(result: Result) -> BoolArray:
    for name in ("loss", "probability"):
        if name in result.columns:
            return np.asarray(np.isnan(result.columns[name].values))
    undefined = np.zeros(len(result), dtype=np.bool_)
    for column in result.columns.values():
        if column.values.ndim == 2:
            undefined |= np.isnan(column.values).any(axis=1)
    return undefined


def _infinite_loss(result: Result) -> BoolArray:
    if "loss" not in result.columns:
        return np.zeros(len(result), dtype=np.bool_)
    return np.asarray(result.columns["loss"].values == np.inf)
