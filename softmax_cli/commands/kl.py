"""``softmax-cli kl``."""

from softmax_cli.commands import PRECISION, READING, TARGETS, WRITING, Command, Takes

COMMAND = Command(
    summary="Kullback-Leibler divergence of two distributions per row.",
    about="Takes predicted distributions q and true ones p, gives the divergence sum(p ln(p/q)) "
    "of each sample, and their mean. The same as "
    "torch.nn.KLDivLoss(reduction='batchmean'), which takes --from logprobs. In a file, "
    "name the columns of p by --target-cols; otherwise the first half of the columns is q "
    "and the second half p.",
    examples=(
        ("softmax-cli kl 0.7,0.2,0.1 --target 0.6,0.3,0.1", "q, then p"),
        ("softmax-cli kl --from logits 2,1,0.1 --target 1,0,0", "q from logits"),
        ("softmax-cli kl students.csv --cols 'q_*' --target-cols 'p_*'", "columns of a file"),
    ),
    options=(
        "scores",
        *TARGETS,
        *READING,
        "normalize",
        "classes",
        *PRECISION,
        "temperature",
        "eps",
        "sample_weight_col",
        "divide_by",
        "reduction",
        *WRITING,
    ),
    takes=Takes(truth="distribution"),
    defaults=(("scores", "probs"),),
)
