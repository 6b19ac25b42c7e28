"""Options that contradict each other, or have values that mean nothing."""

from softmax_cli.errors import BadValue, UsageError
from softmax_cli.job import Job, Sample
from softmax_cli.text import parse_number


def checked(job: Job) -> Job:
    """The job. Raises UsageError if its options contradict each other."""
    for refused, message, advice in _contradictions(job):
        if refused:
            raise UsageError(message, advice)
    return job


def _contradictions(job: Job) -> list[tuple[bool, str, str | None]]:
    label_sources = [
        name
        for name, given in (
            ("--labels", job.labels is not None),
            ("--label-col", job.label_col is not None),
            ("--target", bool(job.target)),
            ("--target-cols", job.target_cols is not None),
        )
        if given
    ]
    return [
        (
            len(label_sources) > 1,
            f"labels come from one source, not from {' and '.join(label_sources)}",
            "keep one of them",
        ),
        (
            job.eps is not None and job.scores != "probs",
            f"--eps clips probabilities, but these are {job.scores}",
            "say --from probs, or leave --eps out",
        ),
        (
            job.eps is not None and not 0 <= job.eps < 0.5,
            "--eps must be at least 0 and below 0.5",
            None,
        ),
        (
            job.temperature != 1 and job.scores == "probs",
            "--temperature divides logits, but these are probs",
            "say --from logits, or leave --temperature out",
        ),
        (
            not 0 < job.temperature < float("inf"),
            "--temperature must be a positive finite number",
            None,
        ),
        *_of_convention(job),
        (
            job.rtol is not None and not (job.cross_check or job.checks),
            "--rtol is how far backends or answers may differ, and none are compared",
            "add --cross-check, or answers by --expect",
        ),
        (
            job.rtol is not None and not 0 <= job.rtol < float("inf"),
            "--rtol must be a number that is not negative",
            None,
        ),
        (
            job.normalize and job.scores != "probs",
            f"--normalize rescales probabilities, but these are {job.scores}",
            "say --from probs, or leave --normalize out",
        ),
        (
            job.normalize and Sample.of(job).is_binary,
            "--normalize rescales rows of probabilities; a binary output has no row",
            None,
        ),
        (not 0 <= job.threshold <= 1, "--threshold is a probability, from 0 to 1", None),
        (
            job.threshold != 0.5 and not Sample.of(job).is_binary,
            "--threshold decides between two classes, for one output",
            "add --binary",
        ),
        *_of_losses(job),
        (job.label_base not in (0, 1), "--label-base is 0 or 1", None),
        (job.top_k < 1, "--top-k must be at least 1", None),
        (job.top_k > 1 and job.binary, "--top-k ranks classes; --binary has two", None),
        (not 0 <= job.digits <= 17, "--digits must be from 0 to 17", None),
        (
            job.rows not in (None, "all") and not str(job.rows).isdecimal(),
            f"--rows takes a number or 'all', not {job.rows!r}",
            None,
        ),
        (
            job.quiet and job.format != "table",
            f"--quiet prints bare numbers, --format {job.format} prints records",
            "keep one of them",
        ),
        (
            job.device != "auto" and job.backend != "torch" and not job.cross_check,
            f"--device {job.device} is for the torch backend",
            "add --backend torch",
        ),
        (
            job.force and job.output is None,
            "--force overwrites the file named by --output, and none is named",
            None,
        ),
        *_of_explaining(job),
        *_of_checks(job),
    ]


def _of_losses(job: Job) -> list[tuple[bool, str, str | None]]:
    soft = bool(job.target) or job.target_cols is not None
    weighted = job.weight is not None or job.sample_weight_col is not None
    return [
        (
            not 0 <= job.label_smoothing <= 1,
            "--label-smoothing is a share of the target, from 0 to 1",
            None,
        ),
        (
            job.focal is not None and not 0 <= job.focal < float("inf"),
            "--focal takes an exponent that is finite and not negative",
            None,
        ),
        (
            job.divide_by == "weight" and not weighted,
            "--divide-by weight, but there are no weights",
            "give --weight or --sample-weight-col",
        ),
        (
            job.divide_by is not None and job.reduction == "sum",
            "--divide-by is for the mean, and --reduction sum does not divide",
            "keep one of them",
        ),
        (
            job.ignore_index is not None and (soft or job.multilabel),
            "--ignore-index is a label, and targets have none",
            "give a sample the weight 0 by --sample-weight-col",
        ),
        (
            job.multilabel and (job.labels is not None or job.label_col is not None),
            "--multilabel needs a 0 or 1 for each label of a sample",
            "give --target 1,0,1, once per sample, or --target-cols 'y_*'",
        ),
        (job.p not in (1, 2), "--p is 1 or 2", None),
        (not abs(job.margin) < float("inf"), "--margin must be a finite number", None),
        (
            (job.report or job.confusion)
            and (job.quiet or job.format not in ("table", "markdown", "json")),
            "--report and --confusion are for tables, markdown and json",
            "keep one of them, or the format",
        ),
    ]


def _of_convention(job: Job) -> list[tuple[bool, str, str | None]]:
    convention = job.convention
    if convention is None:
        return []
    return [
        (
            job.scores not in convention.takes,
            f"{convention.function} does not take {job.scores}",
            f"say --from {' or '.join(convention.takes)}",
        ),
        (
            job.eps is not None,
            f"--like {job.like} brings its own clipping",
            "leave --eps or --like out",
        ),
    ]


def _of_checks(job: Job) -> list[tuple[bool, str, str | None]]:
    sources = job.answer_sources
    return [
        (
            len(sources) > 1,
            f"answers come from one source, not from {' and '.join(sources)}",
            "keep one of them",
        ),
        (
            not _is_tolerance(job.tol),
            f"--tol is 'digits' or a distance of at least 0, not {job.tol!r}",
            None,
        ),
        (
            not sources and (job.tol != "digits" or job.hide_answers),
            "--tol and --hide-answers are about answers, and there are none to check",
            "give them by --expect, --expect-file or --expect-col",
        ),
        (
            job.steps and bool(sources),
            f"--steps shows how the numbers come about, {' '.join(sources)} checks them",
            "keep one of them",
        ),
        (
            job.steps and (job.quiet or job.format not in ("table", "markdown")),
            "--steps is for people: it has the formats table and markdown",
            "leave --quiet or --format out",
        ),
        (
            job.grad and (job.steps or bool(sources)),
            f"--grad adds columns, which {'--steps' if job.steps else ' '.join(sources)} has no "
            "place for",
            "keep one of them",
        ),
    ]


def _of_explaining(job: Job) -> list[tuple[bool, str, str | None]]:
    """Steps and gradients know the plain losses only: never a derivation of another number."""
    changed = [
        f"--{name.replace('_', '-')}"
        for name in _CHANGING_THE_LOSS
        if getattr(job, name) != Job._field_defaults[name]
    ]
    option = "--grad" if job.grad else "--steps"
    return [
        (
            (job.grad or job.steps) and bool(changed),
            f"{option} explains the plain loss, without {' '.join(changed)}",
            f"leave {option} or {' '.join(changed)} out",
        )
    ]


_CHANGING_THE_LOSS = (
    "weight",
    "sample_weight_col",
    "ignore_index",
    "label_smoothing",
    "pos_weight",
    "focal",
    "multilabel",
    "divide_by",
    "normalize",
    "like",
)


def _is_tolerance(text: str) -> bool:
    if text == "digits":
        return True
    try:
        return parse_number(text) >= 0
    except BadValue:
        return False
