"""Where output goes: standard output, or a file that appears whole or not at all."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from os.path import basename, dirname, exists, isdir, isfile, realpath, samefile
from typing import TextIO

from softmax_cli.errors import OutputError
from softmax_cli.system.streams import descriptor_of


@contextmanager
def open_output(
    path: str | None, force: bool, inputs: Sequence[str], stdout: TextIO | None = None
) -> Iterator[TextIO]:
    """A stream for the output, ``stdout`` without a path; UTF-8, whatever the locale.

    A file is written beside its place and renamed when the block ends without an error.
    Raises OutputError if it exists (unless ``force``), or is one of the ``inputs``.
    """
    if path is None:
        if stdout is None:
            raise OutputError("standard output is closed")
        descriptor = descriptor_of(stdout)
        if descriptor is None:
            yield stdout
            return
        try:
            # A stream of its own, because with PYTHONUNBUFFERED that of Python makes a system
            # call of each line, and takes a short write for a whole one.
            with open(descriptor, "w", encoding="utf-8", newline="", closefd=False) as stream:
                yield stream
        except OSError as error:
            raise _renamed(error, "standard output") from None
        return
    _check(path, force, inputs)
    if exists(path) and not isfile(path):  # a device or a named pipe has no place beside it
        with open(path, "w", encoding="utf-8", newline="") as stream:
            yield stream
        return
    with _replacing(realpath(path)) as stream:
        yield stream


def _renamed(error: OSError, name: str) -> OSError:
    if error.filename is not None or isinstance(error, BrokenPipeError):
        return error
    return OSError(error.errno, error.strerror, name)


def _check(path: str, force: bool, inputs: Sequence[str]) -> None:
    if not path:
        raise OutputError("--output names no file")
    if not exists(path):
        if not isdir(dirname(realpath(path))):
            raise OutputError(f"{path}: its directory does not exist", "create it first")
        return
    if isdir(path):
        raise OutputError(f"{path}: a directory, not a file")
    if not isfile(path):
        return
    for name in inputs:
        if exists(name) and samefile(path, name):
            raise OutputError(f"{path}: the output is also an input", "write to another file")
    if not force:
        raise OutputError(f"{path}: the file exists", "say --force to overwrite it")


@contextmanager
def _replacing(path: str) -> Iterator[TextIO]:
    from tempfile import mkstemp

    descriptor, temporary = mkstemp(dir=dirname(path), prefix=f".{basename(path)}.")
    try:
        os.chmod(temporary, _mode(path))
        with open(descriptor, "w", encoding="utf-8", newline="") as stream:
            yield stream
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _mode(path: str) -> int:
    """The file's own permissions, or those that a new file would get."""
    if exists(path):
        return stat.S_IMODE(os.stat(path).st_mode)
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
