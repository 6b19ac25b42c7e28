"""The commands, one module each, named like its command and found by that name.

A module declares a Command and nothing else; what the command computes is its entry in
``measures``. These are plain data, known to the Job and so to all that read one.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal, NamedTuple

READING = ("cols", "id_col", "delimiter", "header", "missing")
LABELS = ("labels", "label_col", "label_base", "labels_as", "classes")
TARGETS = ("target", "target_cols")
WEIGHING = ("weight", "sample_weight_col", "ignore_index", "divide_by", "reduction")
PRECISION = ("backend", "device", "dtype", "cross_check", "rtol")
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
CHECKING = ("expect", "expect_file", "expect_col", "tol", "hide_answers")
EXPLAINING = ("steps", "grad")


class Takes(NamedTuple):
    """What a command reads of each sample.

    scores   classes: one for each class, so that bare numbers are a single sample;
             output: the one of a binary network, so that every number is a sample of its own;
             margins: either, a bare number being an output and a row having the classes;
             values: quantities, one per bare number or several in a row;
             any: what a row has, of whatever meaning
    truth    what is known beside the scores: nothing; classes, a label or how probable each
             class is; or as many numbers as there are scores: a distribution, or values.
             any: a label or any numbers
    needed   whether nothing can be computed without the truth, and there is a loss with it
    """

    scores: Literal["classes", "output", "margins", "values", "any"] = "classes"
    truth: Literal["nothing", "classes", "distribution", "values", "any"] = "classes"
    needed: bool = True


class Command(NamedTuple):
    """What the command line needs to know of a command.

    summary    one line for the list of commands
    about      a paragraph: what it takes, what it gives, its twin in PyTorch
    examples   pairs of a command line and what it is for; the help leads with them
    options    names from ``options.OPTIONS``, in the help's order
    takes      what it reads of each sample
    arguments  names of what stands before the INPUT on the command line
    defaults   defaults that differ from Job's
    """

    summary: str
    about: str
    examples: tuple[tuple[str, str], ...]
    options: tuple[str, ...]
    takes: Takes = Takes()
    arguments: tuple[str, ...] = ()
    defaults: tuple[tuple[str, Any], ...] = ()


def names() -> list[str]:
    """The names of all commands."""
    return sorted(module.name for module in iter_modules(__path__))


def load(name: str) -> Command:
    """The command of that name; only its own module is imported."""
    command = import_module(f"{__name__}.{name}").COMMAND
    assert isinstance(command, Command)
    return command
