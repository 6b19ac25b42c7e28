"""Mistakes in binary cross-entropy; values are losses (n,)."""

import numpy as np

from softmax_cli.homework.exercise import Exercise, binary_loss, sigmoid
from softmax_cli.homework.mistakes.mistake import Chapter, Outcomes

mistake = Chapter()


@mistake(
    "sigmoid applied twice",
    "the probabilities went through the sigmoid again; BCEWithLogitsLoss takes logits, "
    "BCELoss probabilities",
)
def sigmoid_twice(e: Exercise) -> Outcomes:
    if e.kind != "logprobs":
        yield "", binary_loss(sigmoid(e.p), e.y)


@mistake(
    "sigmoid forgotten", "the logits were used as probabilities; BCELoss needs the sigmoid first"
)
def sigmoid_forgotten(e: Exercise) -> Outcomes:
    if e.kind == "logits":
        yield "", binary_loss(e.z, e.y)
        for eps in (1e-7, 1e-15, 1e-12):
            yield f"and clipped at {eps:g}", binary_loss(e.z.clip(eps, 1 - eps), e.y)
        log_p, log_q = np.log(e.z.clip(0, 1)), np.log1p(-e.z.clip(0, 1))
        clamped = e.y * np.maximum(log_p, -100) + (1 - e.y) * np.maximum(log_q, -100)
        yield "and logarithms clamped at -100", -clamped


@mistake("labels swapped", "0 was taken for 1 and 1 for 0")
def labels_swapped(e: Exercise) -> Outcomes:
    yield "", binary_loss(e.p, 1 - e.y)


@mistake("(1−y) term missing", "only y ln p was added up, so samples of class 0 cost nothing")
def only_y_term(e: Exercise) -> Outcomes:
    yield "", np.where(e.y == 0, 0.0, -e.y * np.log(e.p))


@mistake("y term missing", "only (1−y) ln(1−p) was added up, so samples of class 1 cost nothing")
def only_other_term(e: Exercise) -> Outcomes:
    yield "", np.where(e.y == 1, 0.0, -(1 - e.y) * np.log1p(-e.p))


@mistake(
    "probability instead of loss", "the loss is minus the logarithm of the label's probability"
)
def probability(e: Exercise) -> Outcomes:
    yield "of the label", np.where(e.y == 1, e.p, 1 - e.p)
    yield "of class 1", e.p


@mistake(
    "squared error instead of cross-entropy", "(p−y)² was computed; cross-entropy takes logarithms"
)
def squared_error(e: Exercise) -> Outcomes:
    yield "", (e.p - e.y) ** 2


@mistake("argmax instead of probability", "the decision was used where its probability belongs")
def decision(e: Exercise) -> Outcomes:
    predicted = (e.p > 0.5).astype(np.float64)
    yield "the class itself", predicted
    yield "1 if wrong, 0 if right", np.abs(e.y - predicted)
    yield "1 if right, 0 if wrong", 1 - np.abs(e.y - predicted)
