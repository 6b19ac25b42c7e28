"""Which column of a file is what (scores, label, target, id, weight, answers), and telling it."""

import re
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from softmax_cli.data import Schema
from softmax_cli.errors import DataError
from softmax_cli.job import Job, Sample
from softmax_cli.text import MISSING, habit, is_number, plural

LABEL_NAMES = frozenset({"label", "labels", "y", "y_true", "target", "class"})
ID_NAMES = frozenset({"", "id", "idx", "index", "sample", "name"})


class Roles(NamedTuple):
    """Column numbers by role, and the header's names, or None without a header.

    ``label`` is None where labels come from an option, from targets or not at all.
    """

    n_columns: int
    header: tuple[str, ...] | None
    scores: tuple[int, ...]
    label: int | None
    targets: tuple[int, ...]
    id: int | None
    weight: int | None = None
    answers: tuple[int, ...] = ()

    def name(self, column: int) -> str:
        """The column as messages call it."""
        return f"column {column}" if self.header is None else f"column {self.header[column]!r}"

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """The names of the score columns, where they say more than an index does."""
        if self.header is None:
            return None
        names = tuple(self.header[column] for column in self.scores)
        return None if names == tuple(map(str, range(len(names)))) else names


def is_header(cells: Sequence[str], where: str, forced: bool | None) -> bool:
    """Whether the first record names the columns.

    It does if a cell is no number. But text among numbers that can't be column names, a missing
    value among numbers, or a number written wrongly (``0,5``) is more likely a bad cell in
    data: DataError, because guessing could lose a row.
    """
    if forced is not None:
        return forced
    numbers = [cell for cell in cells if is_number(cell)]
    if len(numbers) == len(cells):
        return False
    for cell in cells:
        advice = habit(cell)
        if advice is not None:
            raise DataError(where, f"{cell!r} is not a number", f"{advice}; a name? say --header")
    count = len(numbers)
    marker = any(cell.strip() and cell.strip().lower() in MISSING for cell in cells)
    if numbers and (
        marker
        or numbers not in ([str(i) for i in range(count)], [str(i + 1) for i in range(count)])
    ):
        text = next(cell for cell in cells if not is_number(cell))
        raise DataError(
            where,
            f"the first record mixes numbers and text ({text!r}): a header, or a bad cell?",
            "say --header if it names the columns, --no-header if it is data",
        )
    return True


def find_roles(cells: Sequence[str], header: bool, where: str, job: Job, sample: Sample) -> Roles:
    """Assign the columns of a file whose first record is ``cells``."""
    finder = _Finder([*cells] if header else None, len(cells), where)
    chosen = finder.matching(job.cols, "--cols") if job.cols is not None else ()
    targets = finder.matching(job.target_cols, "--target-cols") if job.target_cols else ()
    weight = None
    if job.sample_weight_col is not None:
        weight = finder.column(job.sample_weight_col, "--sample-weight-col")
    answers = _answers(finder, job)
    named = {*chosen, *targets, *answers, weight}
    label = finder.role(job.label_col, LABEL_NAMES, named, "label", "--label-col")
    identity = finder.role(job.id_col, ID_NAMES, {*named, label}, "id", "--id-col")
    taken = {*targets, *answers, label, identity, weight}
    others = {*targets, label, weight}
    finder.refuse_double(chosen, others, "scored, and a label, target or weight too")
    finder.refuse_double(chosen, answers, "scored, and an answer to be checked too")
    scores = chosen or tuple(column for column in range(len(cells)) if column not in taken)
    if sample.pairs_scores and not targets and not job.target:
        scores, targets = _pair(scores, label, bool(chosen))
        label = None
    if not scores:
        raise DataError(where, "no column is left for the scores", "name them by --cols")
    if sample.is_binary and len(scores) != 1:
        raise DataError(
            where,
            f"a binary output is one column, but there are {len(scores)}: "
            + ", ".join(finder.name(column) for column in scores[:6])
            + (", …" if len(scores) > 6 else ""),
            "name it by --cols",
        )
    n_targets = len(scores)
    if targets and len(targets) != n_targets and sample.takes.truth != "any":
        raise DataError(
            where,
            f"--target-cols names {plural(len(targets), 'column')}, "
            f"but a target has {n_targets} here",
            "a column for each score, in their order",
        )
    if job.expect_cols is not None and len(answers) != len(scores):
        raise DataError(
            where,
            f"--expect-cols names {plural(len(answers), 'column')}, "
            f"but there are {len(scores)} classes",
            "a column for each class, in the order of the scores",
        )
    if targets or job.target or job.labels is not None or not sample.wants_labels:
        label = None
    names = tuple(cells) if header else None
    return Roles(len(cells), names, scores, label, targets, identity, weight, answers)


def _pair(
    columns: tuple[int, ...], label: int | None, chosen: bool
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Scores and targets of a file that does not say which is which.

    The column that is called like a label is the target; otherwise the first half is scored and
    the second half are the targets, as a loss function takes them.
    """
    if label is not None:
        return columns, (label,)
    half = len(columns) // 2
    if chosen or len(columns) % 2:
        return columns, ()
    return columns[:half], columns[half:]


def _answers(finder: "_Finder", job: Job) -> tuple[int, ...]:
    if job.expect_cols is not None:
        return finder.matching(job.expect_cols, "--expect-cols")
    if job.expect_col is not None:
        return (finder.column(job.expect_col, "--expect-col"),)
    return ()


class _Finder:
    def __init__(self, header: list[str] | None, n_columns: int, where: str) -> None:
        self.header = header
        self.n_columns = n_columns
        self.where = where

    def name(self, column: int) -> str:
        return str(column) if self.header is None else self.header[column]

    def role(
        self,
        text: str | None,
        names: frozenset[str],
        taken: Collection[int | None],
        role: str,
        option: str,
    ) -> int | None:
        """The column that has a role: named by its option, or else known by its heading."""
        if text is not None:
            return self.column(text, option)
        header = enumerate(self.header or ())
        found = [c for c, name in header if name.lower() in names and c not in taken]
        if len(found) > 1:
            both = " and ".join(repr(self.name(column)) for column in found)
            raise DataError(
                self.where,
                f"columns {both} could both be the {role}",
                f"say which by {option}, and name the scores by --cols",
            )
        return found[0] if found else None

    def refuse_double(
        self, chosen: Collection[int], others: Collection[int | None], what: str
    ) -> None:
        """Raise DataError if a column is in both: a label among the scores spoils the loss."""
        for column in chosen:
            if column in others:
                raise DataError(
                    self.where, f"column {self.name(column)!r} is {what}", "narrow --cols down"
                )

    def column(self, text: str, option: str) -> int:
        """The one column called ``text``, or with that 0-based index, negative from the end."""
        named = [c for c, name in enumerate(self.header or ()) if name == text]
        if len(named) > 1:
            raise DataError(
                self.where,
                f"{option} {text!r} names {len(named)} columns",
                f"give its index: {' or '.join(map(str, named))}",
            )
        if named:
            return named[0]
        if re.fullmatch("[+-]?[0-9]+", text) and -self.n_columns <= int(text) < self.n_columns:
            return int(text) % self.n_columns
        raise DataError(self.where, f"{option} {text!r}: no such column", self._known())

    def matching(self, patterns: str, option: str) -> tuple[int, ...]:
        """The columns that match any of the comma-separated patterns, in the file's order."""
        found: set[int] = set()
        for pattern in patterns.split(","):
            columns = list(self._glob(pattern))
            found.update(columns or [self.column(pattern, option)])
        return tuple(sorted(found))

    def _glob(self, pattern: str) -> Iterator[int]:
        if not set("*?[") & set(pattern) or pattern in (self.header or ()):
            return
        for column in range(self.n_columns):
            if fnmatchcase(self.name(column), pattern):
                yield column

    def _known(self) -> str:
        if self.header is None:
            return f"the file has no header; its columns are 0…{self.n_columns - 1}"
        shown = self.header if len(self.header) <= 12 else [*self.header[:8], "…", self.header[-1]]
        return f"the columns are {', '.join(shown)}"


def schema_of(roles: Roles, sample: Sample, class_names: tuple[str, ...] | None) -> Schema:
    """What the roles say of all batches. ``class_names`` (``--classes``) go before the header's."""
    n_classes = len(roles.scores)
    has_classes = sample.n_labels(n_classes) == n_classes and sample.takes.scores != "values"
    names_by_header = roles.class_names if has_classes else None
    return Schema(
        n_classes=n_classes,
        class_names=class_names or names_by_header,
        id_name=_id_name(roles),
        has_labels=roles.label is not None or bool(roles.targets),
        reading=describe(roles, sample),
        has_weights=roles.weight is not None,
    )


def _id_name(roles: Roles) -> str | None:
    if roles.id is None or roles.header is None:
        return None
    return heading_of_id(roles.header[roles.id])


def heading_of_id(name: str) -> str:
    """What a column of ids is called in output, where ``sample`` is taken."""
    return "id" if name.lower() in ("", "sample") else name


def describe(roles: Roles, sample: Sample) -> str:
    """The reading in one line: ``scores c0…c9 (10 classes) · label y · id id``."""
    parts = [_describe_scores(roles, sample)]
    if roles.label is not None:
        parts.append(f"label {_short(roles, roles.label)}")
    if roles.targets:
        word = "target" if len(roles.targets) == 1 else "targets"
        parts.append(f"{word} {_span(roles, roles.targets)}")
    if roles.weight is not None:
        parts.append(f"weight {_short(roles, roles.weight)}")
    if roles.id is not None:
        parts.append(f"id {_short(roles, roles.id) or '(unnamed)'}")
    if roles.answers:
        parts.append(f"answers {_span(roles, roles.answers)}")
    used = {*roles.scores, roles.label, *roles.targets, roles.id, roles.weight, *roles.answers}
    unused = [column for column in range(roles.n_columns) if column not in used]
    if unused:
        parts.append(f"not used {_span(roles, tuple(unused))}")
    return " · ".join(parts)


def _describe_scores(roles: Roles, sample: Sample) -> str:
    count = len(roles.scores)
    word = "scores"
    if sample.takes.scores == "values":
        word = f"prediction{'s' * (count != 1)}"
    text = f"{word} {_span(roles, roles.scores)}"
    alone = sample.numbers_are_samples and count == 1
    return text if alone else f"{text} ({sample.describe_scores(count)})"


def _span(roles: Roles, columns: tuple[int, ...]) -> str:
    if len(columns) <= 3:
        return ", ".join(_short(roles, column) for column in columns)
    return f"{_short(roles, columns[0])}…{_short(roles, columns[-1])}"


def _short(roles: Roles, column: int) -> str:
    return str(column) if roles.header is None else roles.header[column]
