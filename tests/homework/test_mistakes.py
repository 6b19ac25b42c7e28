"""Mistakes are named, and nothing else is: the rates that the README promises."""

import math
import re
from collections.abc import Callable
from random import Random

import pytest

from softmax_cli.homework.mistakes.catalogue import CLOSE_TO_TRUTH, FAR_FROM_TRUTH, PER_SAMPLE
from softmax_cli.job import Job
from tests.calling import run_job
from tests.homework.made import MADE, Exercise, each, exercise, softmax, spread

EXERCISES = 50


def named(command: str, e: Exercise, *answers: str) -> tuple[int, str]:
    """The exit code of a check, and the mistakes that it names on stderr, with "or" between."""
    rows = tuple(",".join(map(repr, row)) for row in e.rows)
    job = Job(re.split("[ ,]", command)[0], rows, quiet=True, temperature=e.temperature)
    labels = ",".join(map(str, e.labels))
    if command == "bce":
        job = job._replace(inputs=tuple(repr(row[0]) for row in e.rows))
    if command.startswith("softmax"):
        job = job._replace(expect_row=answers, log="--log" in command)
    elif command == "predict":
        binary = len(e.rows[0]) == 1
        job = job._replace(labels=labels, expect=answers[0], binary=binary)
    else:
        reduction = "sum" if "sum" in command else "mean"
        job = job._replace(labels=labels, expect=answers[0], reduction=reduction)
    code, out, err = run_job(job)
    assert out == ""
    found = re.findall("consistent with: (.*)", err)
    return code, found[0] if found else ""


def rates(
    name: str,
    e_of: Callable[[Random], Exercise | None],
    check: Callable[[Exercise | None], tuple[int, str]],
) -> tuple[float, float]:
    """How often a mistake is named at all, and first, out of EXERCISES where it shows."""
    rng = Random(name)
    made = found = first = 0
    for _ in range(20 * EXERCISES):
        code, names = check(e_of(rng))
        if code == 0:  # rounded to 4 decimals the mistake makes no difference
            continue
        made += 1
        found += bare(name) in names
        first += names.startswith(bare(name))
        if made == EXERCISES:
            break
    assert made == EXERCISES
    return found / made, first / made


def bare(name: str) -> str:
    """The name without what tells apart how the mistake was made."""
    return name.partition(" (")[0] if not name.startswith("(") else name


def answers(command: str, name: str, e: Exercise) -> list[str]:
    """What somebody writes who makes the mistake."""
    result = MADE[command][name](e)
    form = "{:.8e}" if name.startswith(("probabilities clipped", "float")) else "{:.4f}"
    if command.startswith("softmax"):
        return [",".join(form.format(p) for p in row) for row in result]
    if command == "predict":
        return [",".join(map(str, result))]
    return [f"{result:.4f}"]


def made_for(command: str, name: str, rng: Random) -> Exercise | None:
    """An exercise in which the mistake can show."""
    # of a few classes, what is predicted could have come about in many ways
    e = exercise(rng, spread(command, name), least_samples=12 if command == "predict" else 2)
    if name.startswith("temperature"):
        e = e._replace(temperature=rng.choice([0.5, 2.0, 3.0]))
    if command == "bce":
        return e._replace(labels=[label % 2 for label in e.labels])
    if command == "predict" and name == "classes swapped":
        return e._replace(rows=[row[:1] for row in e.rows], labels=[y % 2 for y in e.labels])
    if command == "ce" and name == "exp forgotten":  # negative parts have no logarithm
        e = e._replace(rows=[[abs(x) + 0.001 for x in row] for row in e.rows])
    k = len(e.rows[0])
    if command == "predict" and k == 2:
        return None  # the second best is the worst
    if "columns" in name and k <= 3:
        return None  # of so few, reversing is swapping
    if name == "minus sign too many" and k == 2:
        return None  # of two classes, this swaps them
    whole = ("softmax over the wrong axis", "softmax over all cells")
    if command.startswith("softmax") and name not in whole:
        e = e._replace(rows=e.rows[:1])
    return e


CASES = [(command, name) for command, made in MADE.items() for name in made]


@pytest.mark.parametrize(("command", "name"), CASES)
def test_a_mistake_is_named(command: str, name: str) -> None:
    def check(e: Exercise | None) -> tuple[int, str]:
        return (0, "") if e is None else named(command, e, *answers(command, name, e))

    found, first = rates(name, lambda rng: made_for(command, name, rng), check)
    assert found >= 0.95
    assert first >= 0.85


def test_every_mistake_of_the_catalogue_is_made() -> None:
    for command, chapter in PER_SAMPLE.items():
        made = {bare(name) for name in MADE[command]}
        if command == "softmax":  # it changes probabilities by less than what is taken as right
            made.add("probabilities clipped at 2.22e-16")
        assert {mistake.name for mistake in chapter} <= made
    of_the_mean = {mistake.name for mistake in (*FAR_FROM_TRUTH, *CLOSE_TO_TRUTH)}
    assert of_the_mean <= {bare(name) for kind in ("ce", "ce, sum") for name in MADE[kind]}


@pytest.mark.parametrize("command", ["ce", "bce"])
def test_random_wrong_answers_are_not_named(command: str) -> None:
    rng = Random(command)
    tries = 300
    false = 0
    for index in range(tries):
        e = exercise(rng)
        e = e._replace(labels=[y % 2 for y in e.labels]) if command == "bce" else e
        truth = each(lambda r, y: -math.log(softmax(r)[y]))(e)
        far = rng.uniform(0, 5), truth + rng.gauss(0, 0.3), truth * rng.uniform(0.5, 2)
        code, names = named(command, e, f"{far[index % 3]:.4f}")
        false += bool(names)
        assert code == 1 or not names
    assert false / tries <= 0.01
