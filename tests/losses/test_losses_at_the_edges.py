"""Nothing left, nothing weighed, one class, one sample: a defined number or one clear error."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.calling import quiet, run

BACKENDS = pytest.mark.parametrize("backend", ["numpy", "torch"])


def error(*args: str, stdin: bytes = b"") -> str:
    code, _, err = run(*args, stdin=stdin)
    assert code == 2
    return err


def summary(*args: str, stdin: bytes = b"") -> dict[str, Any]:
    code, out, err = run(*args, "--format", "json", stdin=stdin)
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)["summary"]
    return found


@BACKENDS
@pytest.mark.parametrize("command", ["ce", "bce --from logits", "hinge"])
def test_all_samples_ignored(command: str, backend: str) -> None:
    options = [*command.split(), "--ignore-index", "0", "-b", backend]
    data = b"x,y\n1,0\n2,0\n"
    found = error(*options, "-q", stdin=data)
    reason = "no sample is left: --ignore-index 0 leaves out 2 of 2"
    assert found == f"error: {reason}\n  --reduction sum gives 0\n"
    assert quiet(*options, "--reduction", "sum", stdin=data) == "0.0"
    undefined = summary(*options, stdin=data)
    assert (undefined["sum"], undefined["mean"]) == (0, None)
    assert undefined["mean_undefined"] == reason
    code, out, err = run(*options, "-f", "csv", stdin=data)
    assert (code, len(out.splitlines())) == (0, 3)
    assert f"mean loss undefined: {reason}" in err


@BACKENDS
def test_an_ignored_sample_counts_nowhere(backend: str) -> None:
    data = b"a,b,y\n1,2,0\nnan,2,-100\n0.5,0.5,-100\n-1,3,1\n"
    options = ["--ignore-index", "-100", "-b", backend]
    code, out, err = run("ce", *options, "--format", "csv", "--no-probabilities", stdin=data)
    assert code == 0
    assert [line.split(",")[1:4:2] for line in out.splitlines()[1:]] == [
        ["a", "1.3132616875182228"],
        ["", ""],
        ["", ""],
        ["b", out.splitlines()[4].split(",")[3]],
    ]
    assert "nan" not in err
    assert "(2 of 2)" not in err
    assert "accuracy 50.00% (1 of 2)" in err
    assert "2 samples, 2 ignored" in err
    assert "|n:2|" in err


def test_the_ignored_label_may_be_a_class() -> None:
    data = b"cat,dog,y\n1,2,dog\n3,2,cat\n"
    assert float(quiet("ce", "--ignore-index", "1", stdin=data)) == pytest.approx(0.3132616875)
    assert float(quiet("ce", "--ignore-index", "0", stdin=data)) == pytest.approx(0.3132616875)
    one_based = b"a,b,y\n1,2,2\n3,2,0\n"
    options = ["--label-base", "1", "--ignore-index", "0"]
    assert float(quiet("ce", *options, stdin=one_based)) == pytest.approx(0.3132616875)


def test_another_negative_label_is_still_an_error() -> None:
    rows = b"1,2,0\n" * 200_000  # as many as polars reads
    found = error(
        "ce",
        "--ignore-index",
        "-100",
        "-q",
        "--no-header",
        "--label-col",
        "2",
        stdin=rows + b"1,2,-2\n",
    )
    assert found.startswith("error: stdin:200001: column 2: label -2 is out of range 0…1")


@BACKENDS
@pytest.mark.parametrize(
    "command",
    [
        "ce 1,2 -l 0 --weight 0,1",
        "bce 0.5 -l 0 --weight 0,1 --divide-by weight",
        "hinge 1,2 -l 0 --weight 0,1 --divide-by weight",
    ],
)
def test_all_weights_zero(command: str, backend: str) -> None:
    found = error(*command.split(), "-b", backend, "-q")
    assert found.splitlines()[0] == (
        "error: the weights of all samples sum to 0, so there is no mean"
    )
    without_mean = [*command.replace("--divide-by weight", "").split(), "-b", backend]
    assert summary(*without_mean, "--reduction", "sum")["sum"] == 0
    assert summary(*without_mean, "--divide-by", "n")["mean"] == 0


@BACKENDS
def test_a_weight_of_zero_silences_an_infinite_loss(backend: str) -> None:
    data = b"a,b,y,w\n1,0,1,0\n0.5,0.5,0,2\n"
    found = quiet("ce", "--from", "probs", "--sample-weight-col", "w", "-b", backend, stdin=data)
    assert float(found) == pytest.approx(np.log(2), rel=1e-15)


@BACKENDS
@pytest.mark.parametrize("options", ["", "--label-smoothing 0.1", "--weight 3", "--focal 2"])
def test_one_class_has_nothing_to_lose(options: str, backend: str) -> None:
    data = b"x,y\n7,0\n-3,0\n"
    assert summary("ce", *options.split(), "-b", backend, stdin=data)["mean"] == 0


@BACKENDS
def test_one_class_of_the_others(backend: str) -> None:
    one = ["-b", backend, "-q"]
    assert run("kl", "1", "--target", "1", *one).out == "0.0\n"
    assert run("mse", "3", "--target", "5", *one).out == "4.0\n"
    assert run("bce", "--multilabel", "0.5", "--target", "1", *one).out == "0.6931471805599453\n"
    assert run("hinge", "0.25", "-l", "1", *one).out == "0.75\n"
    assert run("hinge", "0.25", "-l", "0", *one).out == "1.25\n"


def test_the_divisor_is_told_even_of_one_sample() -> None:
    told = run("ce", "2", "1", "-l", "0", "--weight", "3,1").out
    assert "(sum 0.9398 / weight 3.0000: 1 sample)" in told
    told = run("mse", "1,2", "--target", "0,0").out
    assert "mean loss 2.5000 (sum 5.0000 / 2: 1 sample × 2 outputs)" in told


def test_divide_by() -> None:
    two = ["ce", "2,1", "1,3", "-l", "0,1", "--weight", "4,1"]
    assert summary(*two)["divisor"] == 5
    assert summary(*two, "--divide-by", "n")["divisor"] == 2
    soft = ["ce", "2,1", "1,3", "--target", "1,0", "--target", "0.5,0.5", "--weight", "4,1"]
    assert summary(*soft)["divisor"] == 2  # as PyTorch
    assert summary(*soft, "--divide-by", "weight")["divisor"] == 6.5


def test_the_divisor_is_an_exact_sum() -> None:
    weights = [1e16, 1.0, 1.0, -0.0]  # 1e16 + 1 + 1, not 1e16
    rows = "".join(f"0,0,0,{w!r}\n" for w in weights)
    options = ["--no-header", "--label-col", "2", "--sample-weight-col", "3"]
    found = summary("ce", *options, stdin=rows.encode())
    assert found["divisor"] == 1e16 + 2
    assert found["mean"] == np.log(2)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("ce 1,2 -l 0 --weight 1", "--weight has 1 number, but there are 2 to weigh"),
        ("ce 1,2 -l 0 --weight 1,-1", "--weight takes weights that are finite and not negative"),
        ("ce 1,2 -l 0 --weight 1,x", "invalid value for '--weight': 'x' is not a number"),
        ("ce 1,2 -l 0 --label-smoothing 2", "--label-smoothing is a share of the target"),
        ("ce 1,2 -l 0 --focal -1", "--focal takes an exponent that is finite and not negative"),
        ("ce 1,2 -l 0 --divide-by weight", "--divide-by weight, but there are no weights"),
        ("ce 1,2 --target 1,0 --ignore-index 0", "--ignore-index is a label"),
        ("ce 1,2 -l 0 --sample-weight-col w", "--sample-weight-col names a column of files"),
        ("ce 1,2 -l -100", "label -100 is out of range 0…1"),
        ("bce 0.5 -l 1 --pos-weight 1,2", "--pos-weight has 2 numbers, but there is 1 to weigh"),
        ("bce --multilabel 0.5,0.5 -l 1", "--multilabel needs a 0 or 1 for each label"),
        ("hinge 1 2 -l 0,-1", "labels are 0 and 1 or -1 and 1, but here are both"),
        ("hinge 1 -l 1 --p 3", "--p is 1 or 2"),
        ("mse 1 2", "mse needs a target for each sample, and there are none"),
        ("mse 1 2 --target 1", "1 target, but there are more samples"),
        ("predict 1,2 --report", "predict needs labels, and there are none"),
        ("predict 1,2 -l 0 --report -f csv", "--report and --confusion are for tables"),
    ],
)
def test_one_clear_error(command: str, said: str) -> None:
    assert said in error(*command.split()).splitlines()[0]


def test_bad_sample_weight_is_told_with_its_line() -> None:
    data = b"a,b,y,w\n1,2,0,1\n1,2,0,-3\n"
    said = error("ce", "--sample-weight-col", "w", stdin=data)
    what, advice, _ = said.split("\n")
    assert what == "error: stdin:3: column 'w': weight -3 is not a finite number from 0 on"
    assert advice == "  a weight of 0 leaves a sample out"
    many = b"1,2,0,1\n" * 200_000 + b"1,2,0,-3\n"
    options = ["--no-header", "--label-col", "2", "--sample-weight-col", "3", "-q"]
    assert error("ce", *options, stdin=many).startswith("error: stdin:200001: column 3: weight -3")


def test_signed_labels_in_bulk() -> None:
    rows = b"0.25,-1\n-0.25,1\n" * 100_000
    options = ["--no-header", "--label-col", "1"]
    assert quiet("hinge", *options, stdin=rows) == "1.25"
    said = error("hinge", *options, "-q", stdin=rows + b"1,0\n")
    assert said.startswith("error: stdin:200001: column 1: labels are 0 and 1 or -1 and 1")


@pytest.mark.parametrize(
    ("data", "reading"),
    [
        (b"guess,truth\n1,3\n", "prediction guess · target truth"),
        (b"y,guess\n3,1\n", "prediction guess · target y"),
        (b"id,guess,target\nx,1,3\n", "prediction guess · target target · id id"),
        (b"a,b,c,d\n1,0,3,0\n", "predictions a, b (2 outputs) · targets c, d"),
    ],
)
def test_columns_of_pairs(data: bytes, reading: str) -> None:
    code, out, err = run("mse", "--reduction", "sum", "-f", "json", stdin=data)
    assert (code, err) == (0, f"read: {reading}\n")
    assert json.loads(out)["summary"]["sum"] == 4


def test_targets_of_pairs_by_name() -> None:
    data = b"x,t_0,t_1,p_0,p_1\n9,1,2,3,4\n"
    options = ["--cols", "p_*", "--target-cols", "t_*"]
    assert quiet("mae", *options, stdin=data) == "2.0"
    assert "needs a target" in error("mae", "--cols", "p_*", stdin=data)


def test_ignored_loss_is_missing_in_parquet(tmp_path: Path) -> None:
    import polars as pl

    path = tmp_path / "losses.parquet"
    options = ["--ignore-index", "1", "--format", "parquet", "--output", str(path)]
    code, _, err = run("ce", *options, stdin=b"a,b,y\n0,0,0\n0,0,1\n")
    assert code == 0, err
    frame = pl.read_parquet(path)
    assert frame["loss"].to_list() == [np.log(2), None]
    assert frame["label"].to_list() == ["a", None]


def test_large_scores_do_not_swallow_the_margin() -> None:
    """In float64, 1 - 1e16 + 1e16 is 0."""
    assert quiet("hinge", "1e16,1e16", "-l", "0") == "0.5"
    best = ("--multi-class", "crammer-singer")
    assert quiet("hinge", "1e16,1e16,3", "-l", "1", *best) == "1.0"
    assert quiet("hinge", "inf,1", "-l", "0") == "0.0"
    assert quiet("hinge", "inf,1", "-l", "1") == "inf"
