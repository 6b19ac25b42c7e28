"""Fit the line y = w x to the one point (-3, 3), and see the loss on the way.

    python examples/gradient_descent.py [FILE]     writes each step's prediction and target

The squared error is 9 (w + 1)², a parabola over w. It is printed as a table and as a plot; then
gradient descent walks down to w = -1. ``softmax-cli mse FILE`` prints the same losses.
"""

import csv
import sys
from pathlib import Path

import torch
from torch import nn

X, Y = -3.0, 3.0
START, LEARNING_RATE, N_STEPS = 1.5, 0.03, 25
WIDTH, HEIGHT = 61, 12


def table(weights: list[float], losses: list[float]) -> str:
    """The loss over w, a line each."""
    lines = [f"{w:6.2f}  {loss:8.4f}" for w, loss in zip(weights, losses, strict=True)]
    return "\n".join(["     w      loss", *lines])


def plot(weights: list[float], losses: list[float]) -> str:
    """The loss over w in characters: w to the right, loss upwards."""
    highest = max(losses)
    rows = [[" "] * len(weights) for _ in range(HEIGHT)]
    for column, loss in enumerate(losses):
        height = round(loss / highest * (HEIGHT - 1))
        rows[HEIGHT - 1 - height][column] = "•"
    lines = ["│" + "".join(row).rstrip() for row in rows]
    lines[0] += f"  loss {highest:g}"
    first, last = f"{weights[0]:g}", f"{weights[-1]:g}"
    axis = " " + first + "w".center(len(weights) - len(first) - len(last)) + last
    return "\n".join([*lines, "└" + "─" * len(weights), axis])


def evenly(first: float, last: float, count: int) -> list[float]:
    return [first + (last - first) * i / (count - 1) for i in range(count)]


def losses_of(weights: list[float]) -> list[float]:
    return [nn.functional.mse_loss(torch.tensor(w * X), torch.tensor(Y)).item() for w in weights]


def descend() -> list[tuple[float, float, float]]:
    """Of each step w, the prediction and the loss."""
    w = torch.tensor(START, requires_grad=True)
    criterion = nn.MSELoss()
    optimizer = torch.optim.SGD([w], lr=LEARNING_RATE)
    steps = []
    for _ in range(N_STEPS):
        prediction = w * X
        loss = criterion(prediction, torch.tensor(Y))
        steps.append((w.item(), prediction.item(), loss.item()))
        optimizer.zero_grad()
        loss.backward()  # d loss / d w = 2 x (w x - y)
        optimizer.step()
    return steps


def write(path: Path, steps: list[tuple[float, float, float]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["prediction", "target"])
        writer.writerows((prediction, Y) for _, prediction, _ in steps)


def main(path: Path | None) -> None:
    torch.set_default_dtype(torch.float64)
    few, many = evenly(-4, 2, 13), evenly(-4, 2, WIDTH)
    print(table(few, losses_of(few)), plot(many, losses_of(many)), sep="\n\n", end="\n\n")
    steps = descend()
    for number, (w, prediction, loss) in enumerate(steps):
        print(f"step {number:2}  w {w:9.6f}  prediction {prediction:9.6f}  loss {loss!r}")
    if path is not None:
        write(path, steps)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
