"""Why PyTorch's number differs from the exact one: the known causes, told apart by the numbers."""

from collections.abc import Callable, Iterator
from math import isclose, isfinite, isinf, isnan

import numpy as np

from softmax_cli.data import Batch
from softmax_cli.job import Job, Sample
from softmax_cli.numerics.precision import PRECISIONS, machine_epsilon

Compute = Callable[[str, str], float]
"""The number in question, by a backend in a dtype."""


def explain(job: Job, column: str, sample: Batch, compute: Compute, rtol: float) -> str:
    """The cause, to follow "because of"; '' if none is recognised. ``sample`` has one row."""
    ours, theirs = compute("numpy", job.dtype), compute("torch", job.dtype)
    if job.dtype != "float64" and isclose(ours, compute("torch", "float64"), rel_tol=rtol):
        return f"{job.dtype} arithmetic: in float64 PyTorch agrees"
    if isnan(theirs) or isnan(ours):
        causes = _of_undefined(job, sample) if isnan(theirs) else iter(())
    else:
        causes = _of_numbers(job, column, sample, ours, theirs)
    return next((text for holds, text in causes if holds), "")


def _of_undefined(job: Job, sample: Batch) -> Iterator[tuple[bool, str]]:
    """Why PyTorch's number is not defined: the first that holds."""
    scores = sample.scores[0]
    impossible = np.isneginf(scores) | ((scores == 0) & (job.scores == "probs"))
    if Sample.of(job).is_binary:
        yield True, "an infinite logit: PyTorch's formula subtracts inf from inf, the limit exists"
    yield (
        bool(impossible.any()),
        "a masked class with zero target: PyTorch multiplies 0 by inf, which is nan",
    )


def _of_numbers(
    job: Job, column: str, sample: Batch, ours: float, theirs: float
) -> Iterator[tuple[bool, str]]:
    """Why two numbers differ: the first that holds."""
    binary, greater = Sample.of(job).is_binary, max(abs(ours), abs(theirs))
    divergence, gradient = job.command == "kl" and column == "loss", column == "grad"
    yield (
        isinf(theirs) and isfinite(ours),
        "overflow: the logits are further apart than the dtype reaches",
    )
    yield (
        gradient and job.eps == 0,
        "the floor: the gradient of nn.BCELoss divides by no less than 1e-12",
    )
    yield (
        binary and job.scores != "logits" and ours > 100 >= theirs,
        "the clamp: nn.BCELoss takes no logarithm for less than -100",
    )
    yield (
        divergence and ours == 0 > theirs,
        "rows that do not sum to exactly 1: PyTorch's sum is then negative, though small",
    )
    bits, smallest_step, _ = PRECISIONS[job.dtype]
    yield (
        greater < 2.0 ** (smallest_step + bits - 1),
        f"underflow: the number is below the smallest normal {job.dtype}",
    )
    scores = sample.scores[0]
    magnitude = float(np.abs(scores[np.isfinite(scores)]).max(initial=1))
    if abs(ours - theirs) > 4 * machine_epsilon(job.dtype) * max(1.0, magnitude):
        return
    yield (
        divergence,
        "cancellation: PyTorch adds up p ln p - p ln q, nearly equal terms where p is near q",
    )
    yield (
        gradient,
        "cancellation: PyTorch takes the target off a probability that is nearly the same",
    )
    yield (
        job.scores != "logits",
        f"rounding: a probability so near 0 or 1 has few digits in {job.dtype}",
    )
    yield (binary, "cancellation: PyTorch computes (1 - y) z - ln sigmoid(z), nearly equal terms")
    yield (
        True,
        "cancellation: PyTorch's log-sum-exp of a confident row adds the small terms to 1, "
        "and their digits are lost",
    )
