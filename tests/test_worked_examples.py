"""The tutorials' published examples through the command line, on both backends."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.calling import quiet, run

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "worked_examples.json").read_text(encoding="utf-8")
)["cases"]
BY_ID = {case["id"]: case for case in CASES}
PYTORCH_FLOAT32 = ("ce-logits-good", "ce-logits-bad", "ce-by-steps")


def command_line(case: dict[str, Any]) -> list[str]:
    args = [case["command"], *(",".join(map(str, row)) for row in case["rows"])]
    if "from" in case:
        args += ["--from", case["from"]]
    if "labels" in case:
        args += ["--labels", ",".join(map(str, case["labels"]))]
    for target in case.get("targets", ()):
        args += ["--target", ",".join(map(str, target))]
    return args


def computed(case: dict[str, Any], *options: str) -> dict[str, Any]:
    """The JSON output, its samples gathered to columns named as in the case."""
    code, out, err = run(*command_line(case), *options, "--format", "json")
    assert code == 0, err
    answer = json.loads(out)
    names = ("probabilities", "loss", "predicted")
    columns = {
        name: [sample[name] for sample in answer["samples"]]
        for name in names
        if name in answer["samples"][0]
    }
    return columns | {"mean": answer["summary"].get("mean")}


def digits_shown(number: float) -> int:
    return len(repr(number).partition(".")[2])


def agrees(found: Any, shown: Any) -> bool:
    """Whether ``found`` rounds to what was ``shown``, number by number."""
    if isinstance(shown, list):
        return len(found) == len(shown) and all(map(agrees, found, shown))
    if isinstance(shown, int):
        return bool(found == shown)
    # half a unit of the last digit shown; PyTorch's float32 means went through a sum of
    # logarithms between 2 and 4, where the numbers of float32 are 2**-22 apart
    return bool(abs(found - shown) <= max(0.5 * 10.0 ** -digits_shown(shown), 2.0**-22))


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("name", BY_ID)
def test_to_the_digits_shown(name: str, backend: str) -> None:
    case = BY_ID[name]
    found = computed(case, "--backend", backend)
    for quantity, shown in case["expect"].items():
        assert agrees(found[quantity], shown), (quantity, found[quantity], shown)


@pytest.mark.parametrize("name", PYTORCH_FLOAT32)
def test_pytorch_float32_digit_for_digit(name: str) -> None:
    args = command_line(BY_ID[name])
    found = quiet(*args, "--backend", "torch", "--dtype", "float32")
    assert found == repr(BY_ID[name]["expect"]["mean"])


def test_clipping_does_not_change_the_one_hot_example() -> None:
    loss = computed(BY_ID["ce-onehot-bad"], "--eps", "1e-15")["loss"]
    assert agrees(loss, [2.302585])


def test_the_right_predictions_lose_less_than_the_wrong_ones() -> None:
    good, bad = (float(quiet(*command_line(BY_ID[f"ce-batch2-{x}"]))) for x in ("good", "bad"))
    assert good < bad


@pytest.mark.parametrize(
    ("row", "label", "loss"),
    [  # mpmath at 50 digits: log(sum(exp(x))) - x[label], rounded to the nearest float64
        ("2,1,0.1", "0", 0.41703001627783348),
        ("0.5,2,0.3", "0", 1.8406162698146996),
        ("0.5,2,0.3", "2", 2.0406162698146993),
        ("0,-40", "0", 4.248354255291589e-18),
        ("30,-8,1", "0", None),
    ],
)
def test_float64_is_right_to_the_last_digit_or_one_beside_it(
    row: str, label: str, loss: float | None
) -> None:
    import mpmath

    with mpmath.workdps(50):
        # the float64 nearest to each decimal is what the tool is given
        x = [mpmath.mpf(float(cell)) for cell in row.split(",")]
        exact = mpmath.log(mpmath.fsum(map(mpmath.exp, x))) - x[int(label)]
        found = float(quiet("ce", row, "--labels", label))
        assert abs(found - exact) <= abs(exact) * mpmath.mpf(2) ** -52
        assert loss is None or abs(loss - exact) <= abs(exact) * mpmath.mpf(2) ** -52
