"""``softmax-cli mse``."""

from softmax_cli.commands import PRECISION, READING, TARGETS, WRITING, Command, Takes

COMMAND = Command(
    summary="Mean squared error of predictions and targets.",
    about="Takes predicted and true values, gives the squared error of each sample (of several "
    "outputs: their sum) and the mean over all values. The same as torch.nn.MSELoss. A "
    "file's target column is the one called target or y, or else the second of two; of "
    "more columns, the first half is the predictions and the second half the targets.",
    examples=(
        ("softmax-cli mse 2.5 0.0 2 8 --target 3,-0.5,2,7", "four predictions"),
        ("softmax-cli mse 1,2 3,4 --target 0,2 --target 3,3", "two outputs per sample"),
        ("softmax-cli mse fit.csv --cols predicted --target-cols y", "two columns of a file"),
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
