"""Every option, declared once.

An option's name is its field in Job, which also has its default. Commands list the names of
the options they take. Nothing here is imported but Typer: this is read for ``--help`` too.
"""

from typing import Annotated, Any, Literal

import typer

from softmax_cli.cli.checking_options import CHECKING_OPTIONS
from softmax_cli.cli.loss_options import LOSS_OPTIONS
from softmax_cli.cli.panels import COMPUTING, INPUT, OUTPUT
from softmax_cli.cli.panels import option as _option

OPTIONS: dict[str, Any] = {
    **LOSS_OPTIONS,
    **CHECKING_OPTIONS,
    "inputs": Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT",
            show_default=False,
            rich_help_panel=INPUT,
            help="Numbers (one sample), comma-separated rows (one sample each), or files. "
            "'-' or nothing reads standard input.",
        ),
    ],
    "scores": Annotated[
        Literal["logits", "probs", "logprobs"],
        _option(INPUT, "--from", help="What the numbers are."),
    ],
    "labels": Annotated[
        str | None,
        _option(
            INPUT,
            "--labels",
            "-l",
            metavar="LABELS|FILE",
            help="True classes, one per sample: 0-based indices or class names, "
            "comma-separated, or a file with one per line.",
        ),
    ],
    "label_col": Annotated[
        str | None,
        _option(
            INPUT,
            "--label-col",
            metavar="NAME|INDEX",
            help="Column with the labels. Found by itself if named label, labels, y, y_true, "
            "target or class.",
        ),
    ],
    "label_base": Annotated[
        int,
        _option(INPUT, "--label-base", metavar="0|1", help="Index of the first class; default 0."),
    ],
    "labels_as": Annotated[
        Literal["index", "name"] | None,
        _option(INPUT, "--labels-as", help="Read labels only as class indices or as names."),
    ],
    "classes": Annotated[
        str | None,
        _option(INPUT, "--classes", metavar="NAME,NAME,...", help="Class names, in column order."),
    ],
    "target": Annotated[
        list[str] | None,
        _option(
            INPUT,
            "--target",
            metavar="P,P,...",
            help="A number for each score instead of a label: a one-hot row, a distribution, or "
            "true values; once per sample.",
        ),
    ],
    "target_cols": Annotated[
        str | None,
        _option(
            INPUT,
            "--target-cols",
            metavar="GLOB",
            help="Columns with a target for each score, such as 't_*'.",
        ),
    ],
    "cols": Annotated[
        str | None,
        _option(
            INPUT,
            "--cols",
            metavar="GLOB,...",
            help="Columns with the scores, by name, index or pattern, such as 'logit_*'.",
        ),
    ],
    "id_col": Annotated[
        str | None,
        _option(
            INPUT,
            "--id-col",
            metavar="NAME|INDEX",
            help="Column to carry through, not to score. Found by itself if its name is empty, "
            "id, idx, index, sample or name.",
        ),
    ],
    "delimiter": Annotated[
        str | None,
        _option(
            INPUT,
            "--delimiter",
            metavar="CHAR",
            help="What separates cells: , ; | tab or blank. Detected by default.",
        ),
    ],
    "header": Annotated[
        bool | None,
        _option(
            INPUT,
            "--header/--no-header",
            help="Whether the first record names the columns. Detected by default.",
        ),
    ],
    "missing": Annotated[
        Literal["error", "skip"],
        _option(INPUT, "--missing", help="Refuse rows with missing or text cells, or skip them."),
    ],
    "normalize": Annotated[
        bool,
        _option(INPUT, "--normalize", help="Divide each row of probabilities by its sum."),
    ],
    "backend": Annotated[
        Literal["numpy", "torch"],
        _option(
            COMPUTING,
            "--backend",
            "-b",
            envvar="SOFTMAX_CLI_BACKEND",
            help="numpy: this project's formulas. torch: PyTorch's own functions.",
        ),
    ],
    "device": Annotated[
        str,
        _option(
            COMPUTING,
            "--device",
            metavar="auto|cpu|cuda|cuda:N|mps",
            help="Where torch computes.",
        ),
    ],
    "dtype": Annotated[
        Literal["auto", "float64", "float32", "float16", "bfloat16"],
        _option(
            COMPUTING,
            "--dtype",
            help="Precision; float64, float32 for float32 arrays, or what --like's library uses. "
            "float32 on torch: PyTorch's digits.",
        ),
    ],
    "like": Annotated[
        Literal["torch", "sklearn", "keras", "optax"] | None,
        _option(
            COMPUTING,
            "--like",
            help="Clip, normalise and round as that library's losses do, to find out whose "
            "number you have.",
        ),
    ],
    "cross_check": Annotated[
        bool,
        _option(
            COMPUTING,
            "--cross-check",
            help="Compute with both backends and tell where they differ most, and why; exit 1 if "
            "by more than --rtol.",
        ),
    ],
    "rtol": Annotated[
        float | None,
        _option(
            COMPUTING,
            "--rtol",
            metavar="R",
            help="Relative difference that --cross-check allows (default: half the dtype's "
            "digits, 1.5e-8 for float64), or that an answer to be checked may have.",
        ),
    ],
    "temperature": Annotated[
        float,
        _option(COMPUTING, "--temperature", "-T", metavar="T", help="Divide the logits by T."),
    ],
    "log": Annotated[bool, _option(COMPUTING, "--log", help="Log-probabilities (log_softmax).")],
    "eps": Annotated[
        float | None,
        _option(
            COMPUTING,
            "--eps",
            metavar="EPS",
            help="Clip probabilities to [EPS, 1-EPS], as 1e-15; 0: neither clip nor clamp.",
        ),
    ],
    "reduction": Annotated[
        Literal["mean", "sum"],
        _option(COMPUTING, "--reduction", help="The number that sums up the losses."),
    ],
    "top_k": Annotated[
        int,
        _option(COMPUTING, "--top-k", metavar="K", help="Show the K most probable classes."),
    ],
    "binary": Annotated[
        bool,
        _option(INPUT, "--binary", help="Every number is one sample: a binary network's output."),
    ],
    "threshold": Annotated[
        float,
        _option(
            COMPUTING,
            "--threshold",
            metavar="P",
            help="With --binary: class 1 if its probability exceeds P.",
        ),
    ],
    "format": Annotated[
        Literal["table", "csv", "tsv", "json", "jsonl", "parquet", "markdown"],
        _option(OUTPUT, "--format", "-f", help="table and markdown round, the others don't."),
    ],
    "output": Annotated[
        str | None,
        _option(
            OUTPUT,
            "--output",
            "-o",
            metavar="FILE",
            help="Write there; the file appears whole or not at all.",
        ),
    ],
    "force": Annotated[bool, _option(OUTPUT, "--force", help="Overwrite an existing FILE.")],
    "digits": Annotated[
        int,
        _option(OUTPUT, "--digits", "-d", metavar="N", help="Decimals in tables; default 4."),
    ],
    "probabilities": Annotated[
        bool,
        _option(
            OUTPUT,
            "--probabilities/--no-probabilities",
            help="Show the probability of every class, or leave them out.",
        ),
    ],
    "rows": Annotated[
        str | None,
        _option(
            OUTPUT,
            "--rows",
            metavar="N|all",
            help="How many samples a table shows before it leaves out the middle; default 20.",
        ),
    ],
    "quiet": Annotated[
        bool, _option(OUTPUT, "--quiet", "-q", help="Print bare numbers and nothing else.")
    ],
    "color": Annotated[
        Literal["auto", "always", "never"],
        _option(OUTPUT, "--color", help="Colour in tables."),
    ],
    "debug": Annotated[bool, _option(OUTPUT, "--debug", help="Show tracebacks.")],
}
