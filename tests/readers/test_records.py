import pytest

from softmax_cli.errors import DataError
from softmax_cli.readers.lines import Lines
from softmax_cli.readers.records import find_start, read_records


def records(text: str, delimiter: str | None = None) -> list[tuple[int, list[str]]]:
    lines = Lines("f", iter([text.encode()] if text else []))
    found = find_start(lines, delimiter)
    return [] if found is None else [(r.line, r.cells) for r in read_records(lines, found)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n", [(1, ["a", "b"]), (2, ["1", "2"])]),
        ("a;b\n1;2\n", [(1, ["a", "b"]), (2, ["1", "2"])]),
        ("a\tb\n1\t2\n", [(1, ["a", "b"]), (2, ["1", "2"])]),
        ("a|b\n1|2\n", [(1, ["a", "b"]), (2, ["1", "2"])]),
        ("1.0 2.0\n3.0 4.0\n", [(1, ["1.0", "2.0"]), (2, ["3.0", "4.0"])]),
        ("  1.0   2.0 \n", [(1, ["1.0", "2.0"])]),
        ("1,2\t\n", [(1, ["1", "2"])]),
        ("\ta\n0\t1\n", [(1, ["", "a"]), (2, ["0", "1"])]),
        ("x,y;z\n1,5;2\n", [(1, ["x,y", "z"]), (2, ["1,5", "2"])]),
        ("a\n1\n", [(1, ["a"]), (2, ["1"])]),
        ("# note\n\n#another\na,b\n", [(4, ["a", "b"])]),
        ("a,b\n\n  \n1,2\n", [(1, ["a", "b"]), (4, ["1", "2"])]),
        ('a,b\n"1\n2",3\n4,5\n', [(1, ["a", "b"]), (2, ["1\n2", "3"]), (4, ["4", "5"])]),
        ('"a ""b""", c \n', [(1, ['a "b"', "c"])]),
        ("a,b\n,\n", [(1, ["a", "b"]), (2, ["", ""])]),
        ("a,b\n#1,2\n", [(1, ["a", "b"]), (2, ["#1", "2"])]),
        ("", []),
        ("\n# only\n \n", []),
    ],
)
def test_records(text: str, expected: list[tuple[int, list[str]]]) -> None:
    assert records(text) == expected


def test_quoted_delimiters_are_not_counted() -> None:
    assert records('"x;y;z",b\n"1;2;3",4\n')[0] == (1, ["x;y;z", "b"])


def test_a_delimiter_that_is_told_is_not_questioned() -> None:
    assert records("a;b,c\n", ",") == [(1, ["a;b", "c"])]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('a,b\n1,2\n"3,4\n5,6\n7,8\n', "f:3"),
        ('a,b\n1,2\n5,"6\n', "f:3"),
        ('a,b\n\n"1\n2",3\n"4,5\n', "f:5"),
    ],
)
def test_an_unclosed_quote_is_told_where_its_record_begins(text: str, where: str) -> None:
    with pytest.raises(DataError, match="a quote is opened here and never closed") as raised:
        records(text)
    assert raised.value.message.startswith(f"{where}: ")
