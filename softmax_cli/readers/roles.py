"""Which column of a file is what (scores, label, target, id, weight, answers), and telling it."""

import shlex
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from softmax_cli.data import Schema
from softmax_cli.errors import DataError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.columns import Columns, common_start
from softmax_cli.readers.headings import (
    Group,
    groups,
    id_rank,
    is_companion,
    is_id,
    is_label,
    is_output,
    is_prediction,
    member,
)
from softmax_cli.text import MISSING, habit, is_number, plural

NO_HEADING = "?"
MOST_LISTED = 8


class Roles(NamedTuple):
    """Column numbers by role, and the header's names, or None without a header.

    ``label`` is None where labels come from an option, from targets or not at all. The scores are
    ``surmised`` where neither an option nor their headings say that they are scores, but they are
    what was left; they are ``by_option`` where --cols names them.
    """

    n_columns: int
    header: tuple[str, ...] | None
    scores: tuple[int, ...]
    label: int | None
    targets: tuple[int, ...]
    id: int | None
    weight: int | None = None
    answers: tuple[int, ...] = ()
    by_option: bool = False
    surmised: bool = False

    def name(self, column: int) -> str:
        """The column as messages call it."""
        return f"column {column}" if self.header is None else f"column {self.header[column]!r}"

    def heading(self, column: int) -> str:
        """What the header calls the column; empty without a header."""
        return "" if self.header is None else self.header[column]

    def option(self, columns: Sequence[int]) -> str:
        """``--cols`` for these columns, as a shell takes it."""
        return Columns(self.header, self.n_columns, "").option(columns)

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """The names of the score columns, where they say more than an index does."""
        if self.header is None:
            return None
        headings = tuple(self.header[column] for column in self.scores)
        members = tuple(member(heading) for heading in headings)
        has_stems = all(m != h for m, h in zip(members, headings, strict=True))
        names = members if has_stems and len(set(members)) == len(members) else headings
        return None if names == tuple(map(str, range(len(names)))) else names

    @property
    def unused(self) -> tuple[int, ...]:
        """The columns that have no role."""
        used = {*self.scores, self.label, *self.targets, self.id, self.weight, *self.answers}
        return tuple(column for column in range(self.n_columns) if column not in used)

    @property
    def left_out(self) -> tuple[int, ...]:
        """The columns without a role whose headings tell neither truth nor sample."""
        if self.header is None:
            return self.unused
        headings = ((column, self.header[column]) for column in self.unused)
        return tuple(c for c, heading in headings if not (is_label(heading) or is_id(heading)))


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
    if numbers and not _names_columns(cells, numbers):
        text = next(cell for cell in cells if not is_number(cell))
        raise DataError(
            where,
            f"the first record mixes numbers and text ({text!r}): a header, or a bad cell?",
            "say --header if it names the columns, --no-header if it is data",
        )
    return True


def _names_columns(cells: Sequence[str], numbers: Sequence[str]) -> bool:
    """Whether numbers among texts are names: they count, or stand beside known headings."""
    if any(cell.strip() and cell.strip().lower() in MISSING for cell in cells):
        return False
    if {*numbers} in (
        {str(i) for i in range(len(numbers))},
        {str(i + 1) for i in range(len(numbers))},
    ):
        return True
    distinct = len({*numbers}) == len(numbers) and all(cell.isdecimal() for cell in numbers)
    known = any(cell and (is_label(cell) or is_id(cell) or is_companion(cell)) for cell in cells)
    return distinct and known


def find_roles(
    cells: Sequence[str],
    header: bool,
    where: str,
    job: Job,
    sample: Sample,
    *,
    texts: Collection[int] = (),
) -> Roles:
    """Assign the columns of a file whose first record is ``cells``.

    What no option names is known by its heading, and what is left are the scores: those of one
    stem or numbered, if there are such. ``texts`` are columns that are known to hold no numbers.
    Raises DataError where a column may be a score or not.
    """
    columns = Columns(cells if header else None, len(cells), where)
    assignment = _Assignment(columns, job, sample, texts)
    scores, targets = assignment.scores_and_targets()
    scores = assignment.in_order(scores)
    targets = assignment.beside(targets, scores)
    answers = assignment.beside(assignment.answers, scores)
    has_truth = bool(targets or job.target) or job.labels is not None
    roles = Roles(
        n_columns=columns.count,
        header=tuple(cells) if header else None,
        scores=scores,
        label=None if has_truth or not sample.wants_labels else assignment.label,
        targets=targets,
        id=assignment.id,
        weight=assignment.weight,
        answers=answers,
        by_option=job.cols is not None,
        surmised=assignment.surmised,
    )
    _check_counts(roles, columns, job, sample)
    return roles


class _Assignment:
    """Who gets which column: first whom options name, then whom a heading names."""

    def __init__(self, columns: Columns, job: Job, sample: Sample, texts: Collection[int]) -> None:
        self.columns = columns
        self.job = job
        self.sample = sample
        self.texts = texts
        self.chosen = columns.matching(job.cols, "--cols") if job.cols is not None else ()
        self.targets = columns.matching(job.target_cols, "--target-cols") if job.target_cols else ()
        self.answers = self._answers()
        self.weight = self._by_option(job.sample_weight_col, "--sample-weight-col")
        self.label = self._by_option(job.label_col, "--label-col")
        self.id = self._by_option(job.id_col, "--id-col")
        self._refuse_double()
        taken = {*self.chosen, *self.targets, *self.answers, self.weight, self.label, self.id}
        self.free = [column for column in range(columns.count) if column not in taken]
        self.surmised = columns.header is not None and job.cols is None and not job.classes
        self._find_label()
        self._find_id()
        self._take([column for column in self.free if self._is_companion(column)])

    def scores_and_targets(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The columns of scores, and those of targets, where labels are not enough."""
        if not self.sample.pairs_scores or self.targets or self.job.target:
            return self._scores(), self.targets
        if self.label is not None:
            return self._scores(), (self.label,)
        if self.chosen:
            return self.chosen, ()
        return self._halves()

    def in_order(self, scores: tuple[int, ...]) -> tuple[int, ...]:
        """The scores in the order of --classes, if these are their names, or of their numbers."""
        by_name = self._called_like_classes(scores)
        if by_name is not None and len(by_name) == len(scores):
            return by_name
        numbered = groups(self._headings(scores))
        if len(numbered) == 1 and len(numbered[0].columns) == len(scores):
            return numbered[0].columns
        return scores

    def beside(self, columns: tuple[int, ...], scores: tuple[int, ...]) -> tuple[int, ...]:
        """Columns, one for each score, in the order of the scores with the same names."""
        names, own = self._endings(scores), self._endings(columns)
        if len(set(names)) == len(names) > 1 and sorted(names) == sorted(own):
            column_of = dict(zip(own, columns, strict=True))
            return tuple(column_of[name] for name in names)
        return columns

    def _by_option(self, text: str | None, option: str) -> int | None:
        return None if text is None else self.columns.called(text, option)

    def _answers(self) -> tuple[int, ...]:
        if self.job.expect_cols is not None:
            return self.columns.matching(self.job.expect_cols, "--expect-cols")
        if self.job.expect_col is not None:
            return (self.columns.called(self.job.expect_col, "--expect-col"),)
        return ()

    def _refuse_double(self) -> None:
        """Raise DataError if a column is in both: a label among the scores spoils the loss."""
        truth = {*self.targets, self.label, self.weight}
        for others, what in (
            (truth, "a label, target or weight too"),
            ({*self.answers}, "an answer to be checked too"),
        ):
            double = [column for column in self.chosen if column in others]
            if double:
                rest = [column for column in self.chosen if column not in others]
                raise DataError(
                    self.columns.where,
                    f"column {self.columns.name(double[0])!r} is scored, and {what}",
                    f"say {self.columns.option(rest)}" if rest else "name others by --cols",
                )

    def _find_label(self) -> None:
        """The column that is called like a label. Of several none is ever scored."""
        found = [column for column in self.free if is_label(self._heading(column))]
        given = self.targets or self.job.target or self.job.labels is not None
        wanted = (self.sample.wants_labels or self.sample.pairs_scores) and not given
        if self.label is None and len(found) > 1 and wanted:
            both = " and ".join(repr(self.columns.name(column)) for column in found)
            says = [self.columns.option([column], "--label-col") for column in found]
            raise DataError(
                self.columns.where,
                f"columns {both} could both be the label",
                f"say {' or '.join(says)}",
            )
        if self.label is None and found:
            self.label = found[0]
        self._take(found)

    def _find_id(self) -> None:
        """The column that tells best which sample a row is. Of several none is ever scored."""
        found = [column for column in self.free if is_id(self._heading(column))]
        if self.id is None and found:
            self.id = min(found, key=lambda column: id_rank(self._heading(column)))
        self._take(found)

    def _take(self, columns: Collection[int]) -> None:
        taken = {*columns}
        self.free = [column for column in self.free if column not in taken]

    def _is_companion(self, column: int) -> bool:
        heading, takes = self._heading(column), self.sample.takes.scores
        if is_prediction(heading):
            return takes not in ("values", "any")
        if is_output(heading) and (takes != "classes" or self.sample.is_binary):
            return False
        return is_companion(heading)

    def _heading(self, column: int) -> str:
        """The heading; without a header what says nothing."""
        return NO_HEADING if self.columns.header is None else self.columns.header[column]

    def _headings(self, columns: Iterable[int]) -> list[tuple[int, str]]:
        return [(column, self._heading(column)) for column in columns]

    def _endings(self, columns: tuple[int, ...]) -> list[str]:
        """The headings without what they begin with alike."""
        names = [self._heading(column).lower() for column in columns]
        start = len(common_start(names)) if names else 0
        return [name[start:] for name in names]

    def _scores(self) -> tuple[int, ...]:
        if self.chosen:
            return self.chosen
        known = self._known_scores()
        if known is None:
            return tuple(self.free)
        certain = {*known, *self.texts}
        others = [column for column in self.free if column not in certain]
        if others:
            raise self._doubt(known, others)
        return known

    def _known_scores(self) -> tuple[int, ...] | None:
        """The columns that are certainly scores; None if no heading says that it is one."""
        by_name = self._called_like_classes(self.free)
        if by_name is not None:
            self._take([column for column in self.free if column not in by_name])
            return by_name
        if self.sample.is_binary:
            found = [column for column in self.free if is_output(self._heading(column))]
            return tuple(found) if len(found) == 1 else None
        if self.sample.takes.scores in ("values", "any"):
            found = [column for column in self.free if is_prediction(self._heading(column))]
            if found:
                return tuple(found)
        return self._group()

    def _group(self) -> tuple[int, ...] | None:
        """The group of scores. Beside that of what --from says, other kinds of scores are none."""
        found = groups(self._headings(self.free))
        if not found:
            return None
        fitting = [group for group in found if group.kind == self.job.scores]
        has_targets = any(group.is_true for group in found) and self.sample.needs_labels
        if len(fitting) == 1 and not (has_targets and self.label is None):
            for group in found:
                if group.kind and group not in fitting:
                    self._take(group.columns)
        elif len(found) > 1:
            raise self._several(found)
        (group,) = fitting or found
        self.surmised = False
        return group.columns

    def _called_like_classes(self, columns: Iterable[int]) -> tuple[int, ...] | None:
        """The columns that --classes names, in its order; None if it does not name columns."""
        column_of: dict[str, int] = {}
        for column, heading in self._headings(columns):
            column_of.setdefault(member(heading).lower(), column)
        for column, heading in self._headings(columns):
            column_of[heading.lower()] = column
        names = [name.lower() for name in self.job.classes]
        if not names or not all(name in column_of for name in names):
            return None
        return tuple(column_of[name] for name in names)

    def _halves(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Predicted and true columns of a file that does not say which is which.

        The first half is predicted and the second half true, as a loss function takes them.
        """
        free = tuple(column for column in self.free if column not in self.texts)
        half = len(free) // 2
        if len(free) % 2 or not free:
            return free, ()
        if self.columns.header is None:
            return free[:half], free[half:]
        if len(free) == 2:
            second_is_predicted = is_prediction(self._heading(free[1]))
            return (free[1:], free[:1]) if second_is_predicted else (free[:1], free[1:])
        found = groups(self._headings(free))
        if not found:
            return free[:half], free[half:]
        if len(found) == 2 and len(found[0].columns) == len(found[1].columns) == half:
            first, second = found
            swapped = first.is_true or (first.stem, second.stem) == ("p", "q")
            predicted, true = (second, first) if swapped else (first, second)
            return predicted.columns, true.columns
        says = self.columns.option(free[:half]), self.columns.option(free[half:], "--target-cols")
        raise DataError(
            self.columns.where,
            f"which of {self._span(free)} are predicted, and which are true?",
            f"say {' '.join(says)}",
        )

    def _doubt(self, known: tuple[int, ...], others: Sequence[int]) -> DataError:
        some = ", ".join(repr(self.columns.name(column)) for column in others[:3])
        some += ", …" if len(others) > 3 else ""
        are = "is column" if len(others) == 1 else "are columns"
        without, with_them = self.columns.option(known), self.columns.option([*known, *others])
        advice = f"say {without} if not, {with_them} if so"
        if self.sample.is_binary:
            advice = f"say {without} or name another"
        message = f"{are} {some} scored, too, beside {self._span(known)}?"
        return DataError(self.columns.where, message, advice)

    def _several(self, found: Sequence[Group]) -> DataError:
        which = " or ".join(self._span(group.columns) for group in found[:3])
        says = " or ".join(self.columns.option(group.columns) for group in found[:3])
        true = [group for group in found if group.is_true]
        if len(found) == 2 and len(true) == 1 and self.sample.takes.truth != "nothing":
            predicted = next(group for group in found if group not in true)
            says = f"{self.columns.option(predicted.columns)} "
            says += self.columns.option(true[0].columns, "--target-cols")
        message = f"which columns are the scores, {which}?"
        return DataError(self.columns.where, message, f"say {says}")

    def _span(self, columns: Sequence[int]) -> str:
        return span([self.columns.name(column) for column in columns])


def _check_counts(roles: Roles, columns: Columns, job: Job, sample: Sample) -> None:
    """Raise DataError if there are too few or too many columns for what they are to be."""
    n_scores = len(roles.scores)
    where = columns.where
    if not n_scores:
        rest = roles.unused
        advice = f"say {columns.option(rest)}" if rest else "name them by --cols"
        raise DataError(where, "no column is left for the scores", advice)
    if sample.is_binary and n_scores != 1:
        one = next((c for c in roles.scores if member(columns.name(c)) == "1"), roles.scores[0])
        raise DataError(
            where,
            f"a binary output is one column, but there are {n_scores}: "
            + ", ".join(columns.name(column) for column in roles.scores[:6])
            + (", …" if n_scores > 6 else ""),
            f"say {columns.option([one])} or name another",
        )
    if n_scores == 1:
        _refuse_one_class(roles, columns, job, sample)
    if len(job.classes) == n_scores:
        _refuse_other_names(roles, columns, job.classes)
    if roles.targets and len(roles.targets) != n_scores and sample.takes.truth != "any":
        raise DataError(
            where,
            f"{plural(len(roles.targets), 'column')} of targets "
            f"({span([columns.name(c) for c in roles.targets])}), but {n_scores} of scores "
            f"({span([columns.name(c) for c in roles.scores])})",
            f"say {columns.option(roles.scores[: len(roles.targets)])} or name others",
        )
    if job.expect_cols is not None and len(roles.answers) != n_scores:
        raise DataError(
            where,
            f"--expect-cols names {plural(len(roles.answers), 'column')}, "
            f"but there are {n_scores} classes",
            "a column for each class, in the order of the scores",
        )


def _refuse_other_names(roles: Roles, columns: Columns, classes: Sequence[str]) -> None:
    """Raise DataError where --classes calls a column by the name of another."""
    headings = [roles.heading(column) for column in roles.scores]
    column_of = {
        name.lower(): i for i, heading in enumerate(headings) for name in (heading, member(heading))
    }
    for position, name in enumerate(classes):
        if column_of.get(name.lower(), position) != position:
            message = (
                f"--classes calls column {headings[position]!r} {name}, which is another's name"
            )
            names = shlex.quote(",".join(map(member, headings)))
            raise DataError(columns.where, message, f"say --classes {names}")


def _refuse_one_class(roles: Roles, columns: Columns, job: Job, sample: Sample) -> None:
    """Raise DataError where what is left would be the only class, and something else is meant."""
    if sample.takes.scores != "classes" or sample.multilabel or not roles.surmised:
        return
    name = columns.name(roles.scores[0])
    others = roles.left_out
    if not (others or is_output(name)):
        return
    message = f"only column {name!r} is left for the scores, but {job.command} needs one per class"
    advice = f"say {columns.option([*roles.scores, *others])}"
    if is_output(name):
        say = {"ce": "say softmax-cli bce", "predict": "add --binary"}
        advice = f"one score of a binary network? {say.get(job.command, f'say {advice}')}"
    raise DataError(columns.where, message, advice)


def schema_of(roles: Roles, sample: Sample, class_names: tuple[str, ...] | None) -> Schema:
    """What the roles say of all batches. ``class_names`` (``--classes``) go before the header's."""
    n_classes = len(roles.scores)
    has_classes = sample.n_labels(n_classes) == n_classes and sample.takes.scores != "values"
    names_by_header = roles.class_names if has_classes else None
    left_out = () if roles.by_option else roles.left_out
    return Schema(
        n_classes=n_classes,
        class_names=class_names or names_by_header,
        id_name=_id_name(roles),
        has_labels=roles.label is not None or bool(roles.targets),
        reading=describe(roles, sample),
        has_weights=roles.weight is not None,
        left_out=_list(roles, left_out),
    )


def _id_name(roles: Roles) -> str | None:
    if roles.id is None or roles.header is None:
        return None
    return heading_of_id(roles.header[roles.id])


def heading_of_id(name: str) -> str:
    """What a column of ids is called in output, where ``sample`` is taken."""
    return "id" if name.lower() in ("", "sample") or name.startswith("Unnamed: ") else name


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
    if roles.unused:
        parts.append(f"not used {_list(roles, roles.unused)}")
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
    return span([_short(roles, column) for column in columns])


def span(names: Sequence[str]) -> str:
    """All names, or of more than three the first and the last: ``c0…c9``."""
    return ", ".join(names) if len(names) <= 3 else f"{names[0]}…{names[-1]}"


def _list(roles: Roles, columns: Sequence[int]) -> str:
    """The columns, which need not stand side by side; of many, how many more there are."""
    names = [_short(roles, column) or "(unnamed)" for column in columns[:MOST_LISTED]]
    more = len(columns) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _short(roles: Roles, column: int) -> str:
    return str(column) if roles.header is None else roles.header[column]
