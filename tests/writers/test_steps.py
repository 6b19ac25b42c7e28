"""--steps: each number of a derivation is right, and the last one is the result."""

import math
import re

import pytest

from tests.calling import run


def step(out: str, title: str) -> str:
    (line,) = [line for line in out.splitlines() if line.strip().startswith(title + "  ")]
    return line.strip().removeprefix(title).strip()


def test_cross_entropy_by_hand() -> None:
    out = run("ce", "2", "1", "0.1", "-l", "0", "--steps").out
    powers = [math.exp(x - 2) for x in (2, 1, 0.1)]
    assert step(out, "exp") == "e^t = " + "  ".join(f"{v:.4f}" for v in powers)
    assert step(out, "sum").endswith(f"= {sum(powers):.4f}")
    p = powers[0] / sum(powers)
    assert step(out, "pick the label") == f"p[0] = {p:.4f}"
    assert step(out, "−ln") == f"loss = −ln {p:.4f} = {-math.log(p):.4f}"
    assert step(out, "NLLLoss") == f"nll_loss(…, 0) = {-math.log(p):.4f}"


def test_binary_cross_entropy_by_hand() -> None:
    out = run("bce", "--from", "logits", "2.2", "-l", "0", "--steps").out
    p = 1 / (1 + math.exp(-2.2))
    assert step(out, "sigmoid") == f"p = 1 / (1 + e^−z) = {p:.4f}"
    assert step(out, "1−y term").endswith(f"= −{-math.log(1 - p):.4f}")
    assert step(out, "minus both").endswith(f"= {-math.log(1 - p):.4f}")


def test_mean_of_the_losses() -> None:
    out = run("ce", "2,1,0.1", "0.5,2,0.3", "-l", "0,2", "--steps").out
    assert step(out, "mean") == "(0.4170 + 2.0406) / 2 = 1.2288"
    out = run("ce", "2,1,0.1", "0.5,2,0.3", "-l", "0,2", "--steps", "--reduction", "sum").out
    assert "0.4170 + 2.0406 = 2.4576" in out


@pytest.mark.parametrize(
    ("args", "last"),
    [
        (("softmax", "2", "1"), "p = e^t / S = 0.7311  0.2689"),
        (("softmax", "2", "1", "--log"), "ln p = t − ln S = −0.3133  −1.3133"),
        (("softmax", "2", "1", "-T", "2"), "p = e^t / S = 0.6225  0.3775"),
        (("predict", "2", "1", "--classes", "a,b"), "class a, with p = 0.7311"),
        (("predict", "--binary", "2"), "p > 0.5: class 1"),
        (("ce", "--from", "probs", "0.7", "0.3", "-l", "1"), "loss = −ln 0.3000 = 1.2040"),
        (("ce", "--from", "logprobs", "-0.105", "-2.3", "-l", "1"), "nll_loss(…, 1) = 2.3000"),
        (("ce", "2", "1", "--target", "0.5,0.5"), "loss = 0.8133"),
        (("bce", "--from", "logits", "-800", "-l", "1"), "loss = −(−800.0000 + 0.0000) = 800.0000"),
        (("bce", "0", "-l", "1"), "loss = −(−100.0000 + 0.0000) = 100.0000"),
        (("ce", "nan", "1", "-l", "0"), "loss = −ln nan = nan"),
    ],
)
def test_of_every_command(args: tuple[str, ...], last: str) -> None:
    code, out, _ = run(*args, "--steps")
    assert code == 0
    assert last in out


def test_ten_samples_unless_rows() -> None:
    values = [str(i / 20) for i in range(15)]
    labels = ",".join("1" * 15)
    out = run("bce", *values, "-l", labels, "--steps").out
    assert len(re.findall("^ sample", out, re.MULTILINE)) == 10
    assert "… 5 more samples; --rows all shows them" in out
    out = run("bce", *values, "-l", labels, "--steps", "--rows", "all").out
    assert len(re.findall("^ sample", out, re.MULTILINE)) == 15


def test_markdown_is_fenced_math() -> None:
    args = ("ce", "2", "1", "-1e9", "-l", "0", "--classes", "a_1,b,$c", "--steps")
    out = run(*args, "-f", "markdown").out
    blocks = re.findall("^```math\n(.*)\n```$", out, re.MULTILINE)
    assert len(blocks) == 9
    assert r"p_{0} = 0.7311" in blocks  # a name that LaTeX would read as markup gives way
    assert all(block.count("{") == block.count("}") for block in blocks)
    assert "−" not in "".join(blocks)


@pytest.mark.parametrize("options", [("-q",), ("-f", "csv"), ("--grad",)])
def test_refused(options: tuple[str, ...]) -> None:
    code, _, err = run("ce", "2", "1", "-l", "0", "--steps", *options)
    assert code == 2
    assert err.startswith("error: --")
