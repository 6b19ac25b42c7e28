"""What an evaluation shows, and when it keeps it to itself."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from tests.calling import run

HOMEWORK = "cat,dog,label,mine\n1,0,cat,cat\n0,2,cat,cat\n"


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown"])
def test_hidden_answers_are_not_told_by_the_figures(tmp_path: Path, form: str) -> None:
    path = tmp_path / "hw.csv"
    path.write_text(HOMEWORK)
    command = ["predict", str(path), "--expect-col", "mine", "-f", form]
    shown, hidden = run(*command), run(*command, "--hide-answers")
    assert shown.code == hidden.code == 1
    for figure in ("log", "accuracy"):
        assert figure in shown.out + shown.err
        assert figure not in (hidden.out + hidden.err).replace("from:logits", "")
    assert "2 checked: 1 right" in hidden.out + hidden.err or '"checked": 2' in hidden.out


def test_many_classes_take_no_more_memory_than_their_scores(tmp_path: Path) -> None:
    """A confusion matrix of 30,000 classes has 7 GB; it is there only if it is asked for."""
    n_classes = 30_000
    scores = np.random.default_rng(0).normal(size=(40, n_classes))
    np.savez(tmp_path / "many.npz", logits=scores, labels=np.arange(40) * 700)
    tracemalloc.start()
    ran = run("predict", str(tmp_path / "many.npz"), "--top-k", "5")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ran.code == 0, ran.err
    assert peak < 20 * scores.nbytes
