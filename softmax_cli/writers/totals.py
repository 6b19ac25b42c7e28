"""The totals in numbers and in words, the same below a table and on stderr."""

from collections.abc import Callable

from softmax_cli.job import Job
from softmax_cli.summary import Summary
from softmax_cli.text import exact
from softmax_cli.writers import Report


def total(summary: Summary, job: Job) -> float:
    """The mean of the losses, or their sum with ``--reduction sum``."""
    divisor = 1 if job.reduction == "sum" else summary.n
    return summary.loss.divided_by(divisor, job.dtype)


def describe_totals(summary: Summary, job: Job, write: Callable[[float], str]) -> list[str]:
    """Phrases such as ``mean loss 1.2288 (sum 2.4576 / 2 samples)``; ``write`` writes numbers."""
    phrases: list[str] = []
    if job.hide_answers:
        return phrases
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


def describe_all(report: Report, job: Job) -> list[str]:
    """The same with all digits, and what a check has found: below machine-readable rows."""
    phrases = describe_totals(report.summary, job, exact)
    if report.findings is not None:
        from softmax_cli.writers.verdict import describe_findings

        phrases += [text for _, text in describe_findings(report.findings, job, exact)]
    return [f"read: {report.reading}", *phrases, report.signature]


def count(n: int, noun: str) -> str:
    """``1 sample``, ``2 samples``."""
    return f"{n} {noun}{'s' * (n != 1)}"
