"""The commands and their options in words: what the help, the completion and the man page show.

A view of the one table of options, as entries and not yet as text of a width.
"""

from typing import NamedTuple, get_args

from softmax_cli.commands import COMMANDS, COMMON
from softmax_cli.errors import UsageError
from softmax_cli.job import OPTIONS, Choice, Job, Option, Panel

PROGRAM = "softmax-cli"
ABOUT = (
    "The loss calculator for the shell: softmax, cross-entropy and predictions from logits, "
    "probabilities and labels, given as arguments, files or a pipe."
)
MOST_COMMON = 10
FEW_CHOICES = 3
SHELLS = ("bash", "zsh", "fish")
TOOLS = {
    "help": ("[COMMAND]", "All about a command, as COMMAND --help."),
    "completion": ("|".join(SHELLS), "Print a script by which that shell completes this program."),
}
"""Commands that compute nothing: their arguments, and what they do."""


def first_sentence(text: str) -> str:
    """What a text says first, without the full stop."""
    return text.partition(". ")[0].removesuffix(".")


class Entry(NamedTuple):
    """An option or an argument.

    field    the field of Job that it gives, or empty
    name     how it is written, with its value: ``-l, --labels LABELS|FILE``
    text     what it is for; the first sentence says enough for a start
    choices  the words it takes, if it takes words
    default  what holds without it, or empty where that is nothing
    variable the environment variable that says it as well, or empty
    """

    field: str
    name: str
    text: str
    choices: tuple[str, ...] = ()
    default: str = ""
    variable: str = ""

    @property
    def brief(self) -> str:
        """What it is for, in one sentence."""
        first = first_sentence(self.text)
        few = 0 < len(self.choices) <= FEW_CHOICES
        return f"{first}: {', '.join(self.choices)}" if few else first

    @property
    def full(self) -> str:
        """All that there is to say."""
        notes = {
            "one of": ", ".join(self.choices),
            "default": self.default,
            "variable": self.variable,
        }
        told = [f"{name}: {text}" for name, text in notes.items() if text]
        return f"{self.text} [{'; '.join(told)}]" if told else self.text


HELP = (Entry("", "-h", "Show the most used options."), Entry("", "--help", "Show all options."))
GENERAL = (*HELP, Entry("", "--version", "Show the version."))


def no_such_command(name: str) -> UsageError:
    """The error, with the names that could be meant."""
    from difflib import get_close_matches

    known = sorted((*COMMANDS, *TOOLS))
    close = get_close_matches(name.lower(), known)
    if close:
        return UsageError(f"no such command: {name}", f"did you mean {' or '.join(close)}?")
    return UsageError(f"no such command: {name}", f"the commands are {', '.join(known)}")


def entries(command: str) -> dict[Panel, list[Entry]]:
    """The arguments and options of a command, by panel."""
    row = COMMANDS[command]
    panels: dict[Panel, list[Entry]] = {panel: [] for panel in get_args(Panel)}
    for name in (*row.arguments, "inputs", *row.options):
        panels[OPTIONS[name].panel].append(_entry(command, name))
    panels["Output"] += HELP
    return {panel: found for panel, found in panels.items() if found}


def common_entries(command: str) -> list[Entry]:
    """The arguments and the most used options of a command, without their synonyms."""
    row = COMMANDS[command]
    used = [name for name in COMMON if name in row.options][:MOST_COMMON]
    ordered = [name for name in row.options if name in used]
    names = (*row.arguments, "inputs", *ordered)
    return [_entry(command, name, synonyms=False) for name in names]


def usage(command: str) -> str:
    """The command line's form."""
    arguments = [OPTIONS[name].metavar for name in COMMANDS[command].arguments]
    return " ".join([PROGRAM, command, *arguments, "[INPUT]...", "[OPTION]..."])


def _entry(command: str, name: str, synonyms: bool = True) -> Entry:
    option = OPTIONS[name]
    shown = option.flags[:1] + tuple(f for f in option.flags[1:] if synonyms or len(f) == 2)
    flags = sorted(shown, key=lambda flag: len(flag) > 2)  # the short one first
    choices = option.parse.words if isinstance(option.parse, Choice) else ()
    value = option.metavar
    if not value and option.parse is not None:
        value = name.upper()
    return Entry(
        name,
        " ".join(filter(None, [", ".join(flags).replace("/", ", "), value])),
        option.help,
        choices,
        _default(command, name, option),
        option.environment or "",
    )


def _default(command: str, name: str, option: Option) -> str:
    if option.default:
        return option.default
    value = dict(COMMANDS[command].defaults).get(name, Job._field_defaults[name])
    if option.parse is None:
        return option.flag if value is True else ""
    if value is None or value == ():
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
