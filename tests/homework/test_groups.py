"""What is said of an answer does not depend on where the input was cut into blocks."""

from math import exp, log
from pathlib import Path

import pytest

from softmax_cli.homework import answers
from softmax_cli.readers import delimited, lines
from tests.calling import run


def sheet(n_rows: int) -> str:
    """Answers right, in bits, blank and wrong: of so few digits that one alone tells nothing."""
    rows = ["a,b,c,y,loss"]
    for row in range(n_rows):
        scores = [0.37 * (row % 11) - 2, 0.5 * (row % 7), 0.1 * row]
        loss = log(sum(map(exp, scores))) - scores[row % 3]
        bits = loss / log(2)
        answer = [f"{loss:.2f}", f"{bits:.1f}", "", f"{1.7 * loss:.1f}"][row % 4]
        rows.append(",".join([*(f"{score:.2f}" for score in scores), str(row % 3), answer]))
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("group", [40, answers.GROUP_CELLS])
@pytest.mark.parametrize("options", [["-q"], ["-f", "csv"], ["--rows", "all"]])
def test_answers_get_the_same_names_however_the_input_is_cut(
    options: list[str], group: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(sheet(100))
    monkeypatch.setattr(answers, "GROUP_CELLS", group)
    args = ("ce", str(path), "--expect-col", "loss", *options)
    whole = run(*args)
    assert whole.code == 1
    assert "log₂" in whole.out + whole.err
    monkeypatch.setattr(delimited, "BULK_BYTES", 0)
    for size in (64, 200, 777):
        monkeypatch.setattr(lines, "BLOCK_BYTES", size)
        assert run(*args) == whole
