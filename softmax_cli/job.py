"""Job: everything that one run needs to know, as pure data."""

from typing import NamedTuple

from softmax_cli.conventions import CONVENTIONS, Convention
from softmax_cli.errors import UsageError

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
    dtype: str = "auto"  # settled when the input is opened
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

    @property
    def convention(self) -> Convention | None:
        """What --like says about another library's ways; None for this project's own."""
        return None if self.like is None else CONVENTIONS[self.like]

    @property
    def is_binary(self) -> bool:
        """Whether every number is a sample of its own: a binary network's one output."""
        return self.command == "bce" or self.binary

    @property
    def wants_probabilities(self) -> bool:
        """Whether losses come with probabilities: somebody looks at them."""
        return self.probabilities and (self.cross_check or not self.quiet)

    @property
    def wants_labels(self) -> bool:
        """Whether this run reads labels where there are any."""
        return self.command != "softmax"

    @property
    def needs_labels(self) -> bool:
        """Whether there is nothing to compute without labels."""
        return self.command in ("ce", "bce")


def checked(job: Job) -> Job:
    """The job. Raises UsageError if its options contradict each other."""
    for refused, message, advice in _contradictions(job):
        if refused:
            raise UsageError(message, advice)
    return job


def settled(job: Job, dtype_of_input: str) -> Job:
    """The job with a dtype: the one asked for, or else that of --like's library or the input."""
    if job.dtype != "auto":
        return job
    return job._replace(dtype=job.convention.dtype if job.convention else dtype_of_input)


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
            job.rtol is not None and not job.cross_check,
            "--rtol is how far the backends may differ, and they are not compared",
            "add --cross-check",
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


_SIGNED = ("scores", "backend", "dtype", "reduction")
# Where the numbers come from and how they are printed does not change them.
_UNSIGNED = frozenset(
    {"command", "inputs", "labels", "label_col", "labels_as", "classes", "target", "target_cols"}
    | {"cols", "id_col", "delimiter", "header", "format", "output", "force", "digits"}
    | {"probabilities", "rows", "quiet", "color", "debug", "cross_check", "rtol"}
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
