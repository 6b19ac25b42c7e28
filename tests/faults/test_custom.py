"""Whatever a user's function does: a right number, or exit code 2 and one line; never a traceback.

A seeded walk through what functions return and raise, at which call, in which format.
"""

import json
from pathlib import Path
from random import Random

import pytest

from tests.calling import run

RETURNS = {
    # what it returns, and whether that is one real number for each sample, or for all
    "scores[:, 0]": True,
    "scores.max()": True,
    "float(scores.max())": True,
    "3": True,
    "np.arange(len(scores))": True,
    "np.arange(len(scores), dtype=np.float16)": True,
    "np.full(len(scores), np.nan)": True,
    "np.full(len(scores), np.inf)": True,
    "float('nan')": True,
    "True": False,
    "np.ones(len(scores), bool)": False,
    "scores[:, 0] * 1j": False,
    "1j": False,
    "np.ma.masked_less(scores[:, 0], 1)": False,
    "scores[:, :1]": False,
    "scores[:-1, 0]": False,
    "scores[:0]": False,
    "np.empty(0)": False,
    "scores[0, 0].astype(str)": False,
    "10**400": False,
    "np.array([object()] * len(scores))": False,
    "list(scores[:, 0])": False,
    "(x for x in scores)": False,
    "None": False,
    "print": False,
    "np.zeros(len(scores), 'm8[s]')": False,
}
RAISES = [
    "ValueError('two\\nlines')",
    "KeyboardInterrupt()",
    "SystemExit(0)",
    "GeneratorExit()",
    "MemoryError()",
    "RecursionError('deep')",
    "BrokenPipeError()",
    "OSError(28, 'No space left on device')",
    "StopIteration()",
    "UnicodeDecodeError('utf-8', b'', 0, 1, 'x')",
    "BaseException('\\x1b[31m')",
    "type('Panic', (BaseException,), {})('index')",
]
HABITS = [
    "pass",
    "print('hello')",
    "scores[:] = labels[:] = 0",
    "np.seterr(all='raise')",
    "import warnings; warnings.simplefilter('error')",
]
DATA = b"a,b,y\n" + b"2,1,a\n0.5,2,b\n1.5,-1,a\n" * 40


def source(body: str, habit: str) -> str:
    lines = ["import sys", "import numpy as np", "calls = []", "def f(scores, labels):"]
    return "\n".join([*lines, f"    {habit}", f"    {body}", ""])


@pytest.mark.parametrize("returned", RETURNS)
def test_what_it_returns(returned: str, tmp_path: Path) -> None:
    draw = Random(returned)
    file = tmp_path / "f.py"
    file.write_text(source(f"return {returned}", draw.choice(HABITS[:3])))
    form = draw.choice(["csv", "json", "jsonl", "table", "markdown"])
    code, out, err = run("custom", f"{file}:f", "-f", form, stdin=DATA)
    if not RETURNS[returned]:
        assert (code, out) == (2, "")
        told = [line for line in err.splitlines() if line != "hello"]
        assert told[0].startswith(f"error: {file}:4: f gave ")
        assert len(told) == 2
        return
    assert code == 0, err
    if form == "json":
        assert json.loads(out)["summary"]["n"] == 120


@pytest.mark.parametrize("raised", RAISES)
@pytest.mark.parametrize("at", [1, 2])
def test_what_it_raises(raised: str, at: int, tmp_path: Path) -> None:
    file = tmp_path / "f.py"
    body = f"calls.append(0)\n    if len(calls) == {at}: raise {raised}\n    return scores[:, 0]"
    file.write_text(source(body, "pass") + "# threads\n")
    data = b"a,b,y\n" + b"2,1,0\n0.5,2,1\n" * 200_000
    code, _, err = run("custom", f"{file}:f", "-q", stdin=data)
    assert code == 2
    assert err.startswith(f"error: {file}:7: f: ")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("habit", HABITS)
def test_what_it_does_by_the_way(habit: str, tmp_path: Path) -> None:
    file = tmp_path / "f.py"
    file.write_text(source("return np.arange(len(scores)) / 2", habit))
    command = ("custom", f"{file}:f", "-f", "csv")
    code, out, err = run(*command, stdin=DATA)
    assert code == 0, err
    assert out.splitlines()[1:4] == ["0,a,0.0", "1,b,0.5", "2,a,1.0"]
