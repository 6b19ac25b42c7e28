"""Columns as options name them: by heading, index, pattern or range."""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import groupby

from softmax_cli.errors import DataError

MOST_NAMES = 8
"""More columns than these are named by a pattern or a range, if that can be."""


class Columns:
    """The columns of a file, whose header stands at ``where``; without a header they are indices.

    Names compare without case, but for those that differ in nothing else.
    """

    def __init__(self, header: Sequence[str] | None, count: int, where: str) -> None:
        self.header = header
        self.count = count
        self.where = where

    def name(self, column: int) -> str:
        """What the column is called, or else its index."""
        return str(column) if self.header is None else self.header[column]

    def called(self, text: str, option: str) -> int:
        """The one column called ``text``, or with that 0-based index, negative from the end."""
        named = self._named(text)
        if len(named) > 1:
            raise DataError(
                self.where,
                f"{option} {text!r} names {len(named)} columns",
                f"give its index: {' or '.join(f'{option} {column}' for column in named[:3])}",
            )
        found = named[0] if named else self._index(text)
        if found is None:
            raise DataError(self.where, f"{option} {text!r}: no such column", self._known())
        return found

    def matching(self, patterns: str, option: str) -> tuple[int, ...]:
        """The columns that match any of the comma-separated patterns, in the file's order.

        A pattern is a name, an index, a glob such as ``p_*``, or a range such as ``cat-dog``, to
        which both ends belong.
        """
        found: set[int] = set()
        for pattern in patterns.split(","):
            found.update(
                self._glob(pattern) or self._range(pattern) or [self.called(pattern, option)]
            )
        return tuple(sorted(found))

    def option(self, columns: Sequence[int], option: str = "--cols") -> str:
        """The option that names exactly these columns, as a shell takes it."""
        wanted = tuple(sorted(columns))
        texts = [text for text in self._texts(wanted) if self._means(text, wanted)]
        text = texts[0] if texts else ",".join(map(str, wanted))
        return f"{option} {shlex.quote(text)}"

    def _texts(self, columns: Sequence[int]) -> Iterator[str]:
        """What might name the columns, the clearest first."""
        names = [self.name(column) for column in columns]
        start = common_start(names)
        if start and len(columns) > 2:
            yield start + "*"
        if len(columns) <= MOST_NAMES:
            yield ",".join(names)
        runs = [
            [column for _, column in run]
            for _, run in groupby(enumerate(columns), lambda pair: pair[1] - pair[0])
        ]
        for name in (self.name, str):
            ends = ([name(column) for column in dict.fromkeys((run[0], run[-1]))] for run in runs)
            yield ",".join(map("-".join, ends))

    def _means(self, text: str, columns: Sequence[int]) -> bool:
        try:
            return self.matching(text, "--cols") == columns
        except DataError:
            return False

    def _named(self, text: str) -> list[int]:
        return self._by_name.get(text) or self._by_name_in_lower_case.get(text.lower(), [])

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        return _index_of(self.header or ())

    @cached_property
    def _by_name_in_lower_case(self) -> dict[str, list[int]]:
        return _index_of(map(str.lower, self.header or ()))

    def _index(self, text: str) -> int | None:
        if re.fullmatch("[+-]?[0-9]+", text) and -self.count <= int(text) < self.count:
            return int(text) % self.count
        return None

    def _glob(self, pattern: str) -> list[int]:
        if not set("*?[") & set(pattern) or self._named(pattern):
            return []
        for fold in (str, str.lower):
            found = [
                column
                for column in range(self.count)
                if fnmatchcase(fold(self.name(column)), fold(pattern))
            ]
            if found:
                return found
        return []

    def _range(self, pattern: str) -> list[int]:
        """``cat-dog`` or ``0-9``, of whatever two columns it names with a hyphen between."""
        if self._named(pattern):
            return []
        for hyphen in re.finditer("(?<=.)-(?=.)", pattern):
            first = self._end(pattern[: hyphen.start()])
            last = self._end(pattern[hyphen.end() :])
            if first is not None and last is not None:
                return [*range(first, last + 1)]
        return []

    def _end(self, text: str) -> int | None:
        named = self._named(text)
        return (named[0] if len(named) == 1 else None) if named else self._index(text)

    def _known(self) -> str:
        if self.header is None:
            return f"the file has no header; its columns are 0…{self.count - 1}"
        shown = self.header if self.count <= 12 else [*self.header[:8], "…", self.header[-1]]
        return f"the columns are {', '.join(shown)}"


def common_start(names: Sequence[str]) -> str:
    """What all of the names begin with."""
    first, last = min(names), max(names)
    pairs = enumerate(zip(first, last, strict=False))
    return first[: next((i for i, (a, b) in pairs if a != b), len(first))]


def _index_of(names: Iterable[str]) -> dict[str, list[int]]:
    columns: dict[str, list[int]] = {}
    for column, name in enumerate(names):
        columns.setdefault(name, []).append(column)
    return columns
