"""Reviews merge: two parts of an input, reviewed apart, say what a review of the whole says."""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from softmax_cli.data import Batch, Column, Places, Result, Schema
from softmax_cli.homework.answers import Review, open_review
from softmax_cli.job import Job
from softmax_cli.report import Section, Totals
from softmax_cli.text import exact

SCHEMA = Schema(3, None, None, has_labels=True, reading="")
ANSWERS: dict[str, Callable[[float], str]] = {
    "right": lambda loss: f"{loss:.4f}",
    "bits": lambda loss: f"{loss / math.log(2):.4f}",
    "negative": lambda loss: f"{-loss:.4f}",
    "far": lambda loss: f"{loss + 17.1234:.4f}",
    "blank": lambda loss: "",
}

Drawn = tuple[tuple[float, ...], int, str]
"""A sample's scores, its label, and what kind of answer it gets."""

score = st.floats(-4, 4)
sample = st.tuples(st.tuples(score, score, score), st.integers(0, 2), st.sampled_from([*ANSWERS]))
batches = st.lists(st.lists(sample, min_size=1, max_size=5), min_size=1, max_size=5)


def results(drawn: Sequence[Sequence[Drawn]]) -> list[Result]:
    """A result for each batch, with an answer to each sample."""
    made: list[Result] = []
    first = 0
    for samples in drawn:
        scores = np.array([row for row, _, _ in samples])
        labels = np.array([label for _, label, _ in samples])
        picked = scores[np.arange(len(samples)), labels]
        losses = np.log(np.exp(scores).sum(axis=1)) - picked
        answers = [ANSWERS[kind](loss) for loss, (_, _, kind) in zip(losses, samples, strict=True)]
        places = Places("hw.csv", range(first + 2, first + 2 + len(samples)))
        batch = Batch(first, scores, places, labels=labels, answers=[answers])
        made.append(Result(batch, {"loss": Column(losses, "number")}, labels=labels))
        first += len(samples)
    return made


def totals(made: Iterable[Result]) -> Totals:
    losses = np.concatenate([result.columns["loss"].values for result in made])
    return Totals(len(losses), 0, losses.sum(), len(losses), float(losses.mean()))


def said(section: Section) -> tuple[object, ...]:
    return section.passed, section.lines(exact), repr(section.json), section.quiet


def reviewed(made: Iterable[Result], schema: Schema, quiet: bool) -> Review:
    review = open_review(Job("ce", dtype="float64", quiet=quiet), schema)
    list(review.watch(iter(made)))
    return review


def check_that_parts_merge(made: list[Result], schema: Schema, cut: int, quiet: bool) -> None:
    all_at_once = reviewed(made, schema, quiet)
    merged = reviewed(made[:cut], schema, quiet)
    second = reviewed(made[cut:], schema, quiet)
    merged.merge(second)
    assert said(merged.conclude(totals(made))) == said(all_at_once.conclude(totals(made)))


@given(batches, st.integers(0, 5), st.booleans())
def test_reviews_of_samples_merge(drawn: list[list[Drawn]], cut: int, quiet: bool) -> None:
    check_that_parts_merge(results(drawn), SCHEMA, cut, quiet)


@given(batches, st.integers(0, 5), st.sampled_from([*ANSWERS]))
def test_reviews_of_a_mean_merge(drawn: list[list[Drawn]], cut: int, kind: str) -> None:
    made = results(drawn)
    answer = ANSWERS[kind](totals(made).total or 0.0)
    check_that_parts_merge(made, SCHEMA._replace(answer=answer), cut, quiet=False)
