"""The totals in numbers and in words, the same below a table and on stderr."""

from collections.abc import Callable

from softmax_cli.job import Job, Sample
from softmax_cli.stages.totals import Summary
from softmax_cli.text import exact
from softmax_cli.writers import Report


def total(summary: Summary, job: Job) -> float:
    """The mean of the losses, or their sum with ``--reduction sum``."""
    divisor = 1 if job.reduction == "sum" else summary.divisor
    return summary.loss.divided_by(divisor, job.dtype)


def divisor(summary: Summary) -> int | float:
    """What the mean divides by: a number of samples or outputs, or the sum of their weights."""
    exactly = summary.divisor
    return exactly if isinstance(exactly, int) else exactly.divided_by(1)


def describe_totals(summary: Summary, job: Job, write: Callable[[float], str]) -> list[str]:
    """Phrases such as ``mean loss 1.2288 (sum 2.4576 / 2 samples)``; ``write`` writes numbers."""
    phrases: list[str] = []
    if job.hide_answers:
        return phrases
    if Sample.of(job).has_loss:
        loss_sum = write(summary.loss.divided_by(1, job.dtype))
        samples = count(summary.n, "sample")
        if summary.n_ignored:
            samples += f", {summary.n_ignored} ignored"
        if job.reduction == "sum":
            phrases.append(f"sum of losses {loss_sum} ({samples})")
        else:
            mean = write(total(summary, job))
            parts = _divisor(summary, samples, write)
            phrases.append(f"mean loss {mean} (sum {loss_sum} / {parts})")
    if summary.n_labelled:
        share = f"{summary.n_correct / summary.n_labelled:.2%}"
        phrases.append(f"accuracy {share} ({summary.n_correct} of {summary.n_labelled})")
    return phrases


def describe_report(report: Report, job: Job, write: Callable[[float], str]) -> list[str]:
    """The totals, and below them the evaluation if there is one."""
    phrases = describe_totals(report.summary, job, write)
    if report.evaluation is not None:
        from softmax_cli.writers.evaluating import describe

        phrases += describe(report.evaluation, job, write)
    return phrases


def describe_all(report: Report, job: Job) -> list[str]:
    """The same with all digits, and what a check has found: below machine-readable rows."""
    phrases = describe_report(report, job, exact)
    if report.check is not None:
        phrases += [cell.text for cell in report.check.lines(exact)]
    return [f"read: {report.reading}", *phrases, report.signature]


def _divisor(summary: Summary, samples: str, write: Callable[[float], str]) -> str:
    if summary.weight is None and summary.outputs == 1:
        return samples
    each = f" × {summary.outputs} outputs" if summary.outputs > 1 else ""
    if summary.weight is None:
        return f"{divisor(summary)}: {samples}{each}"
    return f"weight {write(divisor(summary))}: {samples}{each}"


def count(n: int, noun: str) -> str:
    """``1 sample``, ``2 samples``."""
    return f"{n} {noun}{'s' * (n != 1)}"
