"""Train a small network on handwritten digits and write the test set's logits and labels.

    python examples/train_digits.py            writes digits_logits.csv beside this file

The network ends in a linear layer: CrossEntropyLoss takes logits, and applies log-softmax
itself. ``softmax-cli ce digits_logits.csv`` then prints the loss and accuracy printed here.
The digits ship with scikit-learn, so nothing is downloaded.
"""

import csv
import sys
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

N_PIXELS, N_HIDDEN, N_CLASSES = 64, 32, 10


def load() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Images of 8 by 8 pixels in 0...1 and their digits, three quarters of them for training."""
    images, digits = load_digits(return_X_y=True)
    parts = train_test_split(images / 16, digits, test_size=0.25, random_state=0)
    x_train, x_test, y_train, y_test = (torch.from_numpy(part) for part in parts)
    return x_train.float(), y_train, x_test.float(), y_test


def train(x: torch.Tensor, y: torch.Tensor) -> nn.Module:
    """Linear, ReLU, linear; full-batch Adam on the mean cross-entropy."""
    model = nn.Sequential(nn.Linear(N_PIXELS, N_HIDDEN), nn.ReLU(), nn.Linear(N_HIDDEN, N_CLASSES))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(1, 101):
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if epoch % 25 == 0:
            print(f"epoch {epoch:3}  training loss {loss.item():.4f}")
    return model


def write(path: Path, logits: torch.Tensor, labels: torch.Tensor) -> None:
    """One row per image: ten logits, each as the shortest text of its float32, and the label."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*range(N_CLASSES), "label"])
        for row, label in zip(logits.numpy(), labels.tolist(), strict=True):
            writer.writerow([*(str(value) for value in row), label])


def main(path: Path) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the same sums in the same order, whatever the machine
    x_train, y_train, x_test, y_test = load()
    model = train(x_train, y_train)
    with torch.no_grad():
        logits = model(x_test)
    loss = nn.CrossEntropyLoss()(logits, y_test)
    _, predicted = torch.max(logits, 1)
    accuracy = (predicted == y_test).float().mean()
    write(path, logits, y_test)
    print(f"test loss {loss.item()!r}")
    print(f"accuracy {accuracy.item():.2%} ({(predicted == y_test).sum()} of {len(y_test)})")


if __name__ == "__main__":
    default = Path(__file__).with_name("digits_logits.csv")
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
