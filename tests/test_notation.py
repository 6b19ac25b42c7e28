"""Texts as Python, NumPy, PyTorch and MATLAB print them, and as people type them."""

import re
from contextlib import suppress
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softmax_cli.cli.argv import values_last
from softmax_cli.errors import BadValue
from softmax_cli.notation import decimal_doubt, parse_row, read_list, read_row, read_rows
from softmax_cli.text import parse_number

NUMBERS = st.floats(-1e6, 1e6).map(lambda x: round(x, 4))
BATCHES = st.integers(1, 4).flatmap(
    lambda k: st.lists(st.lists(NUMBERS, min_size=k, max_size=k), min_size=1, max_size=4)
)


def numbers(text: str, decimal: str = ".") -> list[list[float]]:
    return [[parse_number(cell, decimal) for cell in row] for row in read_rows(text, decimal).rows]


@given(BATCHES)
def test_what_python_and_numpy_print_is_read(batch: list[list[float]]) -> None:
    array = np.array(batch)
    with np.printoptions(floatmode="unique"):
        printed = [str(batch), str(tuple(map(tuple, batch))), repr(array), str(array)]
    for text in printed:
        assert numbers(text) == batch
    assert numbers(repr(list(array[0]))) == [batch[0]]  # np.float64(2.0)


@settings(deadline=None)  # the first call imports PyTorch
@given(BATCHES)
def test_what_pytorch_prints_is_read(batch: list[list[float]]) -> None:
    torch = pytest.importorskip("torch")
    torch.set_printoptions(precision=10, sci_mode=False, linewidth=80)
    tensor = torch.tensor(batch, dtype=torch.float64)
    printed = [repr(tensor), repr(tensor.requires_grad_()), repr(tensor * 1.0)]
    for text in printed:
        assert numbers(text) == batch


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("2,1,0.1", [[2, 1, 0.1]]),
        ("2 1 0.1", [[2, 1, 0.1]]),
        ("2, 1, 0.1", [[2, 1, 0.1]]),
        ("2,1;3,4", [[2, 1], [3, 4]]),
        ("2 1; 3 4;", [[2, 1], [3, 4]]),
        ("2 1\n3 4\n", [[2, 1], [3, 4]]),
        ("2\n1\n3", [[2, 1, 3]]),
        ("2,1,0.1 0.5,2,0.3", [[2, 1, 0.1], [0.5, 2, 0.3]]),
        ("[2 1; 0.5 2]", [[2, 1], [0.5, 2]]),
        ("[2,1], [3,4]", [[2, 1], [3, 4]]),
        ("[2,1]\n[3,4]", [[2, 1], [3, 4]]),
        ("[2,1];[3,4]", [[2, 1], [3, 4]]),
        ("[2,1,]", [[2, 1]]),
        ("{2, 1}", [[2, 1]]),
        ("tensor(2.5, device='cuda:0', grad_fn=<X>)", [[2.5]]),
        ("torch.tensor([[2., 1.]]),", [[2, 1]]),
        ("array([2., 1.], dtype=float32)", [[2, 1]]),
    ],
)
def test_rows(text: str, rows: list[list[float]]) -> None:
    assert numbers(text) == rows


@pytest.mark.parametrize(("text", "is_row"), [("2", False), ("[2]", True), ("tensor(2.)", False)])
def test_a_number_in_brackets_is_a_row(text: str, is_row: bool) -> None:
    assert read_rows(text).is_row == is_row


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("2,5", [[2.5]]),
        ("-2,5;1,0", [[-2.5, 1]]),
        ("2,5 1,0", [[2.5, 1]]),
        ("[2,5; 1,0]", [[2.5, 1]]),
        ("[[2,5; 1]; [1; 2]]", [[2.5, 1], [1, 2]]),
        ("1;2,5\n2;3", [[1, 2.5], [2, 3]]),
    ],
)
def test_decimal_commas(text: str, rows: list[list[float]]) -> None:
    assert numbers(text, ",") == rows


@pytest.mark.parametrize(
    ("text", "decimal", "message"),
    [
        ("2;1;0.1", ".", "2;1;0.1 may be one row, or a number in each of 3"),
        ("[2;1]", ".", "2;1 may be one row"),
        ("[2", ".", "a bracket is not closed: '[2'"),
        ("[2)]", ".", "')' closes no bracket"),
        ("[]", ".", "no number between the brackets"),
        ("[[2,1],3]", ".", "'3' stands beside rows in brackets"),
        ("[[[1]]]", ".", "brackets within brackets"),
        ("[1, ..., 3]", ".", "'...' stands for numbers that were not printed"),
        ("tensor([1], [2])", ".", "2 values where one array should be"),
    ],
)
def test_what_is_not_clear_is_refused(text: str, decimal: str, message: str) -> None:
    with pytest.raises(BadValue, match=re.escape(message)):
        read_rows(text, decimal)


@given(st.text("[](){},; .-'\"\n12ea_tensor", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for decimal in ".,":
        try:
            rows = read_rows(text, decimal).rows
        except BadValue:
            continue
        assert rows
        assert all(rows)


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 50_000 + "]" * 50_000, "1," * 100_000])
def test_deep_and_long_texts_take_no_stack(text: str) -> None:
    try:
        rows = read_rows(text).rows
    except BadValue:
        return
    assert len(rows[0]) == 100_001


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0,2", ["0", "2"]),
        ("0 2", ["0", "2"]),
        ("0; 2", ["0", "2"]),
        ("0\n2\n", ["0", "2"]),
        ("[0, 2]", ["0", "2"]),
        ("tensor([0, 2])", ["0", "2"]),
        ("['cat', 'new york']", ["cat", "new york"]),
        ("New York, Paris", ["New York", "Paris"]),
        ("new york", ["new york"]),
        ("", [""]),
    ],
)
def test_lists(text: str, words: list[str]) -> None:
    assert read_list(text) == words


@pytest.mark.parametrize("text", ["1" * 100_000 + "x", "[" + "1" * 100_000 + "x", "a." * 50_000])
def test_what_is_long_is_told_apart_in_linear_time(text: str) -> None:
    start = perf_counter()
    with suppress(BadValue):
        read_rows(text)
    values_last([text, text], {}, "softmax-cli ce")
    assert perf_counter() - start < 1


def test_one_row() -> None:
    assert parse_row("[1, 2]") == [1, 2]
    assert read_row("0.50") == ["0.50"]
    with pytest.raises(BadValue, match="2 rows where one should be"):
        read_row("1,2;3,4")


def test_what_a_decimal_comma_may_be() -> None:
    assert str(decimal_doubt("2,5")).startswith("2,5 is read as two numbers, 2 and 5")
    assert [decimal_doubt(text) for text in ("2,5,1", "2.0,5", "2,", "[2,5]")] == [None] * 4
