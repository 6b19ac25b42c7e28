"""A user's own loss: a function in a Python file named on the command line.

Only that file is loaded, and whatever goes wrong inside it is told with its line.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from os.path import realpath
from types import ModuleType
from typing import Any

from softmax_cli.backends import Backend
from softmax_cli.data import Batch, Column, FloatArray, Losses, Result
from softmax_cli.errors import DataError, SoftmaxCliError
from softmax_cli.job import FunctionPath, Job
from softmax_cli.losses.truth import truth_of
from softmax_cli.losses.weighing import weigh
from softmax_cli.text import plural


def measure(batch: Batch, backend: Backend, job: Job) -> Result:
    """What ``f(scores (n, k), labels (n,) or targets (n, m))`` gives for each sample."""
    assert job.function is not None
    loss = _call(job.function, batch, backend)
    columns = {} if batch.labels is None else {"label": Column(batch.labels, "class")}
    weighed = weigh(batch, Losses(loss), backend, job)
    columns |= weighed.columns
    if job.grad:
        columns["grad"] = Column(_gradient(job.function, batch, backend), "number")
    return Result(batch, columns, batch.labels, reduce=weighed.reduce)


def _gradient(spec: FunctionPath, batch: Batch, backend: Backend) -> FloatArray:
    """(n, k) of the sum of the losses, by the scores."""
    with _told(spec):
        return backend.differentiate(_load(spec), batch.scores, truth_of(batch))


@contextmanager
def _told(spec: FunctionPath) -> Iterator[None]:
    """Turn an exception inside the user's function into an error with its line."""
    try:
        yield
    except SoftmaxCliError:
        raise
    except (Exception, SystemExit) as error:
        raise _inside(spec.path, spec.name, error) from error


def _call(spec: FunctionPath, batch: Batch, backend: Backend) -> FloatArray:
    path, name = spec
    function = _load(spec)
    with _told(spec):
        shape, loss = backend.apply(function, batch.scores, truth_of(batch))
    if shape == (len(batch),):
        return loss  # type: ignore[no-any-return]
    where = f"{path}:{function.__code__.co_firstlineno}" if hasattr(function, "__code__") else path
    kind = "tensor" if type(loss).__module__.startswith("torch") else "array"
    advice = f"return one loss per sample: {kind} of shape ({len(batch)},)"
    if shape is None:
        given = f"a {type(loss).__name__}"
    elif shape == ():
        given, advice = "a single number", f"{advice}; leave its mean or sum to softmax-cli"
    elif len(shape) == 1 and shape[0] == len(batch):
        given = f"{loss.dtype} values"
    else:
        given = f"shape {shape}"
    raise DataError(
        where,
        f"{name} gave {given}, not one number for each of {plural(len(batch), 'sample')}",
        advice,
    )


@lru_cache(maxsize=1)
def _load(spec: FunctionPath) -> Callable[[Any, Any], Any]:
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
    except (Exception, SystemExit) as error:
        raise _inside(path, None, error) from error
    function = getattr(module, name, None)
    if not callable(function):
        found = [key for key, value in vars(module).items() if _is_own(value, path)]
        what = f"{name} is not a function" if hasattr(module, name) else f"no function {name} here"
        raise DataError(path, what, f"its functions: {', '.join(found)}" if found else None)
    return function  # type: ignore[no-any-return]


def _is_own(value: object, path: str) -> bool:
    code = getattr(value, "__code__", None)
    return code is not None and code.co_filename == path


def _inside(path: str, name: str | None, error: BaseException) -> DataError:
    """The error with the last line of the user's file that it went through."""
    line, traceback = None, error.__traceback__
    while traceback is not None:
        if realpath(traceback.tb_frame.f_code.co_filename) == realpath(path):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    where = path if line is None else f"{path}:{line}"
    what = f"{type(error).__name__}: {error}".splitlines()[0].rstrip(": ")
    return DataError(where, f"{name}: {what}" if name else what)
