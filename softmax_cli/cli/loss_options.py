"""Options of the losses: what weighs how much, what is left out, what the mean is."""

from typing import Annotated, Any, Literal

import typer

from softmax_cli.cli.panels import COMPUTING, INPUT, OUTPUT, option

LOSS_OPTIONS: dict[str, Any] = {
    "weight": Annotated[
        str | None,
        option(
            COMPUTING,
            "--weight",
            metavar="W,W,...",
            help="A weight for each class. The mean of labelled samples divides by the sum of "
            "the weights used (ce) or by n (all others), as PyTorch does.",
        ),
    ],
    "sample_weight_col": Annotated[
        str | None,
        option(
            INPUT,
            "--sample-weight-col",
            metavar="NAME|INDEX",
            help="Column with a weight for each sample. The mean divides by their sum.",
        ),
    ],
    "ignore_index": Annotated[
        int | None,
        option(
            INPUT,
            "--ignore-index",
            metavar="LABEL",
            help="Samples with this label count nowhere; PyTorch's is -100.",
        ),
    ],
    "label_smoothing": Annotated[
        float,
        option(
            COMPUTING,
            "--label-smoothing",
            metavar="E",
            help="Mix each target with the uniform distribution, of which E is taken.",
        ),
    ],
    "pos_weight": Annotated[
        str | None,
        option(
            COMPUTING,
            "--pos-weight",
            metavar="W[,W,...]",
            help="Multiplies the part of the loss that is due to class 1; one weight, or one "
            "for each label.",
        ),
    ],
    "multilabel": Annotated[
        bool,
        option(
            INPUT,
            "--multilabel",
            help="A row has several outputs, each with a 0/1 target of its own.",
        ),
    ],
    "focal": Annotated[
        float | None,
        option(
            COMPUTING,
            "--focal",
            metavar="GAMMA",
            help="Focal loss: -(1-p)^GAMMA ln p, which lets easy samples count less.",
        ),
    ],
    "divide_by": Annotated[
        Literal["n", "weight"] | None,
        option(
            COMPUTING,
            "--divide-by",
            help="Divide the sum of the losses by the number of samples or by their weight.",
        ),
    ],
    "margin": Annotated[
        float,
        option(COMPUTING, "--margin", metavar="M", help="The margin to reach; default 1."),
    ],
    "p": Annotated[
        int, option(COMPUTING, "--p", metavar="1|2", help="Exponent of what lacks; default 1.")
    ],
    "multi_class": Annotated[
        Literal["weston-watkins", "crammer-singer"],
        option(
            COMPUTING,
            "--multi-class",
            help="What several scores lack: the mean over all classes (PyTorch), or that "
            "towards the best wrong class (scikit-learn).",
        ),
    ],
    "function": Annotated[
        str,
        typer.Argument(
            metavar="FILE.py:FUNCTION",
            show_default=False,
            rich_help_panel=INPUT,
            help="A Python file and the loss function in it.",
        ),
    ],
    "report": Annotated[
        bool,
        option(
            OUTPUT,
            "--report",
            help="Precision, recall and F1 of each class, and a reliability diagram.",
        ),
    ],
    "confusion": Annotated[
        bool, option(OUTPUT, "--confusion", help="How often which class was taken for which.")
    ],
}
