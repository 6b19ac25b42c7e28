"""Losses and evaluations against scikit-learn's own numbers, to 1e-12."""

import json
from collections.abc import Callable
from functools import cache
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.calling import quiet, run

pytest.importorskip("sklearn")
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

DIGITS = Path(__file__).parents[2] / "examples" / "digits_logits.csv"
BINS = 15
Array = np.ndarray[Any, np.dtype[np.float64]]


@cache
def digits() -> tuple[Array, Array, Array]:
    """Logits, probabilities and labels."""
    rows = np.loadtxt(DIGITS, delimiter=",", skiprows=1)
    logits, labels = rows[:, :-1], rows[:, -1].astype(int)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return logits, powers / powers.sum(axis=1, keepdims=True), labels


@cache
def breast_cancer() -> tuple[Array, Array, Array]:
    """A logistic regression's scores and probabilities of class 1, and labels."""
    x, y = load_breast_cancer(return_X_y=True)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    model = LogisticRegression(C=0.01).fit(x[::2], y[::2])
    return model.decision_function(x), model.predict_proba(x)[:, 1], y


def csv(*columns: Array) -> bytes:
    rows = np.column_stack(columns).tolist()
    return "".join(",".join(map(repr, row)) + "\n" for row in rows).encode()


def summary(*args: str, stdin: bytes = b"") -> dict[str, Any]:
    code, out, err = run(*args, "--format", "json", stdin=stdin)
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)["summary"]
    return found


def evaluated() -> dict[str, Any]:
    return summary("predict", str(DIGITS), "--report", "--confusion", "--top-k", "3")


def cancer_evaluated() -> dict[str, Any]:
    scores, _, labels = breast_cancer()
    options = ["--binary", "--report", "--confusion", "--label-col", "1"]
    return summary("predict", *options, "--no-header", stdin=csv(scores, labels))


def about(value: float) -> Any:
    return pytest.approx(value, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_log_loss_with_sample_weights(backend: str) -> None:
    logits, probabilities, labels = digits()
    weights = np.random.default_rng(1).random(len(labels))
    weights[::7] = 0
    options = ["--label-col", "-2", "--sample-weight-col", "-1", "--no-header", "-b", backend]
    found = quiet("ce", *options, stdin=csv(logits, labels, weights))
    expected = metrics.log_loss(labels, probabilities, sample_weight=weights)
    assert float(found) == about(expected)


def test_mean_of_weighted_samples_can_be_over_all() -> None:
    logits, probabilities, labels = digits()
    weights = np.random.default_rng(1).random(len(labels))
    options = ["--label-col", "-2", "--sample-weight-col", "-1", "--no-header", "--divide-by", "n"]
    found = summary("ce", *options, stdin=csv(logits, labels, weights))
    total = metrics.log_loss(labels, probabilities, sample_weight=weights, normalize=False)
    assert found["mean"] == about(total / len(labels))
    assert found["divisor"] == len(labels)


def test_binary_log_loss() -> None:
    _, probabilities, labels = breast_cancer()
    found = quiet("bce", "--no-header", "--label-col", "1", stdin=csv(probabilities, labels))
    assert float(found) == about(metrics.log_loss(labels, probabilities))


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_hinge_loss(backend: str) -> None:
    scores, _, labels = breast_cancer()
    for y in (labels, 2 * labels - 1):
        options = ["--no-header", "--label-col", "1", "-b", backend]
        found = quiet("hinge", *options, stdin=csv(scores, y))
        assert float(found) == about(metrics.hinge_loss(labels, scores))


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_hinge_loss_of_several_classes(backend: str) -> None:
    logits, _, labels = digits()
    found = quiet("hinge", str(DIGITS), "--multi-class", "crammer-singer", "-b", backend)
    assert float(found) == about(metrics.hinge_loss(labels, logits))


@pytest.mark.parametrize(
    ("command", "function"),
    [("mse", metrics.mean_squared_error), ("mae", metrics.mean_absolute_error)],
)
def test_errors_with_sample_weights(command: str, function: Callable[..., float]) -> None:
    logits, _, _ = digits()
    weights = np.random.default_rng(2).random(len(logits))
    data = csv(logits[:, :4], weights)
    found = quiet(command, "--no-header", "--sample-weight-col", "4", stdin=data)
    expected = function(logits[:, 2:4], logits[:, :2], sample_weight=weights)
    assert float(found) == about(float(expected))


def test_digits_as_classification_report() -> None:
    _, probabilities, labels = digits()
    found, predicted = evaluated(), probabilities.argmax(axis=1)
    assert found["confusion"] == metrics.confusion_matrix(labels, predicted).tolist()
    report = metrics.classification_report(labels, predicted, output_dict=True)
    assert found["accuracy"] == about(report["accuracy"])
    for each in found["classes"]:
        expected = report[each["class"]]
        assert each["support"] == expected["support"]
        assert each["precision"] == about(expected["precision"])
        assert each["recall"] == about(expected["recall"])
        assert each["f1"] == about(expected["f1-score"])


def test_digits_probabilities() -> None:
    _, probabilities, labels = digits()
    found = evaluated()
    assert found["top_3_accuracy"] == about(
        metrics.top_k_accuracy_score(labels, probabilities, k=3)
    )
    assert found["log_loss"] == about(metrics.log_loss(labels, probabilities))
    assert found["brier_score"] == about(metrics.brier_score_loss(labels, probabilities))
    assert found["uniform_log_loss"] == log(10)
    prior = np.bincount(labels) / len(labels)
    expected = metrics.log_loss(labels, np.tile(prior, (len(labels), 1)))
    assert found["prior_log_loss"] == about(expected)


def test_digits_calibration() -> None:
    _, probabilities, labels = digits()
    right = probabilities.argmax(axis=1) == labels
    assert_calibrated(evaluated(), right, probabilities.max(axis=1))


def test_breast_cancer_evaluation() -> None:
    _, probabilities, labels = breast_cancer()
    found, predicted = cancer_evaluated(), (probabilities > 0.5).astype(int)
    assert found["confusion"] == metrics.confusion_matrix(labels, predicted).tolist()
    precision, recall, f1, support = metrics.precision_recall_fscore_support(labels, predicted)
    for index, each in enumerate(found["classes"]):
        assert (each["precision"], each["recall"]) == about_all(precision[index], recall[index])
        assert (each["f1"], each["support"]) == about_all(f1[index], support[index])
    assert found["log_loss"] == about(metrics.log_loss(labels, probabilities))
    assert found["brier_score"] == about(metrics.brier_score_loss(labels, probabilities))
    assert_calibrated(found, labels, probabilities)


def about_all(*values: float) -> Any:
    return pytest.approx(values, rel=1e-12)


def assert_calibrated(found: dict[str, Any], right: Array, confidence: Array) -> None:
    true, predicted = calibration_curve(right, confidence, n_bins=BINS)
    bins = [each for each in found["bins"] if each["n"]]
    assert [each["accuracy"] for each in bins] == about_all(*true)
    assert [each["confidence"] for each in bins] == about_all(*predicted)
    counts = np.array([each["n"] for each in bins])
    expected = (counts * np.abs(true - predicted)).sum() / counts.sum()
    assert found["calibration_error"] == about(expected)


def test_two_columns_are_the_same_as_one_output() -> None:
    scores, _, labels = breast_cancer()
    found = summary(
        "predict", "--no-header", "--label-col", "2", stdin=csv(0 * scores, scores, labels)
    )
    expected = cancer_evaluated()
    for name in ("accuracy", "log_loss", "brier_score", "prior_log_loss"):
        assert found[name] == about(expected[name])


def test_evaluation_does_not_depend_on_how_the_input_is_divided() -> None:
    logits, _, labels = digits()
    copies = 40  # beyond what is computed in one piece, and read by polars
    data = csv(np.tile(logits, (copies, 1)), np.tile(labels, copies))
    options = ["--no-header", "--label-col", "-1", "--confusion", "--top-k", "3", "--report"]
    found = summary("predict", *options, stdin=data)
    once = evaluated()
    assert np.array(found["confusion"]).tolist() == (copies * np.array(once["confusion"])).tolist()
    for name in ("accuracy", "top_3_accuracy", "log_loss", "brier_score", "calibration_error"):
        assert found[name] == about(once[name])


def test_weighted_losses_do_not_depend_on_how_the_input_is_divided() -> None:
    logits, _, labels = digits()
    weights = np.random.default_rng(3).random(len(labels))
    options = ["--no-header", "--label-col", "-2", "--sample-weight-col", "-1"]
    options += ["--weight", "1,2,3,4,5,6,7,8,9,10", "--ignore-index", "3"]
    options += ["--label-smoothing", "0.1"]
    once = summary("ce", *options, stdin=csv(logits, labels, weights))
    copies = 64
    tiled = csv(np.tile(logits, (copies, 1)), np.tile(labels, copies), np.tile(weights, copies))
    found = summary("ce", *options, "--rows", "1", stdin=tiled)
    assert (found["n"], found["n_ignored"]) == (copies * once["n"], copies * once["n_ignored"])
    # exact sums, so a power of two more of the same is that power of two times as much
    assert (found["sum"], found["divisor"]) == (copies * once["sum"], copies * once["divisor"])
    assert found["mean"] == once["mean"]
