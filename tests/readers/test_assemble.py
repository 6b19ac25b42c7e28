"""What makes a row a sample is decided alike for all formats."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.calling import run

ROWS = [
    {"a": 1.5, "b": 2.5, "y": 0, "w": 1.0},
    {"a": 0.5, "b": 1.5, "y": 1, "w": 2.0},
    {"a": 3.5, "b": 0.5, "y": 1, "w": 0.5},
]


def write(path: Path, rows: list[dict[str, float | None]], repeats: int = 1) -> None:
    """The rows in the format that the file's name says; good rows come before, if many."""
    if path.suffix == ".npz":
        arrays = {key: np.array([row[key] for row in rows], dtype=np.float64) for key in rows[0]}
        scores = np.column_stack([arrays["a"], arrays["b"]])
        np.savez(path, logits=scores, y=arrays["y"], w=arrays["w"])
        return
    if path.suffix == ".jsonl":
        lines = [json.dumps(row) for row in rows]
    else:
        cells = [["" if value is None else str(value) for value in row.values()] for row in rows]
        head = ["1.5,2.5,0,1.0"] * (repeats - 1)
        lines = [",".join(rows[0]), *head, *(",".join(row) for row in cells)]
    path.write_text("\n".join(lines) + "\n")


def changed(**cells: tuple[int, float | None]) -> list[dict[str, float | None]]:
    """The rows with some cells changed: a column's name, and the row and its new value."""
    rows: list[dict[str, float | None]] = [{**row} for row in ROWS]
    for column, (row, value) in cells.items():
        rows[row][column] = value
    return rows


@pytest.mark.parametrize(
    ("rows", "first"),
    [
        (changed(y=(1, 7), w=(2, -1.0)), (1, "label 7 is out of range 0…1")),
        (changed(y=(2, 7), w=(1, -1.0)), (1, "weight -1.0 is not a finite number from 0 on")),
        (changed(y=(1, 7), w=(1, -1.0)), (1, "label 7 is out of range 0…1")),
        (changed(w=(0, float("inf"))), (0, "weight inf is not a finite number from 0 on")),
    ],
)
@pytest.mark.parametrize("name", ["x.csv", "x.npz"])
def test_the_first_bad_cell_is_told(
    name: str, rows: list[dict[str, float | None]], first: tuple[int, str], tmp_path: Path
) -> None:
    write(tmp_path / name, rows)
    code, _, err = run("ce", str(tmp_path / name), "--sample-weight-col", "w", "-q")
    row, message = first
    place = f"x.csv:{row + 2}: " if name == "x.csv" else f" sample {row}: "
    assert code == 2
    assert place in err
    assert message in err


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (changed(y=(1, 7)), "x.csv:200001: column 'y': label 7 is out of range 0…1"),
        (changed(w=(2, -1.0)), "x.csv:200002: column 'w': weight -1.0 is not a finite number"),
        (changed(a=(0, None), y=(2, 7)), "x.csv:200000: column 'a': empty cell"),
    ],
)
def test_a_long_file_is_told_of_alike(
    rows: list[dict[str, float | None]], message: str, tmp_path: Path
) -> None:
    write(tmp_path / "x.csv", rows, repeats=199_999)
    code, _, err = run("ce", str(tmp_path / "x.csv"), "--sample-weight-col", "w", "-q")
    assert code == 2
    assert message in err


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl"])
def test_rows_left_out_are_told_by_the_first(name: str, tmp_path: Path) -> None:
    write(tmp_path / name, changed(a=(1, None), y=(2, None)))
    code, _, err = run("ce", str(tmp_path / name), "--missing", "skip", "--cols", "a,b")
    assert code == 0
    place = {"x.csv": "x.csv:3", "x.jsonl": "x.jsonl:2"}[name]
    assert f"left out 2 rows, the first at {tmp_path}/{place}: column 'a': " in err


def test_a_textual_column_of_a_table_is_told(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1], "b": ["x"], "y": [0]}).write_parquet(tmp_path / "x.parquet")
    code, _, err = run("ce", str(tmp_path / "x.parquet"))
    assert code == 2
    assert "x.parquet: column 'b': String, not numbers\n  not a score? say --cols a" in err
