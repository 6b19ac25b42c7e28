"""A user's own loss: a function in a Python file named on the command line.

Only that file is loaded, and whatever goes wrong inside it is told with its line.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from os.path import realpath
from threading import current_thread, main_thread
from types import ModuleType
from typing import NamedTuple

from softmax_cli.backends import Backend, UserFunction
from softmax_cli.data import Batch, Column, FloatArray, Losses, Reduced, Result
from softmax_cli.errors import DataError, SoftmaxCliError, UsageError
from softmax_cli.job import OPTIONS, FunctionPath, Job, changed
from softmax_cli.losses.truth import truth_of
from softmax_cli.losses.weighing import weigh
from softmax_cli.text import plural


def measure(batch: Batch, backend: Backend, job: Job) -> Result:
    """What ``f(scores (n, k), labels (n,) or targets (n, m))`` gives: a loss for each sample.

    Or one number for all of them, as ``nn.CrossEntropyLoss()`` does: then it is the total, and
    there is no column of losses.
    """
    function = _function(job)
    losses = _call(function, batch, backend)
    columns = {} if batch.labels is None else {"label": Column(batch.labels, "class")}
    if losses.ndim:
        weighed = weigh(batch, Losses(losses), backend, job)
        columns |= weighed.columns
        reduce = weighed.reduce
    else:
        _check_options(function, job)
        reduce = partial(Reduced, float(losses), float(losses))
    if job.grad:
        columns["grad"] = Column(_gradient(function, batch, backend), "number")
    return Result(batch, columns, batch.labels, reduce=reduce)


def may_use_threads(job: Job) -> bool:
    """Whether the file, which is read anew, says ``# threads``: arrays may come on several."""
    _load.cache_clear()
    return _function(job).may_use_threads and job.backend == "numpy"


class Function(NamedTuple):
    """A user's function, the file and the name that it has, and which backend calls it."""

    path: str
    name: str
    call: UserFunction
    may_use_threads: bool
    backend: str

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        line = getattr(getattr(self.call, "__code__", None), "co_firstlineno", None)
        return self.path if line is None else f"{self.path}:{line}"


def _function(job: Job) -> Function:
    if job.function is None:
        raise UsageError("no function is named", "write FILE.py:FUNCTION")
    return _load(job.function, job.backend)


def _gradient(function: Function, batch: Batch, backend: Backend) -> FloatArray:
    """(n, k) of the sum of what the function gives, by the scores."""
    with _told(function):
        return backend.differentiate(function.call, batch.scores, truth_of(batch))


@contextmanager
def _told(function: Function) -> Iterator[None]:
    """Turn whatever is raised inside the user's function into an error with its line."""
    try:
        yield
    except SoftmaxCliError:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and current_thread() is main_thread():
            raise  # Ctrl-C
        advice = _advice(error, function.backend)
        raise _inside(function.path, function.name, error, advice) from error


def _advice(error: BaseException, backend: str) -> str | None:
    """What to type, where the function wants other arrays than it got."""
    text = str(error)
    if backend == "torch":
        return (
            "its own tensors are float32, the scores float64: say --dtype float32"
            if "expected scalar type Double but found Float" in text
            else None
        )
    wants_tensors = "must be Tensor" in text or "'numpy.ndarray' object has no attribute" in text
    return "PyTorch's functions take tensors: add --backend torch" if wants_tensors else None


def _call(function: Function, batch: Batch, backend: Backend) -> FloatArray:
    """(n,) the losses, or () the one number for all."""
    with _told(function):
        given = backend.apply(function.call, batch.scores, truth_of(batch))
    n = len(batch)
    if not isinstance(given, str):
        if given.shape in ((), (n,)):
            return given
        given = f"shape {given.shape}"
    kind = "array" if function.backend == "numpy" else "tensor"
    raise DataError(
        function.place,
        f"{function.name} gave {given}, not one number for each of {plural(n, 'sample')}",
        f"return one loss per sample, {kind} of shape ({n},), or one number for all",
    )


def _check_options(function: Function, job: Job) -> None:
    """Raise DataError for what needs a loss for each sample."""
    if function.may_use_threads:
        raise DataError(
            function.place,
            f"{function.name} gives one number for all samples, but '# threads' divides them",
            "return one loss per sample, or leave '# threads' out",
        )
    needing = [name for name in changed(job, "loss") if name != "grad"]
    if job.reduction != "mean":
        needing.append("reduction")
    if needing:
        raise DataError(
            function.place,
            f"{function.name} gives one number for all samples, so that "
            f"{OPTIONS[needing[0]].flag} has no losses to work on",
            "return one loss per sample",
        )


@lru_cache(maxsize=1)
def _load(spec: FunctionPath, backend: str) -> Function:
    path, name = spec
    try:
        with open(path, encoding="utf-8") as file:
            source = file.read()
    except FileNotFoundError:
        raise DataError(path, "no such file") from None
    except UnicodeDecodeError:
        raise DataError(path, "not UTF-8 text") from None
    # Not by importlib, which would leave a __pycache__ beside the user's file.
    module = ModuleType("__custom__")
    module.__file__ = path
    sys.modules[module.__name__] = module  # where dataclasses look for what annotations name
    try:
        exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
    except SyntaxError as error:
        raise DataError(f"{path}:{error.lineno}", f"not Python: {error.msg}") from error
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and current_thread() is main_thread():
            raise  # Ctrl-C
        raise _inside(path, None, error) from error
    function = getattr(module, name, None)
    if isinstance(function, type):
        raise DataError(path, f"{name} is a class", f"write loss = {name}() there, and name loss")
    if not callable(function):
        found = [key for key, value in vars(module).items() if _is_own(value, path)]
        what = f"{name} is not a function" if hasattr(module, name) else f"no function {name} here"
        raise DataError(path, what, f"its functions: {', '.join(found)}" if found else None)
    threads = re.search(r"^\s*#\s*threads\s*$", source, re.MULTILINE) is not None
    return Function(path, name, function, threads, backend)


def _is_own(value: object, path: str) -> bool:
    code = getattr(value, "__code__", None)
    return code is not None and code.co_filename == path


def _inside(
    path: str, name: str | None, error: BaseException, advice: str | None = None
) -> DataError:
    """The error with the last line of the user's file that it went through."""
    line, traceback = None, error.__traceback__
    while traceback is not None:
        if realpath(traceback.tb_frame.f_code.co_filename) == realpath(path):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    where = path if line is None else f"{path}:{line}"
    what = f"{type(error).__name__}: {error}".splitlines()[0].rstrip(": ")
    return DataError(where, f"{name}: {what}" if name else what, advice)
