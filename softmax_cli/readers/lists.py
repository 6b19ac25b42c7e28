"""Columns that hold a list of numbers in each row: what their parts are called, and are for.

Roles know single columns only, so a list of k numbers counts as k columns: ``logits`` is
``logits_0`` to ``logits_k-1``, and an option that names the list means all of them.
"""

from collections.abc import Sequence
from typing import NamedTuple

from softmax_cli.job import Job, Sample
from softmax_cli.readers.headings import is_label
from softmax_cli.readers.roles import Roles, find_roles


class Field(NamedTuple):
    """A column of rows: one value in each, or a list of so many."""

    name: str
    length: int | None = None

    @property
    def headings(self) -> list[str]:
        """What its single columns are called."""
        if self.length in (None, 1):
            return [self.name]
        return [f"{self.name}_{index}" for index in range(self.length or 0)]


def find_roles_of_fields(
    fields: Sequence[Field], where: str, job: Job, sample: Sample, texts: Sequence[str] = ()
) -> Roles:
    """The roles of the single columns. A list that is called like a label has the targets.

    ``texts`` are the fields that are known to hold no numbers.
    """
    lists = {field.name: field.headings for field in fields if field.length is not None}
    labels = [job.label_col] if job.label_col else [name for name in lists if is_label(name)]
    if labels[:1] and labels[0] in lists and not (job.target or job.labels or job.target_cols):
        job = job._replace(label_col=None, target_cols=labels[0])
    job = job._replace(
        cols=_in_parts(job.cols, lists),
        target_cols=_in_parts(job.target_cols, lists),
        expect_cols=_in_parts(job.expect_cols, lists),
    )
    columns = [(heading, field.name in texts) for field in fields for heading in field.headings]
    headings = [heading for heading, _ in columns]
    not_numbers = [column for column, (_, is_text) in enumerate(columns) if is_text]
    return find_roles(headings, True, where, job, sample, texts=not_numbers)


def _in_parts(patterns: str | None, lists: dict[str, list[str]]) -> str | None:
    if patterns is None:
        return None
    return ",".join(",".join(lists.get(name, [name])) for name in patterns.split(","))
