"""Mistakes are named, and nothing else is: the rates that the README promises."""

import math
import re
from collections.abc import Callable
from random import Random

import pytest

from softmax_cli.job import Job
from tests.calling import run_job
from tests.homework.made import BCE, CE, SOFTMAX, SPREADS, Exercise, each, exercise, softmax

EXERCISES = 50


def named(command: str, e: Exercise, *answers: str) -> tuple[int, list[str]]:
    """The exit code of a check, and the mistakes that it names in its one line on stderr."""
    job = Job(command, tuple(",".join(map(repr, row)) for row in e.rows), quiet=True)
    if command == "bce":
        job = job._replace(inputs=tuple(repr(row[0]) for row in e.rows))
    if command == "softmax":
        job = job._replace(expect_row=answers)
    else:
        job = job._replace(labels=",".join(map(str, e.labels)), expect=answers[0])
    code, out, err = run_job(job)
    assert out == ""
    found = re.findall("consistent with: (.*)", err)
    return code, found[0].split(" or ") if found else []


def rates(
    name: str,
    e_of: Callable[[Random], Exercise],
    check: Callable[[Exercise], tuple[int, list[str]]],
) -> tuple[float, float]:
    """How often a mistake is named at all, and first, out of EXERCISES where it shows."""
    rng = Random(name)
    made = found = first = 0
    for _ in range(20 * EXERCISES):
        code, names = check(e_of(rng))
        if code == 0:  # rounded to 4 decimals the mistake makes no difference
            continue
        made += 1
        fits = [bare(name) in other for other in names]
        found += any(fits)
        first += any(fits[:1])
        if made == EXERCISES:
            break
    assert made == EXERCISES
    return found / made, first / made


def bare(name: str) -> str:
    return name.removesuffix(" (sigmoid)")


def spread(name: str) -> float:
    return next((value for key, value in SPREADS.items() if name.startswith(key)), 2.0)


@pytest.mark.parametrize("name", CE)
def test_of_cross_entropy_is_named(name: str) -> None:
    def check(e: Exercise) -> tuple[int, list[str]]:
        return named("ce", e, f"{CE[name](e):.4f}")

    found, first = rates(name, lambda rng: exercise(rng, spread(name)), check)
    assert found >= 0.95
    assert first >= 0.85


@pytest.mark.parametrize("name", BCE)
def test_of_binary_cross_entropy_is_named(name: str) -> None:
    def check(e: Exercise) -> tuple[int, list[str]]:
        e = e._replace(labels=[label % 2 for label in e.labels])
        return named("bce", e, f"{BCE[name](e):.4f}")

    found, first = rates(name, exercise, check)
    assert found >= 0.95
    assert first >= 0.85


@pytest.mark.parametrize("name", SOFTMAX)
def test_of_rows_is_named(name: str) -> None:
    def check(e: Exercise) -> tuple[int, list[str]]:
        e = e._replace(rows=e.rows[:1] if name != "softmax over the wrong axis" else e.rows)
        if name == "minus sign too many" and len(e.rows[0]) == 2:
            return 0, []  # of two classes, this swaps them
        rows = [",".join(f"{p:.4f}" for p in row) for row in SOFTMAX[name](e)]
        return named("softmax", e, *rows)

    found, first = rates(name, exercise, check)
    assert found >= 0.95
    assert first >= 0.85


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
