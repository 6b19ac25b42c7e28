"""The table for people: nothing lost in a pipe, nothing broken on a terminal."""

import re
from collections.abc import Mapping

import pytest

from softmax_cli.writers.grid import bar
from tests.calling import run
from tests.terminal import on_terminal

COLOR = re.compile("\x1b\\[[0-9;]*m")
THOUSAND = ",".join(str(k % 7) for k in range(1000))
DIGITS = "c0,c1,c2,y\n" + "".join(f"{k % 5},{k % 3},{k % 4},{k % 3}\n" for k in range(100))


@pytest.mark.parametrize("variable", ["COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE"])
@pytest.mark.parametrize("kind", ["table", "markdown"])
def test_a_thousand_classes_in_a_pipe(
    kind: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv(variable, "20")
    code, out, _ = run("ce", THOUSAND, THOUSAND, "-l", "6,0", "-f", kind, "--rows", "all")
    assert code == 0
    assert "…" not in out
    assert "\x1b" not in out
    assert all(re.search(rf"p\\?_{k}\b", out) for k in range(1000))
    # by hand: e^6 over 143 (1 + … + e^5) + 142 e^6 is 403.43 over 90778, in 142 classes
    assert out.count("0.0044") == 2 * 142


def test_one_sample_of_a_thousand_classes_has_a_line_for_each() -> None:
    code, out, _ = run("softmax", THOUSAND)
    assert code == 0
    classes = re.findall(r"^ [▸ ] (\d+) +(\d\.0000) +(\S+)", out, re.MULTILINE)
    assert [int(index) for index, _, _ in classes] == list(range(1000))
    assert [logit for _, logit, _ in classes] == [f"{k % 7}.0000" for k in range(1000)]
    assert sum(probability == "0.0044" for _, _, probability in classes) == 142


def test_long_names_are_not_cut_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    name = "a-very-long-class-name-" * 20
    _, out, _ = run("softmax", "1,2", "3,4", "--classes", f"{name},b")
    assert f"p_{name}" in out


@pytest.mark.parametrize(
    ("options", "shown", "more"),
    [
        ((), 20, "… 80 more"),
        (("--rows", "5"), 5, "… 95 more"),
        (("--rows", "1"), 1, "… 99 more"),
        (("--rows", "100"), 100, None),
        (("--rows", "all"), 100, None),
        (("--rows", "9" * 30), 100, None),
    ],
)
def test_rows(options: tuple[str, ...], shown: int, more: str | None) -> None:
    code, out, _ = run("ce", *options, stdin=DIGITS.encode())
    assert code == 0
    samples = [int(m[1]) for m in re.finditer(r"^ +(\d+)   ", out, re.MULTILINE)]
    assert len(samples) == shown
    assert samples == sorted(set(samples))
    assert more is None or more in out
    assert ("more" in out) is (more is not None)


@pytest.mark.parametrize(
    ("environment", "options", "colored"),
    [
        ({}, (), False),
        ({"FORCE_COLOR": "1"}, (), False),
        ({}, ("--color", "always"), True),
        ({"NO_COLOR": "1"}, ("--color", "always"), True),
        ({"TERM": "dumb"}, ("--color", "always"), True),
        ({}, ("--color", "never"), False),
    ],
)
def test_color_off_a_terminal(
    environment: Mapping[str, str],
    options: tuple[str, ...],
    colored: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    _, out, _ = run("ce", "1,2", "3,4", "-l", "0,1", *options)
    assert ("\x1b[" in out) is colored


@pytest.mark.parametrize("name", ["[red]x[/]", "[/x]", "[bold", "\\[red]", ":smile:", "[link=x]y"])
@pytest.mark.parametrize("command", ["softmax", "predict"])
def test_markup_in_a_name_is_text(command: str, name: str) -> None:
    rows = ("1,2", "2,1") if command == "softmax" else ("2,1",)
    plain, marked = (
        run(command, *rows, "--classes", f"{text},b", "--color", "always").out
        for text in ("x" * len(name), name)
    )
    assert name in marked
    assert COLOR.findall(marked) == COLOR.findall(plain)


@pytest.mark.parametrize("kind", ["table", "csv", "tsv", "json", "jsonl", "markdown"])
@pytest.mark.parametrize("command", ["softmax", "ce", "predict"])
def test_active_characters_in_a_header_reach_no_format(command: str, kind: str) -> None:
    header = "\x1b[31mred,\u202ebidi,y\r\n1,2,0\r\n2,1,1\r\n"
    code, out, err = run(command, "-f", kind, "--color", "never", stdin=header.encode())
    assert code == 0, err
    assert not {"\x1b", "\u202e", "\r"} & set(out + err)
    assert ("31mred" in out) is ((command, kind) != ("softmax", "jsonl"))  # names no classes


@pytest.mark.parametrize(
    ("probability", "drawn"),
    [
        (0.0, ""),
        (1.0, "█" * 24),
        (0.5, "█" * 12),
        (1 / 192, "▏"),
        (1 / 24, "█"),
        (23.5 / 24, "█" * 23 + "▌"),
    ],
)
def test_bar(probability: float, drawn: str) -> None:
    assert bar(probability) == drawn


def test_bar_of_no_probability_is_empty() -> None:
    assert bar(float("nan")) == bar(-0.1) == bar(1.1) == ""


# --- on a terminal


@pytest.mark.parametrize("columns", [80, 200])
def test_a_wide_table_fits_the_terminal(columns: int, shell_env: Mapping[str, str]) -> None:
    row = ",".join(map(str, range(50)))
    _, shown = on_terminal(f"softmax-cli ce {row} {row} -l 0,49", columns, shell_env)
    table = COLOR.sub("", shown).split("\n\n")[0].splitlines()
    assert max(map(len, table)) <= columns
    assert re.search(r"… \d+\b", shown)
    assert "p_0" in shown
    assert "p_49" in shown
    assert "\x1b[" in shown


@pytest.mark.parametrize(
    ("setting", "colored"), [("NO_COLOR=1", False), ("TERM=dumb", False), ("TERM=xterm", True)]
)
def test_color_on_a_terminal(setting: str, colored: bool, shell_env: Mapping[str, str]) -> None:
    _, shown = on_terminal(f"{setting} softmax-cli softmax 2 1 0.1", 80, shell_env)
    assert ("\x1b[" in shown) is colored
    assert "0.6590" in shown


def test_nothing_on_a_terminal_shows_help_and_fails(shell_env: Mapping[str, str]) -> None:
    code, shown = on_terminal("softmax-cli ce", 80, shell_env)
    assert code == 2
    assert "Usage: softmax-cli ce" in shown
    assert "Examples:" in shown
