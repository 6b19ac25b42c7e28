"""The catalogue: what every mistake gives, whatever the exercise."""

from collections.abc import Iterator

import numpy as np
import pytest

from softmax_cli.data import FloatArray, one_hot
from softmax_cli.homework.exercise import Exercise, log_softmax, softmax
from softmax_cli.homework.mistakes.catalogue import CLOSE_TO_TRUTH, FAR_FROM_TRUTH, PER_SAMPLE
from softmax_cli.homework.mistakes.mistake import Chapter, Outcomes

rng = np.random.default_rng(1)


def exercise(command: str, kind: str, n_classes: int, reduction: str = "mean") -> Exercise:
    n = 5
    k = 1 if command == "bce" else n_classes
    scores = rng.normal(size=(n, k))
    if kind != "logits":
        both = np.column_stack([scores, -scores]) if k == 1 else scores
        logs = log_softmax(both)[:, :k]
        scores = logs if kind == "logprobs" else np.exp(logs)
    truth: FloatArray = np.abs(rng.normal(size=n))
    if command.startswith("softmax"):
        truth = softmax(scores)
    labels = rng.integers(0, max(k, 2), n)
    with_labels = command in ("ce", "bce")
    return Exercise(
        kind=kind,
        scores=scores,
        truth=truth,
        labels=labels if with_labels else None,
        targets=one_hot(labels, k) if with_labels else None,
        temperature=2.0 if kind == "logits" else 1.0,
        reduction=reduction,
        peers=scores,
        picked=np.arange(n),
    )


@pytest.mark.parametrize("command", PER_SAMPLE)
@pytest.mark.parametrize("kind", ["logits", "probs", "logprobs"])
@pytest.mark.parametrize("n_classes", [2, 3, 20])
@np.errstate(all="ignore")
def test_of_samples_have_the_form_of_the_truth(command: str, kind: str, n_classes: int) -> None:
    e = exercise(command, kind, n_classes)
    for mistake in PER_SAMPLE[command]:
        for detail, values in mistake.outcomes(e):
            assert values.shape == e.truth.shape, (mistake.name, detail)


@pytest.mark.parametrize("command", ["ce", "bce"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@np.errstate(all="ignore")
def test_of_the_mean_are_one_number(command: str, reduction: str) -> None:
    e = exercise(command, "logits", 3, reduction)
    for mistake in (*FAR_FROM_TRUTH, *CLOSE_TO_TRUTH):
        for detail, values in mistake.outcomes(e):
            assert values.shape == (1,), (mistake.name, detail)


def test_every_mistake_has_a_name_and_a_reason() -> None:
    for mistake in (*(m for chapter in PER_SAMPLE.values() for m in chapter), *FAR_FROM_TRUTH):
        assert mistake.name
        assert mistake.why.rstrip(".") == mistake.why


def test_a_chapter_keeps_the_order() -> None:
    mistake = Chapter()

    @mistake("first", "it stands above")
    def first(e: Exercise) -> Outcomes:
        yield "", e.truth

    @mistake("second", "it stands below")
    def second(e: Exercise) -> Iterator[tuple[str, FloatArray]]:
        yield "", -e.truth

    assert [m.name for m in mistake] == ["first", "second"]
    assert [first, second] == mistake
