"""The commands: what each is for, what it takes and which options it has, as pure data.

What a command computes stands in ``losses`` under the same name.
"""

from typing import Any, Literal, NamedTuple

READING = (
    "cols",
    "class_axis",
    "id_col",
    "delimiter",
    "decimal",
    "header",
    "missing",
    "max_record",
)
LABELS = ("labels", "label_col", "label_base", "labels_as", "classes")
TARGETS = ("target", "target_cols")
WEIGHING = ("weight", "sample_weight_col", "ignore_index", "divide_by", "reduction")
PRECISION = ("backend", "device", "dtype", "cross_check", "rtol")
WEIGHING_SAMPLES = ("sample_weight_col", "divide_by", "reduction")
_RECORDS, _LOOK = (
    ("format", "output", "force", "digits"),
    ("rows", "quiet", "summary", "color", "debug"),
)
WRITING = (*_RECORDS, *_LOOK)
WRITING_PROBABILITIES = (*_RECORDS, "probabilities", *_LOOK)
VALUES = (*TARGETS, *READING, *PRECISION, *WEIGHING_SAMPLES, *WRITING)
CHECKING = ("expect", "expect_file", "expect_col", "tol", "hide_answers")
EXPLAINING = ("steps", "grad")
COMMON = (
    *("scores", "labels", "label_col", "target", "target_cols", "format", "quiet", "cols"),
    *("binary", "multilabel", "top_k", "confusion", "log", "delta", "beta", "expect_col"),
    *("steps", "output", "temperature", "reduction", "expect_row", "margin", "grad", "digits"),
    *("weight", "id_col", "backend", "rows"),
)
"""The options that people use, the most used first: a short help shows some of them."""


class Takes(NamedTuple):
    """What a command reads of each sample.

    scores   classes: one for each class, so that bare numbers are a single sample;
             output: the one of a binary network, so that every number is a sample of its own;
             margins: either, a bare number being an output and a row having the classes;
             values: quantities, one per bare number or several in a row;
             any: what a row has, of whatever meaning
    truth    what is known beside the scores: nothing; classes, a label or how probable each
             class is; or as many numbers as there are scores: a distribution, or values.
             any: a label or any numbers
    needed   whether nothing can be computed without the truth, and there is a loss with it
    """

    scores: Literal["classes", "output", "margins", "values", "any"] = "classes"
    truth: Literal["nothing", "classes", "distribution", "values", "any"] = "classes"
    needed: bool = True


class Command(NamedTuple):
    """What the command line needs to know of a command.

    summary    one line for the list of commands
    about      a paragraph: what it takes, what it gives, its twin in PyTorch
    examples   pairs of a command line and what it is for; the help leads with them
    options    names of Job's options, in the help's order
    takes      what it reads of each sample
    arguments  names of what stands before the INPUT on the command line
    defaults   defaults that differ from Job's
    """

    summary: str
    about: str
    examples: tuple[tuple[str, str], ...]
    options: tuple[str, ...]
    takes: Takes = Takes()
    arguments: tuple[str, ...] = ()
    defaults: tuple[tuple[str, Any], ...] = ()


COMMANDS: dict[str, Command] = {
    "softmax": Command(
        summary="Turn logits into probabilities.",
        about="Takes logits, gives p = exp(x) / sum(exp(x)) for each class; with --log its "
        "logarithm. The same as torch.softmax(x, dim=1) and torch.log_softmax.",
        examples=(
            ("softmax-cli softmax 2.0 1.0 0.1", "one sample"),
            ("softmax-cli softmax 2,1,0.1 0.5,2,0.3", "two samples"),
            ("softmax-cli softmax logits.csv -f csv", "a file, all digits"),
            ("softmax-cli softmax 2 1 0.1 -T 0.5 --log", "log-softmax"),
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
            *WRITING_PROBABILITIES,
            "expect_row",
            "expect_cols",
            *(name for name in CHECKING if name != "expect_col"),
            "steps",
        ),
        takes=Takes(truth="nothing", needed=False),
    ),
    "ce": Command(
        summary="Cross-entropy loss of logits (or probabilities) and labels.",
        about="Takes logits and labels, gives each sample's probabilities, predicted class and "
        "loss -ln p[label], and their mean. The same as torch.nn.CrossEntropyLoss: do not apply "
        "softmax first. For probabilities say --from probs, for the output of LogSoftmax --from "
        "logprobs (then it is torch.nn.NLLLoss). With one-hot targets it is the categorical "
        "cross-entropy: torch.nn.CrossEntropyLoss takes those, too.",
        examples=(
            ("softmax-cli ce 2 1 0.1 -l 0", "one sample of class 0"),
            ("softmax-cli ce 2,1,0.1 0.5,2,0.3 -l 0,2", "a batch and its mean"),
            ("softmax-cli ce --from probs 0.7,0.2,0.1 --target 1,0,0", "probabilities, one-hot"),
            ("softmax-cli ce logits.csv --label-col y -q", "the mean, for scripts"),
            (
                "softmax-cli ce logits.csv --weight 1,2,5 --label-smoothing 0.1",
                "as PyTorch's options",
            ),
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
            "focal_alpha",
            *WEIGHING,
            *WRITING_PROBABILITIES,
            *CHECKING,
            *EXPLAINING,
        ),
    ),
    "bce": Command(
        summary="Binary cross-entropy of probabilities (or logits) and 0/1 labels.",
        about="Takes the probability of class 1 and the label, gives the loss "
        "-(y ln p + (1-y) ln(1-p)) of each number, and their mean. The same as torch.nn.BCELoss; "
        "--from logits is BCEWithLogitsLoss. With --multilabel a row has several outputs, each "
        "with a target of its own, and the mean is over all outputs.",
        examples=(
            ("softmax-cli bce 0.9 0.2 0.7 -l 1,0,1", "three samples"),
            ("softmax-cli bce --from logits 2.2 -1.4 -l 1,0", "before the sigmoid"),
            ("softmax-cli bce --multilabel 0.9,0.2,0.7 --target 1,0,0", "several at once"),
            ("softmax-cli bce probs.csv --label-col y -q", "the mean, for scripts"),
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
            "focal_alpha",
            *WEIGHING,
            *WRITING_PROBABILITIES,
            *CHECKING,
            *EXPLAINING,
        ),
        takes=Takes(scores="output"),
        defaults=(("scores", "probs"),),
    ),
    "predict": Command(
        summary="The most probable class of each sample.",
        about="Takes logits, gives each sample's class and its probability; with labels also "
        "whether it is right, and below the table how good all are: accuracy, log loss, Brier "
        "score and calibration. The same as torch.max(x, 1). --binary takes the single output of a "
        "binary network.",
        examples=(
            ("softmax-cli predict 2.0 1.0 0.1 --classes cat,dog,bird", "its name"),
            ("softmax-cli predict logits.csv --top-k 3", "the three best"),
            ("softmax-cli predict logits.csv --label-col y -f csv", "right or wrong"),
            ("softmax-cli predict logits.csv --report --confusion", "how good they are"),
            ("softmax-cli predict --binary 2.2 -1.4 -q", "0 or 1 each"),
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
            "ignore_index",
            "report",
            "confusion",
            *WRITING,
            *(name for name in CHECKING if name != "tol"),
            "steps",
        ),
        takes=Takes(needed=False),
    ),
    "hinge": Command(
        summary="Hinge loss of scores and labels.",
        about="Takes one score f per sample and labels 0/1 or -1/1 (-1 is class 0), gives max(0, 1 "
        "- y f) with y = -1 or 1; or a score for each class, and gives what they lack to the "
        "margin as torch.nn.MultiMarginLoss, or with --multi-class crammer-singer as "
        "sklearn.metrics.hinge_loss. A bare number is a sample; a row like 2,1,0.1 has "
        "classes.",
        examples=(
            ("softmax-cli hinge 0.8 -0.3 2.1 -l 1,0,1", "one score each"),
            ("softmax-cli hinge 2,1,0.1 0.5,2,0.3 -l 0,2", "three classes"),
            ("softmax-cli hinge margins.csv --label-col y -q", "the mean, for scripts"),
        ),
        options=(*LABELS, *READING, *PRECISION, "margin", "p", "multi_class", *WEIGHING, *WRITING),
        takes=Takes(scores="margins"),
        defaults=(("scores", "values"),),
    ),
    "mse": Command(
        summary="Mean squared error of predictions and targets.",
        about="Takes predicted and true values, gives the squared error of each sample (of several "
        "outputs: their sum) and the mean over all values. The same as torch.nn.MSELoss. A "
        "file's target column is the one called target or y, or else the second of two; of "
        "more columns, the first half is the predictions and the second half the targets, "
        "unless stems such as pred_ and true_ say otherwise.",
        examples=(
            ("softmax-cli mse 2.5 0.0 2 8 --target 3,-0.5,2,7", "four predictions"),
            ("softmax-cli mse 1,2 3,4 --target 0,2 --target 3,3", "two outputs per sample"),
            ("softmax-cli mse fit.csv --cols predicted --target-cols y", "two columns of a file"),
        ),
        options=VALUES,
        takes=Takes(scores="values", truth="values"),
        defaults=(("scores", "values"),),
    ),
    "mae": Command(
        summary="Mean absolute error of predictions and targets.",
        about="Takes predicted and true values, gives the absolute error of each sample (of "
        "several outputs: their sum) and the mean over all values. The same as torch.nn.L1Loss. "
        "Columns are found as by mse.",
        examples=(
            ("softmax-cli mae 2.5 0.0 2 8 --target 3,-0.5,2,7", "four predictions"),
            ("softmax-cli mae 1,2 3,4 --target 0,2 --target 3,3", "two outputs per sample"),
            ("softmax-cli mae fit.csv --cols predicted --target-cols y", "two columns of a file"),
        ),
        options=VALUES,
        takes=Takes(scores="values", truth="values"),
        defaults=(("scores", "values"),),
    ),
    "huber": Command(
        summary="Huber loss of predictions and targets.",
        about="Takes predicted and true values, gives half the squared error of each sample where "
        "it is near, and delta times what it is off, less delta / 2, where it is further than "
        "delta (of several outputs: their sum), and the mean over all values. The same as "
        "torch.nn.HuberLoss; with --beta as torch.nn.SmoothL1Loss. Columns are found as by mse.",
        examples=(
            ("softmax-cli huber 2.5 0.0 2 8 --target 3,-0.5,2,4", "four predictions"),
            ("softmax-cli huber 1,2 3,9 --target 0,2 --target 3,3 --delta 2", "another delta"),
            ("softmax-cli huber fit.csv --cols predicted --beta 0.5", "SmoothL1Loss"),
        ),
        options=(*TARGETS, *READING, *PRECISION, "delta", "beta", *WEIGHING_SAMPLES, *WRITING),
        takes=Takes(scores="values", truth="values"),
        defaults=(("scores", "values"),),
    ),
    "kl": Command(
        summary="Kullback-Leibler divergence of two distributions per row.",
        about="Takes predicted distributions q and true ones p, gives the divergence "
        "sum(p ln(p/q)) of each sample, and their mean. The same as "
        "torch.nn.KLDivLoss(reduction='batchmean'), which takes --from logprobs. In a file, "
        "name the columns of p by --target-cols; otherwise the first half of the columns is q "
        "and the second half p, unless they are called q_* and p_*.",
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
            *WEIGHING_SAMPLES,
            *WRITING_PROBABILITIES,
        ),
        takes=Takes(truth="distribution"),
        defaults=(("scores", "probs"),),
    ),
    "custom": Command(
        summary="Your own loss: a function in a Python file.",
        about="Calls FUNCTION(scores, labels) of FILE.py, which returns the loss of each sample, "
        "and treats it like a loss of its own; or one number for all, which is then the total: a "
        "function, or an object such as loss = nn.CrossEntropyLoss(). Scores are an array (n, k); "
        "labels are (n,) class indices, or the targets (n, m) of --target or --target-cols. They "
        "are NumPy arrays in float64, or tensors with --backend torch. No other file is loaded. "
        "Inputs of more than 4 million scores come in several batches: a sample's loss must not "
        "depend on the others. With a line '# threads' in the file, arrays come in smaller "
        "batches, on all cores.",
        examples=(
            ("softmax-cli custom loss.py:my_loss 2,1,0.1 0.5,2,0.3 -l 0,2", "two samples"),
            ("softmax-cli custom loss.py:my_loss logits.csv --label-col y -q", "the mean"),
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
            *WRITING,
            "grad",
        ),
        takes=Takes(scores="any", truth="any"),
        arguments=("function",),
        defaults=(("scores", "values"),),
    ),
}


class Alias(NamedTuple):
    """A command under another name: the line that is meant, and what else may be."""

    line: str
    otherwise: str = ""


_CROSS_ENTROPY, _OF_LOGITS = Alias("ce"), Alias("bce --from logits")
_PREDICT, _MSE, _MAE = Alias("predict"), Alias("mse"), Alias("mae")
_LOG_LOSS = "of several classes: ce --from probs"

ALIASES: dict[str, Alias] = {
    "crossentropy": _CROSS_ENTROPY,
    "crossentropyloss": _CROSS_ENTROPY,
    "categoricalcrossentropy": Alias("ce", "of probabilities: ce --from probs"),
    "sparsecategoricalcrossentropy": Alias("ce", "of probabilities: ce --from probs"),
    "softmaxcrossentropy": _CROSS_ENTROPY,
    "softmaxcrossentropywithlogits": _CROSS_ENTROPY,
    "softmaxcrossentropywithintegerlabels": _CROSS_ENTROPY,
    "xent": _CROSS_ENTROPY,
    "nll": Alias("ce --from logprobs"),
    "nllloss": Alias("ce --from logprobs"),
    "negativeloglikelihood": Alias("ce --from logprobs"),
    "bceloss": Alias("bce"),
    "binarycrossentropy": Alias("bce"),
    "bcewithlogits": _OF_LOGITS,
    "bcewithlogitsloss": _OF_LOGITS,
    "binarycrossentropywithlogits": _OF_LOGITS,
    "sigmoidbinarycrossentropy": _OF_LOGITS,
    "sigmoidcrossentropywithlogits": _OF_LOGITS,
    "logloss": Alias("bce", _LOG_LOSS),
    "logsoftmax": Alias("softmax --log"),
    "argmax": _PREDICT,
    "accuracy": _PREDICT,
    "accuracyscore": _PREDICT,
    "brierscoreloss": _PREDICT,
    "confusionmatrix": Alias("predict --confusion"),
    "classificationreport": Alias("predict --report"),
    "mseloss": _MSE,
    "meansquarederror": _MSE,
    "l1": _MAE,
    "l1loss": _MAE,
    "meanabsoluteerror": _MAE,
    "huberloss": Alias("huber"),
    "smoothl1": Alias("huber --beta 1"),
    "smoothl1loss": Alias("huber --beta 1"),
    "hingeloss": Alias("hinge", "scikit-learn's of several classes: --multi-class crammer-singer"),
    "multimarginloss": Alias("hinge"),
    "kldiv": Alias("kl --from logprobs"),
    "kldivloss": Alias("kl --from logprobs"),
    "kldivergence": Alias("kl"),
    "relativeentropy": Alias("kl"),
}
"""What libraries call the commands, in small letters only: see ``find_alias``."""


def find_alias(name: str) -> Alias | None:
    """The command that is meant by ``nn.CrossEntropyLoss``, ``log-softmax`` or ``CE``."""
    letters = name.removesuffix("()").rpartition(".")[2].replace("-", "").replace("_", "").lower()
    return Alias(letters) if letters in COMMANDS else ALIASES.get(letters)


OPTIONS_ELSEWHERE: dict[str, str] = {
    "logits": "--from logits",
    "from-logits": "--from logits",
    "probs": "--from probs",
    "probability": "--from probs",
    "logprobs": "--from logprobs",
    "labels": "--target",
    "l": "--target",
    "truth": "--labels",
    "y": "--labels",
    "y-true": "--labels",
    "one-hot": "--target",
    "class-weight": "--weight",
    "class-weights": "--weight",
    "sample-weight": "--sample-weight-col",
    "smoothing": "--label-smoothing",
    "gamma": "--focal",
    "tau": "--temperature",
    "sum": "--reduction sum",
    "mean": "--reduction mean",
    "torch": "--backend torch",
    "pytorch": "--backend torch",
    "gpu": "--device cuda",
    "cuda": "--device cuda",
    "precision": "--digits",
    "decimals": "--digits",
    "round": "--digits",
    "csv": "--format csv",
    "json": "--format json",
    "markdown": "--format markdown",
    "explain": "--steps",
    "verbose": "--steps",
    "gradient": "--grad",
    "answer": "--expect",
    "check": "--expect",
    "tolerance": "--tol",
    "atol": "--tol",
    "silent": "--quiet",
    "overwrite": "--force",
}
"""What other tools, or other commands, call an option or its value."""
