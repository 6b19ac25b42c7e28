"""``softmax-cli softmax``."""

from softmax_cli.commands import CHECKING, PRECISION, READING, WRITING, Command, Takes

COMMAND = Command(
    summary="Turn logits into probabilities.",
    about="Takes logits, gives p = exp(x) / sum(exp(x)) for each class; with --log its "
    "logarithm. The same as torch.softmax(x, dim=1) and torch.log_softmax.",
    examples=(
        ("softmax-cli softmax 2.0 1.0 0.1", "one sample"),
        ("softmax-cli softmax 2,1,0.1 0.5,2,0.3", "two samples"),
        ("softmax-cli softmax logits.csv -f csv", "a file, all digits"),
        ("softmax-cli softmax 2 1 0.1 -T 0.5 --log", "log-softmax at temperature 0.5"),
    ),
    options=(
        "scores",
        *READING,
        "label_col",
        "classes",
        "normalize",
        *PRECISION,
        "temperature",
        "log",
        *WRITING,
        "expect_row",
        "expect_cols",
        *(name for name in CHECKING if name != "expect_col"),
        "steps",
    ),
    takes=Takes(truth="nothing", needed=False),
)
