"""Train a small binary classifier and write the probabilities of its last training step.

    python examples/train_binary.py [FILE]     writes cancer_probabilities.csv beside this file

The network ends in a sigmoid, because BCELoss takes probabilities. ``softmax-cli bce FILE`` then
prints the loss of the last step printed here. The data, measurements of breast tumours, ship
with scikit-learn, so nothing is downloaded.
"""

import csv
import sys
from pathlib import Path

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

N_FEATURES, N_HIDDEN, N_STEPS = 30, 16, 200


def load() -> tuple[torch.Tensor, torch.Tensor]:
    """Measurements, each scaled to mean 0 and deviation 1, and labels: 1 is benign."""
    measurements, labels = load_breast_cancer(return_X_y=True)
    scaled = (measurements - measurements.mean(axis=0)) / measurements.std(axis=0)
    return torch.from_numpy(scaled).float(), torch.from_numpy(labels).float()


def train(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The probabilities (n,) and the loss of the last step; full-batch gradient descent."""
    model = nn.Sequential(
        nn.Linear(N_FEATURES, N_HIDDEN), nn.ReLU(), nn.Linear(N_HIDDEN, 1), nn.Sigmoid()
    )
    criterion = nn.BCELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for step in range(1, N_STEPS + 1):
        probabilities = model(x).squeeze(1)
        loss = criterion(probabilities, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 50 == 0:
            print(f"step {step:3}  training loss {loss.item():.4f}")
    return probabilities.detach(), loss.detach()


def write(path: Path, probabilities: torch.Tensor, labels: torch.Tensor) -> None:
    """One row per tumour: its probability, as the shortest text of its float32, and its label."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["probability", "label"])
        for probability, label in zip(probabilities.numpy(), labels.tolist(), strict=True):
            writer.writerow([str(probability), int(label)])


def main(path: Path) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the same sums in the same order, whatever the machine
    x, y = load()
    probabilities, loss = train(x, y)
    write(path, probabilities, y)
    right = ((probabilities > 0.5) == (y == 1)).sum()
    print(f"last loss {loss.item()!r}")
    print(f"accuracy {right / len(y):.2%} ({right} of {len(y)})")


if __name__ == "__main__":
    default = Path(__file__).with_name("cancer_probabilities.csv")
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
