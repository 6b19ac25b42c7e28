"""``softmax-cli ce``."""

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
)

COMMAND = Command(
    summary="Cross-entropy loss of logits (or probabilities) and labels.",
    about="Takes logits and labels, gives each sample's probabilities, predicted class and "
    "loss -ln p[label], and their mean. The same as torch.nn.CrossEntropyLoss: do not apply "
    "softmax first. For probabilities say --from probs, for the output of LogSoftmax --from "
    "logprobs (then it is torch.nn.NLLLoss). With one-hot targets it is the categorical "
    "cross-entropy: torch.nn.CrossEntropyLoss takes those, too.",
    examples=(
        ("softmax-cli ce 2 1 0.1 -l 0", "one sample of class 0"),
        ("softmax-cli ce 2,1,0.1 0.5,2,0.3 -l 0,2", "a batch, and its mean loss"),
        ("softmax-cli ce --from probs 0.7,0.2,0.1 --target 1,0,0", "probabilities, one-hot"),
        ("softmax-cli ce logits.csv --label-col y -q", "only the mean, for a script"),
        ("softmax-cli ce logits.csv --weight 1,2,5 --label-smoothing 0.1", "as PyTorch's options"),
        ("zcat logits.csv.gz | softmax-cli ce -f csv", "from a pipe, all digits"),
        ("softmax-cli ce hw.csv --expect-col my_loss", "check answers, name the mistake"),
        ("softmax-cli ce 2 1 0.1 -l 0 --steps", "how the number comes about"),
    ),
    options=(
        "scores",
        *LABELS,
        *TARGETS,
        *READING,
        "normalize",
        *PRECISION,
        "like",
        "temperature",
        "eps",
        "label_smoothing",
        "focal",
        *WEIGHING,
        *WRITING,
        *CHECKING,
        *EXPLAINING,
    ),
)
