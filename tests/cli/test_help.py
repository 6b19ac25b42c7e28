"""The help and the man page: views of the one table of options, that fit and lack nothing."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from softmax_cli.cli.help import NARROWEST, WIDEST
from softmax_cli.cli.manual import page
from softmax_cli.cli.reference import MOST_COMMON, common_entries
from softmax_cli.commands import COMMANDS, COMMON
from softmax_cli.job import OPTIONS, Job
from tests.calling import run

MANUAL = Path(__file__).parents[2] / "docs" / "softmax-cli.1"
LINES, COLUMNS = 24, 80
NAMES = ["", *COMMANDS]


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(COLUMNS))


def shown(*words: str) -> str:
    code, out, err = run(*filter(None, words))
    assert (code, err) == (0, "")
    return out


@pytest.mark.parametrize("name", NAMES)
def test_a_short_help_is_a_screenful(name: str) -> None:
    text = shown(name, "-h")
    assert text.count("\n") <= LINES
    assert f"softmax-cli {name or 'COMMAND'} " in text
    assert "--help" in text.splitlines()[-1]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_short_help_has_the_options_that_people_use(name: str) -> None:
    command = COMMANDS[name]
    found = [entry.field for entry in common_entries(name)]
    options = [field for field in found if field in command.options]
    assert len(options) == MOST_COMMON
    assert {"format", "quiet"} <= set(options)
    assert set(COMMON) <= set(OPTIONS)


@pytest.mark.parametrize("columns", [30, 40, 80, 120, 200])
@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("name", NAMES)
def test_a_help_is_as_wide_as_the_terminal(
    name: str, flag: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    width = min(max(columns, NARROWEST), WIDEST)
    for line in shown(name, flag).splitlines():
        # what is to be copied, and the name of an option, is never folded
        kept = re.match(r" *(?:Usage: |All options: )?(?:softmax-cli|zcat|-|FILE)", line)
        assert len(line) <= width or kept, line


@pytest.mark.parametrize("name", COMMANDS)
def test_the_full_help_has_every_option_with_its_default(name: str) -> None:
    text = " ".join(shown(name, "--help").split())
    defaults = Job._field_defaults | dict(COMMANDS[name].defaults)
    for field in COMMANDS[name].options:
        option = OPTIONS[field]
        start = text.index(f" {', '.join(sorted(option.flags, key=len)).replace('/', ', ')} ")
        told = text[start:].partition(option.help)[2][:250]
        value = defaults[field]
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            expected = option.default or f"{value}".removesuffix(".0")
            assert re.match(rf" \[[^\]]*default: {re.escape(expected)}[\];]", told), field
        elif option.default:
            assert f"default: {option.default}" in told, field


@pytest.mark.parametrize("name", NAMES)
def test_help_is_the_full_help(name: str) -> None:
    assert shown("help", name) == shown(name, "--help")


def test_help_of_another_name_says_what_it_is() -> None:
    assert shown("help", "NLLLoss") == f"NLLLoss is: ce --from logprobs\n\n{shown('ce', '--help')}"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("help", "sofmax"), "error: no such command: sofmax\n  did you mean softmax?\n"),
        (("help", "ce", "bce"), "error: help is about one command\n  try 'softmax-cli help ce'\n"),
    ],
)
def test_help_about_nothing(words: tuple[str, ...], message: str) -> None:
    assert run(*words) == (2, "", message)


@pytest.mark.parametrize("tool", ["help", "completion"])
def test_tools_explain_themselves(tool: str) -> None:
    assert f"Usage: softmax-cli {tool}" in shown(tool, "--help")
    assert shown("help", tool) == shown(tool, "-h") == shown(tool, "--help")


def test_the_man_page_is_up_to_date(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--regenerate-golden"):
        MANUAL.write_text(page())
    assert MANUAL.read_text() == page()
    assert page().isascii()


@pytest.mark.parametrize(
    "check",
    [["mandoc", "-T", "lint", "-W", "warning"], ["groff", "-man", "-T", "utf8", "-ww", "-z"]],
)
def test_the_man_page_has_no_warnings(check: list[str]) -> None:
    if shutil.which(check[0]) is None:
        pytest.skip(f"no {check[0]} here")
    done = subprocess.run([*check, str(MANUAL)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
