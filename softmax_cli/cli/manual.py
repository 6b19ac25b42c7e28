"""The man page, made of the same entries as the help.

python -m softmax_cli.cli.manual > docs/softmax-cli.1
"""

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import get_args

from softmax_cli import __version__
from softmax_cli.cli.help import EXIT_CODES
from softmax_cli.cli.reference import ABOUT, GENERAL, PROGRAM, TOOLS, Entry, entries, usage
from softmax_cli.commands import COMMANDS
from softmax_cli.job import OPTIONS, Panel

SOURCE_WIDTH = 72  # escapes make lines longer
DATE = "2026-11-21"
"""When what the page says last changed."""


def page() -> str:
    """The page in the language of man(7)."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    summary = ABOUT.partition(":")[0]
    yield f'.TH {_text(PROGRAM.upper())} 1 {DATE} "{PROGRAM} {__version__}" "User Commands"'
    yield ".SH NAME"
    yield rf"{_text(PROGRAM)} \- {_text(summary[0].lower() + summary[1:])}"
    yield ".SH SYNOPSIS"
    yield from _bold_first(f"{PROGRAM} COMMAND [INPUT]... [OPTION]...")
    yield ".SH DESCRIPTION"
    yield from _filled(ABOUT)
    yield ".SH COMMANDS"
    for name, row in sorted(COMMANDS.items()):
        yield f".SS {_text(name)}"
        yield from _bold_first(usage(name))
        yield ".PP"
        yield from _filled(f"{row.summary} {row.about}")
        yield from _examples(row.examples)
    for name, (arguments, text) in TOOLS.items():
        yield f".SS {_text(name)}"
        yield from _bold_first(f"{PROGRAM} {name} {arguments}")
        yield ".PP"
        yield from _filled(text)
    yield ".SH OPTIONS"
    for panel in get_args(Panel):
        yield f".SS {panel}"
        for name, option in OPTIONS.items():
            if option.panel == panel:
                yield from _option(name)
    yield ".SS General"
    for entry in GENERAL:
        yield from _definition(entry.name, entry.text)
    yield ".SH EXIT STATUS"
    for code, text in EXIT_CODES.items():
        yield from _definition(str(int(code)), text)
    variables = {o.environment: o.flag for o in OPTIONS.values() if o.environment is not None}
    yield ".SH ENVIRONMENT"
    for variable, flag in variables.items():
        yield from _definition(variable, f"The default of {flag}.")
    yield from _definition("NO_COLOR", "If it is set and not empty, tables have no colour.")


def _option(name: str) -> Iterator[str]:
    """An option, with the commands that have it, as their helps say it."""
    told: dict[Entry, list[str]] = {}
    for command in sorted(COMMANDS):
        for found in entries(command).values():
            for entry in found:
                if entry.field == name:
                    told.setdefault(entry, []).append(command)
    for entry, commands in told.items():
        users = "" if len(commands) == len(COMMANDS) else f" ({', '.join(commands)})"
        yield from _definition(entry.name, f"{entry.full}{users}")


def _definition(name: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield rf"\fB{_text(name)}\fR"
    yield from _filled(text)


def _examples(examples: Iterable[tuple[str, str]]) -> Iterator[str]:
    for line, purpose in examples:
        yield ".PP"
        yield _text(f"{purpose[0].upper()}{purpose[1:]}:")
        yield ".PP"
        yield ".in +4n"
        yield ".nf"
        yield _text(line)
        yield ".fi"
        yield ".in"


def _bold_first(line: str) -> Iterator[str]:
    program, _, rest = line.partition(" ")
    yield rf"\fB{_text(program)}\fR {_text(rest)}"


def _filled(text: str) -> Iterator[str]:
    """A paragraph, in lines of its source."""
    yield from map(_text, wrap(text, SOURCE_WIDTH, break_on_hyphens=False))


def _text(text: str) -> str:
    """Text as roff takes it literally."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("'", r"\(aq")
    escaped = "".join(c if c.isascii() else rf"\[u{ord(c):04X}]" for c in escaped)
    return rf"\&{escaped}" if escaped.startswith(".") else escaped


if __name__ == "__main__":
    print(page(), end="")
