"""``softmax-cli mae``."""

from softmax_cli.commands import PRECISION, READING, TARGETS, WRITING, Command, Takes

COMMAND = Command(
    summary="Mean absolute error of predictions and targets.",
    about="Takes predicted and true values, gives the absolute error of each sample (of several "
    "outputs: their sum) and the mean over all values. The same as torch.nn.L1Loss. "
    "Columns are found as by mse.",
    examples=(
        ("softmax-cli mae 2.5 0.0 2 8 --target 3,-0.5,2,7", "four predictions"),
        ("softmax-cli mae 1,2 3,4 --target 0,2 --target 3,3", "two outputs per sample"),
        ("softmax-cli mae fit.csv --cols predicted --target-cols y", "two columns of a file"),
    ),
    options=(
        *TARGETS,
        *READING,
        *PRECISION,
        "sample_weight_col",
        "divide_by",
        "reduction",
        *(name for name in WRITING if name != "probabilities"),
    ),
    takes=Takes(scores="values", truth="values"),
    defaults=(("scores", "values"),),
)
