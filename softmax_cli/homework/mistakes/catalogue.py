"""The catalogue: which mistakes there are for which kind of answer, the most specific first.

Where several explain an answer equally well, the earlier is the likelier: those with one outcome
stand before those with many, and what is far from the truth before what is close to it.
"""

from softmax_cli.homework.mistakes import (
    arithmetic,
    binary,
    categorical,
    classes,
    logarithms,
    reductions,
    rows,
)
from softmax_cli.homework.mistakes.mistake import Mistake

PER_SAMPLE: dict[str, tuple[Mistake, ...]] = {
    "softmax": (arithmetic.OVERFLOW, *rows.MISTAKES, *arithmetic.MISTAKES),
    "softmax --log": rows.LOG_MISTAKES,
    "ce": (arithmetic.OVERFLOW, *logarithms.MISTAKES, *categorical.MISTAKES, *arithmetic.MISTAKES),
    "bce": (arithmetic.OVERFLOW, *logarithms.MISTAKES, *binary.MISTAKES, *arithmetic.MISTAKES),
    "predict": classes.MISTAKES,
}
"""Mistakes in the answer to one sample, by what was asked for."""

FAR_FROM_TRUTH = reductions.MISTAKES
CLOSE_TO_TRUTH = reductions.MISTAKES_OF_BATCHES + arithmetic.MISTAKES_IN_MEAN
"""Further mistakes in the one number that sums up the losses of ``ce`` and ``bce``: those that go
before the mistakes per sample, and those after."""
