"""A table fits any terminal: no number is broken, and the winner is there."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from softmax_cli.report import Cell, Grid, Heading, LeftOut
from softmax_cli.writers.table import draw, draw_below

NARROWEST = 30
NUMBERS = st.sampled_from(["0", "0.4170", "-12.5000", "2.4048e-05", "1000000003.3133", "inf"])
TEXTS = st.text("ab ä日|", max_size=40).map(str.strip)


@st.composite
def grids(draw_from: st.DrawFn) -> Grid:
    """As writers build them: numbers, texts, a prediction, classes of which one wins, a bar."""
    k = draw_from(st.integers(0, 12))
    n_numbers = draw_from(st.integers(1, 4))
    n = draw_from(st.integers(1, 4))
    headings = [Heading("sample"), *(Heading(f"number {i}") for i in range(n_numbers))]
    headings += [Heading("id", "text"), Heading("predicted", "prediction")]
    headings += [Heading(f"p_{i}", of_class="p") for i in range(k)] + [Heading("", "bar")]
    rows = []
    for row in range(n):
        winner = draw_from(st.integers(0, max(k - 1, 0)))
        cells = [Cell(str(row)), *(Cell(draw_from(NUMBERS)) for _ in range(n_numbers))]
        cells += [Cell(draw_from(TEXTS)), Cell(f"{winner} ✓", "right")]
        cells += [
            Cell(f"▸0.9{row}{i:02}", "winner") if i == winner else Cell(f"0.0{row}{i:02}")
            for i in range(k)
        ]
        rows.append([*cells, Cell("█" * 20, "bar")])
    return Grid(headings, rows, LeftOut(7, n // 2) if n > 1 else None)


@settings(max_examples=300)
@given(grids(), st.integers(NARROWEST, 250))
def test_a_table_fits_and_keeps_its_numbers(grid: Grid, width: int) -> None:
    lines = list(draw(grid, width))
    assert max(map(cell_len, lines)) <= width
    shown = " ".join(lines).split()
    for row in grid.rows:
        for heading, cell in zip(grid.headings, row, strict=True):
            if heading.kind == "number" and (heading.of_class is None or cell.role == "winner"):
                assert cell.text in shown
    assert ("… 7 more" in "\n".join(lines)) is (grid.left_out is not None)


@given(grids())
def test_with_room_for_all_nothing_is_left_out(grid: Grid) -> None:
    assert list(draw(grid, 10_000)) == list(draw(grid, None))


@given(st.text("ab |日", max_size=60), st.integers(4, 30))
def test_folding_loses_no_word_and_breaks_only_those_longer_than_a_line(
    text: str, width: int
) -> None:
    lines = list(draw_below([Cell(text)], width))
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for word in re.split(r"[ ]+|(?<=\|)", text):
        assert not word or cell_len(word) >= width or any(word in line for line in lines)


def test_headings_fold_before_columns_come_closer() -> None:
    grid = Grid([Heading("a long heading"), Heading("b")], [[Cell("1"), Cell("2")]])
    assert list(draw(grid, 16)) == [
        "",
        "  a long",
        " heading   b",
        " " + "─" * 11,
        "       1   2",
        "",
    ]
