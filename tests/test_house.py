"""The house is as its documents say: no circle of imports, and every file they name is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("CONTRIBUTING.md", "docs/architecture.md", "README.md", "SECURITY.md")
NAMED = re.compile(r"`((?:softmax_cli|tests|docs|examples|benchmarks|\.ci)/[^`\s]*|[A-Z]+\.md)`")


def test_no_circle_of_files() -> None:
    pytest.importorskip("grimp")
    script = [sys.executable, str(ROOT / "docs" / "house.py")]
    told = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    assert ", 0 circles" in told, told


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_is_named_is_there(document: str) -> None:
    named = NAMED.findall((ROOT / document).read_text(encoding="utf-8"))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
