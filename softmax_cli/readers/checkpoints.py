"""What ``torch.save`` has written, loaded by PyTorch itself, and nothing in it is run."""

from collections.abc import Iterator
from pickle import UnpicklingError
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from softmax_cli.errors import DataError

if TYPE_CHECKING:
    from torch import Tensor

_SAVE_ARRAYS = "np.savez('x.npz', logits=logits.numpy(), labels=labels.numpy())"


def load_checkpoint(where: str, stream: IO[bytes]) -> dict[str, tuple[str, npt.NDArray[Any]]]:
    """The tensors of a file by name, as dtypes and arrays; a bfloat16 as the integer of its bits.

    Of a tuple or list, names are indices; in a dictionary within one, ``outer.inner``. Raises
    DataError where PyTorch is not installed, and for what holds more than tensors.
    """
    try:
        import torch
    except ImportError:
        raise DataError(
            where,
            "a PyTorch file, and PyTorch is not installed",
            f"pip install torch; or save it so: {_SAVE_ARRAYS}",
        ) from None
    try:
        content = torch.load(stream, map_location="cpu", weights_only=True)
    except UnpicklingError:
        raise DataError(
            where,
            "not only tensors, and loading the rest could run any program",
            "save tensors: torch.save({'logits': logits, 'labels': labels}, 'x.pt')",
        ) from None
    except Exception as error:  # PyTorch has no kind of its own for a damaged file
        raise DataError(where, f"a damaged PyTorch file: {str(error).splitlines()[0]}") from None
    return dict(_arrays(content, ""))


def _arrays(content: object, name: str) -> "Iterator[tuple[str, tuple[str, npt.NDArray[Any]]]]":
    import torch

    if isinstance(content, torch.Tensor):
        if _is_plain(content):
            yield name, _as_array(content.detach())
        return
    if isinstance(content, dict):
        items = list(content.items())
    elif isinstance(content, (list, tuple)):
        items = list(enumerate(content))
    else:
        return
    for key, value in items:
        yield from _arrays(value, f"{name}.{key}" if name else str(key))


def _is_plain(tensor: "Tensor") -> bool:
    """Whether it holds numbers of which NumPy knows the kind."""
    import torch

    unknown = tensor.dtype.is_complex or (tensor.dtype.is_floating_point and tensor.itemsize < 2)
    return tensor.layout == torch.strided and not tensor.is_quantized and not unknown


def _as_array(tensor: "Tensor") -> tuple[str, npt.NDArray[Any]]:
    import torch

    if tensor.dtype == torch.bfloat16:
        return "bfloat16", tensor.contiguous().view(torch.int16).numpy().view(np.uint16)
    array = tensor.numpy()
    array = array.astype(np.uint8) if array.dtype == np.bool_ else array
    return array.dtype.str, array
