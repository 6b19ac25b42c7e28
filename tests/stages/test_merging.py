"""Stages that have each seen a part of the input say together what one says of the whole."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from softmax_cli.backends.load import load_backend
from softmax_cli.data import Batch, IntArray, Places, Result, Schema
from softmax_cli.errors import DataError, UsageError
from softmax_cli.job import Job
from softmax_cli.losses import load_measure
from softmax_cli.losses.domain import check
from softmax_cli.report import Section, Totals
from softmax_cli.stages import open_stages
from softmax_cli.stages.gradients import Gradients
from softmax_cli.text import exact

SCHEMA = Schema(3, ("a", "b", "c"), None, has_labels=True, reading="")
JOBS = (
    Job("ce"),
    Job("ce", weight=(1.0, 2.0, 0.5), label_smoothing=0.1, reduction="sum"),
    Job("ce", scores="probs", normalize=True),
    Job("ce", scores="logprobs"),
    Job("predict", top_k=2, report=True, confusion=True),
    Job("predict", scores="probs"),
)
Said = tuple[Totals, list[tuple[object, ...]]]


def results(job: Job, scores: Sequence[Sequence[float]], labels: Sequence[int]) -> Iterator[Result]:
    """A result for each sample."""
    backend = load_backend(job.backend, job.dtype, job.device)
    for row, (values, label) in enumerate(zip(scores, labels, strict=True)):
        truth: IntArray = np.array([label])
        batch = Batch(row, np.array([values]), Places("x", [row]), labels=truth)
        (valid,) = check([batch], job)
        yield load_measure(job.command)(valid, backend, job)


def said(totals: Totals, sections: Sequence[Section]) -> Said:
    """The sections as values that compare."""
    return totals, [
        (s.passed, list(s.lines(exact)), repr(s.grids), repr(s.json), list(s.notes), list(s.quiet))
        for s in sections
    ]


def of_parts(job: Job, parts: Sequence[Sequence[Result]]) -> Said:
    first, *others = [open_stages(job, SCHEMA) for _ in parts]
    for stages, part in zip((first, *others), parts, strict=True):
        assert len(list(stages.watch(iter(part)))) == len(part)
    for other in others:
        first.merge(other)
    return said(*first.conclude())


numbers = st.one_of(st.floats(-800, 800), st.sampled_from([np.inf, -np.inf, np.nan, 0.0, 1.0]))
shares = st.sampled_from([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0], [0.2, 0.3, 0.4999], [0.4, 0.4, 0.2003]])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(JOBS))
def test_parts_say_together_what_the_whole_says(data: st.DataObject, job: Job) -> None:
    rows = st.lists(numbers, min_size=3, max_size=3) if job.scores == "logits" else shares
    scores = data.draw(st.lists(rows, min_size=1, max_size=8))
    if job.scores == "logprobs":
        scores = np.log(np.maximum(scores, 1e-300)).tolist()
    n = len(scores)
    labels = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    cuts = sorted(data.draw(st.lists(st.integers(0, n), max_size=3)))
    job = job._replace(dtype="float64")
    passing = list(results(job, scores, labels))
    ends = zip([0, *cuts], [*cuts, n], strict=True)
    assert of_parts(job, [passing[a:b] for a, b in ends]) == of_parts(job, [passing])


def test_cross_checks_merge() -> None:
    pytest.importorskip("torch")
    job = Job("ce", dtype="float64", cross_check=True)
    scores = [[0.0, 0.0, 1.0], [100.0, 0.0, -700.0], [0.0, 800.0, 0.0], [0.0, 1e-9, 60.0]]
    passing = list(results(job, scores, [0, 0, 1, 2]))
    whole = of_parts(job, [passing])
    assert "differ by more" in whole[1][2][4][0]  # type: ignore[index]
    for cut in range(len(passing) + 1):
        assert of_parts(job, [passing[:cut], passing[cut:]]) == whole


def test_ignored_samples_and_weights_merge() -> None:
    job = Job("ce", dtype="float64", ignore_index=-100)
    passing = list(results(job, [[0.0, 1.0, 2.0]] * 3, [-2, 1, -2]))
    assert of_parts(job, [passing[:1], passing[1:]]) == of_parts(job, [passing])
    with pytest.raises(DataError, match="no sample is left"):
        of_parts(job, [passing[:1], passing[2:]])


def test_gradients_do_not_merge() -> None:
    job = Job("ce", dtype="float64")
    with pytest.raises(UsageError, match="one run"):
        Gradients(job).merge(Gradients(job))
