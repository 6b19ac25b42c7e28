"""Where output goes: standard output, or a file that appears whole or not at all."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import EINVAL
from os.path import basename, dirname, exists, isdir, isfile, join, realpath
from typing import TextIO

from softmax_cli.errors import OutputError
from softmax_cli.system.streams import descriptor_of


@contextmanager
def open_output(
    path: str | None, force: bool, inputs: Sequence[str | int], stdout: TextIO | None = None
) -> Iterator[TextIO]:
    """A stream for the output, ``stdout`` without a path; UTF-8, whatever the locale.

    A file is written beside its place and gets its name when the block ends without an error.
    Raises OutputError if it exists (unless ``force``), then too, or is one of the ``inputs``,
    names and descriptors of files.
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
    with _appearing(path, force) as stream:
        yield stream


def _renamed(error: OSError, name: str) -> OSError:
    if error.filename is not None or isinstance(error, BrokenPipeError):
        return error
    if error.errno == EINVAL and os.name == "nt":  # how Windows says that nobody reads the pipe
        return BrokenPipeError()
    return OSError(error.errno, error.strerror, name)


def _check(path: str, force: bool, inputs: Sequence[str | int]) -> None:
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
        if exists(name) and os.path.samestat(os.stat(path), os.stat(name)):
            raise OutputError(f"{path}: the output is also an input", "write to another file")
    if not force:
        raise _exists_already(path)


def _exists_already(path: str) -> OutputError:
    return OutputError(f"{path}: the file exists", "say --force to overwrite it")


@contextmanager
def _appearing(path: str, force: bool) -> Iterator[TextIO]:
    """A file that is written beside its place, and gets there whole."""
    place = realpath(path)
    temporary = join(dirname(place), f".{basename(place)[:40]}.{os.urandom(6).hex()}")
    try:
        # Its name is known before it is there: whatever ends the run finds it.
        with open(temporary, "x", encoding="utf-8", newline="") as stream:
            if exists(place):
                os.chmod(temporary, stat.S_IMODE(os.stat(place).st_mode))
            yield stream
            stream.flush()
            os.fsync(stream.fileno())  # or a crash of the system could leave its name only
        if force:
            os.replace(temporary, place)
        else:
            _place(temporary, place)
    except FileExistsError:
        raise _exists_already(path) from None
    except OSError as error:
        if error.filename == temporary:
            error.filename = error.filename2 = None
        raise _renamed(error, path) from None
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def _place(temporary: str, place: str) -> None:
    """Give the file its name. Raises FileExistsError if somebody else has taken it meanwhile."""
    try:
        os.link(temporary, place)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: take the name first
        os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        os.replace(temporary, place)
