import pytest

from softmax_cli.cli.argv import values_last
from softmax_cli.errors import UsageError
from softmax_cli.job import OPTIONS

USED = ("labels", "digits", "format", "quiet", "target", "expect_file", "classes", "log")
BY_FLAG = {flag: OPTIONS[name] for name in USED for flag in OPTIONS[name].flags}


def reorder(*args: str) -> list[str]:
    return values_last(args, BY_FLAG, "softmax-cli ce")


@pytest.mark.parametrize(
    ("line", "options", "values"),
    [
        ("-1e5 -inf -.5 -0 -nan -1,-2", "", "-1e5 -inf -.5 -0 -nan -1,-2"),
        ("-1e5 -q -inf", "-q", "-1e5 -inf"),
        ("-q -1 -f csv -2", "-q -f csv", "-1 -2"),
        ("-l -1 -2", "-l -1", "-2"),
        ("-l 0,2 2,1 3,4", "-l 0,2", "2,1 3,4"),
        ("--labels=0 -2", "--labels 0", "-2"),
        ("-d6 -2", "-d 6", "-2"),
        ("-d=6 -2", "-d 6", "-2"),
        ("-qd 6 -2", "-q -d 6", "-2"),
        ("-qd6 -2", "-q -d 6", "-2"),
        ("-qx6 -2", "-qx6", "-2"),
        ("--lables 0 -1", "--lables", "0 -1"),
        ("--lables=0 -1", "--lables=0", "-1"),
        ("-1e5 -e 5", "-e", "-1e5 5"),
        ("-infinity -INF,1 -NaN", "", "-infinity -INF,1 -NaN"),
        ("-i -info -nano", "-i -info -nano", ""),
        ("-1x -.", "", "-1x -."),
        ("- a.csv", "", "- a.csv"),
        ("-q -- -q --labels 1", "-q", "-q --labels 1"),
        ("-f -- 1", "-f --", "1"),
        ("-q -q", "-q -q", ""),
        ("", "", ""),
    ],
)
def test_values_go_last(line: str, options: str, values: str) -> None:
    assert reorder(*line.split()) == [*options.split(), "--", *values.split()]


def test_values_with_blanks_stay_whole() -> None:
    assert reorder("-1 -2", "-q", "-inf\t3") == ["-q", "--", "-1 -2", "-inf\t3"]


def test_an_option_that_lacks_its_value_stays_last() -> None:
    assert reorder("-1", "-q", "2", "-l")[-1] == "-l"


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("[2.0, 1.0, 0.1]", ["[2.0, 1.0, 0.1]"]),
        ("[2 -1 0.1] 3", ["[2 -1 0.1]", "3"]),
        ("[2, 1], [3, 4]", ["[2, 1],", "[3, 4]"]),
        ("[[2, 1], [3, 4]]", ["[[2, 1], [3, 4]]"]),
        ("2.0, 1.0, 0.1", ["2.0, 1.0, 0.1"]),
        ("2.0 , 1.0 ,0.1 3", ["2.0 , 1.0 ,0.1", "3"]),
        ("-- -1, -2", ["-1, -2"]),
        ("-1, nan, -inf", ["-1, nan, -inf"]),
        ("2,1,0.1, 0.5,2,0.3", ["2,1,0.1,", "0.5,2,0.3"]),
        ("2, 0.5,2,0.3", ["2,", "0.5,2,0.3"]),
        ("2, a.csv", ["2,", "a.csv"]),
        ("2,5 ,3", ["2,5", ",3"]),
        ("a, b", ["a,", "b"]),
        ("data[1].csv t]", ["data[1].csv", "t]"]),
    ],
)
def test_a_row_that_the_shell_took_apart_is_put_together(line: str, values: list[str]) -> None:
    assert reorder(*line.split()) == ["--", *values]


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("1 -l [0, 2]", ["-l", "[0, 2]", "--", "1"]),
        ("1 -l 0, 2 -q", ["-l", "0, 2", "-q", "--", "1"]),
        ("1 -l cat, dog", ["-l", "cat, dog", "--", "1"]),
        ("1 --labels=0, 2", ["--labels", "0, 2", "--", "1"]),
        ("[1, -q 2]", ["-q", "--", "[1,", "2]"]),
        ("--expect-file a, 2", ["--expect-file", "a,", "--", "2"]),
        ("-l 0 2 1 0.1", ["-l", "0", "--", "2", "1", "0.1"]),
        ("-q -l 0 2 1 0.1 -d 3", ["-q", "-l", "0", "-d", "3", "--", "2", "1", "0.1"]),
        ("2,1 -l 0 3,4", ["-l", "0", "--", "2,1", "3,4"]),
        ("2,1 -l 0 a.csv", ["-l", "0", "--", "2,1", "a.csv"]),
        ("2 -d 4 1", ["-d", "4", "--", "2", "1"]),
    ],
)
def test_a_list_goes_on_after_a_comma_and_inputs_may_follow(line: str, given: list[str]) -> None:
    assert reorder(*line.split()) == given


@pytest.mark.parametrize(
    ("line", "message", "advice"),
    [
        ("2 1 0.1 -l 0 2", "-l 0 2:", "-l 0,2"),
        ("2 1 0.1 -q -l 0 -1 -f csv", "-l 0 -1:", "-l 0,-1"),
        ("-l 0 2 2,1 3,4", "-l 0 2:", "-l 0,2"),
        ("-l 0 2 a.csv", "-l 0 2:", "-l 0,2"),
        ("-l 0 1 -q 0.9 0.2", "-l 0 1:", "-l 0,1"),
        ("1 2 --target 1 2 4", "--target 1 2 4:", "--target 1,2,4"),
        ("1 2 --classes cat dog", "--classes cat dog:", "--classes cat,dog"),
        ("--classes cat dog", "--classes cat dog:", "--classes cat,dog"),
        ("2,1 3,4 -l 0 -l 2", "--labels is given twice", "-l 0,2"),
        ("2,1 3,4 -l 0 --labels=2", "--labels is given twice", "-l 0,2"),
        ("2,1 -l a.txt -l b.txt", "--labels is given twice", "keep one of them"),
        ("2,1 --expect-file a --expect-file b", "--expect-file is given twice", "keep one of them"),
        ("2,1 -f csv -qf json", "--format is given twice", "keep one of them"),
    ],
)
def test_an_option_of_one_value_has_one(line: str, message: str, advice: str) -> None:
    with pytest.raises(UsageError) as raised:
        reorder(*line.split())
    assert raised.value.message.startswith(message)
    assert advice in str(raised.value.advice)
