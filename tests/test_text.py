import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_cli.text import escaped_json, exact, inert, rounded

ACTIVE = ["\x00", "\x1b", "\n", "\r", "\x7f", "\x9b", "\u061c", "\u200e", "\u200f"]
ACTIVE += ["\u2028", "\u202a", "\u202e", "\u2066", "\u2069", "\udc9b"]


@pytest.mark.parametrize("character", ACTIVE)
def test_active_characters_become_escapes(character: str) -> None:
    for shown in (inert(f"a{character}b"), escaped_json(f"a{character}b")):
        assert shown.isascii()
        assert shown.isprintable()
        assert shown.startswith("a\\")


@pytest.mark.parametrize("text", ["", "cat", "[red]x[/]", "café", "日本", "a b", "…"])
def test_other_text_stays(text: str) -> None:
    assert inert(text) == text


@given(st.text())
def test_what_is_inert_stays_inert(text: str) -> None:
    assert inert(inert(text)) == inert(text)
    assert not {"\x1b", "\n", "\r", "\u202e"} & set(inert(text))


@given(st.floats(allow_nan=False))
def test_exact_reads_back(value: float) -> None:
    assert float(exact(value)) == value


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.65900114, 4, "0.6590"),
        (0.0, 2, "0.00"),
        (1e-20, 4, "1.0000e-20"),
        (0.00005, 4, "0.0001"),
        (0.00004, 4, "4.0000e-05"),
        (-1e12, 1, "-1.0e+12"),
        (999999999999.0, 0, "999999999999"),
        (float("inf"), 4, "inf"),
        (float("-inf"), 4, "-inf"),
        (float("nan"), 4, "nan"),
    ],
)
def test_rounded(value: float, digits: int, shown: str) -> None:
    assert rounded(value, digits) == shown
