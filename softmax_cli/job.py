"""Job: everything that one run needs to know, as pure data, and every option that says it.

An option stands once, as a field of Job: its type and default, and beside them how it is written,
read and explained. The command line, its help and its completion are views of this table.
"""

import re
import sys
from collections.abc import Callable, Mapping
from math import inf, isfinite
from os.path import splitext
from typing import Annotated, Any, Literal, NamedTuple

from softmax_cli.commands import COMMANDS, Takes
from softmax_cli.errors import BadValue, OutOfRange, UsageError
from softmax_cli.notation import parse_row, read_list
from softmax_cli.text import exact, parse_number, plural

STDIN = "-"
"""The name of standard input, and of standard output."""

DEFAULT_ROWS = 20
MAX_RECORD = 256 << 20
"""Bytes of a record of text: longer ones are rather no text at all."""
DEFAULT_STEPS_ROWS = 10
PAGES = ("table", "markdown")
"""Formats for people: they round, leave out rows, and have a place for more than rows."""

FORMAT_OF_SUFFIX = {
    "": "table",
    ".txt": "table",
    ".csv": "csv",
    ".tsv": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".md": "markdown",
}
"""The format that the end of an output's name asks for."""

Panel = Literal["Input", "Computing", "Output", "Checking"]
INPUT: Panel = "Input"
COMPUTING: Panel = "Computing"
OUTPUT: Panel = "Output"
CHECKING: Panel = "Checking"


class Option(NamedTuple):
    """How an option, or an argument, is written, read and explained.

    flags        ``--labels``, ``-l``; ``--header/--no-header``; none for an argument
    parse        from its text to its value; raises BadValue. None for a flag without a value
    panel        where the help has it
    help         what it is for
    metavar      what the help calls the value
    role         where: which data are meant; number: it changes the numbers; loss: it makes
                 another loss of the plain one; look: neither, but how results are written
    repeats      the option may be given several times, and its value is a tuple
    default      what the help says of the default, where its value says nothing
    names        what of a file the value names: one of its columns, several, or classes
    is_list      the value may be a list, so that ``-l 0, 2`` goes on after the comma
    environment  the variable that gives the value where the command line does not
    """

    flags: tuple[str, ...]
    parse: Callable[[str], object] | None
    panel: Panel
    help: str
    metavar: str = ""
    role: Literal["where", "number", "loss", "look"] = "look"
    repeats: bool = False
    default: str = ""
    names: Literal["column", "columns", "classes"] | None = None
    is_list: bool = False
    environment: str | None = None

    @property
    def flag(self) -> str:
        """What messages call the option; empty for an argument."""
        return self.flags[0].partition("/")[0] if self.flags else ""


class Choice:
    """Reads one of several words."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __call__(self, text: str) -> str:
        word = text.lower()
        if word not in self.words:
            raise BadValue(f"{text!r} is not one of {', '.join(self.words)}", self._advise(word))
        return word

    def _advise(self, text: str) -> str | None:
        from difflib import get_close_matches

        start = [word for word in self.words if len(text) > 2 and word.startswith(text[:4])]
        found = start or get_close_matches(text, self.words)
        return f"did you mean {' or '.join(found)}?" if found else None


def number(
    must: str = "", holds: Callable[[float], bool] = lambda _: True
) -> Callable[[str], float]:
    """Reads a number for which ``holds`` is true; ``must`` says so, going on after the flag."""

    def parse(text: str) -> float:
        value = parse_number(text)
        if not holds(value):
            raise OutOfRange(must)
        return value

    return parse


def whole(must: str = "", holds: Callable[[int], bool] = lambda _: True) -> Callable[[str], int]:
    """Reads a whole number, as ``number`` does."""

    def parse(text: str) -> int:
        value = parse_number(text)
        if not value.is_integer():
            raise BadValue(f"{text!r} is not a whole number")
        if not holds(int(value)):
            raise OutOfRange(must)
        return int(value)

    return parse


def weights(text: str) -> tuple[float, ...]:
    """Finite and not negative, so that the divisor of a mean cannot be."""
    values = tuple(parse_row(text))
    if not all(0 <= value < inf for value in values):
        raise OutOfRange("takes weights that are finite and not negative")
    return values


def row_count(text: str) -> int | None:
    """How many rows; None for all."""
    if text == "all":
        return None
    if not (text.isascii() and text.isdecimal()):
        raise OutOfRange(f"takes a number or 'all', not {text!r}")
    return min(int(text), sys.maxsize)


def tolerance(text: str) -> float | None:
    """A distance; None where the digits of an answer decide."""
    if text == "digits":
        return None
    message = f"is 'digits' or a distance of at least 0, not {text!r}"
    try:
        value = parse_number(text)
    except BadValue:
        raise OutOfRange(message) from None
    if not value >= 0:
        raise OutOfRange(message)
    return value


_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def byte_count(text: str) -> int:
    """How many bytes: ``300000``, ``500K``, ``256M``, ``1GB``."""
    match = re.fullmatch("([0-9]{1,9})([KMG]?)B?", text.upper())
    if match is None or not int(match[1]):
        raise OutOfRange(f"takes a size such as 256M or 1G, not {text!r}")
    return int(match[1]) * _UNITS[match[2]]


_DELIMITERS = {"tab": "\t", "\\t": "\t", "blank": " ", "space": " ", "comma": ",", "semicolon": ";"}


def delimiter_character(text: str) -> str:
    """The character that is meant, which may be named."""
    character = _DELIMITERS.get(text.lower(), text)
    if character not in ("\t", ";", ",", "|", " "):
        message = f"{text!r} is not one this tool reads"
        raise OutOfRange(message, "use one of , ; | tab blank")
    return character


def output_name(text: str) -> str | None:
    """A file's name; None for standard output."""
    return None if text == STDIN else text


def class_names(text: str) -> tuple[str, ...]:
    """The names between the commas, each once."""
    names = tuple(read_list(text))
    if len(set(names)) < len(names):
        raise OutOfRange("names a class twice")
    return names


class FunctionPath(NamedTuple):
    """A function in a Python file, written ``FILE.py:FUNCTION``."""

    path: str
    name: str

    def __str__(self) -> str:
        return f"{self.path}:{self.name}"


def function_path(text: str) -> FunctionPath:
    """The file before the last colon and the name after it."""
    path, _, name = text.rpartition(":")
    if not path or not name.isidentifier():
        raise OutOfRange(f"{text!r} names no function", "write FILE.py:FUNCTION")
    return FunctionPath(path, name)


class Convention(NamedTuple):
    """What another library does to scores, in its dtype, before and while it takes logarithms.

    function           the function meant, as its users call it
    dtype              what it computes in unless told otherwise
    takes              the kinds of scores that it takes
    eps                probabilities are clipped to [eps, 1 - eps], rounded to the dtype; None for
                       no clipping
    eps_of_dtype       eps is the dtype's own machine epsilon
    normalizes         each row of probabilities is divided by its sum first
    focal_alpha        what it multiplies the focal loss of classes by; None for nothing
    any_sum            rows of probabilities need not sum to 1: it warns, and computes
    rounds_complement  of class 0 it takes the logarithm of 1 - p, rounded
    log_softmax        how it takes logarithms of the softmax of logits, rounding every step:
                       shift: (x - max) - ln Σ e^(x - max); of what is less than the dtype's step
                       beside the greatest, nothing is left, and a confident row's loss is 0.
                       sum: x - (max + ln Σ e^(x - max)), of labels
    backend            the backend that is the library, and rounds by itself
    """

    function: str
    dtype: str
    takes: tuple[str, ...]
    eps: float | None = None
    eps_of_dtype: bool = False
    normalizes: bool = False
    focal_alpha: float | None = None
    any_sum: bool = False
    rounds_complement: bool = False
    log_softmax: Literal["shift", "sum"] = "shift"
    backend: str = ""


CONVENTIONS = {
    # nothing is clipped; that nn.BCELoss clamps logarithms at -100 is the default here, too
    "torch": Convention("torch.nn", "float32", ("logits", "probs", "logprobs"), backend="torch"),
    # sklearn/metrics/_classification.py, _log_loss
    "sklearn": Convention(
        "sklearn.metrics.log_loss",
        "float64",
        ("probs",),
        eps_of_dtype=True,
        any_sum=True,
        rounds_complement=True,
    ),
    # keras/src/backend/jax/nn.py, categorical_crossentropy and binary_crossentropy;
    # 1e-7 is keras.config.epsilon(), 0.25 what CategoricalFocalCrossentropy has for alpha
    "keras": Convention(
        "keras.losses",
        "float32",
        ("logits", "probs"),
        eps=1e-7,
        normalizes=True,
        focal_alpha=0.25,
        rounds_complement=True,
    ),
    # optax/losses/_classification.py: softmax_cross_entropy of targets is as Keras's,
    # softmax_cross_entropy_with_integer_labels takes the normalizer whole
    "optax": Convention("optax.losses", "float32", ("logits",), log_softmax="sum"),
}


class Job(NamedTuple):
    """One run of one command, with the values of its options.

    ``scores`` (``--from``) is resolved by the command, because ``bce`` takes probabilities where
    the others take logits.
    """

    command: str

    inputs: Annotated[
        tuple[str, ...],
        Option(
            (),
            str,
            INPUT,
            "Numbers (a sample), rows like 2,1,0.1, or files. A bare number is a class of the "
            "only sample, or where a sample has one output a sample of its own. '-' or nothing "
            "reads standard input.",
            "INPUT",
            role="where",
            repeats=True,
        ),
    ] = ()

    # what the numbers are, and which column is what
    scores: Annotated[
        str,
        Option(
            ("--from",),
            Choice("logits", "probs", "logprobs"),
            INPUT,
            "What the numbers are.",
            "KIND",
            role="number",
        ),
    ] = "logits"
    labels: Annotated[
        str | None,
        Option(
            ("--labels", "-l"),
            str,
            INPUT,
            "True classes, one per sample. Indices from 0 or class names, comma-separated, or a "
            "file with one per line; '-' is standard input.",
            "LABELS|FILE",
            role="where",
            names="classes",
            default="the label column of a file",
            is_list=True,
        ),
    ] = None
    label_col: Annotated[
        str | None,
        Option(
            ("--label-col", "--labels-key"),
            str,
            INPUT,
            "Column with the labels. Found by itself if named label, labels, y, y_true, target, "
            "class or truth.",
            "NAME|INDEX",
            role="where",
            names="column",
        ),
    ] = None
    label_base: Annotated[
        int,
        Option(
            ("--label-base",),
            whole("is 0 or 1", lambda base: base in (0, 1)),
            INPUT,
            "Index of the first class.",
            "0|1",
            role="number",
        ),
    ] = 0
    labels_as: Annotated[
        str | None,
        Option(
            ("--labels-as",),
            Choice("index", "name"),
            INPUT,
            "Read labels only as class indices or as names.",
            "KIND",
            role="where",
            default="as the class names allow",
        ),
    ] = None
    classes: Annotated[
        tuple[str, ...],
        Option(
            ("--classes",),
            class_names,
            INPUT,
            "Class names, in column order; if they name columns, only these are scored.",
            "NAME,NAME,...",
            role="where",
            default="from the header",
            is_list=True,
        ),
    ] = ()
    target: Annotated[
        tuple[str, ...],
        Option(
            ("--target",),
            str,
            INPUT,
            "Instead of labels, a number for each score. A one-hot row, a distribution, or true "
            "values; once per sample.",
            "P,P,...",
            role="where",
            repeats=True,
            is_list=True,
        ),
    ] = ()
    target_cols: Annotated[
        str | None,
        Option(
            ("--target-cols",),
            str,
            INPUT,
            "Columns with a target for each score, as 't_*'.",
            "GLOB",
            role="where",
            names="columns",
        ),
    ] = None
    cols: Annotated[
        str | None,
        Option(
            ("--cols", "--scores"),
            str,
            INPUT,
            "Columns with the scores, as 'logit_*', or an array. By name, index, pattern or range, "
            "as cat-dog.",
            "GLOB,...",
            role="where",
            names="columns",
            default="those with a stem, or what is left",
            is_list=True,
        ),
    ] = None
    class_axis: Annotated[
        int | None,
        Option(
            ("--class-axis",),
            whole(),
            INPUT,
            "Axis of an array that has the classes: 1 for (n, classes, height, width).",
            "N",
            role="where",
            default="the one that the labels lack, or the last",
        ),
    ] = None
    id_col: Annotated[
        str | None,
        Option(
            ("--id-col",),
            str,
            INPUT,
            "Column to carry through, not to score. Found by itself if its name is empty, id, "
            "idx, index, sample, name, student or ends in _id.",
            "NAME|INDEX",
            role="where",
            names="column",
        ),
    ] = None
    delimiter: Annotated[
        str | None,
        Option(
            ("--delimiter",),
            delimiter_character,
            INPUT,
            "What separates cells: , ; | tab or blank.",
            "CHAR",
            role="where",
            default="detected",
        ),
    ] = None
    decimal: Annotated[
        str,
        Option(
            ("--decimal",),
            Choice(".", ","),
            INPUT,
            "What decimals have: 0.5 or 0,5. With a comma, numbers in a row stand between "
            "semicolons or blanks: '2,5; 1,0'.",
            role="where",
        ),
    ] = "."
    header: Annotated[
        bool | None,
        Option(
            ("--header/--no-header",),
            None,
            INPUT,
            "Whether the first record names the columns.",
            role="where",
            default="detected",
        ),
    ] = None
    missing: Annotated[
        str,
        Option(
            ("--missing",),
            Choice("error", "skip"),
            INPUT,
            "Refuse rows with missing or text cells, or skip them.",
            "ACTION",
            role="number",
        ),
    ] = "error"
    max_record: Annotated[
        int,
        Option(
            ("--max-record",),
            byte_count,
            INPUT,
            "The most bytes that a record of text may have; default 256M.",
            "SIZE",
            role="where",
        ),
    ] = MAX_RECORD
    normalize: Annotated[
        bool,
        Option(
            ("--normalize",),
            None,
            INPUT,
            "Divide each row of probabilities by its sum.",
            role="loss",
        ),
    ] = False

    # computing
    backend: Annotated[
        str,
        Option(
            ("--backend", "-b"),
            Choice("numpy", "torch"),
            COMPUTING,
            "numpy: this project's formulas. torch: PyTorch's own functions.",
            role="number",
            environment="SOFTMAX_CLI_BACKEND",
        ),
    ] = "numpy"
    device: Annotated[
        str,
        Option(
            ("--device",),
            str,
            COMPUTING,
            "Where torch computes.",
            "auto|cpu|cuda|cuda:N|mps",
            role="number",
        ),
    ] = "auto"
    dtype: Annotated[
        str,
        Option(
            ("--dtype",),
            Choice("auto", "float64", "float32", "float16", "bfloat16"),
            COMPUTING,
            "Precision; auto is float64, or float32 for float32 arrays, or what --like's "
            "library uses. float32 on torch: PyTorch's digits.",
            role="number",
        ),
    ] = "auto"
    like: Annotated[
        str | None,
        Option(
            ("--like",),
            Choice("torch", "sklearn", "keras", "optax"),
            COMPUTING,
            "Compute as that library, to find out whose number you have. Its losses' clipping, "
            "normalising and rounding.",
            "LIBRARY",
            role="loss",
        ),
    ] = None
    temperature: Annotated[
        float,
        Option(
            ("--temperature", "-T"),
            number("must be a positive finite number", lambda t: 0 < t < inf),
            COMPUTING,
            "Divide the logits by T.",
            "T",
            role="number",
        ),
    ] = 1.0
    log: Annotated[
        bool, Option(("--log",), None, COMPUTING, "Log-probabilities (log_softmax).", role="number")
    ] = False
    eps: Annotated[
        float | None,
        Option(
            ("--eps",),
            number("must be at least 0 and below 0.5", lambda eps: 0 <= eps < 0.5),
            COMPUTING,
            "Clip probabilities to [EPS, 1-EPS], as 1e-15; 0: neither clip nor clamp.",
            "EPS",
            role="number",
            default="no clipping; bce clamps logarithms at -100",
        ),
    ] = None
    reduction: Annotated[
        str,
        Option(
            ("--reduction",),
            Choice("mean", "sum", "none"),
            COMPUTING,
            "The number that sums up the losses. With none, -q prints each loss.",
            role="number",
        ),
    ] = "mean"
    top_k: Annotated[
        int,
        Option(
            ("--top-k",),
            whole("must be at least 1", lambda k: k >= 1),
            COMPUTING,
            "Show the K most probable classes.",
            "K",
            role="number",
        ),
    ] = 1
    binary: Annotated[
        bool,
        Option(
            ("--binary",),
            None,
            INPUT,
            "Every number is a sample, the output of a network.",
            role="number",
        ),
    ] = False
    threshold: Annotated[
        float,
        Option(
            ("--threshold",),
            number("is a probability, from 0 to 1", lambda p: 0 <= p <= 1),
            COMPUTING,
            "With --binary: class 1 if its probability exceeds P.",
            "P",
            role="number",
        ),
    ] = 0.5
    cross_check: Annotated[
        bool,
        Option(
            ("--cross-check",),
            None,
            COMPUTING,
            "Compute with both backends and tell where they differ most, and why; exit 1 if by "
            "more than --rtol.",
        ),
    ] = False
    rtol: Annotated[
        float | None,
        Option(
            ("--rtol",),
            number("must be a number that is not negative", lambda r: 0 <= r < inf),
            COMPUTING,
            "Relative difference that --cross-check allows, or that an answer to be checked may "
            "have.",
            "R",
            default="half the dtype's digits, as 1.5e-8; of answers, see --tol",
        ),
    ] = None

    # what enters the loss, and what its sum is divided by
    weight: Annotated[
        tuple[float, ...],
        Option(
            ("--weight",),
            weights,
            COMPUTING,
            "A weight for each class. The mean of labelled samples divides by the sum of the "
            "weights used (ce) or by n (all others), as PyTorch does.",
            "W,W,...",
            role="loss",
            is_list=True,
        ),
    ] = ()
    sample_weight_col: Annotated[
        str | None,
        Option(
            ("--sample-weight-col",),
            str,
            INPUT,
            "Column with a weight for each sample. The mean divides by their sum.",
            "NAME|INDEX",
            role="loss",
            names="column",
        ),
    ] = None
    ignore_index: Annotated[
        int | None,
        Option(
            ("--ignore-index",),
            whole(),
            INPUT,
            "Samples with this label count nowhere; PyTorch's is -100.",
            "LABEL",
            role="loss",
        ),
    ] = None
    label_smoothing: Annotated[
        float,
        Option(
            ("--label-smoothing",),
            number("is a share of the target, from 0 to 1", lambda e: 0 <= e <= 1),
            COMPUTING,
            "Mix each target with the uniform distribution, of which E is taken.",
            "E",
            role="loss",
        ),
    ] = 0.0
    pos_weight: Annotated[
        tuple[float, ...],
        Option(
            ("--pos-weight",),
            weights,
            COMPUTING,
            "Multiplies the part of the loss that is due to class 1; one weight, or one for each "
            "label.",
            "W[,W,...]",
            role="loss",
            is_list=True,
        ),
    ] = ()
    multilabel: Annotated[
        bool,
        Option(
            ("--multilabel",),
            None,
            INPUT,
            "Several outputs a sample, each with a 0/1 target.",
            role="loss",
        ),
    ] = False
    focal: Annotated[
        float | None,
        Option(
            ("--focal",),
            number("takes an exponent that is finite and not negative", lambda g: 0 <= g < inf),
            COMPUTING,
            "Focal loss: -(1-p)^GAMMA ln p, which lets easy samples count less.",
            "GAMMA",
            role="loss",
        ),
    ] = None
    focal_alpha: Annotated[
        float | None,
        Option(
            ("--focal-alpha",),
            number("is a share, from 0 to 1", lambda a: 0 <= a <= 1),
            COMPUTING,
            "With --focal, multiply the losses by A; of bce, those of class 1 by A and those of "
            "class 0 by 1 - A. Default: none; ce --like keras: 0.25.",
            "A",
            role="loss",
        ),
    ] = None
    divide_by: Annotated[
        str | None,
        Option(
            ("--divide-by",),
            Choice("n", "weight"),
            COMPUTING,
            "Divide the sum of the losses by the number of samples or by their weight.",
            "DIVISOR",
            role="loss",
            default="weight where ce has weights, else n",
        ),
    ] = None
    margin: Annotated[
        float,
        Option(
            ("--margin",),
            number("must be a finite number", isfinite),
            COMPUTING,
            "The margin to reach.",
            "M",
            role="number",
        ),
    ] = 1.0
    delta: Annotated[
        float | None,
        Option(
            ("--delta",),
            number("must be a finite number above 0", lambda d: 0 < d < inf),
            COMPUTING,
            "Errors up to D are squared, further ones are not.",
            "D",
            role="number",
            default="1",
        ),
    ] = None
    beta: Annotated[
        float | None,
        Option(
            ("--beta",),
            number("must be a finite number from 0 on", lambda b: 0 <= b < inf),
            COMPUTING,
            "Smooth L1 loss: Huber's with delta B, divided by B.",
            "B",
            role="number",
        ),
    ] = None
    p: Annotated[
        int,
        Option(
            ("--p",),
            whole("is 1 or 2", lambda p: p in (1, 2)),
            COMPUTING,
            "Exponent of what lacks.",
            "1|2",
            role="number",
        ),
    ] = 1
    multi_class: Annotated[
        str,
        Option(
            ("--multi-class",),
            Choice("weston-watkins", "crammer-singer"),
            COMPUTING,
            "What several scores lack. The mean over all classes (PyTorch), or that towards the "
            "best wrong class (scikit-learn).",
            "KIND",
            role="number",
        ),
    ] = "weston-watkins"
    function: Annotated[
        FunctionPath | None,
        Option(
            (),
            function_path,
            INPUT,
            "A Python file and the loss function in it.",
            "FILE.py:FUNCTION",
            role="number",
        ),
    ] = None

    # evaluating
    report: Annotated[
        bool,
        Option(
            ("--report",),
            None,
            OUTPUT,
            "Precision, recall and F1 of each class, and a reliability diagram.",
        ),
    ] = False
    confusion: Annotated[
        bool, Option(("--confusion",), None, OUTPUT, "How often which class was taken for which.")
    ] = False

    # output
    format: Annotated[
        str,
        Option(
            ("--format", "-f"),
            Choice("table", "csv", "tsv", "json", "jsonl", "parquet", "markdown"),
            OUTPUT,
            "How results are written, as csv or json. table and markdown round, the others don't.",
        ),
    ] = "table"
    output: Annotated[
        str | None,
        Option(
            ("--output", "-o"),
            output_name,
            OUTPUT,
            "Write there; the file appears whole or not at all. Without --format, the name's end "
            "says which: .csv, .md, ...; '-' is standard output.",
            "FILE",
            default="standard output",
        ),
    ] = None
    force: Annotated[bool, Option(("--force",), None, OUTPUT, "Overwrite an existing FILE.")] = (
        False
    )
    digits: Annotated[
        int,
        Option(
            ("--digits", "-d"),
            whole("must be from 0 to 17", lambda n: 0 <= n <= 17),
            OUTPUT,
            "Decimals in tables.",
            "N",
        ),
    ] = 4
    probabilities: Annotated[
        bool,
        Option(
            ("--probabilities/--no-probabilities",),
            None,
            OUTPUT,
            "Show the probability of every class, or leave them out.",
        ),
    ] = True
    rows: Annotated[
        int | None,
        Option(
            ("--rows",),
            row_count,
            OUTPUT,
            "How many samples a table shows before it leaves out the middle.",
            "N|all",
            default=f"{DEFAULT_ROWS}; of --steps {DEFAULT_STEPS_ROWS}",
        ),
    ] = DEFAULT_ROWS
    quiet: Annotated[
        bool, Option(("--quiet", "-q"), None, OUTPUT, "Print bare numbers and nothing else.")
    ] = False
    summary: Annotated[
        bool,
        Option(
            ("--summary/--no-summary",),
            None,
            OUTPUT,
            "Say on standard error how the input was read and what it adds up to, where the format "
            "has no place for it.",
        ),
    ] = True
    color: Annotated[
        str,
        Option(
            ("--color",), Choice("auto", "always", "never"), OUTPUT, "Colour in tables.", "WHEN"
        ),
    ] = "auto"
    debug: Annotated[bool, Option(("--debug",), None, OUTPUT, "Show tracebacks.")] = False

    # checking and explaining
    expect: Annotated[
        str | None,
        Option(
            ("--expect",),
            str,
            CHECKING,
            "Check an answer, or one per sample. One alone is for the mean (softmax: a row). "
            "Exit 1 if one is wrong.",
            "ANSWER,...",
            role="where",
            is_list=True,
        ),
    ] = None
    expect_row: Annotated[
        tuple[str, ...],
        Option(
            ("--expect-row",),
            str,
            CHECKING,
            "Check a row of probabilities; once per sample.",
            "P,P,...",
            role="where",
            repeats=True,
            is_list=True,
        ),
    ] = ()
    expect_file: Annotated[
        str | None,
        Option(
            ("--expect-file",),
            str,
            CHECKING,
            "Check the answers in a file, a line per sample.",
            "FILE",
            role="where",
        ),
    ] = None
    expect_col: Annotated[
        str | None,
        Option(
            ("--expect-col",),
            str,
            CHECKING,
            "Check the answers in a column of the input.",
            "NAME|INDEX",
            role="where",
            names="column",
        ),
    ] = None
    expect_cols: Annotated[
        str | None,
        Option(
            ("--expect-cols",),
            str,
            CHECKING,
            "Check rows of answers in columns of the input, as 'p_*'.",
            "GLOB",
            role="where",
            names="columns",
        ),
    ] = None
    tol: Annotated[
        float | None,
        Option(
            ("--tol",),
            tolerance,
            CHECKING,
            "How far an answer may be off. digits: it must be the value, rounded or truncated "
            "to the digits written, at least two.",
            "digits|TOL",
            default="digits",
        ),
    ] = None
    hide_answers: Annotated[
        bool,
        Option(("--hide-answers",), None, CHECKING, "Tell what is wrong, but not what is right."),
    ] = False
    steps: Annotated[
        bool, Option(("--steps",), None, OUTPUT, "Show every step from the inputs to the result.")
    ] = False
    grad: Annotated[
        bool,
        Option(
            ("--grad",), None, COMPUTING, "Add the gradient of the mean (or sum) by each input."
        ),
    ] = False

    @classmethod
    def of(cls, command: str, given: Mapping[str, Any]) -> "Job":
        """The job of a command line: what is given, and the command's defaults for the rest.

        Raises UsageError for an output whose name tells no format.
        """
        defaults = dict(COMMANDS[command].defaults)
        if given.get("steps"):
            defaults["rows"] = DEFAULT_STEPS_ROWS
        if given.get("output") and not (given.get("quiet") or given.get("format")):
            defaults["format"] = format_of(given["output"])
        return cls(command, **{**defaults, **given})

    @property
    def convention(self) -> Convention | None:
        """What --like says about another library's ways; None for this project's own."""
        return None if self.like is None else CONVENTIONS[self.like]

    @property
    def n_shown(self) -> int | None:
        """How many samples a table shows at most; None for all, and for other formats."""
        if self.quiet or self.format not in PAGES:
            return None
        return self.rows

    @property
    def wants_probabilities(self) -> bool:
        """Whether losses come with probabilities: somebody looks at them."""
        return self.probabilities and (self.cross_check or not self.quiet)

    @property
    def is_for_the_total(self) -> bool:
        """Whether the mean of the losses, or their sum, is what the output is about."""
        return self.quiet or self.format in PAGES

    @property
    def checks(self) -> bool:
        """Whether there are answers to be checked."""
        return bool(self.answer_sources)

    @property
    def answer_sources(self) -> list[str]:
        """The options that give the answers to be checked; at most one in a valid job."""
        return [OPTIONS[name].flag for name in changed(self, "where") if name.startswith("expect")]


def format_of(output: str) -> str:
    """The format that a file's name asks for. Raises UsageError."""
    suffix = splitext(output)[1].lower()
    found = FORMAT_OF_SUFFIX.get(suffix)
    if found is None:
        *most, last = [f"-f {name}" for name in dict.fromkeys(FORMAT_OF_SUFFIX.values())]
        raise UsageError(
            f"{output}: {suffix} is no format that is written",
            f"say {', '.join(most)} or {last}"
            if suffix not in (".gz", ".bz2", ".xz", ".zst")
            else f"compress what a pipe brings: -f csv | gzip > {output}",
        )
    return found


OPTIONS: dict[str, Option] = {
    name: annotation.__metadata__[0]
    for name, annotation in Job.__annotations__.items()
    if name != "command"
}
"""Every option and argument by the name of its field."""


def changed(job: Job, *roles: str) -> list[str]:
    """The names of the options in these roles that differ from their defaults."""
    defaults = Job._field_defaults
    values = job._asdict()
    return [
        name
        for name, option in OPTIONS.items()
        if option.role in roles and values[name] != defaults[name]
    ]


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


def settle(job: Job, dtype_of_input: str, ignored_in_input: int | None = None) -> Job:
    """The job with what the input decides where no option does.

    The dtype is the one asked for, or else that of --like's library or the input; the label of
    what is ignored likewise.
    """
    if job.ignore_index is None:
        job = job._replace(ignore_index=ignored_in_input)
    if job.dtype != "auto":
        return job
    return job._replace(dtype=job.convention.dtype if job.convention else dtype_of_input)


_ALWAYS_SIGNED = ("backend", "dtype", "reduction")
_SIGNED_OTHERWISE = ("scores", "device")  # as from:, and by the backend


def signature(job: Job, n: int, version: str, of_backend: tuple[str, ...] = ()) -> str:
    """The run in one line: whatever has changed its numbers, the input and the processor apart.

    ``ce|from:logits|backend:numpy|dtype:float64|reduction:mean|n:2|version:0.1.0``, with
    each further option that changes the numbers and differs from its default before ``n``, and
    what the backend says of itself.
    """
    values = job._asdict()
    signed = (*_ALWAYS_SIGNED, *_SIGNED_OTHERWISE)
    further = [name for name in changed(job, "number", "loss") if name not in signed]
    names = (*_ALWAYS_SIGNED, *further)
    parts = [f"{name.replace('_', '-')}:{_plain(values[name])}" for name in names]
    parts += of_backend
    return "|".join([job.command, f"from:{job.scores}", *parts, f"n:{n}", f"version:{version}"])


def _plain(value: object) -> str:
    if isinstance(value, tuple) and not isinstance(value, FunctionPath):
        return ",".join(exact(number).removesuffix(".0") for number in value)
    return "yes" if value is True else str(value)
