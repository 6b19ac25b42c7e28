from pathlib import Path

import pytest

from softmax_cli.errors import BadValue, UsageError
from softmax_cli.readers.labels import LabelParser
from tests.calling import quiet, run

CE_A, CE_B = 1.3132616875182228, 0.31326168751822286  # ln(1 + e), ln(1 + 1/e)


@pytest.mark.parametrize(
    ("names", "base", "labels_as", "text", "index"),
    [
        (None, 0, None, "2", 2),
        (None, 1, None, "1", 0),
        (None, 0, None, " 2.0 ", 2),
        (None, 0, None, "1e0", 1),
        (("cat", "dog", "bird"), 0, None, "dog", 1),
        (("cat", "dog", "bird"), 0, None, "2", 2),
        (("cat", "dog", "bird"), 1, None, "2", 1),
        (("3", "4", "5"), 0, "name", "4", 1),
        (("3", "4", "5"), 0, "index", "2", 2),
        (("2", "1", "0"), 0, "name", "2", 0),
        (("2", "1", "0"), 0, "index", "2", 2),
        (("0", "1", "2"), 0, None, "2", 2),
        (("1", "2", "3"), 1, None, "3", 2),
        (("a b", "", "é"), 0, None, "é", 2),
    ],
)
def test_good_labels(
    names: tuple[str, ...] | None, base: int, labels_as: str | None, text: str, index: int
) -> None:
    assert LabelParser(3, names, base, labels_as)(text) == index


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3", "out of range 0…2"),
        ("-1", "out of range 0…2"),
        ("1e30", "out of range 0…2"),
        ("1.5", "not a whole number"),
        ("nan", "not a whole number"),
        ("inf", "not a whole number"),
        ("", "no label"),
        ("NA", "marks a missing label"),
        ("cat", "not a class index"),
        ("0x1", "not a class index"),
        ("1_0", "not a class index"),
        ("1e400", "overflows"),
    ],
)
def test_bad_labels(text: str, message: str) -> None:
    with pytest.raises(BadValue, match=message):
        LabelParser(3, None, 0, None)(text)


def test_case_of_a_name_counts_only_where_nothing_else_differs() -> None:
    assert LabelParser(2, ("cat", "dog"), 0, None)("Cat") == 0
    parser = LabelParser(3, ("a", "A", "b"), 0, None)
    assert [parser(text) for text in ("a", "A", "B")] == [0, 1, 2]


@pytest.mark.parametrize("text", ["1", "p_1", "logit_1", "Class 1", "PROB_1"])
@pytest.mark.parametrize("base", [0, 1])
def test_a_column_s_heading_is_a_label(text: str, base: int) -> None:
    index = 1 - base if text == "1" else 1
    assert LabelParser(3, None, base, None)(text) == index
    assert LabelParser(2, ("cat", "dog"), 0, None)("p_dog") == 1
    with pytest.raises(BadValue, match="is not a class index"):
        LabelParser(3, None, base, None)("p_3")


def test_one_based_is_suspected_only_before_the_first_zero() -> None:
    fresh, used = LabelParser(3, None, 0, None), LabelParser(3, None, 0, None)
    used("0")
    for parser, advised in ((fresh, True), (used, False)):
        with pytest.raises(BadValue) as raised:
            parser("3")
        assert ("1-based" in str(raised.value.advice)) is advised


@pytest.mark.parametrize("names", [("3", "4"), ("1", "0"), ("1", "2"), ("cat", "0")])
def test_integers_that_are_other_indices_are_ambiguous(names: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="ambiguous"):
        LabelParser(2, names, 0, None)


@pytest.mark.parametrize(
    ("args", "stdin"),
    [
        (("0,1", "0,1", "-l", "0,1"), ""),
        (("0,1", "0,1", "-l", "1,2", "--label-base", "1"), ""),
        (("0,1", "0,1", "-l", "cat,dog", "--classes", "cat,dog"), ""),
        (("0,1", "0,1", "--target", "1,0", "--target", "0,1"), ""),
        ((), "a,b,y\n0,1,0\n0,1,1\n"),
        ((), "a,b,y\n0,1,a\n0,1,b\n"),
        (("--label-col", "0"), "which,a,b\n0,0,1\n1,0,1\n"),
        (("--label-col", "which"), "which,a,b\n0,0,1\n1,0,1\n"),
        (("--label-col", "-1"), "0,1,0\n0,1,1\n"),
        (("--target-cols", "t_*"), "a,b,t_a,t_b\n0,1,1,0\n0,1,0,1\n"),
        (("-l", "0,1"), "a,b,y\n0,1,9\n0,1,9\n"),
        (("--labels-as", "name", "--header"), '"7","8",y\n0,1,7\n0,1,8\n'),
    ],
)
def test_every_source_of_labels_means_the_same(args: tuple[str, ...], stdin: str) -> None:
    code, out, err = run("ce", *args, "-f", "csv", stdin=stdin.encode())
    assert code == 0, err
    records = [line.split(",") for line in out.splitlines()]
    column = records[0].index("loss")
    assert [float(record[column]) for record in records[1:]] == [CE_A, CE_B]


@pytest.mark.parametrize("content", ["0\n1\n", "y\n0\n1", "\n0\r\n\n1\r\n", "# which\n0\n1\n"])
def test_labels_from_a_file(content: str, tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_bytes(content.encode())
    mean = quiet("ce", "0,1", "0,1", "-l", str(file))
    assert float(mean) == (CE_A + CE_B) / 2


def test_a_soft_target_weighs_the_losses() -> None:
    # 0.25 ln(1 + e) + 0.75 ln(1 + 1/e) = ln(1 + e) - 0.75, by hand
    loss = float(quiet("ce", "0,1", "--target", "0.25,0.75"))
    assert loss == pytest.approx(0.56326168751822283, rel=1e-15)
