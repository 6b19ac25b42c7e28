"""What a layout says of all batches, and in one line to the user."""

from softmax_cli.data import Schema
from softmax_cli.job import Job
from softmax_cli.readers.layout import Layout


def schema_of(layout: Layout, job: Job, class_names: tuple[str, ...] | None) -> Schema:
    """What the layout says of all batches. ``class_names`` (``--classes``) go before the header's.

    Labels come with the batches if a column holds them and no option gives others.
    """
    n_classes = len(layout.scores)
    has_classes = job.n_labels(n_classes) == n_classes and job.takes.scores != "values"
    names_by_header = layout.class_names if has_classes else None
    return Schema(
        n_classes=n_classes,
        class_names=class_names or names_by_header,
        id_name=_id_name(layout),
        has_labels=_takes_label(layout, job) or bool(layout.targets),
        reading=describe(layout, job),
        has_weights=layout.weight is not None,
    )


def _id_name(layout: Layout) -> str | None:
    """The id column's heading in output, where ``sample`` is taken."""
    if layout.id is None or layout.header is None:
        return None
    name = layout.header[layout.id]
    return "id" if name.lower() in ("", "sample") else name


def _takes_label(layout: Layout, job: Job) -> bool:
    """Whether the labels come from the label column, and not from an option or not at all."""
    given = job.labels is not None or job.target or layout.targets
    return layout.label is not None and job.wants_labels and not given


def describe(layout: Layout, job: Job) -> str:
    """The reading in one line: ``scores c0…c9 (10 classes) · label y · id id``."""
    parts = [_describe_scores(layout, job)]
    label = layout.label if _takes_label(layout, job) else None
    if label is not None:
        parts.append(f"label {_short(layout, label)}")
    if layout.targets:
        word = "target" if len(layout.targets) == 1 else "targets"
        parts.append(f"{word} {_span(layout, layout.targets)}")
    if layout.weight is not None:
        parts.append(f"weight {_short(layout, layout.weight)}")
    if layout.id is not None:
        parts.append(f"id {_short(layout, layout.id) or '(unnamed)'}")
    if layout.answers:
        parts.append(f"answers {_span(layout, layout.answers)}")
    used = {*layout.scores, label, *layout.targets, layout.id, layout.weight, *layout.answers}
    unused = [column for column in range(layout.n_columns) if column not in used]
    if unused:
        parts.append(f"not used {_span(layout, tuple(unused))}")
    return " · ".join(parts)


def _describe_scores(layout: Layout, job: Job) -> str:
    count = len(layout.scores)
    word = "scores"
    if job.takes.scores == "values":
        word = f"prediction{'s' * (count != 1)}"
    text = f"{word} {_span(layout, layout.scores)}"
    alone = job.numbers_are_samples and count == 1
    return text if alone else f"{text} ({job.describe_scores(count)})"


def _span(layout: Layout, columns: tuple[int, ...]) -> str:
    if len(columns) <= 3:
        return ", ".join(_short(layout, column) for column in columns)
    return f"{_short(layout, columns[0])}…{_short(layout, columns[-1])}"


def _short(layout: Layout, column: int) -> str:
    return str(column) if layout.header is None else layout.header[column]
