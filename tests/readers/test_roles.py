from typing import Any

import pytest

from softmax_cli.errors import DataError
from softmax_cli.job import Job, Sample
from softmax_cli.readers.roles import Roles, describe, find_roles, is_header


def roles_of(cells: str, header: bool = True, **options: str) -> Roles:
    return find_roles(cells.split(","), header, "f:1", *job("ce", options))


def job(command: str, options: dict[str, str]) -> tuple[Job, Sample]:
    given: dict[str, Any] = {**options}
    made = Job(command, **given)
    return made, Sample.of(made)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("a,b,y", True),
        ("0,1,2,label", True),
        ("1,2,label", True),
        (",0,1", True),
        ("1st,2nd,3rd", True),
        ("none,some", True),
        ("1,2,3", False),
        ("0.5,inf,nan", False),
        ("1e400,2", False),
    ],
)
def test_header_is_told_by_its_cells(cells: str, expected: bool) -> None:
    assert is_header(cells.split(","), "f:1", None) is expected


@pytest.mark.parametrize(
    "cells", ["img1,0.5,0.7", "0.5,0.7,cat", "NA,0", "NA,1,2", "5%,1", "1_000,x", "−1,−2"]
)
def test_text_among_numbers_is_not_guessed_at(cells: str) -> None:
    with pytest.raises(DataError):
        is_header(cells.split(","), "f:1", None)


@pytest.mark.parametrize("cells", ["1,2", "a,b", "img1,0.5"])
@pytest.mark.parametrize("forced", [True, False])
def test_an_option_decides(cells: str, forced: bool) -> None:
    assert is_header(cells.split(","), "f:1", forced) is forced


@pytest.mark.parametrize("name", ["label", "Labels", "y", "Y_TRUE", "target", "class"])
def test_label_column_by_name(name: str) -> None:
    found = roles_of(f"a,{name},b")
    assert (found.scores, found.label) == ((0, 2), 1)


@pytest.mark.parametrize("name", ["", "id", "IDX", "index", "sample", "name"])
def test_id_column_by_name(name: str) -> None:
    found = roles_of(f"{name},a,b")
    assert (found.scores, found.id) == ((1, 2), 0)


@pytest.mark.parametrize(
    ("options", "scores", "label", "targets"),
    [
        ({"label_col": "b"}, (0, 2, 3, 4), 1, ()),
        ({"label_col": "-1"}, (0, 1, 2, 3), 4, ()),
        ({"label_col": "0"}, (1, 2, 3, 4), 0, ()),
        ({"cols": "t_*", "label_col": "c"}, (3, 4), 2, ()),
        ({"cols": "1,a", "label_col": "c"}, (0, 1), 2, ()),
        ({"cols": "a,b", "target_cols": "t_*"}, (0, 1), None, (3, 4)),
        ({"cols": "[ab]", "label_col": "c"}, (0, 1), 2, ()),
    ],
)
def test_columns_by_option(
    options: dict[str, str], scores: tuple[int, ...], label: int | None, targets: tuple[int, ...]
) -> None:
    found = find_roles(["a", "b", "c", "t_0", "t_1"], True, "f:1", *job("ce", options))
    assert (found.scores, found.label, found.targets) == (scores, label, targets)


def test_without_a_header_columns_are_numbers() -> None:
    found = roles_of("1,2,3", header=False, label_col="2")
    assert (found.scores, found.label, found.class_names) == ((0, 1), 2, None)


@pytest.mark.parametrize(
    ("cells", "options", "message"),
    [
        ("a,y,label", {}, "columns 'y' and 'label' could both be the label"),
        ("id,index,a,b", {}, "columns 'id' and 'index' could both be the id"),
        ("a,b", {"label_col": "z"}, "--label-col 'z': no such column"),
        ("a,b", {"label_col": "2"}, "--label-col '2': no such column"),
        ("a,b", {"label_col": "-3"}, "--label-col '-3': no such column"),
        ("a,b", {"label_col": "--1"}, "--label-col '--1': no such column"),
        ("a,b", {"cols": "q*"}, "--cols 'q*': no such column"),
        ("a,b,a", {"label_col": "a"}, "--label-col 'a' names 2 columns"),
        ("a,b,a", {"cols": "a,b"}, "--cols 'a' names 2 columns"),
        ("y", {}, "no column is left for the scores"),
        ("c0,c1,class", {"cols": "c*", "label_col": "class"}, "column 'class' is scored, and"),
        ("a,b,t", {"cols": "*", "target_cols": "t"}, "column 't' is scored, and"),
        ("a,b,t_0,t_1,t_2", {"target_cols": "t_*"}, "--target-cols names 3 columns, but"),
    ],
)
def test_refused(cells: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(DataError) as raised:
        find_roles(cells.split(","), True, "f:1", *job("ce", options))
    assert raised.value.message.startswith("f:1: ")
    assert message in raised.value.message


def test_binary_takes_one_column_and_one_target() -> None:
    for cells, targets in (("p,q,y", ""), ("p,t_0,t_1", "t_*")):
        options = {"target_cols": targets} if targets else {}
        with pytest.raises(DataError):
            find_roles(cells.split(","), True, "f:1", *job("bce", options))


def test_class_names_are_the_header_unless_it_counts() -> None:
    assert roles_of("cat,dog,y").class_names == ("cat", "dog")
    assert roles_of("0,1,2,y").class_names is None
    assert roles_of("1,2,3,y").class_names == ("1", "2", "3")


def test_the_reading_is_told() -> None:
    header = ",".join(["id", *(f"c{i}" for i in range(10)), "y"])
    assert (
        describe(roles_of(header), Sample.of(Job("ce")))
        == "scores c0…c9 (10 classes) · label y · id id"
    )
    told = describe(roles_of("a,b,note,y", cols="a,b"), Sample.of(Job("ce")))
    assert told == "scores a, b (2 classes) · label y · not used note"
