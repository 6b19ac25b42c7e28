"""Options that check answers, or explain how a number comes about."""

from typing import Annotated, Any

from softmax_cli.cli.panels import CHECKING, COMPUTING, OUTPUT, option

CHECKING_OPTIONS: dict[str, Any] = {
    "expect": Annotated[
        str | None,
        option(
            CHECKING,
            "--expect",
            metavar="ANSWER,...",
            help="Check an answer: one for the mean (softmax: one row), or one per sample. "
            "Exit 1 if one is wrong.",
        ),
    ],
    "expect_row": Annotated[
        list[str] | None,
        option(
            CHECKING,
            "--expect-row",
            metavar="P,P,...",
            help="Check a row of probabilities; once per sample.",
        ),
    ],
    "expect_file": Annotated[
        str | None,
        option(
            CHECKING,
            "--expect-file",
            metavar="FILE",
            help="Check the answers in a file, a line per sample.",
        ),
    ],
    "expect_col": Annotated[
        str | None,
        option(
            CHECKING,
            "--expect-col",
            metavar="NAME|INDEX",
            help="Check the answers in a column of the input.",
        ),
    ],
    "expect_cols": Annotated[
        str | None,
        option(
            CHECKING,
            "--expect-cols",
            metavar="GLOB",
            help="Check rows of answers in columns of the input, such as 'p_*'.",
        ),
    ],
    "tol": Annotated[
        str,
        option(
            CHECKING,
            "--tol",
            metavar="digits|TOL",
            help="How far an answer may be off. digits (the default): it must be the value, "
            "rounded or truncated to the digits written, at least two.",
        ),
    ],
    "hide_answers": Annotated[
        bool,
        option(CHECKING, "--hide-answers", help="Tell what is wrong, but not what is right."),
    ],
    "steps": Annotated[
        bool,
        option(
            OUTPUT,
            "--steps",
            help="Show every step from the inputs to the result, of 10 samples or --rows.",
        ),
    ],
    "grad": Annotated[
        bool,
        option(COMPUTING, "--grad", help="Add the gradient of the mean (or sum) by each input."),
    ],
}
