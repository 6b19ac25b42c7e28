"""Each kind of column as each format writes it."""

from typing import NamedTuple

import numpy as np
import pytest

from softmax_cli.data import IGNORED, Array, Batch, BoolArray, Column, Kind, Places, Result, Schema
from softmax_cli.report import Cell
from softmax_cli.writers.cells import cells, for_json, headings, plain, series, text

NAMED = Schema(2, ("cat", "dog\x1b"), None, has_labels=True, reading="")
UNNAMED = NAMED._replace(class_names=None)
OUT: BoolArray = np.array([True])


def values(*items: object) -> Array:
    return np.array(items)


class Case(NamedTuple):
    kind: Kind
    values: Array
    blank: BoolArray | None
    schema: Schema
    text: str
    json: object
    shown: Cell


CASES = [
    Case("number", values(0.125), None, NAMED, "0.125", 0.125, Cell("0.12")),
    Case("number", values(np.inf), None, NAMED, "inf", "inf", Cell("inf")),
    Case("number", values(np.nan), OUT, NAMED, "", None, Cell("ignored", "dim")),
    Case("probability", values(1e-9), None, NAMED, "1e-9", 1e-9, Cell("1.00e-09")),
    Case("difference", values(np.nan), None, NAMED, "nan", "nan", Cell("")),
    Case("class", values(1), None, NAMED, "dog\\x1b", "dog\x1b", Cell("dog\\x1b")),
    Case("class", values(1), None, UNNAMED, "1", 1, Cell("1")),
    Case("class", values(-1), None, NAMED, "", None, Cell("")),
    Case("prediction", values(0), None, NAMED, "cat", "cat", Cell("cat ✓", "right")),
    Case("flag", values(False), None, NAMED, "false", False, Cell("✗", "wrong")),
    Case("text", values("a\x07"), None, NAMED, "a\\x07", "a\x07", Cell("a\\x07")),
    Case("answer", values("0.50"), None, NAMED, "0.50", 0.5, Cell("0.50")),
    Case("answer", values("n/a"), None, NAMED, "n/a", None, Cell("n/a")),
    Case("verdict", values("blank"), None, NAMED, "blank", "blank", Cell("✗ blank", "wrong")),
]


@pytest.mark.parametrize("case", CASES)
def test_kinds(case: Case) -> None:
    column = Column(case.values, case.kind, case.blank)
    labels = np.array([0 if case.blank is None else IGNORED])
    batch = Batch(0, np.zeros((1, 2)), Places("", [0]), labels=labels)
    result = Result(batch, {"x": column}, labels)
    assert [text(each) for each in plain(column, case.schema)] == [case.text]
    assert for_json(column, case.schema) == [case.json]
    assert cells(column, result, case.schema, digits=2) == [case.shown]


def test_polars_writes_the_same() -> None:
    pytest.importorskip("polars")
    for case in CASES:
        (found,) = series(Column(case.values, case.kind, case.blank), case.schema).to_list()
        assert text(found) == case.text


def test_a_flag_says_it_already() -> None:
    labels = np.array([0])
    batch = Batch(0, np.zeros((1, 2)), Places("", [0]), labels=labels)
    columns = {"p": Column(labels, "prediction"), "correct": Column(np.array([True]), "flag")}
    result = Result(batch, columns, labels)
    assert cells(columns["p"], result, NAMED, digits=2) == [Cell("cat")]


def test_several_values_for_a_sample() -> None:
    column = Column(np.array([["0.1", ""]]), "answer")
    assert for_json(column, UNNAMED) == [[0.1, None]]
    assert [plain(part, UNNAMED) for part in column.parts()] == [["0.1"], [""]]
    assert list(headings("expected", column, UNNAMED)) == ["expected_0", "expected_1"]
    probabilities = Column(np.zeros((1, 2)), "log_probability")
    assert list(headings("whatever", probabilities, NAMED)) == ["logp_cat", "logp_dog\\x1b"]
