"""How a table fits a terminal: what is folded, narrowed or left out, and never a number broken.

A layout is looked for from the roomiest to the narrowest: headings fold at words, columns move
closer, bars go, classes in the middle give way to the winner alone, texts fold. Where even that is
too wide, each row becomes lines of its own, a cell on each.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from rich.cells import cell_len

from softmax_cli.report import Cell, Grid, Heading

ROOMY, CLOSE, TIGHT = 3, 2, 1
"""Blanks between columns."""
TEXT_WIDTH = 12
"""A column of texts does not get narrower than that, unless they are."""


class Rows:
    """Other rows, each with some columns changed."""

    def __init__(
        self, rows: Iterable[Sequence[Cell]], change: Callable[[Sequence[Cell]], Sequence[Cell]]
    ) -> None:
        self.rows = rows
        self.change = change

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        return map(self.change, self.rows)


class Measured:
    """A grid, and how wide its cells are."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.cells = [0] * len(grid.headings)
        for row in grid.rows:
            for column, cell in enumerate(row):
                self.cells[column] = max(self.cells[column], cell_len(cell.text))

    def widths(self, fold_headings: bool = False) -> list[int]:
        """What each column needs, with headings whole or folded at words."""
        measure = _longest_word if fold_headings else cell_len
        return [
            max(measure(heading.text), cells)
            for heading, cells in zip(self.grid.headings, self.cells, strict=True)
        ]

    def least_widths(self) -> list[int]:
        """The same, with texts folded as well."""
        return [
            width
            if heading.kind == "number"
            else min(width, max(_longest_word(heading.text), TEXT_WIDTH))
            for heading, width in zip(self.grid.headings, self.widths(True), strict=True)
        ]


class Fit(NamedTuple):
    """A grid, and how wide its columns are; ``gap`` is what stands between them."""

    grid: Grid
    widths: Sequence[int]
    gap: int


def fit(grid: Grid, width: int | None) -> Fit | None:
    """The best layout that is at most ``width`` wide, None if none is; or as wide as it is."""
    measured = Measured(grid)
    if width is None:
        return Fit(grid, measured.widths(), ROOMY)
    return next(_fits(measured, width), None)


def _fits(measured: Measured, width: int) -> Iterator[Fit]:
    """The layouts that fit, the best first."""
    yield from _fit(measured, width, ROOMY, fold_headings=False)
    yield from _fit(measured, width, ROOMY)
    yield from _fit(measured, width, CLOSE)
    slim = _without_bars(measured)
    yield from _fit(slim, width, CLOSE)
    yield from _with_fewer_classes(slim, width, CLOSE, least=2)
    yield from _fit(slim, width, CLOSE, fold_texts=True)
    yield from _with_fewer_classes(slim, width, CLOSE, fold_texts=True)
    yield from _fit(slim, width, TIGHT, fold_texts=True)
    yield from _with_fewer_classes(slim, width, TIGHT, fold_texts=True)


def _fit(
    measured: Measured,
    width: int,
    gap: int,
    *,
    fold_headings: bool = True,
    fold_texts: bool = False,
) -> Iterator[Fit]:
    """The grid's layout, if it fits."""
    widths = measured.widths(fold_headings)
    excess = _total(widths, gap) - width
    if fold_texts:
        least = measured.least_widths()
        while excess > 0 and widths != least:
            widest = max((w, i) for i, w in enumerate(widths) if w > least[i])[1]
            widths[widest] -= 1
            excess -= 1
    if excess <= 0:
        yield Fit(measured.grid, widths, gap)


def _with_fewer_classes(
    measured: Measured, width: int, gap: int, *, least: int = 0, fold_texts: bool = False
) -> Iterator[Fit]:
    """The layout with as many columns of each group of classes as fit, from both its ends."""
    most = max((len(group) for group in _groups(measured.grid)), default=0)
    # Instead of a single column, the one that says so would take the same room.
    low, high = least, most - 2
    found = None
    while low <= high:
        shown = (low + high) // 2
        fewer = Measured(elided(measured.grid, shown))
        layout = next(_fit(fewer, width, gap, fold_texts=fold_texts), None)
        if layout is None:
            high = shown - 1
        else:
            found, low = layout, shown + 1
    if found is not None:
        yield found


def _total(widths: Sequence[int], gap: int) -> int:
    return sum(widths) + gap * (len(widths) - 1)


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split()), default=0)


def _without_bars(measured: Measured) -> Measured:
    grid = measured.grid
    kept = [index for index, heading in enumerate(grid.headings) if heading.kind != "bar"]
    if len(kept) == len(grid.headings):
        return measured
    rows = Rows(grid.rows, lambda row: [row[index] for index in kept])
    return Measured(grid._replace(headings=[grid.headings[i] for i in kept], rows=rows))


def _groups(grid: Grid) -> list[list[int]]:
    """The columns of classes that belong together."""
    columns = groupby(enumerate(grid.headings), key=lambda pair: pair[1].of_class)
    return [[index for index, _ in pairs] for of_class, pairs in columns if of_class is not None]


def elided(grid: Grid, shown: int) -> Grid:
    """The grid with one column in place of the middle of each group of classes.

    Of those that it stands for, it has the one that is marked as the winner, or as right.
    """
    names_winner = all(heading.kind != "prediction" for heading in grid.headings)
    headings = list(grid.headings)
    spans = []
    for group in reversed(_groups(grid)):
        first, last = group[0] + shown - shown // 2, group[-1] + 1 - shown // 2
        if last - first > 1:
            spans.append((first, last))
            stem = grid.headings[first].of_class
            name = f"… {last - first} more" if shown else f"{stem}_…" if stem else "…"
            headings[first:last] = [Heading(name)]

    def change(row: Sequence[Cell]) -> Sequence[Cell]:
        cells = list(row)
        for first, last in spans:
            marked = [i for i in range(first, last) if row[i].role in ("winner", "right")]
            instead = row[marked[0]] if marked else Cell("…", "dim")
            if instead.role == "winner" and names_winner:
                name = grid.headings[marked[0]].text
                instead = instead._replace(text=f"{name} {instead.text}")
            cells[first:last] = [instead]
        return cells

    return grid._replace(headings=headings, rows=Rows(grid.rows, change))
