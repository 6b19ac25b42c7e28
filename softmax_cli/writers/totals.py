"""The totals in numbers and in words, the same below a table and on stderr."""

from collections.abc import Callable

from softmax_cli.job import Job
from softmax_cli.summary import Summary


def total(summary: Summary, job: Job) -> float:
    """The mean of the losses, or their sum with ``--reduction sum``."""
    divisor = 1 if job.reduction == "sum" else summary.n
    return summary.loss.divided_by(divisor, job.dtype)


def describe_totals(summary: Summary, job: Job, write: Callable[[float], str]) -> list[str]:
    """Phrases such as ``mean loss 1.2288 (sum 2.4576 / 2 samples)``; ``write`` writes numbers."""
    phrases = []
    if job.needs_labels:
        loss_sum = write(summary.loss.divided_by(1, job.dtype))
        if job.reduction == "sum":
            phrases.append(f"sum of losses {loss_sum} ({count(summary.n, 'sample')})")
        else:
            mean = write(total(summary, job))
            phrases.append(f"mean loss {mean} (sum {loss_sum} / {count(summary.n, 'sample')})")
    if summary.n_labelled:
        share = f"{summary.n_correct / summary.n_labelled:.2%}"
        phrases.append(f"accuracy {share} ({summary.n_correct} of {summary.n_labelled})")
    return phrases


def count(n: int, noun: str) -> str:
    """``1 sample``, ``2 samples``."""
    return f"{n} {noun}{'s' * (n != 1)}"
