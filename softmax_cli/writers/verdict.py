"""What a check has found, in words and as JSON. Never more than "consistent with"."""

from collections.abc import Callable
from typing import Any

from softmax_cli.homework.findings import Explanation, Findings
from softmax_cli.job import Job

MOST_EXPLANATIONS = 5


def describe_findings(
    findings: Findings, job: Job, write: Callable[[float], str]
) -> list[tuple[str, str]]:
    """Pairs of a role (``right``, ``wrong``, ``total`` or none) and a line."""
    lines = []
    if findings.whole is not None:
        whole = findings.whole
        told = f"{whole.quantity}: expected {whole.answer or 'nothing'}"
        if not job.hide_answers:
            told += f", got {write(whole.got)}, difference {write(whole.difference)}"
            told += f", allowed {write(whole.allowed)}"
        mark, role = ("✓", "right") if findings.passed else ("✗", "wrong")
        lines.append((role, f"{mark} {told}"))
    counts = f"{findings.right} right, {findings.wrong} wrong, {findings.blank} blank"
    lines.append(("total", f"{findings.checked} checked: {counts}"))
    explanations = findings.explanations[:MOST_EXPLANATIONS]
    for explanation in explanations:
        consistent = f"consistent with: {' or '.join(explanation.names)}"
        lines.append(("total", f"{_subject(explanation, findings)}{consistent}"))
    reasons = {
        name: why
        for explanation in explanations
        for name, why in zip(explanation.names, explanation.why, strict=True)
    }
    lines += [("", f"{name}: {why}") for name, why in reasons.items()]
    return lines


def _subject(explanation: Explanation, findings: Findings) -> str:
    if findings.whole is not None:
        return ""
    if explanation.n < findings.wrong:
        return f"{explanation.n} of {findings.wrong} wrong rows "
    return "the wrong row " if findings.wrong == 1 else f"all {findings.wrong} wrong rows "


def findings_as_json(findings: Findings, job: Job) -> dict[str, Any]:
    """The same as an object."""
    found: dict[str, Any] = {
        "checked": findings.checked,
        "right": findings.right,
        "wrong": findings.wrong,
        "blank": findings.blank,
    }
    if findings.whole is not None:
        whole = findings.whole._asdict()
        if job.hide_answers:
            whole = {name: whole[name] for name in ("quantity", "answer")}
        found["whole"] = whole
    found["mistakes"] = [
        {"names": list(e.names), "why": list(e.why), "n": e.n} for e in findings.explanations
    ]
    return found
