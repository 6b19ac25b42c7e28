"""``softmax-cli hinge``."""

from softmax_cli.commands import LABELS, PRECISION, READING, WEIGHING, WRITING, Command, Takes

COMMAND = Command(
    summary="Hinge loss of scores and labels.",
    about="Takes one score f per sample and labels 0/1 or -1/1 (-1 is class 0), gives max(0, 1 "
    "- y f) with y = -1 or 1; or a score for each class, and gives what they lack to the "
    "margin as torch.nn.MultiMarginLoss, or with --multi-class crammer-singer as "
    "sklearn.metrics.hinge_loss. A bare number is a sample; a row like 2,1,0.1 has "
    "classes.",
    examples=(
        ("softmax-cli hinge 0.8 -0.3 2.1 -l 1,0,1", "three samples, one score each"),
        ("softmax-cli hinge 2,1,0.1 0.5,2,0.3 -l 0,2", "two samples of three classes"),
        ("softmax-cli hinge margins.csv --label-col y -q", "only the mean, for a script"),
    ),
    options=(
        *LABELS,
        *READING,
        *PRECISION,
        "margin",
        "p",
        "multi_class",
        *WEIGHING,
        *(name for name in WRITING if name != "probabilities"),
    ),
    takes=Takes(scores="margins"),
    defaults=(("scores", "values"),),
)
