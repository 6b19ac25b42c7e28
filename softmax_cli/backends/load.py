"""Opening a backend by its name."""

from softmax_cli.backends import Backend
from softmax_cli.errors import UsageError


def load_backend(name: str, dtype: str, device: str) -> Backend:
    """The backend of that name. Raises UsageError if it is not installed or lacks the device."""
    if name == "numpy":
        from softmax_cli.backends.numpy.backend import NumpyBackend

        return NumpyBackend(dtype)
    try:
        from softmax_cli.backends.torch import TorchBackend
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise UsageError(
            "the torch backend needs PyTorch, which is not installed",
            "install it: python -m pip install torch",
        ) from None
    return TorchBackend(dtype, device)
