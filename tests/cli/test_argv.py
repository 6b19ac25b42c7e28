import pytest

from softmax_cli.cli.argv import values_last

TAKING_VALUE = {"--labels", "-l", "--digits", "-d", "--format", "-f"}


@pytest.mark.parametrize(
    ("line", "options", "values"),
    [
        ("-1e5 -inf -.5 -0 -nan -1,-2", "", "-1e5 -inf -.5 -0 -nan -1,-2"),
        ("-1e5 -q -inf", "-q", "-1e5 -inf"),
        ("-q -1 -f csv -2", "-q -f csv", "-1 -2"),
        ("-l -1 -2", "-l -1", "-2"),
        ("-l 0,2 2,1 3,4", "-l 0,2", "2,1 3,4"),
        ("--labels=0 -2", "--labels=0", "-2"),
        ("-d6 -2", "-d6", "-2"),
        ("-qd 6 -2", "-qd 6", "-2"),
        ("-qd6 -2", "-qd6", "-2"),
        ("--lables 0 -1", "--lables", "0 -1"),
        ("-1e5 -e 5", "-e", "-1e5 5"),
        ("-infinity -INF,1 -NaN", "", "-infinity -INF,1 -NaN"),
        ("-i -info -nano", "-i -info -nano", ""),
        ("-1x -.", "", "-1x -."),
        ("- a.csv", "", "- a.csv"),
        ("-q -- -q --labels 1", "-q", "-q --labels 1"),
        ("-f -- 1", "-f --", "1"),
        ("", "", ""),
    ],
)
def test_values_go_last(line: str, options: str, values: str) -> None:
    assert values_last(line.split(), TAKING_VALUE) == [*options.split(), "--", *values.split()]


def test_values_with_blanks_stay_whole() -> None:
    line = ["-1 -2", "-q", "-inf\t3"]
    assert values_last(line, TAKING_VALUE) == ["-q", "--", "-1 -2", "-inf\t3"]


def test_an_option_that_lacks_its_value_stays_last() -> None:
    assert values_last(["-1", "-q", "2", "-l"], TAKING_VALUE)[-1] == "-l"
