import math
import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_cli.errors import BadValue
from softmax_cli.text import is_number, parse_number
from tests.calling import run

GOOD = {
    "2": 2.0,
    "+2": 2.0,
    "-1e5": -100000.0,
    ".5": 0.5,
    "-.5": -0.5,
    "5.": 5.0,
    "1E+2": 100.0,
    "007": 7.0,
    " 1\t": 1.0,
    "inf": math.inf,
    "-INF": -math.inf,
    "+Infinity": math.inf,
    "1e-400": 0.0,
    "1.7976931348623157e308": 1.7976931348623157e308,
    "1.7976931348623158e308": 1.7976931348623157e308,  # rounds down, not over
    "9007199254740993": 9007199254740992.0,  # 2**53 + 1, a tie, goes to even
    "0.1000000000000000055511151231257827": 0.1,
}
BAD = {
    "1_000": "underscores",
    "1,5": "decimal comma",
    "1,234,567": "separators",
    "0x10": "hexadecimal",
    "5%": "percentage",
    "١٢": "ASCII digits",
    "−1": "typographic minus",
    "–1": "typographic minus",
    "1e400": None,
    "-1e400": None,
    "": None,
    "NA": None,
    "foo": None,
    "1e": None,
    "e5": None,
    ".": None,
    "-": None,
    "--1": None,
    "1 2": None,
    "1\n": None,
    "infinit": None,
    "nan(1)": None,
    "1d5": None,
    "１": "ASCII digits",
    "1\x00": None,
}


@pytest.mark.parametrize(("text", "value"), GOOD.items())
def test_good(text: str, value: float) -> None:
    assert is_number(text)
    assert struct.pack("d", parse_number(text)) == struct.pack("d", value)


def test_minus_zero_and_nan() -> None:
    assert math.copysign(1, parse_number("-0")) == -1
    assert all(math.isnan(parse_number(text)) for text in ("nan", "NaN", "-nan", "+NAN"))


@pytest.mark.parametrize(("text", "advice"), BAD.items())
def test_bad(text: str, advice: str | None) -> None:
    with pytest.raises(BadValue) as raised:
        parse_number(text)
    assert (raised.value.advice is None) if advice is None else advice in str(raised.value.advice)


@pytest.mark.parametrize("text", ["1e400", "1_000", "5%", "1.5x"])
def test_a_number_written_wrongly_is_never_skipped(text: str) -> None:
    with pytest.raises(BadValue) as raised:
        parse_number(text)
    assert not raised.value.skippable


@pytest.mark.parametrize("text", ["", "NA", "n/a", "null", "foo"])
def test_a_missing_or_textual_cell_may_be_skipped(text: str) -> None:
    with pytest.raises(BadValue) as raised:
        parse_number(text)
    assert raised.value.skippable


@given(st.floats(allow_nan=False))
def test_shortest_text_reads_back(value: float) -> None:
    assert struct.pack("d", parse_number(repr(value))) == struct.pack("d", value)


GRAMMAR = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf(?:inity)?|nan)",
    re.IGNORECASE | re.ASCII,
)


@given(st.text("0189+-.eEinfatyNI_ \t\n\x1f\u0661x", max_size=8) | st.text(max_size=6))
def test_the_grammar_is_this(text: str) -> None:
    assert is_number(text) == (GRAMMAR.fullmatch(text.strip(" \t")) is not None)


@given(st.text(max_size=6))
def test_whatever_is_no_number_raises_and_nothing_else(text: str) -> None:
    if is_number(text) and math.isfinite(float(text)):
        assert parse_number(text) == float(text)
    elif not is_number(text):
        with pytest.raises(BadValue):
            parse_number(text)


@pytest.mark.parametrize("text", [text for text in BAD if text.strip() and "\n" not in text])
@pytest.mark.parametrize("place", ["argument", "file"])
def test_arguments_and_files_are_alike(text: str, place: str) -> None:
    if place == "argument":
        code, out, err = run("softmax", "--", "1", text.replace("\0", "x"))
    else:
        cell = f'"{text}"' if "," in text else text
        code, out, err = run("softmax", stdin=f"a,b\n1,{cell}\n".encode())
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert len(err.splitlines()) <= 2
