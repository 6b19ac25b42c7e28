"""Commands that compute nothing: ``help`` and ``completion``. They need no Typer."""

from collections.abc import Sequence

from softmax_cli.cli.completion import completion
from softmax_cli.cli.help import full, overview
from softmax_cli.cli.reference import PROGRAM, TOOLS, no_such_command
from softmax_cli.commands import find_alias
from softmax_cli.errors import UsageError


def run_tool(name: str, words: Sequence[str]) -> str:
    """What the tool prints, given the words that follow its name. Raises UsageError."""
    if words and words[0] in ("-h", "--help"):
        arguments, text = TOOLS[name]
        return f"{text}\n\nUsage: {PROGRAM} {name} {arguments}\n"
    if name == "completion":
        return completion(words[0] if words else "", words[1:])
    if len(words) > 1:
        raise UsageError("help is about one command", f"try '{PROGRAM} help {words[0]}'")
    return _help(words[0]) if words else overview(everything=True)


def _help(name: str) -> str:
    if name in TOOLS:
        return run_tool(name, ["--help"])
    alias = find_alias(name)
    if alias is None:
        raise no_such_command(name)
    meant = "" if alias.line == name else f"{name} is: {alias.line}\n\n"
    return meant + full(alias.line.split()[0])
