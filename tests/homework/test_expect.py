"""--expect: which answers are right, how they are reported, and what is refused."""

import json
import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softmax_cli.job import Job
from tests.calling import run, run_job

BATCH = ("ce", "2,1,0.1", "0.5,2,0.3", "-l", "0,2")
HOMEWORK = """id,cat,dog,bird,label,my_loss
a,2.0,1.0,0.1,cat,0.4170
b,0.5,2.0,0.3,bird,2.9440
c,0.1,0.2,3.9,bird,0.0460
d,-1.2,2.4,0.3,dog,
"""


@pytest.fixture
def homework(tmp_path: Path) -> str:
    path = tmp_path / "hw.csv"
    path.write_text(HOMEWORK)
    return str(path)


def to_digits(value: mpmath.mpf, digits: int, how: str) -> str:
    """The exact value with so many significant digits, written without an exponent."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(mpmath.nstr(value, 50))
        unit = Decimal(1).scaleb(exact.adjusted() - digits + 1)
        return f"{exact.quantize(unit, rounding=how):f}"


@given(
    st.lists(st.floats(-30, 30).map(lambda x: round(x, 6)), min_size=2, max_size=10),
    st.integers(2, 17),
    st.sampled_from([ROUND_HALF_UP, ROUND_DOWN]),
)
def test_a_right_answer_never_fails(row: list[float], digits: int, how: str) -> None:
    with mpmath.workdps(60):
        powers = [mpmath.exp(mpmath.mpf(x)) for x in row]
        loss = -mpmath.log(powers[0] / mpmath.fsum(powers))
        answer = to_digits(loss, digits, how)
    job = Job("ce", tuple(map(repr, row)), labels="0", expect=answer, quiet=True)
    assert run_job(job)[:2] == (0, "")


@pytest.mark.parametrize(
    ("answer", "options", "code"),
    [
        ("1.2288", (), 0),
        ("1.23", (), 0),
        ("1.22", (), 0),  # truncated
        ("1.2", (), 0),
        ("1.2288e0", (), 0),
        ("12.288e-1", (), 0),
        ("1.2289", (), 1),
        ("1.24", (), 1),
        ("1", (), 1),  # one digit is too few
        ("-1.2288", (), 1),
        ("nan", (), 1),
        ("inf", (), 1),
        ("", (), 1),
        ("1.24", ("--tol", "0.02"), 0),
        ("1.24", ("--tol", "0.01"), 1),
        ("1.24", ("--rtol", "0.01"), 0),
        ("1.24", ("--rtol", "0.001"), 1),
        ("1.24", ("--tol", "0.02", "--rtol", "0.001"), 0),
        ("1.2288231430462666", ("--tol", "0"), 0),
        ("1.2288", ("--tol", "0"), 1),
        ("1.3,2", ("--tol", "1"), 0),
        ("0.4170,2.0406", (), 0),
        ("0.4170,2.0407", (), 1),
        ("0.4170,", (), 1),
        ("2.4576", ("--reduction", "sum"), 0),
    ],
)
def test_verdict(answer: str, options: tuple[str, ...], code: int) -> None:
    assert run(*BATCH, "--expect", answer, "-q", *options).code == code


def test_tolerance_is_inclusive_in_binary_too() -> None:
    job = Job("ce", ("0.305",), labels="0", scores="logprobs", quiet=True)
    job = job._replace(inputs=("-0.3,-1.3502",), expect="0.305", tol=0.005)
    assert run_job(job).code == 0


def test_infinite_loss_is_only_infinite() -> None:
    certain = ("ce", "--from", "probs", "0", "1", "-l", "0", "-q", "--expect")
    assert run(*certain, "inf").code == 0
    assert run(*certain, "-inf").code == 1
    assert run(*certain, "100").code == 1


def test_small_values_may_have_four_decimals() -> None:
    row = ("softmax", "9", "0", "-3", "-q", "--expect")
    assert run(*row, "0.9999,0.0001,0.0000").code == 0
    assert run(*row, "1.0,0,0").code == 0
    assert run(*row, "0.9997,0.0001,0.0000").code == 1
    assert run("ce", "9", "0", "-3", "-l", "0", "-q", "--expect", "0.0001").code == 0
    assert run("ce", "9", "0", "-3", "-l", "0", "-q", "--expect", "0.0002").code == 1


def test_column(homework: str) -> None:
    code, out, err = run("ce", homework, "--expect-col", "my_loss")
    assert code == 1
    assert "4 checked: 2 right, 1 wrong, 1 blank" in out
    assert "the wrong row consistent with: log₂ instead of ln" in out
    assert err == ""


def test_quiet_is_a_line_for_each_answer_that_is_not_right(homework: str) -> None:
    code, out, err = run("ce", homework, "--expect-col", "-1", "-q")
    assert (code, out) == (1, "")
    first, second = err.splitlines()
    assert first.startswith(f"{homework}:3: id=b answer=2.9440 got=2.04061626981469")
    assert first.endswith("consistent with: log₂ instead of ln")
    assert second.startswith(f"{homework}:5: id=d answer=blank ")


def test_json_carries_all(homework: str) -> None:
    found = json.loads(run("ce", homework, "--expect-col", "my_loss", "-f", "json").out)
    assert [sample["verdict"] for sample in found["samples"]] == [
        "right",
        "wrong",
        "right",
        "blank",
    ]
    assert found["samples"][1]["expected"] == 2.944
    assert found["samples"][1]["difference"] == pytest.approx(2.944 - found["samples"][1]["got"])
    assert found["samples"][3]["expected"] is None
    assert found["check"]["checked"] == 4
    assert found["check"]["mistakes"][0]["names"] == ["log₂ instead of ln"]


@pytest.mark.parametrize("form", ["table", "csv", "tsv", "json", "jsonl", "markdown"])
@pytest.mark.parametrize("source", [("--expect-col", "my_loss"), ("--expect", "0.5")])
def test_hidden_answers_are_nowhere(homework: str, form: str, source: tuple[str, str]) -> None:
    rows = ("--cols", "cat,dog,bird", *source, "--hide-answers")
    for options in (("-f", form), ("-q",)):
        code, out, err = run("ce", homework, *rows, *options)
        assert code == 1
        for right in ("2.04", "0.1395", "0.1396", "0.6608", "2.6432"):
            assert right not in out + err


def test_file_of_answers(homework: str, tmp_path: Path) -> None:
    answers = tmp_path / "answers.txt"
    answers.write_text("loss\n0.4170\n2.0406\n0.0460\n0.1396\n")
    options = ("ce", homework, "--cols", "cat,dog,bird", "--expect-file", str(answers))
    assert run(*options, "-q") == (0, "", "")
    answers.write_text("0.4170\n2.0406\n0.0460\n")
    code, _, err = run(*options, "-q")
    assert code == 2
    assert err.startswith("error: 3 answers expected, but there are more samples\n")


def test_rows_of_softmax(tmp_path: Path) -> None:
    rows = ("--expect-row", "0.659,0.242,0.099", "--expect-row", "0.159,0.711,0.13")
    assert run("softmax", "2,1,0.1", "0.5,2,0.3", *rows, "-q") == (0, "", "")
    path = tmp_path / "rows.csv"
    path.write_text("a,b,p_a,p_b\n1,0,0.7311,0.2689\n0,0,0.5,0.6\n")
    code, _, err = run("softmax", str(path), "--expect-cols", "p_*", "-q")
    assert code == 1
    assert err.startswith(f"{path}:3: answer=0.5,0.6 got=0.5,0.5 ")


def test_classes_of_predict(homework: str) -> None:
    options = ("predict", homework, "--cols", "cat,dog,bird", "-q", "--expect")
    assert run(*options, "cat,dog,bird,dog").code == 0
    assert run(*options, "0,1,2,1").code == 0
    assert run(*options, "1,2,3,2").code == 1  # counted from 1: wrong, not malformed
    assert run(*options, "cat,dog,,dog").code == 1
    assert run(*options, "cat,dog,fish,dog").code == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--expect", "1.2x"), "--expect, answer 1: answer '1.2x' is not a number"),
        (("--expect", "1,2,3"), "3 answers expected, but only 2 samples"),
        (("--expect", "1", "--tol", "-1"), "--tol is 'digits' or a distance of at least 0"),
        (("--expect", "1", "--tol", "nan"), "--tol is 'digits' or a distance of at least 0"),
        (("--expect", "1", "--rtol", "-1"), "--rtol must be a number that is not negative"),
        (("--expect", "1", "--rtol", "nan"), "--rtol must be a number that is not negative"),
        (("--tol", "0.1"), "--tol and --hide-answers are about answers"),
        (("--expect", "1", "--expect-col", "2"), "answers come from one source"),
        (("--expect-col", "2"), "--expect-col and --expect-cols name columns of files"),
        (("--expect", "1", "--steps"), "--steps shows how the numbers come about"),
        (("--expect", "1", "--grad"), "--grad adds columns"),
    ],
)
def test_refused(options: tuple[str, ...], message: str) -> None:
    code, out, err = run(*BATCH, *options)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")


def test_malformed_answer_names_its_line(homework: str) -> None:
    path = Path(homework)
    path.write_text(HOMEWORK.replace("2.9440", "2_9440"))
    code, _, err = run("ce", homework, "--expect-col", "my_loss")
    assert code == 2
    assert err.startswith(f"error: {homework}:3: answer '2_9440' is not a number\n")


def test_wrong_answers_are_told_as_they_come() -> None:
    rows = ["1,2,0,1.4", *["1,2,0,1.3133"] * 100_000, "1,2,0"]
    text = "\n".join(["a,b,y,loss", *rows])
    code, out, err = run("ce", "--expect-col", "loss", "-q", stdin=text.encode())
    assert (code, out) == (2, "")
    assert re.fullmatch(
        r"stdin:2: answer=1\.4 got=1\.3132.*\n"
        r"error: stdin:100003: expected 4 cells, found 3\n(  .*\n)?",
        err,
    )
