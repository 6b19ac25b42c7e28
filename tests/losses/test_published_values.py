"""Values that other libraries publish in their own tests, to the tolerance that they state.

Inputs and values are those of the tests of Keras (losses_test.py), optax (_classification_test.py),
SciPy (test_logsumexp.py, test_basic.py), scikit-learn (test_classification.py) and ONNX (the nodes
SoftmaxCrossEntropyLoss and NegativeLogLikelihoodLoss, whose numbers come from a formula).
"""

import json
import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from mpmath import mp, mpf

from tests import oracle
from tests.calling import quiet, run
from tests.oracle import ulps


class Case(NamedTuple):
    """A command line, and the numbers that -q prints."""

    command: str
    expected: float | list[float]
    tolerance: float


KERAS = 1e-3  # assertAlmostEqual of its TestCase looks at three decimals
CLOSE = 1e-6
OPTAX = 1e-4

BINARY = "--multilabel 0.9,0.1,0.2 0.3,0.8,0.1 0.1,0.2,0.7"
EYE = "--target 1,0,0 --target 0,1,0 --target 0,0,1"
SURE = "--multilabel --from logits 10,-10,10 10,10,-10 --target 1,0,1 --target 0,1,1"
LOGITS = f"8,1,1 0,9,1 2,3,5 {EYE}"
UNSCALED = f"--from probs 0.9,0.05,0.05 0.5,0.89,0.6 0.05,0.01,0.94 {EYE} --like keras"
FOCAL = "--multilabel 0.9,0.8 0.7,0.2 --target 1,0 --target 1,0"
FOCAL_LOGITS = (
    "--multilabel --from logits 1.5,-2.7,2.9 -3.8,1.2,-4.5 --target 1,1,0 --target 0,1,0 --focal 3"
)

KERAS_CASES = [
    Case(f"bce {BINARY} {EYE}", 0.20046903, CLOSE),
    Case("bce 1 1 1 0 -l 1,0,1,0 --like keras", 3.98559, KERAS),
    Case(f"bce {SURE}", 3.3333, KERAS),
    Case(
        "bce --multilabel --from logits 10,-10,-10 --target 1,0,1 --label-smoothing 0.1", 3.5, KERAS
    ),
    Case(f"ce {UNSCALED}", 0.3239, KERAS),
    Case(f"ce {LOGITS}", 0.0573, KERAS),
    Case(f"ce {LOGITS} --reduction none", [0.001822, 0.000459, 0.169846], CLOSE),
    Case("ce 100,-100,-100 --target 1,0,0 --label-smoothing 0.1", 400 * 0.1 / 3, KERAS),
    Case(
        "ce 0.854,0.698,0.598 0.088,0.86,0.018 -l -1,2 --ignore-index -1 --reduction sum",
        1.480129,
        CLOSE,
    ),
    Case(f"bce {FOCAL} --focal 2", 0.268, KERAS),
    Case(f"bce {FOCAL_LOGITS}", 0.799, KERAS),
    Case(f"ce {UNSCALED} --focal 2", 0.02059, KERAS),
    Case(
        f"ce {LOGITS} --focal 2 --like keras --reduction none",
        [1.5096224e-09, 2.4136547e-11, 1.0360638e-03],
        CLOSE,
    ),
    Case("ce 4.9,-0.5,2.05 -l 0 --focal 2 --label-smoothing 0.1 --like keras", 0.06685, KERAS),
    Case("hinge -0.3 0.2 -0.1 1.6 -0.25 -1 0.5 0.6 -l 0,1,0,1,0,0,1,1", 0.50625, CLOSE),
]

KERAS_P = [[0.5, 0.8, 0.12], [0.7, 0.43, 0.8]]
KERAS_Q = [[0.4, 0.9, 0.12], [0.36, 0.3, 0.4]]
KERAS_CASES.append(
    Case(
        "kl 0.4,0.9,0.12 0.36,0.3,0.4 --target 0.5,0.8,0.12 --target 0.7,0.43,0.8",
        sum(
            p * math.log(p / q) for i in (0, 1) for p, q in zip(KERAS_P[i], KERAS_Q[i], strict=True)
        )
        / 2,
        1e-15,
    )
)

WIDE = [("-1e9", 1, 0), ("-1e9", 0, 1), ("1e9", 1, 0), ("1e9", 0, 1)]
LOG_P = "--from logprobs -2.9957,-3.5066,-3.9120,-1.2040,-0.6931,-2.3026"
LOG_P2 = "-1.6094,-1.6094,-1.6094,-2.3026,-1.8971,-1.8971"
Q = "--target 0.2,0.2,0.2,0.1,0.15,0.15 --target 0.05,0.03,0.02,0.3,0.5,0.0"

OPTAX_CASES = [
    Case("ce 10,1,-2 1,4,0.2 -l 1,0 --reduction none", [9.00013, 3.0696733], OPTAX),
    Case(
        "ce -inf,0,0 -inf,0,0 -inf,0,-inf --target 0,0.5,0.5 --target 0.4,0.3,0.3 "
        "--target 0,1,0 --reduction none",
        [0.693147, math.inf, 0.0],
        OPTAX,
    ),
    *(
        Case(
            f"bce --from logits {z} {tiny} -l {a},{b}", 5e8 if (z < "0") == a else 0.3465736, CLOSE
        )
        for z, a, b in WIDE
        for tiny in ("1e-9", "-1e-9")
    ),
    Case("bce --from logits 0 0 -l 1,0", 0.6931472, CLOSE),
    Case("ce 0.14,1.456,2.356,-0.124,-2.47 --target 0.1,0.15,0.2,0.25,0.3", 2.8990, OPTAX),
    Case(
        "ce 4,2,1 0,5,1 --target 1,0,0 --target 0,0.8,0.2 --reduction none", [0.1698, 0.8247], OPTAX
    ),
    Case("hinge 10 20 -l 1,0 --reduction none", [0.0, 21.0], OPTAX),
    Case(
        "hinge 10,3 11,-2 -l 1,0 --multi-class crammer-singer --reduction none", [8.0, 0.0], OPTAX
    ),
    Case(  # the perceptron's loss
        "hinge 10,3 11,-2 -l 1,0 --multi-class crammer-singer --margin 0 --reduction none",
        [7.0, 0.0],
        OPTAX,
    ),
    Case(f"kl {LOG_P} {LOG_P2} {Q} --reduction none", [0.8875577, 0.7592807], OPTAX),
]

CRAMMER = "--multi-class crammer-singer"
SKLEARN_CASES = [
    Case("hinge -8.5 0.5 1.5 -0.3 -l -1,1,1,-1", 1.2 / 4, 1e-15),
    Case(
        "hinge 0.36,-0.17,-0.58,-0.99 -0.54,-0.37,-0.48,-0.58 -1.45,-0.58,-0.38,-0.17 "
        f"-0.54,-0.38,-0.48,-0.58 -2.36,-0.79,-0.27,0.24 -1.45,-0.58,-0.38,-0.17 "
        f"-l 0,1,2,1,3,2 {CRAMMER}",
        (0.47 + 0.89 + 1.21 + 0.9 + 0.49 + 1.21) / 6,
        1e-15,
    ),
    Case(
        "hinge 0.36,-0.17,-0.58 -0.15,-0.58,-0.48 -1.45,-0.58,-0.38 -0.55,-0.78,-0.42 "
        f"-1.45,-0.58,-0.38 -l 0,2,2,0,2 {CRAMMER}",
        (0.47 + 1.33 + 0.8 + 1.13 + 0.8) / 5,
        1e-15,
    ),
    Case("bce 0.5 0.9 0.99 0.1 0.25 0.999 -l 0,0,0,1,1,1 --like sklearn", 1.8817971, 1e-7),
    Case("ce --from probs 0.2,0.7,0.1 0.6,0.2,0.2 0.6,0.1,0.3 -l 1,0,2", 0.6904911, 1e-7),
]

SCIPY_CASES = [
    Case(
        "softmax 0,1,2,3 100,101,102,103",
        2 * [0.03205860328008499, 0.08714431874203256, 0.23688281808991013, 0.6439142598879722],
        1e-13,
    ),
    Case(
        "softmax -25,0,25,50 1,325,749,750",
        [
            *(2.678636961770877e-33, 1.9287498479371314e-22, 1.3887943864771144e-11),
            *(0.999999999986112, 0.0, 1.9444526359919372e-185, 0.2689414213699951),
            0.7310585786300048,
        ],
        1e-13,
    ),
    Case("softmax 1000,1 --log", [0.0, -999.0], 0.0),
    Case("softmax 0,-inf --log", [0.0, -math.inf], 0.0),
    Case(
        "softmax 0,1,2,3 --log",
        [-3.4401896985611953, -2.4401896985611953, -1.4401896985611953, -0.44018969856119533],
        1e-15,
    ),
    Case(
        "kl 0.1,0.25,0.65 --target 0.5,0.2,0.3",
        0.5 * math.log(5) + 0.2 * math.log(0.8) + 0.3 * math.log(0.3 / 0.65),
        1e-15,
    ),
    Case("kl 0.5,0.5 --target 1,0", math.log(2), 1e-15),
    Case("kl 1,0 --target 0.5,0.5", math.inf, 0.0),
    Case("kl 1,0 --target 1,0", 0.0, 0.0),
]


@pytest.mark.parametrize(
    "case",
    [*KERAS_CASES, *OPTAX_CASES, *SKLEARN_CASES, *SCIPY_CASES],
    ids=lambda case: case.command,
)
def test_published(case: Case) -> None:
    text = quiet(*case.command.split()).replace("\n", ",")
    found = [float(number) for number in text.split(",") if number]
    wanted = case.expected if isinstance(case.expected, list) else [case.expected]
    assert found == [
        pytest.approx(value, rel=case.tolerance, abs=case.tolerance) for value in wanted
    ]


def evaluation(*args: str) -> Any:
    return json.loads(run("predict", *args, "-f", "json").out)["summary"]


def test_scikit_learn_brier_score_and_zero_one_loss() -> None:
    found = evaluation(
        *("--binary", "--from", "probs", "0.1", "0.8", "0.9", "0.3", "1", "0.95"),
        *("-l", "0,1,1,0,1,1"),
    )
    squares = [0.1**2, 0.2**2, 0.1**2, 0.3**2, 0.0, 0.05**2]
    assert found["brier_score"] == pytest.approx(sum(squares) / 6, rel=1e-15)
    # of two classes in two columns the same, of three twice the range
    rows = ["0.9,0.1", "0.2,0.8", "0.1,0.9", "0.7,0.3", "0,1", "0.05,0.95"]
    both = evaluation("--from", "probs", *rows, "-l", "0,1,1,0,1,1")
    assert both["brier_score"] == pytest.approx(sum(squares) / 6, rel=1e-15)
    three = evaluation(
        "--from", "probs", "0.2,0.7,0.1", "0.6,0.2,0.2", "0.6,0.1,0.3", "-l", "1,0,2"
    )
    wanted = (0.2**2 + 0.3**2 + 0.1**2 + 0.4**2 + 2 * 0.2**2 + 0.6**2 + 0.1**2 + 0.7**2) / 3
    assert three["brier_score"] == pytest.approx(wanted, rel=1e-15)
    assert 1 - three["accuracy"] == pytest.approx(1 / 3)  # zero_one_loss


# ONNX: random inputs of a fixed seed, and a formula ----------------------------------------

WEIGHTS = [0.9, 0.7, 0.8, 0.9, 0.9]
OTHER_WEIGHTS = [0.2, 0.3, 0.6, 0.1, 0.5]


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("shape", [(), (2,), (2, 7)])
@pytest.mark.parametrize(
    ("weights", "ignored"),
    [
        (None, None),
        (WEIGHTS, None),
        (WEIGHTS, 0),
        (None, 2),
        (OTHER_WEIGHTS, 1),
        (OTHER_WEIGHTS, 10),
    ],
)
def test_onnx(
    shape: tuple[int, ...], weights: list[float] | None, ignored: int | None, reduction: str
) -> None:
    draw = np.random.RandomState(0)
    x = draw.rand(3, 5, *shape).astype(np.float32)
    labels = draw.randint(0, high=5, size=(3, *shape))
    if ignored is not None:
        labels.reshape(-1)[0] = ignored
    rows = np.moveaxis(x, 1, -1).reshape(-1, 5).astype(np.float64).tolist()
    flat = labels.reshape(-1).tolist()
    of_class = [mpf(1)] * 5 if weights is None else [mpf(w) for w in weights]
    counted = [mpf(0) if y == ignored else of_class[y] for y in flat]
    losses = [
        w * oracle.losses(row)[y] if w else mpf(0)
        for row, y, w in zip(rows, flat, counted, strict=True)
    ]
    total = mp.fsum(losses)
    wanted = {"none": losses, "sum": [total], "mean": [total / mp.fsum(counted)]}[reduction]
    command = ["ce", *(",".join(map(repr, row)) for row in rows), "--reduction", reduction]
    command += ["-l", ",".join(map(str, flat))]
    command += [] if weights is None else ["--weight", ",".join(map(str, weights))]
    command += [] if ignored is None else ["--ignore-index", str(ignored)]
    found = [float(line or 0) for line in quiet(*command).split("\n")]
    assert all(ulps(a, b) <= 4 for a, b in zip(found, wanted, strict=True))
