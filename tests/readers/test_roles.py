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


@pytest.mark.parametrize(
    "name", ["", "id", "IDX", "index", "sample", "name", "Unnamed: 0", "image_id", "Row-ID"]
)
def test_id_column_by_name(name: str) -> None:
    found = roles_of(f"{name},a,b")
    assert (found.scores, found.id) == ((1, 2), 0)


@pytest.mark.parametrize(
    ("options", "scores", "label", "targets"),
    [
        ({"label_col": "b"}, (0, 2, 3, 4), 1, ()),
        ({"label_col": "B"}, (0, 2, 3, 4), 1, ()),
        ({"label_col": "-1"}, (0, 1, 2, 3), 4, ()),
        ({"label_col": "0"}, (1, 2, 3, 4), 0, ()),
        ({"cols": "d.*", "label_col": "c"}, (3, 4), 2, ()),
        ({"cols": "D.*", "label_col": "c"}, (3, 4), 2, ()),
        ({"cols": "b-d.two", "label_col": "0"}, (1, 2, 3, 4), 0, ()),
        ({"cols": "0-1,-1", "label_col": "c"}, (0, 1, 4), 2, ()),
        ({"cols": "1,a", "label_col": "c"}, (0, 1), 2, ()),
        ({"cols": "a,b", "target_cols": "d.*"}, (0, 1), None, (3, 4)),
        ({"cols": "[ab]", "label_col": "c"}, (0, 1), 2, ()),
    ],
)
def test_columns_by_option(
    options: dict[str, str], scores: tuple[int, ...], label: int | None, targets: tuple[int, ...]
) -> None:
    found = find_roles(["a", "b", "c", "d.one", "d.two"], True, "f:1", *job("ce", options))
    assert (found.scores, found.label, found.targets) == (scores, label, targets)


def test_without_a_header_columns_are_numbers() -> None:
    found = roles_of("1,2,3", header=False, label_col="2")
    assert (found.scores, found.label, found.class_names) == ((0, 1), 2, None)


@pytest.mark.parametrize(
    ("cells", "options", "message"),
    [
        ("a,y,label", {}, "columns 'y' and 'label' could both be the label"),
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
        ("a,b,t_0,t_1,t_2", {"target_cols": "t_*"}, "3 columns of targets (t_0, t_1, t_2), but 2"),
    ],
)
def test_refused(cells: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(DataError) as raised:
        find_roles(cells.split(","), True, "f:1", *job("ce", options))
    assert raised.value.message.startswith("f:1: ")
    assert message in raised.value.message


@pytest.mark.parametrize(
    ("header", "options", "scores"),
    [
        ("Unnamed: 0,logit_0,logit_1,label", {}, "logit_0,logit_1"),
        ("Logit_0,LOGIT_1,label,Epoch,Step,LR,Loss", {}, "Logit_0,LOGIT_1"),
        ("id,cat,dog,bird,label,loss", {}, "cat,dog,bird"),
        ("cat,dog,weight,split,fold,pred,correct,y", {}, "cat,dog"),
        ("p_cat,p_dog,label,predicted,loss,grad_cat,grad_dog", {}, "p_cat,p_dog"),
        ("0,1,2,label,image_id,prediction", {}, "0,1,2"),
        ("p_0,p_1,logit_0,logit_1,y", {}, "logit_0,logit_1"),
        ("p_0,p_1,logit_0,logit_1,y", {"scores": "probs"}, "p_0,p_1"),
        ("height,dog,cat,width,y", {"classes": ("cat", "dog")}, "cat,dog"),
        ("p_height,p_dog,p_cat,y", {"classes": ("cat", "DOG")}, "p_cat,p_dog"),
        ("p_0,p_1,p_10,p_2,p_3,p_4,p_5,p_6,p_7,p_8,p_9,y", {}, "p_0-p_10"),
        ("c2,c0,c1,y", {}, "c0,c1,c2"),
    ],
)
def test_only_scores_are_scored_and_in_their_order(
    header: str, options: dict[str, Any], scores: str
) -> None:
    cells = header.split(",")
    found = find_roles(cells, True, "f:1", *job("ce", options))
    names = [f"p_{k}" for k in range(11)] if scores == "p_0-p_10" else scores.split(",")
    assert [cells[column] for column in found.scores] == names


@pytest.mark.parametrize(
    ("header", "advice"),
    [
        ("logit_0,logit_1,y,height", "say --cols logit_0,logit_1 if not,"),
        ("0,1,2,height,width,y", "say --cols 0,1,2 if not, --cols 0,1,2,height,width if so"),
        ("p_0,p_1,p_2,p_max,y", "say --cols p_0,p_1,p_2 if not, --cols 'p_*' if so"),
        ("x_0,x_1,f_0,f_1,y", "say --cols x_0,x_1 or --cols f_0,f_1"),
        ("p_0,p_1,t_0,t_1", "say --cols p_0,p_1 --target-cols t_0,t_1"),
        ("correct,other,y", "say --cols correct,other"),
        ("y_true,y_score", "one score of a binary network? say softmax-cli bce"),
    ],
)
def test_in_doubt_the_line_to_type_is_told(header: str, advice: str) -> None:
    with pytest.raises(DataError) as raised:
        roles_of(header)
    assert raised.value.advice is not None
    assert raised.value.advice.startswith(advice)


@pytest.mark.parametrize(
    ("command", "header", "scores", "targets"),
    [
        ("mse", "epoch,guess,truth", (1,), (2,)),
        ("mse", "price,pred", (1,), (0,)),
        ("mse", "sample,prediction,target,loss", (1,), (2,)),
        ("mse", "true_0,true_1,pred_0,pred_1", (2, 3), (0, 1)),
        ("kl", "p_a,p_b,q_b,q_a", (2, 3), (1, 0)),
    ],
)
def test_pairs(
    command: str, header: str, scores: tuple[int, ...], targets: tuple[int, ...]
) -> None:
    found = find_roles(header.split(","), True, "f:1", *job(command, {}))
    assert (found.scores, found.targets) == (scores, targets)


def test_targets_stand_in_the_order_of_the_scores() -> None:
    found = roles_of("p_b,p_a,t_a,t_b", cols="p_*", target_cols="t_*")
    assert (found.scores, found.targets) == ((0, 1), (3, 2))


def test_of_several_ids_one_is_carried() -> None:
    for header, column in (("sample,id,a,b", 1), ("index,image_id,a,b", 1), ("id,name,a,b", 0)):
        found = roles_of(header)
        assert (found.id, found.scores) == (column, (2, 3))


def test_a_text_beside_a_group_is_no_score() -> None:
    cells = ["logit_0", "logit_1", "path", "y"]
    found = find_roles(cells, True, "f:1", *job("ce", {}), texts=[2])
    assert (found.scores, found.unused) == ((0, 1), (2,))


def test_binary_takes_one_column_and_one_target() -> None:
    for cells, targets in (("p,q,y", ""), ("p,t_0,t_1", "t_*")):
        options = {"target_cols": targets} if targets else {}
        with pytest.raises(DataError):
            find_roles(cells.split(","), True, "f:1", *job("bce", options))


def test_class_names_are_the_header_unless_it_counts() -> None:
    assert roles_of("cat,dog,y").class_names == ("cat", "dog")
    assert roles_of("0,1,2,y").class_names is None
    assert roles_of("1,2,3,y").class_names == ("1", "2", "3")
    assert roles_of("p_cat,p_dog,y").class_names == ("cat", "dog")
    assert roles_of("logit_0,logit_1,y").class_names is None
    assert roles_of("Class 1,Class 2,y").class_names == ("1", "2")


def test_the_reading_is_told() -> None:
    header = ",".join(["id", *(f"c{i}" for i in range(10)), "y"])
    assert (
        describe(roles_of(header), Sample.of(Job("ce")))
        == "scores c0…c9 (10 classes) · label y · id id"
    )
    told = describe(roles_of("a,b,note,y", cols="a,b"), Sample.of(Job("ce")))
    assert told == "scores a, b (2 classes) · label y · not used note"
