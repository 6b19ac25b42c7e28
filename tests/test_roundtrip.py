"""The same numbers by whatever way: arguments, a file, a pipe, and back from JSON."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softmax_cli.job import Job, Sample
from softmax_cli.readers import open_dataset
from tests.calling import run

ROWS = [
    [2.0, 1.0, 0.1],
    [0.5, 2.0, 0.3],
    [-1e5, float("-inf"), 3.3e-5],
    [1e-320, -0.0, 5e-324],
    [0.1 + 0.2, 1 / 3, 1e22],
    [1.7976931348623157e308, 1.0, -1e308],
]
LABELS = [0, 2, 2, 1, 2, 0]


def texts(rows: list[list[float]]) -> list[str]:
    return [",".join(map(repr, row)) for row in rows]


def as_csv(rows: list[list[float]]) -> bytes:
    records = (f"{text},{y}\n" for text, y in zip(texts(rows), LABELS, strict=True))
    return ("a,b,c,y\n" + "".join(records)).encode()


def losses(*args: str, stdin: bytes = b"") -> list[str]:
    code, out, err = run("ce", *args, "--format", "csv", stdin=stdin)
    assert code == 0, err
    return [record["loss"] for record in csv.DictReader(io.StringIO(out))]


def test_arguments_file_pipe_and_json_give_the_same_bits(tmp_path: Path) -> None:
    labels = ",".join(map(str, LABELS))
    by_arguments = losses(*texts(ROWS), "--labels", labels)
    assert len(set(by_arguments)) > 3
    file = tmp_path / "rows.csv"
    file.write_bytes(as_csv(ROWS))
    assert losses(str(file)) == by_arguments
    assert losses(stdin=as_csv(ROWS)) == by_arguments
    assert losses("-", stdin=as_csv(ROWS)) == by_arguments
    code, out, _ = run("ce", str(file), "--format", "json")
    assert code == 0
    from_json = [sample["loss"] for sample in json.loads(out)["samples"]]
    assert [repr(float(loss)) for loss in from_json] == by_arguments


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl"])
def test_every_machine_format_holds_the_same_bits(kind: str) -> None:
    labels = ",".join(map(str, LABELS))
    code, out, _ = run("ce", *texts(ROWS), "--labels", labels, "--format", kind)
    assert code == 0
    if kind == "jsonl":
        found = [repr(float(json.loads(line)["loss"])) for line in out.splitlines()]
    else:
        delimiter = "," if kind == "csv" else "\t"
        records = csv.DictReader(io.StringIO(out), delimiter=delimiter)
        found = [record["loss"] for record in records]
    assert found == losses(*texts(ROWS), "--labels", labels)


def test_probabilities_written_as_csv_are_read_as_probabilities() -> None:
    rows = [row for row in ROWS if max(row) < 1e22]
    code, out, _ = run("softmax", *texts(rows), "--format", "csv")
    assert code == 0
    args = ("--from", "probs", "--cols", "p_*", "--id-col", "sample", "--format", "csv")
    code, again, err = run("softmax", *args, stdin=out.encode())
    assert code == 0, err
    original, copy = (list(csv.DictReader(io.StringIO(text))) for text in (out, again))
    assert [[float(record[f"p_{k}"]) for k in range(3)] for record in copy] == [
        [float(record[f"p_{k}"]) for k in range(3)] for record in original
    ]


# --- random tables in odd but legal writing

Spell = Callable[[float], str]
FINITE: list[Spell] = [
    repr,
    lambda x: f"{x:.17e}",
    lambda x: f"{x:.17E}",
    lambda x: f"{x:+.17g}",
    lambda x: repr(x).removeprefix("0") if 0 < x < 1 and "e" not in repr(x) else repr(x),
    lambda x: f"{int(x)}." if abs(x) < 1e15 and x == int(x) and x != 0 else repr(x),
]
NOT_FINITE: list[Spell] = [
    repr,
    lambda x: repr(x).upper(),
    lambda x: repr(x).replace("inf", "Infinity").replace("nan", "NaN"),
    lambda x: repr(x) if x < 0 else f"+{x!r}",
]
WRAPPINGS: list[Callable[[str], str]] = [
    str,
    lambda cell: f'"{cell}"',
    lambda cell: f"  {cell}",
    lambda cell: f"{cell} \t",
    lambda cell: f'"  {cell} "',
    lambda cell: f' "{cell}"',
]


@st.composite
def odd_files(draw: st.DrawFn) -> tuple[bytes, str | None, list[list[float]]]:
    width = draw(st.integers(2, 4))
    row = st.lists(st.floats(width=64), min_size=width, max_size=width)
    rows = draw(st.lists(row, min_size=1, max_size=5))
    delimiter = draw(st.sampled_from([",", ";", "|"]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))

    def cell(value: float) -> str:
        spell = draw(st.sampled_from(FINITE if np.isfinite(value) else NOT_FINITE))
        return draw(st.sampled_from(WRAPPINGS))(spell(value))

    lines = draw(st.lists(st.sampled_from(["# a comment, 1;2|3", "", "   "]), max_size=2))
    if draw(st.booleans()):
        lines.append(delimiter.join(f"c{k}" for k in range(width)))
    for values in rows:
        lines.append(delimiter.join(map(cell, values)))
        lines += draw(st.lists(st.just(""), max_size=1))
    text = end.join(lines) + draw(st.sampled_from(["", end]))
    bom = "\ufeff" if draw(st.booleans()) else ""
    # a tab beside a cell is a blank, but where tabs could be delimiters one has to say so
    told = draw(st.booleans()) or "\t" in text
    return (bom + text).encode(), delimiter if told else None, rows


@settings(max_examples=300, deadline=None)
@given(odd_files())
def test_odd_but_legal_files_read_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[bytes, str | None, list[list[float]]]
) -> None:
    content, delimiter, rows = case
    file = tmp_path_factory.getbasetemp() / "odd.csv"
    file.write_bytes(content)
    job = Job("softmax", (str(file),), delimiter=delimiter)
    batches = list(open_dataset(job, Sample.of(job)).batches)
    found = np.concatenate([batch.scores for batch in batches])
    np.testing.assert_array_equal(found, np.array(rows))
    known = ~np.isnan(found)
    np.testing.assert_array_equal(np.signbit(found)[known], np.signbit(rows)[known])
