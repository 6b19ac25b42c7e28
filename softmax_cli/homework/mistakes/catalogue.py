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
    "softmax": (*arithmetic.mistake_far_off, *rows.mistake, *arithmetic.mistake),
    "softmax --log": (*rows.mistake_in_logarithms,),
    "ce": (
        *arithmetic.mistake_far_off,
        *logarithms.mistake,
        *categorical.mistake,
        *arithmetic.mistake,
    ),
    "bce": (*arithmetic.mistake_far_off, *logarithms.mistake, *binary.mistake, *arithmetic.mistake),
    "predict": (*classes.mistake,),
}
"""Mistakes in the answer to one sample, by what was asked for."""

FAR_FROM_TRUTH = (*reductions.mistake,)
CLOSE_TO_TRUTH = (*reductions.mistake_of_batches, *arithmetic.mistake_in_mean)
"""Further mistakes in the one number that sums up the losses of ``ce`` and ``bce``: those that go
before the mistakes per sample, and those after."""
