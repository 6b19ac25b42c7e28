"""Nothing is imported that a run does not need."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROBE = """
import sys
sys.argv = ["softmax-cli", *sys.argv[1:]]
from softmax_cli.cli import main
code = main()
print(*sorted(sys.modules), file=sys.stderr)
sys.exit(code)
"""


def modules_of(*args: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", PROBE, *args],
        capture_output=True,
        text=True,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        check=True,
    )
    return set(run.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("args", "unneeded"),
    [
        (["--help"], {"numpy", "torch", "rich", "polars", "pydantic", "rich.console"}),
        (["ce", "--help"], {"numpy", "torch", "rich", "polars", "pydantic", "rich.console"}),
        (["--version"], {"numpy", "torch", "rich", "polars", "pydantic"}),
        (["softmax", "2", "1"], {"torch", "polars", "pydantic", "csv", "json", "gzip"}),
        (["ce", "examples/pets.csv"], {"torch", "polars", "pydantic", "json", "gzip"}),
        (["ce", "examples/pets.csv", "-q"], {"rich", "rich.console", "rich.table"}),
        (["ce", "examples/pets.csv", "-q"], {"concurrent.futures", "logging"}),
        (["ce", "examples/pets.csv"], {"softmax_cli.stages.evaluation"}),
        (
            ["ce", "examples/pets.csv"],
            {
                f"softmax_cli.{name}"
                for name in ("digits", "expect", "mistakes", "steps", "gradient")
            },
        ),
        (
            ["ce", "examples/homework/key.csv", "--expect-col", "loss", "-q"],
            {"softmax_cli.homework.mistakes", "softmax_cli.writers.derivation", "rich", "torch"},
        ),
    ],
)
def test_imports(args: list[str], unneeded: set[str]) -> None:
    assert not modules_of(*args) & unneeded


def test_torch_is_imported_when_asked_for() -> None:
    pytest.importorskip("torch")
    assert "torch" in modules_of("softmax", "2", "1", "-q", "-b", "torch")
