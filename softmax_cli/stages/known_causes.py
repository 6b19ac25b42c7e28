"""Why PyTorch's number differs from the exact one: the known causes, told apart by the numbers."""

from collections.abc import Callable
from math import isclose, isfinite, isinf, isnan

import numpy as np

from softmax_cli.data import Batch
from softmax_cli.job import Job, Sample
from softmax_cli.numerics.precision import PRECISIONS, machine_epsilon

Compute = Callable[[str, str], float]
"""The number in question, by a backend in a dtype."""


def explain(job: Job, sample: Batch, compute: Compute, rtol: float) -> str:
    """The cause, to follow "because of"; '' if none is recognised. ``sample`` has one row."""
    ours, theirs = compute("numpy", job.dtype), compute("torch", job.dtype)
    if job.dtype != "float64" and isclose(ours, compute("torch", "float64"), rel_tol=rtol):
        return f"{job.dtype} arithmetic: in float64 PyTorch agrees"
    scores = sample.scores[0]
    if isnan(theirs) and not isnan(ours):
        if Sample.of(job).is_binary:
            return "an infinite logit: PyTorch's formula subtracts inf from inf, the limit exists"
        if np.isneginf(scores).any():
            return "a masked class with zero target: PyTorch multiplies 0 by inf, which is nan"
    if isinf(theirs) and isfinite(ours):
        return "overflow: the logits are further apart than the dtype reaches"
    if Sample.of(job).is_binary and job.scores != "logits" and ours > 100 >= theirs:
        return "the clamp: nn.BCELoss takes no logarithm for less than -100"
    return _lost_digits(
        job, ours, theirs, float(np.abs(scores[np.isfinite(scores)]).max(initial=1))
    )


def _lost_digits(job: Job, ours: float, theirs: float, magnitude: float) -> str:
    bits, smallest_step, _ = PRECISIONS[job.dtype]
    if max(abs(ours), abs(theirs)) < 2.0 ** (smallest_step + bits - 1):
        return f"underflow: the number is below the smallest normal {job.dtype}"
    if abs(ours - theirs) > 4 * machine_epsilon(job.dtype) * max(1.0, magnitude):
        return ""
    if job.scores != "logits":
        return f"rounding: a probability so near 0 or 1 has few digits in {job.dtype}"
    if Sample.of(job).is_binary:
        return "cancellation: PyTorch computes (1 - y) z - ln sigmoid(z), nearly equal terms"
    return (
        "cancellation: PyTorch's log-sum-exp of a confident row adds the small terms to 1, "
        "and their digits are lost"
    )
