"""Job: everything that one run needs to know, as pure data."""

from typing import NamedTuple

from softmax_cli import commands
from softmax_cli.commands import Takes
from softmax_cli.conventions import CONVENTIONS, Convention
from softmax_cli.errors import UsageError
from softmax_cli.numbers import NotANumber, parse_number

STDIN = "-"


class Job(NamedTuple):
    """One run of one command. Field names are the options' names.

    The defaults here are the options' defaults; ``scores`` (``--from``) is resolved by the
    command, because ``bce`` takes probabilities where the others take logits.
    """

    command: str
    inputs: tuple[str, ...] = ()

    # what the numbers are, and which column is what
    scores: str = "logits"  # or "probs" or "logprobs"
    labels: str | None = None
    label_col: str | None = None
    label_base: int = 0
    labels_as: str | None = None
    classes: str | None = None
    target: tuple[str, ...] = ()
    target_cols: str | None = None
    cols: str | None = None
    id_col: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    missing: str = "error"
    normalize: bool = False

    # computing
    backend: str = "numpy"
    device: str = "auto"
    dtype: str = "auto"  # once checked: float64, or what --like's library uses
    like: str | None = None
    temperature: float = 1.0
    log: bool = False
    eps: float | None = None
    reduction: str = "mean"
    top_k: int = 1
    binary: bool = False
    threshold: float = 0.5
    cross_check: bool = False
    rtol: float | None = None

    # what enters the loss, and what its sum is divided by
    weight: str | None = None
    sample_weight_col: str | None = None
    ignore_index: int | None = None
    label_smoothing: float = 0.0
    pos_weight: str | None = None
    multilabel: bool = False
    focal: float | None = None
    divide_by: str | None = None  # or "n" or "weight"; by default as PyTorch
    margin: float = 1.0
    p: int = 1
    multi_class: str = "weston-watkins"
    function: str | None = None

    # evaluating
    report: bool = False
    confusion: bool = False

    # output
    format: str = "table"
    output: str | None = None
    force: bool = False
    digits: int = 4
    probabilities: bool = True
    rows: str | None = None
    quiet: bool = False
    color: str = "auto"
    debug: bool = False

    # checking and explaining
    expect: str | None = None
    expect_row: tuple[str, ...] = ()
    expect_file: str | None = None
    expect_col: str | None = None
    expect_cols: str | None = None
    tol: str = "digits"  # or a number
    hide_answers: bool = False
    steps: bool = False
    grad: bool = False

    @property
    def takes(self) -> Takes:
        """What the command reads of each sample."""
        return commands.load(self.command).takes

    @property
    def convention(self) -> Convention | None:
        """What --like says about another library's ways; None for this project's own."""
        return None if self.like is None else CONVENTIONS[self.like]

    @property
    def is_binary(self) -> bool:
        """Whether every number is a sample of its own: a binary network's one output."""
        return (self.takes.scores == "output" and not self.multilabel) or self.binary

    @property
    def numbers_are_samples(self) -> bool:
        """Whether a bare number is a sample of its own, not a class of the only sample."""
        return self.is_binary or self.takes.scores in ("margins", "values")

    @property
    def sums_outputs(self) -> bool:
        """Whether a sample's loss is a sum over outputs, each of which counts in the mean."""
        return self.takes.scores == "values" or self.multilabel

    @property
    def pairs_scores(self) -> bool:
        """Whether the truth is a number for each score, so that labels cannot tell it."""
        return self.takes.truth in ("distribution", "values") or self.multilabel

    @property
    def wants_labels(self) -> bool:
        """Whether this run reads labels where there are any."""
        return self.takes.truth in ("classes", "any") and not self.multilabel

    @property
    def needs_labels(self) -> bool:
        """Whether there is nothing to compute without labels, or whatever is the truth."""
        return self.takes.needed or self.report or self.confusion

    @property
    def has_loss(self) -> bool:
        """Whether each sample gets a loss."""
        return self.takes.needed

    @property
    def evaluates(self) -> bool:
        """Whether labels are not needed, but say how good the predictions are."""
        return self.wants_labels and not self.has_loss

    def describe_scores(self, count: int) -> str:
        """``3 classes``, or what else a sample has as many of as scores."""
        one, several = "class", "classes"
        if self.sums_outputs:
            one, several = "output", "outputs"
        elif self.takes.scores == "any":
            one, several = "score", "scores"
        return f"{count} {one if count == 1 else several}"

    def n_labels(self, n_scores: int) -> int:
        """How many classes a label can name, where a sample has ``n_scores`` scores."""
        single = self.takes.scores in ("margins", "any") and n_scores == 1
        return 2 if self.is_binary or single else n_scores

    @property
    def checks(self) -> bool:
        """Whether there are answers to be checked."""
        return bool(self.answer_sources)

    @property
    def answer_sources(self) -> list[str]:
        """The options that give the answers to be checked; at most one in a valid job."""
        given = {
            "--expect": self.expect is not None,
            "--expect-row": bool(self.expect_row),
            "--expect-file": self.expect_file is not None,
            "--expect-col": self.expect_col is not None,
            "--expect-cols": self.expect_cols is not None,
        }
        return [name for name, is_given in given.items() if is_given]


def checked(job: Job) -> Job:
    """The job, its dtype settled. Raises UsageError if its options contradict each other."""
    if job.dtype == "auto":
        job = job._replace(dtype=job.convention.dtype if job.convention else "float64")
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
            job.normalize and job.is_binary,
            "--normalize rescales rows of probabilities; a binary output has no row",
            None,
        ),
        (not 0 <= job.threshold <= 1, "--threshold is a probability, from 0 to 1", None),
        (
            job.threshold != 0.5 and not job.is_binary,
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
        *_contradictory_checks(job),
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


def _contradictory_checks(job: Job) -> list[tuple[bool, str, str | None]]:
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


def _is_tolerance(text: str) -> bool:
    if text == "digits":
        return True
    try:
        return parse_number(text) >= 0
    except NotANumber:
        return False


_SIGNED = ("scores", "backend", "dtype", "reduction")
# Where the numbers come from and how they are printed does not change them.
_UNSIGNED = frozenset(
    {"command", "inputs", "labels", "label_col", "labels_as", "classes", "target", "target_cols"}
    | {"cols", "id_col", "delimiter", "header", "format", "output", "force", "digits"}
    | {"probabilities", "rows", "quiet", "color", "debug", "report", "confusion"}
    | {"expect", "expect_row", "expect_file", "expect_col", "expect_cols", "tol", "rtol"}
    | {"hide_answers", "steps", "grad", "cross_check"}
)


def signature(job: Job, n: int, version: str) -> str:
    """The run in one line, so that a number can be reproduced.

    ``ce|from:logits|backend:numpy|dtype:float64|reduction:mean|n:2|version:0.1.0``, with
    each further option that changes the numbers and differs from its default before ``n``.
    """
    parts = [job.command, f"from:{job.scores}"]
    parts += [f"{name}:{getattr(job, name)}" for name in _SIGNED[1:]]
    for name, default in Job._field_defaults.items():
        value = getattr(job, name)
        if name not in _SIGNED and name not in _UNSIGNED and value != default:
            parts.append(f"{name.replace('_', '-')}:{_plain(value)}")
    return "|".join([*parts, f"n:{n}", f"version:{version}"])


def _plain(value: object) -> str:
    return "yes" if value is True else str(value)
