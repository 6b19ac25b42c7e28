"""The commands, one module each, named like its command and found by that name.

A module declares a Command and nothing else; what the command computes is its entry in
``measures.py``. Typer is known here and above, not below.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

READING = ("cols", "id_col", "delimiter", "header", "missing")
LABELS = ("labels", "label_col", "label_base", "labels_as", "classes")
TARGETS = ("target", "target_cols")
PRECISION = ("backend", "device", "dtype")
WRITING = (
    "format",
    "output",
    "force",
    "digits",
    "probabilities",
    "rows",
    "quiet",
    "color",
    "debug",
)
CHECKING = ("expect", "expect_file", "expect_col", "tol", "rtol", "hide_answers")
EXPLAINING = ("steps", "grad")


class Command(NamedTuple):
    """What the command line needs to know of a command.

    summary    one line for the list of commands
    about      a paragraph: what it takes, what it gives, its twin in PyTorch
    examples   pairs of a command line and what it is for; the help leads with them
    options    names from ``options.OPTIONS``, in the help's order
    defaults   defaults that differ from Job's
    """

    summary: str
    about: str
    examples: tuple[tuple[str, str], ...]
    options: tuple[str, ...]
    defaults: tuple[tuple[str, object], ...] = ()


def names() -> list[str]:
    """The names of all commands."""
    return sorted(module.name for module in iter_modules(__path__))


def load(name: str) -> Command:
    """The command of that name; only its own module is imported."""
    command = import_module(f"{__name__}.{name}").COMMAND
    assert isinstance(command, Command)
    return command
