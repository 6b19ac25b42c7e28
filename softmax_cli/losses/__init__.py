"""What each command computes, from a batch to named columns: one file per loss.

A new loss is such a file, with a ``measure``, a case in ``load_measure`` and a row in ``commands``.
"""

from collections.abc import Callable

from softmax_cli.backends import Backend
from softmax_cli.data import Batch, Result
from softmax_cli.job import Job

Measure = Callable[[Batch, Backend, Job], Result]


def load_measure(command: str) -> Measure:
    """What the command computes; imported here, so that a run loads no loss but its own."""
    match command:
        case "softmax":
            from softmax_cli.losses.softmax import measure
        case "ce":
            from softmax_cli.losses.ce import measure
        case "bce":
            from softmax_cli.losses.bce import measure
        case "predict":
            from softmax_cli.losses.predict import measure
        case "hinge":
            from softmax_cli.losses.hinge import measure
        case "mse":
            from softmax_cli.losses.values import mse as measure
        case "mae":
            from softmax_cli.losses.values import mae as measure
        case "huber":
            from softmax_cli.losses.huber import measure
        case "kl":
            from softmax_cli.losses.kl import measure
        case "custom":
            from softmax_cli.losses.custom import measure
        case _:
            raise LookupError(f"no loss is called {command}")
    return measure


def divides(job: Job) -> bool:
    """Whether a batch may be computed in pieces, on several threads at once.

    PyTorch has threads of its own, and a GPU wants long batches; a user's function is called on
    one thread, and may give one number for a batch.
    """
    if job.command == "custom":
        from softmax_cli.losses.custom import may_use_threads

        return may_use_threads(job)
    return job.backend == "numpy"
