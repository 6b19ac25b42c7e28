"""The help, as wide as the terminal: a screenful for ``-h``, everything for ``--help``."""

from collections.abc import Iterable, Iterator, Sequence
from shutil import get_terminal_size
from textwrap import wrap

from softmax_cli.cli.reference import ABOUT, GENERAL, PROGRAM, TOOLS, common_entries, entries, usage
from softmax_cli.commands import COMMANDS
from softmax_cli.errors import Exit

WIDEST = 100  # longer lines are hard to read
NARROWEST = 30
NARROW = 60  # below that, what a name means stands under it
INDENT = "  "
FEW = 4  # examples of a screenful
EXIT_CODES = {
    Exit.DONE: "done; with --expect…: every answer is right",
    Exit.UNEXPECTED: "an answer is wrong or blank, or the backends of --cross-check differ",
    Exit.TROUBLE: "something is wrong with the command line, the data or a file",
    Exit.INTERRUPTED: "interrupted",
    Exit.PIPE_CLOSED: "the reader of the pipe has gone",
}


def width() -> int:
    """How wide the help is: as the terminal or $COLUMNS, if that is legible."""
    return min(max(get_terminal_size().columns, NARROWEST), WIDEST)


def brief(command: str) -> str:
    """What a newcomer needs of a command, on one screen."""
    row = COMMANDS[command]
    common = [(entry.name, entry.brief) for entry in common_entries(command)]
    return _text(
        _paragraph(row.summary),
        _section("Examples", _examples(row.examples[:FEW])),
        [f"Usage: {usage(command)}"],
        _section("Options", _definitions(common)),
        [f"All options: {PROGRAM} {command} --help"],
    )


def full(command: str) -> str:
    """All that is known of a command."""
    row = COMMANDS[command]
    return _text(
        _paragraph(row.summary),
        _section("Examples", _examples(row.examples)),
        [f"Usage: {usage(command)}"],
        _paragraph(row.about),
        *(
            _section(panel, _definitions((entry.name, entry.full) for entry in found))
            for panel, found in entries(command).items()
        ),
    )


def overview(everything: bool) -> str:
    """What the program is for and which commands it has."""
    commands = sorted(COMMANDS.items())
    tools = [(f"{name} {arguments}", text) for name, (arguments, text) in TOOLS.items()]
    summaries = [(name, row.summary.removesuffix(".")) for name, row in commands]
    shown = (
        commands if everything else [(name, COMMANDS[name]) for name in ("softmax", "ce", "bce")]
    )
    parts = [
        _paragraph(ABOUT),
        _section("Examples", _examples([row.examples[0] for _, row in shown])),
        [f"Usage: {PROGRAM} COMMAND [INPUT]... [OPTION]..."],
        _section("Commands", _definitions([*summaries, *tools] if everything else summaries)),
    ]
    if everything:
        codes = [(str(int(code)), text) for code, text in EXIT_CODES.items()]
        parts.append(_section("Options", _definitions((e.name, e.text) for e in GENERAL)))
        parts.append(_section("Exit codes", _definitions(codes)))
    return _text(*parts, _paragraph(f"About a command: {PROGRAM} COMMAND -h, or all of it: --help"))


def _text(*parts: Iterable[str]) -> str:
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _paragraph(text: str) -> list[str]:
    return wrap(text, width())


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"{title}:"
    yield from lines


def _examples(examples: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Command lines, which are never folded, and what they are for: beside them, or below."""
    room = width() - 2 * len(INDENT)
    column = 0
    for line, _ in examples:
        beside = [purpose for shorter, purpose in examples if len(shorter) <= len(line)]
        if len(line) + max(map(len, beside)) <= room:
            column = max(column, len(line))
    for line, purpose in examples:
        if len(line) <= column:
            yield INDENT + line.ljust(column) + INDENT + purpose
        else:
            yield INDENT + line
            yield from (3 * INDENT + text for text in wrap(purpose, width() - 3 * len(INDENT)))


def _definitions(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Names at the left, and beside them what they mean."""
    rows = list(rows)
    if width() < NARROW:
        column = 3 * len(INDENT)
    else:
        widest = width() * 3 // 8
        column = max(len(name) for name, _ in rows if len(name) <= widest - 2 * len(INDENT))
        column += 2 * len(INDENT)
    for name, text in rows:
        lines = wrap(text, width() - column) or [""]
        before = INDENT + name
        if len(before) + len(INDENT) > column:
            yield before
        else:
            yield before.ljust(column) + lines.pop(0)
        yield from (" " * column + line for line in lines)
