"""Totals over all samples: exact, mergeable, the same whatever the order or the batches."""

from dataclasses import dataclass, field

import numpy as np

from softmax_cli.data import Result
from softmax_cli.numerics.exact_sum import ExactSum


@dataclass
class Summary:
    """What is known of all samples seen so far.

    n           samples that count; n_ignored do not
    outputs     how many outputs each loss is the sum of
    loss        exact sum of the losses, if the command has losses
    weight      exact sum of the weights, if they are what the mean divides by
    n_labelled  samples with one true class; of these n_correct were predicted right
    """

    n: int = 0
    n_ignored: int = 0
    outputs: int = 1
    loss: ExactSum = field(default_factory=ExactSum)
    weight: ExactSum | None = None
    n_labelled: int = 0
    n_correct: int = 0

    def add(self, result: Result) -> None:
        """Count a result in."""
        ignored = result.ignored
        n_ignored = int(ignored.sum())
        self.n += len(result) - n_ignored
        self.n_ignored += n_ignored
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
    def n_rows(self) -> int:
        """All samples read, whether they count or not."""
        return self.n + self.n_ignored

    @property
    def divisor(self) -> int | ExactSum:
        """What the mean divides the sum of the losses by; weights are finite."""
        if self.weight is None:
            return self.n * self.outputs
        return ExactSum(self.weight.units * self.outputs)

    def merge(self, other: "Summary") -> None:
        """Count in what another summary has counted."""
        self.n += other.n
        self.n_ignored += other.n_ignored
        self.loss.merge(other.loss)
        if other.weight is not None:
            self.weight = self.weight or ExactSum()
            self.weight.merge(other.weight)
        self.n_labelled += other.n_labelled
        self.n_correct += other.n_correct
