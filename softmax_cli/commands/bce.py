"""``softmax-cli bce``."""

from softmax_cli.commands import (
    CHECKING,
    EXPLAINING,
    LABELS,
    PRECISION,
    READING,
    TARGETS,
    WEIGHING,
    WRITING,
    Command,
    Takes,
)

COMMAND = Command(
    summary="Binary cross-entropy of probabilities (or logits) and 0/1 labels.",
    about="Takes the probability of class 1 and the label, gives the loss "
    "-(y ln p + (1-y) ln(1-p)) of each number, and their mean. The same as torch.nn.BCELoss; "
    "--from logits is BCEWithLogitsLoss. With --multilabel a row has several outputs, each with a "
    "target of its own, and the mean is over all outputs.",
    examples=(
        ("softmax-cli bce 0.9 0.2 0.7 -l 1,0,1", "three samples"),
        ("softmax-cli bce --from logits 2.2 -1.4 -l 1,0", "logits, before the sigmoid"),
        ("softmax-cli bce --multilabel 0.9,0.2,0.7 --target 1,0,0", "three labels of one sample"),
        ("softmax-cli bce probs.csv --label-col y -q", "only the mean, for a script"),
    ),
    options=(
        "scores",
        "multilabel",
        *LABELS,
        *TARGETS,
        *READING,
        *PRECISION,
        "like",
        "temperature",
        "eps",
        "label_smoothing",
        "pos_weight",
        "focal",
        *WEIGHING,
        *WRITING,
        *CHECKING,
        *EXPLAINING,
    ),
    takes=Takes(scores="output"),
    defaults=(("scores", "probs"),),
)
