"""How good predictions are, where the labels are known: mergeable counts and exact sums.

The numbers are those of scikit-learn: ``accuracy_score``, ``top_k_accuracy_score``,
``confusion_matrix``, ``precision_recall_fscore_support``, ``log_loss`` and
``brier_score_loss``; the calibration error is that of Guo et al., "On calibration of modern
neural networks", 2017, with the bins of ``calibration_curve``.
"""

from dataclasses import dataclass, field
from math import log, nan
from typing import NamedTuple

import numpy as np

from softmax_cli.data import FloatArray, IntArray, Result
from softmax_cli.numerics.exact_sum import ExactSum

N_BINS = 15


class ClassScores(NamedTuple):
    """How well one class is recognised; nan where nothing was predicted or labelled so.

    support    samples of this class
    precision  of the samples predicted as this class, the share that is
    recall     of the samples of this class, the share predicted so
    f1         the harmonic mean of precision and recall
    """

    support: int
    precision: float
    recall: float
    f1: float


class Bin(NamedTuple):
    """Samples of similar confidence: how many, their mean confidence, how many are right."""

    n: int
    confidence: float
    accuracy: float


@dataclass
class Counts:
    """All labelled samples seen so far, for ``n_classes`` classes.

    Memory grows with the classes, and with their square only where the confusion matrix is wanted.

    What a measure has to put in the figures of a Result, each (n,): ``loss`` -ln p[label],
    ``brier``, ``rank`` of the label's score from 0 on, ``confidence`` a probability, and ``hit``
    whether what has that probability is the case.
    """

    n_classes: int
    top_k: int = 1
    wants_confusion: bool = False
    support: IntArray = field(init=False)
    n_predicted: IntArray = field(init=False)
    n_right: IntArray = field(init=False)
    confusion: IntArray | None = field(init=False, default=None)
    n_in_top: int = 0
    loss: ExactSum = field(default_factory=ExactSum)
    brier: ExactSum = field(default_factory=ExactSum)
    n_undefined: int = 0
    n_in_bin: IntArray = field(default_factory=lambda: np.zeros(N_BINS, dtype=np.int64))
    n_hits: IntArray = field(default_factory=lambda: np.zeros(N_BINS, dtype=np.int64))
    confidence: list[ExactSum] = field(default_factory=lambda: [ExactSum() for _ in range(N_BINS)])

    def __post_init__(self) -> None:
        k = self.n_classes
        self.support, self.n_predicted, self.n_right = np.zeros((3, k), dtype=np.int64)
        if self.wants_confusion:
            # rows are true classes, columns predicted ones; the last is for no prediction (nan)
            self.confusion = np.zeros((k, k + 1), dtype=np.int64)

    def add(self, result: Result) -> None:
        """Count a result in; one without labels adds nothing, nor do ignored samples."""
        if not result.figures or result.labels is None or result.predicted is None:
            return
        kept = ~result.ignored
        figures = {name: values[kept] for name, values in result.figures.items()}
        k, labels, predicted = self.n_classes, result.labels[kept], result.predicted[kept]
        self.support += np.bincount(labels, minlength=k)
        self.n_predicted += np.bincount(predicted[predicted >= 0], minlength=k)
        self.n_right += np.bincount(labels[labels == predicted], minlength=k)
        if self.confusion is not None:
            np.add.at(self.confusion, (labels, np.where(predicted < 0, k, predicted)), 1)
        self.n_in_top += int((figures["rank"] < self.top_k).sum())
        self.loss.add(figures["loss"])
        self.brier.add(figures["brier"])
        self._add_to_bins(figures["confidence"], figures["hit"])

    def _add_to_bins(self, confidence: FloatArray, hit: FloatArray) -> None:
        """Bins are (i/15, (i+1)/15]; the first has 0, too."""
        defined = ~np.isnan(confidence)
        self.n_undefined += len(confidence) - int(defined.sum())
        confidence, hit = confidence[defined], hit[defined]
        bins = np.searchsorted(np.linspace(0, 1, N_BINS + 1)[1:-1], confidence)
        self.n_in_bin += np.bincount(bins, minlength=N_BINS)
        self.n_hits += np.bincount(bins, weights=hit, minlength=N_BINS).astype(np.int64)
        for index in np.unique(bins):
            self.confidence[index].add(confidence[bins == index])

    def merge(self, other: "Counts") -> None:
        """Count in what others of as many classes have counted."""
        self.support += other.support
        self.n_predicted += other.n_predicted
        self.n_right += other.n_right
        if self.confusion is not None and other.confusion is not None:
            self.confusion += other.confusion
        self.n_in_top += other.n_in_top
        self.loss.merge(other.loss)
        self.brier.merge(other.brier)
        self.n_undefined += other.n_undefined
        self.n_in_bin += other.n_in_bin
        self.n_hits += other.n_hits
        for mine, theirs in zip(self.confidence, other.confidence, strict=True):
            mine.merge(theirs)

    @property
    def n(self) -> int:
        """Samples evaluated."""
        return int(self.support.sum())

    def top_accuracy(self) -> float:
        """The share of samples whose label is among the top_k greatest scores."""
        return self.n_in_top / self.n

    def log_loss(self) -> float:
        """The mean of -ln p[label], in nats."""
        return self.loss.divided_by(self.n)

    def brier_score(self) -> float:
        """The mean of Σ_c (p_c - [c is the label])², or with two classes of its half."""
        return self.brier.divided_by(self.n)

    def uniform_loss(self) -> float:
        """The log loss of giving every class the same probability: ln of their number."""
        return log(self.n_classes)

    def prior_loss(self) -> float:
        """The log loss of always giving each class the share of it among the labels."""
        counts: list[int] = self.support[self.support > 0].tolist()
        return sum(count * log(self.n / count) for count in counts) / self.n

    def calibration_error(self) -> float:
        """The mean over all samples of how far their bin's confidence is from its accuracy."""
        if self.n_undefined:
            return nan
        gaps = 0.0
        for each in self.bins():
            gaps += each.n * abs(each.confidence - each.accuracy) if each.n else 0.0
        return gaps / self.n

    def bins(self) -> list[Bin]:
        """The bins of the reliability diagram; nan where one is empty."""
        found = []
        for count, hits, total in zip(
            self.n_in_bin.tolist(), self.n_hits.tolist(), self.confidence, strict=True
        ):
            confidence = total.divided_by(count) if count else nan
            found.append(Bin(count, confidence, hits / count if count else nan))
        return found

    def classes(self) -> list[ClassScores]:
        """The scores of each class."""
        found = []
        each = (self.n_right.tolist(), self.support.tolist(), self.n_predicted.tolist())
        for right, support, predicted in zip(*each, strict=True):
            precision = right / predicted if predicted else nan
            recall = right / support if support else nan
            both = predicted + support
            found.append(ClassScores(support, precision, recall, 2 * right / both if both else nan))
        return found
