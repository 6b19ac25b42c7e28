"""Relations between options: which contradict each other, and which need one another.

What an option may be by itself is its parser's affair. A rule is a function that raises UsageError
where a job breaks it; they are asked in the order in which they stand here.
"""

from collections.abc import Callable

from softmax_cli.errors import UsageError
from softmax_cli.job import OPTIONS, PAGES, STDIN, Job, Sample, changed

Rule = Callable[[Job], None]
RULES: list[Rule] = []
KEEP_ONE = "keep one of them"


def check(job: Job) -> None:
    """Raise UsageError if the job's options contradict each other."""
    for each in RULES:
        each(job)


def rule(function: Rule) -> Rule:
    """Have every job checked by the function."""
    RULES.append(function)
    return function


def flags(*names: str) -> list[str]:
    """The options as they are written."""
    return [OPTIONS[name].flag for name in names]


@rule
def labels_come_from_one_source(job: Job) -> None:
    sources = ("labels", "label_col", "target", "target_cols")
    given = flags(*(name for name in sources if name in changed(job, "where")))
    if len(given) > 1:
        message = f"labels come from one source, not from {' and '.join(given)}"
        raise UsageError(message, KEEP_ONE)


@rule
def standard_input_is_read_once(job: Job) -> None:
    inputs = ["the input"] * (job.inputs or (STDIN,)).count(STDIN)
    named = flags(*(name for name in ("labels", "expect_file") if job._asdict()[name] == STDIN))
    readers = [*inputs, *named]
    if len(readers) > 1:
        message = f"standard input is read once, not by {' and '.join(readers)}"
        raise UsageError(message, "name a file for one of them")


@rule
def eps_clips_probabilities(job: Job) -> None:
    if job.eps is not None and job.scores != "probs":
        message = f"--eps clips probabilities, but these are {job.scores}"
        raise UsageError(message, "say --from probs, or leave --eps out")


@rule
def temperature_divides_logits(job: Job) -> None:
    if job.temperature != 1 and job.scores == "probs":
        message = "--temperature divides logits, but these are probs"
        raise UsageError(message, "say --from logits, or leave --temperature out")


@rule
def a_convention_takes_its_kinds_of_scores(job: Job) -> None:
    convention = job.convention
    if convention is not None and job.scores not in convention.takes:
        message = f"{convention.function} does not take {job.scores}"
        raise UsageError(message, f"say --from {' or '.join(convention.takes)}")


@rule
def a_convention_brings_its_clipping(job: Job) -> None:
    if job.like is not None and job.eps is not None:
        message = f"--like {job.like} brings its own clipping"
        raise UsageError(message, "leave --eps or --like out")


@rule
def rtol_compares(job: Job) -> None:
    if job.rtol is not None and not (job.cross_check or job.checks):
        message = "--rtol is how far backends or answers may differ, and none are compared"
        raise UsageError(message, "add --cross-check, or answers by --expect")


@rule
def normalize_rescales_rows_of_probabilities(job: Job) -> None:
    if job.normalize and job.scores != "probs":
        message = f"--normalize rescales probabilities, but these are {job.scores}"
        raise UsageError(message, "say --from probs, or leave --normalize out")
    if job.normalize and Sample.of(job).is_binary:
        raise UsageError("--normalize rescales rows of probabilities; a binary output has no row")


@rule
def a_threshold_decides_for_one_output(job: Job) -> None:
    if job.threshold != 0.5 and not Sample.of(job).is_binary:
        message = "--threshold decides between two classes, for one output"
        raise UsageError(message, "add --binary")


@rule
def divide_by_weight_needs_weights(job: Job) -> None:
    if job.divide_by == "weight" and not (job.weight or job.sample_weight_col is not None):
        message = "--divide-by weight, but there are no weights"
        raise UsageError(message, "give --weight or --sample-weight-col")


@rule
def a_sum_is_not_divided(job: Job) -> None:
    if job.divide_by is not None and job.reduction != "mean":
        message = f"--divide-by is for the mean, and --reduction {job.reduction} does not divide"
        raise UsageError(message, KEEP_ONE)


@rule
def targets_have_no_ignored_label(job: Job) -> None:
    soft = bool(job.target) or job.target_cols is not None or job.multilabel
    if job.ignore_index is not None and soft:
        message = "--ignore-index is a label, and targets have none"
        raise UsageError(message, "give a sample the weight 0 by --sample-weight-col")


@rule
def multilabel_needs_targets(job: Job) -> None:
    if job.multilabel and (job.labels is not None or job.label_col is not None):
        message = "--multilabel needs a 0 or 1 for each label of a sample"
        raise UsageError(message, "give --target 1,0,1, once per sample, or --target-cols 'y_*'")


@rule
def alpha_is_of_the_focal_loss(job: Job) -> None:
    if job.focal_alpha is not None and job.focal is None:
        message = "--focal-alpha multiplies the focal loss, and this is not one"
        raise UsageError(message, "add --focal 2, or whatever gamma is")


@rule
def delta_or_beta(job: Job) -> None:
    if job.delta is not None and job.beta is not None:
        message = "--delta and --beta exclude each other"
        raise UsageError(message, "keep --delta for nn.HuberLoss, --beta for nn.SmoothL1Loss")


@rule
def evaluations_are_for_people_and_json(job: Job) -> None:
    has_place = not job.quiet and job.format in (*PAGES, "json")
    if (job.report or job.confusion) and not has_place:
        message = "--report and --confusion are for tables, markdown and json"
        raise UsageError(message, "keep one of them, or the format")


@rule
def a_binary_output_has_no_ranks(job: Job) -> None:
    if job.top_k > 1 and job.binary:
        raise UsageError("--top-k ranks classes; --binary has two")


@rule
def quiet_has_no_format(job: Job) -> None:
    if job.quiet and job.format != "table":
        message = f"--quiet prints bare numbers, --format {job.format} prints records"
        raise UsageError(message, KEEP_ONE)


@rule
def a_summary_stands_beside_rows(job: Job) -> None:
    if not job.summary and (job.quiet or job.format in PAGES):
        output = "--quiet has none" if job.quiet else f"a {job.format} has it inside"
        message = f"--no-summary keeps the summary off standard error, and {output}"
        raise UsageError(message, "leave --no-summary out, or say -f csv")


@rule
def a_device_is_for_torch(job: Job) -> None:
    if job.device != "auto" and job.backend != "torch" and not job.cross_check:
        message = f"--device {job.device} is for the torch backend"
        raise UsageError(message, "add --backend torch")


@rule
def force_needs_a_file(job: Job) -> None:
    if job.force and job.output is None:
        message = "--force overwrites the file named by --output, and none is named"
        raise UsageError(message)


@rule
def only_the_plain_loss_is_explained(job: Job) -> None:
    """Steps and gradients know the plain losses only: never a derivation of another number."""
    if job.grad or job.steps:
        option = "--grad" if job.grad else "--steps"
        others = " ".join(flags(*changed(job, "loss")))
        if others:
            message = f"{option} explains the plain loss, without {others}"
            raise UsageError(message, f"leave {option} or {others} out")


@rule
def answers_come_from_one_source(job: Job) -> None:
    sources = job.answer_sources
    if len(sources) > 1:
        message = f"answers come from one source, not from {' and '.join(sources)}"
        raise UsageError(message, KEEP_ONE)


@rule
def tolerance_is_about_answers(job: Job) -> None:
    if not job.checks and (job.tol is not None or job.hide_answers):
        message = "--tol and --hide-answers are about answers, and there are none to check"
        raise UsageError(message, "give them by --expect, --expect-file or --expect-col")


@rule
def steps_are_not_a_check(job: Job) -> None:
    if job.steps and job.checks:
        sources = " ".join(job.answer_sources)
        message = f"--steps shows how the numbers come about, {sources} checks them"
        raise UsageError(message, KEEP_ONE)


@rule
def steps_are_for_people(job: Job) -> None:
    if job.steps and (job.quiet or job.format not in PAGES):
        message = "--steps is for people: it has the formats table and markdown"
        raise UsageError(message, "say -f table, without --quiet")


@rule
def gradients_need_columns(job: Job) -> None:
    if job.grad and (job.steps or job.checks):
        other = "--steps" if job.steps else " ".join(job.answer_sources)
        raise UsageError(f"--grad adds columns, which {other} has no place for", KEEP_ONE)
