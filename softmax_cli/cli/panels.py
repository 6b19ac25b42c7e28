"""The panels of a command's help, and how an option gets its place in one."""

from typing import Any

import typer

PANELS = INPUT, COMPUTING, OUTPUT, CHECKING = "Input", "Computing", "Output", "Checking"


def option(panel: str, *names: str, help: str, **settings: Any) -> Any:  # noqa: A002
    """A Typer option in that panel; its help tells the default where one needs telling."""
    return typer.Option(*names, help=help, rich_help_panel=panel, show_default=False, **settings)
