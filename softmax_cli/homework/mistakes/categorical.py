"""Mistakes in the cross-entropy of several classes; values are losses (n,)."""

import numpy as np

from softmax_cli.data import NO_CLASS
from softmax_cli.homework.exercise import (
    Exercise,
    binary_loss,
    log_softmax,
    logits_of,
    sigmoid,
    softmax,
)
from softmax_cli.homework.mistakes.mistake import Chapter, Outcomes

SMOOTHING = (0.1, 0.2, 0.05)

mistake = Chapter()


@mistake(
    "softmax applied twice",
    "the probabilities went through softmax again; CrossEntropyLoss takes logits",
)
def softmax_twice(e: Exercise) -> Outcomes:
    if e.kind != "logprobs":  # of log-probabilities, a second softmax changes nothing
        yield "", e.of_targets(-log_softmax(e.probabilities))


@mistake(
    "softmax forgotten",
    "the logits were used as if they were (log-)probabilities; NLLLoss needs LogSoftmax first",
)
def softmax_forgotten(e: Exercise) -> Outcomes:
    if e.kind == "logits":
        yield "minus the logit of the label", e.of_targets(-e.logits)
        yield "minus the logarithm of the label's logit", e.loss_of(e.logits)


@mistake(
    "exp forgotten", "the logits were divided by their sum, without taking e to their power first"
)
def exp_forgotten(e: Exercise) -> Outcomes:
    if e.kind == "logits":
        yield "", e.loss_of(e.logits / e.logits.sum(axis=1, keepdims=True))


@mistake(
    "softmax over the wrong axis",
    "softmax ran down the samples (axis 0) instead of across the classes (axis 1)",
)
def wrong_axis(e: Exercise) -> Outcomes:
    if e.kind != "probs":
        down = softmax(logits_of(e.peers, e.kind, e.temperature), axis=0)
        yield "", e.loss_of(down[e.picked])


@mistake(
    "probability instead of loss",
    "this is the probability of the label; the loss is minus its logarithm",
)
def probability(e: Exercise) -> Outcomes:
    yield "", e.of_targets(e.probabilities)


@mistake(
    "1 − probability instead of loss",
    "this is how much the label's probability lacks; the loss is minus its logarithm",
)
def one_minus_probability(e: Exercise) -> Outcomes:
    yield "", 1 - e.of_targets(e.probabilities)


@mistake(
    "loss of the predicted class instead of the label",
    "the greatest probability was picked; the loss takes the probability of the label",
)
def predicted_class(e: Exercise) -> Outcomes:
    yield "", -e.log_probabilities.max(axis=1)


@mistake("columns swapped", "the two classes were taken for each other")
def two_swapped(e: Exercise) -> Outcomes:
    if e.n_classes == 2:
        yield "", -e.of_targets(e.log_probabilities[:, ::-1])


@mistake("label off by one", "a neighbouring class was picked; labels count from 0 here")
def off_by_one(e: Exercise) -> Outcomes:
    if e.labels is None or (e.labels == NO_CLASS).any():
        return
    for step, detail in ((1, "the next class"), (-1, "the class before")):
        moved = e.labels + step
        # Past the end, an index of -1 means the last class in Python; others stop at the end.
        yield detail, -e.log_probabilities[e.rows, moved % e.n_classes]
        yield detail, -e.log_probabilities[e.rows, moved.clip(0, e.n_classes - 1)]


@mistake("argmax instead of probability", "the decision was used where its probability belongs")
def decision(e: Exercise) -> Outcomes:
    yield "the class itself", e.predicted.astype(np.float64)
    if e.labels is not None:
        right = (e.predicted == e.labels).astype(np.float64)
        yield "1 if wrong, 0 if right", 1 - right
        yield "1 if right, 0 if wrong", right


@mistake(
    "binary cross-entropy on several classes",
    "every class was treated as a yes-or-no question; one label out of several takes softmax",
)
def binary_losses(e: Exercise) -> Outcomes:
    assert e.targets is not None
    independent = [("of softmax", e.probabilities)]
    if e.kind == "logits":
        independent.append(("of the sigmoid of each logit", sigmoid(e.logits)))
    for detail, p in independent:
        losses = binary_loss(p, e.targets)
        yield f"{detail}, added up over the classes", losses.sum(axis=1)
        yield f"{detail}, averaged over the classes", losses.mean(axis=1)


@mistake(
    "temperature forgotten or inverted", "logits are divided by the temperature before softmax"
)
def temperature(e: Exercise) -> Outcomes:
    if e.temperature != 1 and e.kind != "probs":
        yield "not divided by it", e.of_targets(-log_softmax(e.scores))
        yield "multiplied by it", e.of_targets(-log_softmax(e.scores * e.temperature))


@mistake(
    "label smoothing left in",
    "a share of the label was spread over all classes, as label_smoothing= does",
)
def smoothed(e: Exercise) -> Outcomes:
    uniform = -e.log_probabilities.mean(axis=1)
    for amount in SMOOTHING:
        yield f"{amount}", (1 - amount) * e.truth + amount * uniform


@mistake("columns reversed", "the classes were taken in the reverse order")
def reversed_classes(e: Exercise) -> Outcomes:
    if e.n_classes > 3:  # of three, it is the first and the last that are swapped
        yield "", -e.of_targets(e.log_probabilities[:, ::-1])


@mistake("columns swapped", "the scores of two classes were taken for each other")
def swapped(e: Exercise) -> Outcomes:
    if e.n_classes > 2:
        for names, order in e.swapped_pairs():
            yield names, -e.of_targets(e.log_probabilities[:, order])
