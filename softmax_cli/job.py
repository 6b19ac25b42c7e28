"""Job: everything that one run needs to know, as pure data."""

from typing import NamedTuple

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
    dtype: str = "float64"
    temperature: float = 1.0
    log: bool = False
    eps: float | None = None
    reduction: str = "mean"
    top_k: int = 1
    binary: bool = False
    threshold: float = 0.5

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
    rtol: float | None = None
    hide_answers: bool = False
    steps: bool = False
    grad: bool = False

    @property
    def is_binary(self) -> bool:
        """Whether every number is a sample of its own: a binary network's one output."""
        return self.command == "bce" or self.binary

    @property
    def wants_labels(self) -> bool:
        """Whether this run reads labels where there are any."""
        return self.command != "softmax"

    @property
    def needs_labels(self) -> bool:
        """Whether there is nothing to compute without labels."""
        return self.command in ("ce", "bce")

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
    """The job itself. Raises UsageError if its options contradict each other."""
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
            job.device != "auto" and job.backend != "torch",
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
            job.rtol is not None and not job.rtol >= 0,
            "--rtol is a share of at least 0, such as 0.01",
            None,
        ),
        (
            not sources and (job.tol != "digits" or job.rtol is not None or job.hide_answers),
            "--tol, --rtol and --hide-answers are about answers, and there are none to check",
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
    | {"probabilities", "rows", "quiet", "color", "debug"}
    | {"expect", "expect_row", "expect_file", "expect_col", "expect_cols", "tol", "rtol"}
    | {"hide_answers", "steps", "grad"}
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
