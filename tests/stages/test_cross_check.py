"""``--cross-check``: where the backends differ, by how much, and why."""

import numpy as np
import pytest

from softmax_cli.stages.cross_check import default_rtol, differences
from tests.calling import run


@pytest.mark.parametrize(
    "args",
    [
        ("softmax", "2,1,0.1", "1000,0,-5"),
        ("softmax", "2,1,0.1", "--log"),
        ("ce", "2,1,0.1", "0.5,2,0.3", "-l", "0,2", "--grad"),
        ("ce", "2,1,0.1", "0.5,2,0.3", "-l", "0,2"),
        ("bce", "0.9", "0.2", "0.7", "-l", "1,0,1"),
        ("predict", "2,1,0.1", "1,1,1", "--top-k", "2"),
        ("ce", "2,1,0.1", "0.5,2,0.3", "-l", "0,2", "--backend", "torch", "--device", "cpu"),
    ],
)
def test_agreement(args: tuple[str, ...]) -> None:
    code, _, err = run(*args, "--cross-check", "-q")
    assert code == 0
    assert "numpy and torch agree within 1.5e-08" in err


@pytest.mark.parametrize(
    ("args", "values", "cause"),
    [
        (
            ("ce", "0,-40", "-l", "0"),
            "numpy 4.248354255291589e-18, torch -0.0",
            "cancellation: PyTorch's log-sum-exp of a confident row",
        ),
        (("ce", "30,-8,1", "-l", "0"), "numpy 2.5439", "cancellation"),
        (("ce", "-inf,0", "--target", "0,1"), "numpy 0.0, torch nan", "a masked class"),
        (("ce", "1e308,-1e308", "--target", "0.5,0.5"), "numpy 1e+308, torch inf", "overflow"),
        (
            ("bce", "--from", "logits", "-40", "-l", "0"),
            "numpy 4.248354255291589e-18, torch 0.0",
            "cancellation: PyTorch computes (1 - y) z - ln sigmoid(z)",
        ),
        (("bce", "--from", "logits", "inf", "-l", "1"), "numpy 0.0, torch nan", "infinite logit"),
        (
            ("bce", "1e-50", "-l", "1", "--eps", "0"),
            "numpy 115.12925464970229, torch 100.0",
            "the clamp: nn.BCELoss",
        ),
        (("ce", "20,0", "-l", "0", "--dtype", "float32"), "torch -0.0", "float32 arithmetic"),
        (
            ("kl", "0.500000001,0.499999999", "--target", "0.5,0.5"),
            "torch 5.551115123125783e-17",
            "cancellation: PyTorch adds up p ln p - p ln q",
        ),
        (
            ("kl", "0.5,0.5", "--target", "0.500000001,0.499999999"),
            "numpy 0.0, torch -5.551115123125783e-17",
            "rows that do not sum to exactly 1",
        ),
        (("kl", "1,0", "--target", "1,0"), "numpy 0.0, torch nan", "a masked class with zero"),
        (
            ("bce", "--from", "logits", "40", "-l", "1", "--grad"),
            "numpy -4.248354255291589e-18, torch 0.0",
            "cancellation: PyTorch takes the target off a probability",
        ),
        (
            ("bce", "1e-20", "-l", "1", "--eps", "0", "--grad"),
            "numpy -1e+20, torch -1000000003995.8029",
            "the floor: the gradient of nn.BCELoss",
        ),
    ],
)
def test_known_causes(args: tuple[str, ...], values: str, cause: str) -> None:
    code, _, err = run(*args, "--cross-check", "-q")
    assert code == 1
    assert values in err
    assert f"because of {cause}" in err or f"because of an {cause}" in err


def test_the_row_of_the_largest_difference() -> None:
    args = ("ce", "2,1", "0,-40", "1,2", "-l", "0,0,0", "--cross-check", "-q")
    code, out, err = run(*args)
    assert code == 1
    assert "loss: 1 of 3 beyond" in err
    assert "relative difference 1 at row 2" in err
    assert out == run(*args[:-2], "-q").out
    assert run(*args, "--rtol", "1").code == 0


def test_rtol_is_for_cross_check() -> None:
    assert run("ce", "2,1", "-l", "0", "--rtol", "1").code == 2
    assert run("ce", "2,1", "-l", "0", "--cross-check", "--rtol", "-1").code == 2


def test_default_rtol_is_half_of_the_digits() -> None:
    for dtype in ("float64", "float32", "float16"):
        assert default_rtol(dtype) == np.sqrt(np.finfo(dtype).eps)


def test_differences_where_numbers_are_not_finite() -> None:
    ours = np.array([np.nan, np.inf, 0.0, 1.0, np.nan, 0.0])
    theirs = np.array([np.nan, np.inf, 0.0, np.inf, 1.0, 2.0])
    absolute, relative = differences(ours, theirs)
    assert absolute.tolist() == [0, 0, 0, np.inf, np.inf, 2]
    assert relative.tolist() == [0, 0, 0, np.inf, np.inf, 1]
