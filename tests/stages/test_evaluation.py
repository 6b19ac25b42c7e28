"""What an evaluation shows, and when it keeps it to itself."""

from pathlib import Path

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
