"""From a batch with wrong answers to the mistakes that explain them."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from softmax_cli.data import BoolArray, FloatArray, IntArray, Result, Schema
from softmax_cli.homework.comparison import Comparison, computed
from softmax_cli.homework.exercise import Exercise
from softmax_cli.homework.naming import Answers, Named, name_mistakes, name_mistakes_in_whole
from softmax_cli.job import Job

_Array = TypeVar("_Array", FloatArray, IntArray)


def explain_whole(
    results: Sequence[Result], answer: float, unit: float, job: Job, schema: Schema
) -> list[Named]:
    """The mistakes that explain a wrong mean (or sum) of all losses in the results."""
    exercises = [_exercise(result, job, schema, slice(None)) for result in results]
    answers = Answers(np.array([answer]), np.array([unit]))
    with np.errstate(all="ignore"):
        return name_mistakes_in_whole(_joined(exercises), answers, job.command)


def explain(
    result: Result, comparison: Comparison, job: Job, schema: Schema
) -> tuple[IntArray, list[Named]]:
    """Which rows of the batch have a wrong answer, and the mistakes that explain those."""
    wrong = comparison.wrong
    answers = Answers(comparison.answers[wrong], comparison.units[wrong])
    command = "softmax --log" if job.log else job.command
    with np.errstate(all="ignore"):
        named = name_mistakes(_exercise(result, job, schema, wrong), answers, command)
    return np.flatnonzero(wrong), named


def _exercise(result: Result, job: Job, schema: Schema, wanted: BoolArray | slice) -> Exercise:
    batch = result.batch
    labels = None if result.labels is None else result.labels[wanted]
    targets = None if batch.targets is None else batch.targets[wanted]
    if targets is None and labels is not None:
        n_classes = batch.scores.shape[1]
        targets = labels[:, np.newaxis].astype(np.float64)
        if n_classes > 1:
            targets = (targets == np.arange(n_classes)).astype(np.float64)
    return Exercise(
        kind=job.scores,
        scores=batch.scores[wanted],
        truth=computed(result)[wanted],
        labels=labels,
        targets=targets,
        temperature=job.temperature,
        reduction=job.reduction,
        peers=batch.scores,
        picked=np.arange(len(batch))[wanted],
        class_names=schema.class_names,
    )


def _joined(parts: Sequence[Exercise]) -> Exercise:
    """Several batches as one."""
    scores = np.concatenate([part.scores for part in parts])
    return Exercise(
        kind=parts[0].kind,
        scores=scores,
        truth=np.concatenate([part.truth for part in parts]),
        labels=_joined_or_none([p.labels for p in parts if p.labels is not None]),
        targets=_joined_or_none([p.targets for p in parts if p.targets is not None]),
        temperature=parts[0].temperature,
        reduction=parts[0].reduction,
        peers=scores,
        picked=np.arange(len(scores)),
        class_names=parts[0].class_names,
    )


def _joined_or_none(arrays: Sequence[_Array]) -> _Array | None:
    return np.concatenate(arrays) if arrays else None
