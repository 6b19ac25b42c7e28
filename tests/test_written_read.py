"""What the program writes, it reads: by every command that writes scores, in every format.

What is right is computed from the columns that were written, by their names.
"""

import json
import math
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.calling import run

FORMATS = ("csv", "tsv", "parquet", "json", "jsonl")
NAMES = ((), ("cat", "Dog", "bird"), ("New York", "none", "a"), ("p_x", "x", "X"), ("+", "1a", "_"))
Columns = Mapping[str, Sequence[object]]

row = st.lists(st.integers(-80, 80).map(lambda n: n / 8), min_size=3, max_size=3)
labelled_rows = st.lists(st.tuples(row, st.integers(0, 2)), min_size=1, max_size=4)
outputs = st.lists(st.tuples(st.floats(0.01, 0.99), st.integers(0, 1)), min_size=1, max_size=4)
of_files = settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def write(file: Path, *command: str, names: Sequence[str] = ()) -> Columns:
    """What the command writes in the format of the file's suffix, as others read it."""
    kind = file.suffix.removeprefix(".")
    code, _, err = run(*command, "-f", kind, "-o", str(file), "--force")
    assert code == 0, (shlex.join(command), err)
    if kind == "parquet":
        return pl.read_parquet(file).to_dict(as_series=False)
    if kind.startswith("json"):
        return as_columns(file, names)
    separator = "\t" if kind == "tsv" else ","
    frame = pl.read_csv(file, separator=separator, infer_schema=False)
    return frame.to_dict(as_series=False)


def as_columns(file: Path, names: Sequence[str]) -> Columns:
    """The columns of JSON, lists of probabilities taken apart as CSV names them.

    Lines have no place for the names of the classes.
    """
    text = file.read_text()
    whole = json.loads(text) if file.suffix == ".json" else {"samples": []}
    samples = whole["samples"] or [json.loads(line) for line in text.splitlines()]
    columns: dict[str, list[object]] = {}
    for sample in samples:
        for key, value in sample.items():
            if isinstance(value, list):
                classes = whole.get("classes", names or range(len(value)))
                stem = {"probabilities": "p", "log_probabilities": "logp"}.get(key, key)
                for name, part in zip(classes, value, strict=True):
                    columns.setdefault(f"{stem}_{name}", []).append(part)
            else:
                columns.setdefault(key, []).append(value)
    return columns


def again(file: Path, *command: str) -> Columns:
    """What the command writes of that file."""
    return write(file.with_name("again.csv"), *command, str(file))


def numbers(columns: Columns, name: str) -> list[float]:
    return [float(str(value)) for value in columns[name]]


def texts(columns: Columns, name: str) -> list[str]:
    return [str(value) for value in columns[name]]


def in_rows(table: list[tuple[list[float], int]]) -> list[str]:
    return [",".join(map(repr, scores)) for scores, _ in table]


@pytest.mark.parametrize("kind", FORMATS)
@given(labelled_rows, st.sampled_from(NAMES))
@of_files
def test_probabilities_with_labels(
    tmp_path: Path, kind: str, table: list[tuple[list[float], int]], names: tuple[str, ...]
) -> None:
    labels = ",".join(names[label] if names else str(label) for _, label in table)
    classes = ["--classes", ",".join(names)] if names else []
    file = tmp_path / f"written.{kind}"
    first = write(file, "ce", *in_rows(table), "-l", labels, *classes, names=names)
    told = classes if kind == "jsonl" else []
    second = again(file, "ce", "--from", "probs", *told)
    for name in ("sample", "label", "predicted"):
        assert texts(second, name) == texts(first, name)
    probabilities = [numbers(first, f"p_{label}")[i] for i, label in enumerate(first["label"])]
    expected = [-math.log(p) if p else math.inf for p in probabilities]
    assert numbers(second, "loss") == pytest.approx(expected, rel=1e-15, abs=0)
    for name in names or "012":
        assert numbers(second, f"p_{name}") == numbers(first, f"p_{name}")


@pytest.mark.parametrize("kind", FORMATS)
@given(labelled_rows)
@of_files
def test_log_probabilities(tmp_path: Path, kind: str, table: list[tuple[list[float], int]]) -> None:
    file = tmp_path / f"written.{kind}"
    first = write(file, "softmax", "--log", *in_rows(table))
    second = again(file, "softmax", "--from", "logprobs")
    for index in "012":
        expected = [math.exp(value) for value in numbers(first, f"logp_{index}")]
        assert numbers(second, f"p_{index}") == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("command", [("bce",), ("predict", "--binary", "--from", "probs")])
@given(outputs)
@of_files
def test_binary_outputs(
    tmp_path: Path, kind: str, command: tuple[str, ...], table: list[tuple[float, int]]
) -> None:
    file = tmp_path / f"written.{kind}"
    labels = ",".join(str(label) for _, label in table)
    first = write(file, *command, *(repr(p) for p, _ in table), "-l", labels)
    second = again(file, "bce")
    assert numbers(second, "probability") == numbers(first, "probability") == [p for p, _ in table]
    expected = [-math.log(p) if label else -math.log1p(-p) for p, label in table]
    assert numbers(second, "loss") == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("kind", FORMATS)
@given(labelled_rows)
@of_files
def test_values(tmp_path: Path, kind: str, table: list[tuple[list[float], int]]) -> None:
    file = tmp_path / f"written.{kind}"
    predicted = [repr(scores[0]) for scores, _ in table]
    targets = ",".join(repr(scores[1]) for scores, _ in table)
    write(file, "mae", *predicted, "--target", targets)
    second = again(file, "mae")
    assert numbers(second, "loss") == [abs(x - t) for (x, t, _), _ in table]


@pytest.mark.parametrize("kind", FORMATS)
def test_answers_and_gradients_beside_probabilities_are_no_scores(
    tmp_path: Path, kind: str
) -> None:
    file = tmp_path / f"written.{kind}"
    first = write(file, "ce", "2,1,0.1", "0.5,2,0.3", "-l", "0,2", "--grad")
    second = again(file, "ce", "--from", "probs")
    expected = [-math.log(numbers(first, f"p_{y}")[i]) for i, y in enumerate((0, 2))]
    assert numbers(second, "loss") == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("kind", FORMATS)
def test_predictions_alone_are_no_scores(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"written.{kind}"
    for options in ([], ["--top-k", "2"], ["--top-k", "3"]):
        write(file, "predict", "2,1,0.1", "0.5,2,0.3", "-l", "0,2", *options)
        code, out, err = run("ce", "--from", "probs", "-q", str(file))
        assert (code, out) == (2, ""), err
