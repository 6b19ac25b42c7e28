"""Names that other libraries have: each runs the command that computes their loss."""

import pytest

from softmax_cli.commands import ALIASES, COMMANDS, OPTIONS_ELSEWHERE, find_alias
from softmax_cli.job import OPTIONS
from tests.calling import run

FLAGS = {flag for option in OPTIONS.values() for flag in option.flags}


@pytest.mark.parametrize("name", ALIASES)
def test_an_alias_is_a_line_that_can_be_typed(name: str) -> None:
    command, *options = ALIASES[name].line.split()
    known = {flag for option in COMMANDS[command].options for flag in OPTIONS[option].flags}
    assert {option for option in options if option.startswith("-")} <= known
    assert name not in COMMANDS
    assert name == name.lower()
    assert name.isalnum()


@pytest.mark.parametrize("name", OPTIONS_ELSEWHERE)
def test_what_is_advised_for_an_option_is_one(name: str) -> None:
    flag, *value = OPTIONS_ELSEWHERE[name].split()
    assert flag in FLAGS
    assert flag != f"--{name}"
    (option,) = (option for option in OPTIONS.values() if flag in option.flags)
    assert not value or (option.parse is not None and option.parse(value[0]) == value[0])


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("cross-entropy", "ce"),
        ("crossentropy", "ce"),
        ("nn.CrossEntropyLoss", "ce"),
        ("torch.nn.functional.cross_entropy", "ce"),
        ("CrossEntropyLoss()", "ce"),
        ("nll", "ce --from logprobs"),
        ("BCELoss", "bce"),
        ("BCEWithLogitsLoss", "bce --from logits"),
        ("log-softmax", "softmax --log"),
        ("np.argmax", "predict"),
        ("sklearn.metrics.log_loss", "bce"),
        ("MSELoss", "mse"),
        ("L1Loss", "mae"),
        ("SmoothL1Loss", "huber --beta 1"),
        ("KLDivLoss", "kl --from logprobs"),
        ("Softmax", "softmax"),
        ("CE", "ce"),
    ],
)
def test_names_people_know(name: str, line: str) -> None:
    alias = find_alias(name)
    assert alias is not None
    assert alias.line == line


@pytest.mark.parametrize("name", ["", ".", "sofmax", "2", "ce.csv", "()"])
def test_and_no_others(name: str) -> None:
    assert find_alias(name) is None


@pytest.mark.parametrize(
    ("alias", "loss", "args"),
    [
        ("CrossEntropyLoss", "CrossEntropyLoss", ([[2.0, 1.0, 0.1], [0.5, 2.0, 0.3]], [0, 2])),
        ("NLLLoss", "NLLLoss", ([[-0.5, -0.9327521295671886]], [1])),
        ("BCEWithLogitsLoss", "BCEWithLogitsLoss", ([2.2, -1.4], [1.0, 0.0])),
        ("BCELoss", "BCELoss", ([0.9, 0.2], [1.0, 0.0])),
        ("MSELoss", "MSELoss", ([2.5, 0.0], [3.0, -0.5])),
        ("L1Loss", "L1Loss", ([2.5, 0.0], [3.0, -0.5])),
        ("HuberLoss", "HuberLoss", ([2.5, 0.0], [3.0, -4.5])),
        ("SmoothL1Loss", "SmoothL1Loss", ([2.5, 0.0], [3.0, -4.5])),
        ("MultiMarginLoss", "MultiMarginLoss", ([[2.0, 1.0, 0.1]], [1])),
    ],
)
def test_pytorch_agrees(alias: str, loss: str, args: tuple[list[float], list[float]]) -> None:
    torch = pytest.importorskip("torch")
    scores, truth = args
    dtype = torch.int64 if isinstance(truth[0], int) else torch.float64
    expected = getattr(torch.nn, loss)()(
        torch.tensor(scores, dtype=torch.float64), torch.tensor(truth, dtype=dtype)
    )
    option = "--labels" if isinstance(truth[0], int) else "--target"
    code, out, err = run(alias, str(scores), option, str(truth), "-q")
    assert (code, err.splitlines()[0].split(" is: ")[0]) == (0, alias)
    assert float(out) == pytest.approx(float(expected), rel=1e-14)
