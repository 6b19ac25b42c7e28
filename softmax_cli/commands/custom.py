"""``softmax-cli custom``."""

from softmax_cli.commands import LABELS, READING, TARGETS, WRITING, Command, Takes

COMMAND = Command(
    summary="Your own loss: a function in a Python file.",
    about="Calls FUNCTION(scores, labels) of FILE.py, which returns the loss of each sample, "
    "and treats it like a loss of its own. Scores are an array (n, k); labels are (n,) "
    "class indices, or the targets (n, m) of --target or --target-cols. They are NumPy "
    "arrays in float64, or tensors with --backend torch. No other file is loaded. Long "
    "inputs come in several batches: a sample's loss must not depend on the others.",
    examples=(
        ("softmax-cli custom loss.py:my_loss 2,1,0.1 0.5,2,0.3 -l 0,2", "two samples"),
        (
            "softmax-cli custom loss.py:my_loss logits.csv --label-col y -q",
            "only the mean of a file",
        ),
        ("softmax-cli custom loss.py:my_loss logits.csv -b torch --grad", "by autograd"),
    ),
    options=(
        *LABELS,
        *TARGETS,
        *READING,
        "backend",
        "device",
        "dtype",
        "sample_weight_col",
        "ignore_index",
        "divide_by",
        "reduction",
        *(name for name in WRITING if name != "probabilities"),
        "grad",
    ),
    takes=Takes(scores="any", truth="any"),
    arguments=("function",),
    defaults=(("scores", "values"),),
)
