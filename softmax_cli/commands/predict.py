"""``softmax-cli predict``."""

from softmax_cli.commands import CHECKING, LABELS, PRECISION, READING, WRITING, Command, Takes

COMMAND = Command(
    summary="The most probable class of each sample.",
    about="Takes logits, gives each sample's class and its probability; with labels also "
    "whether it is right, and below the table how good all are: accuracy, log loss, Brier "
    "score and calibration. The same as torch.max(x, 1). --binary takes the single output of a "
    "binary network.",
    examples=(
        ("softmax-cli predict 2.0 1.0 0.1 --classes cat,dog,bird", "the class's name"),
        ("softmax-cli predict logits.csv --top-k 3", "the three best"),
        ("softmax-cli predict logits.csv --label-col y -f csv", "right or wrong, per sample"),
        ("softmax-cli predict logits.csv --report --confusion", "how good, class by class"),
        ("softmax-cli predict --binary 2.2 -1.4 -q", "0 or 1, one per line"),
    ),
    options=(
        "scores",
        "binary",
        *LABELS,
        *READING,
        "normalize",
        *PRECISION,
        "temperature",
        "top_k",
        "threshold",
        "report",
        "confusion",
        *(name for name in WRITING if name != "probabilities"),
        *(name for name in CHECKING if name != "tol"),
        "steps",
    ),
    takes=Takes(needed=False),
)
