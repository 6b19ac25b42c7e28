"""Draw the README's picture: a real run in a terminal, as SVG.

python docs/picture.py docs/ce.svg
"""

import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

COMMAND = "softmax-cli ce 2,1,0.1 0.5,2,0.3 --classes cat,dog,bird -l cat,bird"
SINGLE = "softmax-cli softmax 2.0 1.0 0.1"


def draw() -> str:
    """The SVG of both commands and what they print."""
    console = Console(record=True, width=82, file=StringIO(), force_terminal=True)
    for command in (SINGLE, COMMAND):
        arguments = [*command.split()[1:], "--color", "always"]
        run = subprocess.run(
            [sys.executable, "-m", "softmax_cli", *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
        console.print(Text(f"$ {command}", "bold"))
        console.print(Text.from_ansi(run.stdout.rstrip("\n")))
        console.print()
    svg = console.export_svg(title="softmax-cli", unique_id="softmax-cli")
    # Rich would have the viewer fetch its font; any monospaced one will do.
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(draw())
