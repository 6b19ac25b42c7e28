"""Job: everything that one run needs to know, as pure data."""

from typing import NamedTuple

from softmax_cli.commands import COMMANDS, Takes
from softmax_cli.text import plural

STDIN = "-"
DEFAULT_ROWS = 20


class Convention(NamedTuple):
    """What another library does to probabilities before it takes the logarithm.

    function      the function meant, as its users call it
    dtype         what it computes in unless told otherwise
    takes         the kinds of scores that it takes
    eps           probabilities are clipped to [eps, 1 - eps], rounded to the dtype; None for no
                  clipping
    eps_of_dtype  eps is the dtype's own machine epsilon
    normalizes    each row of probabilities is divided by its sum first
    """

    function: str
    dtype: str
    takes: tuple[str, ...]
    eps: float | None = None
    eps_of_dtype: bool = False
    normalizes: bool = False


CONVENTIONS = {
    # nothing is clipped; that nn.BCELoss clamps logarithms at -100 is the default here, too
    "torch": Convention("torch.nn", "float32", ("logits", "probs", "logprobs")),
    # sklearn/metrics/_classification.py, _log_loss
    "sklearn": Convention("sklearn.metrics.log_loss", "float64", ("probs",), eps_of_dtype=True),
    # keras/src/backend/jax/nn.py, categorical_crossentropy and binary_crossentropy;
    # 1e-7 is keras.config.epsilon()
    "keras": Convention("keras.losses", "float32", ("logits", "probs"), eps=1e-7, normalizes=True),
    # optax/losses/_classification.py
    "optax": Convention("optax.losses", "float32", ("logits",)),
}


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
    def convention(self) -> Convention | None:
        """What --like says about another library's ways; None for this project's own."""
        return None if self.like is None else CONVENTIONS[self.like]

    @property
    def n_shown(self) -> int | None:
        """How many samples a table shows at most; None for all, and for other formats."""
        if self.quiet or self.rows == "all" or self.format not in ("table", "markdown"):
            return None
        return DEFAULT_ROWS if self.rows is None else int(self.rows)

    @property
    def wants_probabilities(self) -> bool:
        """Whether losses come with probabilities: somebody looks at them."""
        return self.probabilities and (self.cross_check or not self.quiet)

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


class Sample(NamedTuple):
    """What a sample of a job is, and which truth goes with it.

    takes         what the command reads of each sample
    is_binary     every number is a sample of its own: a binary network's one output
    multilabel    a sample has several outputs, each with a truth of its own
    needs_labels  there is nothing to compute without labels, or whatever is the truth
    """

    takes: Takes
    is_binary: bool
    multilabel: bool
    needs_labels: bool

    @classmethod
    def of(cls, job: Job) -> "Sample":
        """The samples that the job is about."""
        takes = COMMANDS[job.command].takes
        return cls(
            takes,
            is_binary=(takes.scores == "output" and not job.multilabel) or job.binary,
            multilabel=job.multilabel,
            needs_labels=takes.needed or job.report or job.confusion,
        )

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
    def has_loss(self) -> bool:
        """Whether each sample gets a loss."""
        return self.takes.needed

    @property
    def evaluates(self) -> bool:
        """Whether labels are not needed, but say how good the predictions are."""
        return self.wants_labels and not self.has_loss

    def describe_scores(self, count: int) -> str:
        """``3 classes``, or what else a sample has as many of as scores."""
        if self.sums_outputs:
            return plural(count, "output")
        return plural(count, "score" if self.takes.scores == "any" else "class")

    def n_labels(self, n_scores: int) -> int:
        """How many classes a label can name, where a sample has ``n_scores`` scores."""
        single = self.takes.scores in ("margins", "any") and n_scores == 1
        return 2 if self.is_binary or single else n_scores


def settled(job: Job, dtype_of_input: str) -> Job:
    """The job with a dtype: the one asked for, or else that of --like's library or the input."""
    if job.dtype != "auto":
        return job
    return job._replace(dtype=job.convention.dtype if job.convention else dtype_of_input)


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
