"""The house is as its documents say: no circle of imports, and every file they name is there."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

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


def test_the_template_of_a_loss_is_one() -> None:
    torch = pytest.importorskip("torch")
    import numpy as np

    template = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("```python\n")[1]
    made: dict[str, Any] = {}
    exec(template.split("```")[0], made)
    pair = np.array([[-1.0, 2.5], [0.0, 30.0]]), np.array([[0.0, 3.0], [1.0, 2.0]])
    theirs = made["_theirs"](*map(torch.from_numpy, pair), reduction="none")
    np.testing.assert_allclose(made["_ours"](*pair), theirs.numpy(), rtol=1e-15)
