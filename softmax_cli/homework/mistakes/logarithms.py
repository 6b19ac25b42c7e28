"""What is done wrongly with a loss that is right: any loss, binary or not."""

import numpy as np

from softmax_cli.homework.exercise import Exercise
from softmax_cli.homework.mistakes.mistake import Chapter, Outcomes

mistake = Chapter()


@mistake(
    "log₂ instead of ln",
    "this is the loss in bits, 1.4427 times that in nats; cross-entropy takes ln, np.log",
)
def bits(e: Exercise) -> Outcomes:
    yield "", e.truth / np.log(2)


@mistake(
    "log₁₀ instead of ln",
    "the common logarithm is 0.4343 times the natural one; cross-entropy takes ln",
)
def common_logarithm(e: Exercise) -> Outcomes:
    yield "", e.truth / np.log(10)


@mistake(
    "minus sign forgotten",
    "the loss is minus the logarithm of the probability, so it is never below 0",
)
def negated(e: Exercise) -> Outcomes:
    yield "", -e.truth


@mistake("perplexity instead of loss", "perplexity is e to the power of the loss")
def perplexity(e: Exercise) -> Outcomes:
    yield "", np.exp(e.truth)
