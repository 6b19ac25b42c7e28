"""The commands, one module each, named like its command and found by that name.

A module declares a Command and nothing else; what the command computes is its entry in
``measures``. These are plain data, known to the Job and so to all that read one.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Literal, NamedTuple

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


class Takes(NamedTuple):
    """What a command reads of each sample.

    scores   classes: one for each class, so that bare numbers are a single sample;
             output: the one of a binary network, so that every number is a sample of its own
    truth    what is known beside the scores: nothing, or the sample's classes (a label, or
             how probable each class is)
    needed   whether nothing can be computed without the truth
    """

    scores: Literal["classes", "output"] = "classes"
    truth: Literal["nothing", "classes"] = "classes"
    needed: bool = True


class Command(NamedTuple):
    """What the command line needs to know of a command.

    summary    one line for the list of commands
    about      a paragraph: what it takes, what it gives, its twin in PyTorch
    examples   pairs of a command line and what it is for; the help leads with them
    options    names from ``options.OPTIONS``, in the help's order
    takes      what it reads of each sample
    defaults   defaults that differ from Job's
    """

    summary: str
    about: str
    examples: tuple[tuple[str, str], ...]
    options: tuple[str, ...]
    takes: Takes = Takes()
    defaults: tuple[tuple[str, object], ...] = ()


def names() -> list[str]:
    """The names of all commands."""
    return sorted(module.name for module in iter_modules(__path__))


def load(name: str) -> Command:
    """The command of that name; only its own module is imported."""
    command = import_module(f"{__name__}.{name}").COMMAND
    assert isinstance(command, Command)
    return command
