"""Random tables: exactly the score columns are scored, or the run stops and says what to type.

What is right is computed here, from the scores and labels of which a table is made.
"""

import math
import re
import shlex
from typing import NamedTuple

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.calling import run

LABELS = ("label", "Labels", "y", "Y_TRUE", "target", "class")
IDS = ("Unnamed: 0", "", "id", "Row_ID", "image_id", "sample", "index", "name")
COMPANIONS = (
    *("loss", "Weight", "pred", "predicted", "Prediction", "correct", "split", "fold", "epoch"),
    *("STEP", "user id", "lr", "val_loss", "timestamp", "global_step", "sample_weight"),
)
UNKNOWN = ("height", "Temperature", "p_max", "n_tokens", "logit_scale", "x", "score", "7")
STEMS = ("logit_", "p_", "Prob_", "SCORE_", "class_", "logits.", "class ", "")
NAMES = ("cat", "Dog", "bird", "New York", "none of these", "frog, green")


OPTION = re.compile(r"--\S+ (?:'[^']*'|\S+)")


class Table(NamedTuple):
    """A table as it is written, and the mean loss of the scores and labels it is made of."""

    header: list[str]
    rows: list[list[str]]
    mean: float

    def text(self) -> str:
        def line(cells: list[str]) -> str:
            return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)

        return "\n".join(map(line, [self.header, *self.rows])) + "\n"


def loss(scores: list[float], label: int) -> float:
    """-ln of the label's softmax."""
    top = max(scores)
    return math.log(math.fsum(math.exp(s - top) for s in scores)) - (scores[label] - top)


numbers = st.integers(-40, 40).map(lambda n: n / 8)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    k, n = draw(st.integers(2, 5)), draw(st.integers(1, 6))
    scores = draw(st.lists(st.lists(numbers, min_size=k, max_size=k), min_size=n, max_size=n))
    labels = draw(st.lists(st.integers(0, k - 1), min_size=n, max_size=n))
    named = draw(st.booleans())
    names = list(NAMES[:k]) if named else [str(index) for index in range(k)]
    stem = draw(st.sampled_from(STEMS))
    headings = [stem + name for name in names]
    spelled = draw(st.sampled_from((names, headings)))
    truth = [spelled[label] for label in labels]
    # Of classes that are words, only labels can tell, and only that what is outside is none.
    grouped = bool(stem) or not named
    columns = {heading: [repr(row[i]) for row in scores] for i, heading in enumerate(headings)}
    columns[draw(st.sampled_from(LABELS))] = truth
    for name in draw(st.lists(st.sampled_from(IDS + COMPANIONS), unique=True, max_size=4)):
        columns[name] = [repr(draw(numbers)) for _ in range(n)]
    order = draw(st.permutations(list(columns)))
    for name in draw(st.lists(st.sampled_from(UNKNOWN), unique=True, max_size=2)):
        told_by_labels = len(set(labels)) == k and not name.isdecimal()
        if name not in columns and (grouped or told_by_labels):
            columns[name] = [repr(draw(numbers)) for _ in range(n)]
            at = draw(st.integers(0, len(order))) if grouped else len(order)
            order = [*order[:at], name, *order[at:]]
    assume(len({name.lower() for name in order}) == len(order))
    mean = math.fsum(map(loss, scores, labels)) / n
    return Table(order, [[columns[name][row] for name in order] for row in range(n)], mean)


def scored(table: Table, *options: str) -> float | str:
    """The mean loss of the table, or the second line of the error."""
    code, out, err = run("ce", "-q", *options, stdin=table.text().encode())
    if code == 0:
        return float(out)
    assert (code, out) == (2, "")
    error, advice, *_ = err.split("\n")
    assert error.startswith("error: ")
    assert advice.startswith("  ")
    return advice


@given(tables())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_exactly_the_scores_are_scored_or_the_run_stops(table: Table) -> None:
    found = scored(table)
    if isinstance(found, float):
        assert math.isclose(found, table.mean, rel_tol=1e-12), table.text()
        return
    told = [scored(table, *shlex.split(option)) for option in OPTION.findall(found)]
    assert any(
        math.isclose(value, table.mean, rel_tol=1e-12) for value in told if isinstance(value, float)
    ), (table.text(), found, told)
