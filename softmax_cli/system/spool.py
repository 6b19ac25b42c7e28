"""Items that wait for their turn, on disk where they are too many for memory."""

import pickle
from collections.abc import Iterator
from tempfile import TemporaryFile, gettempdir
from typing import IO, Generic, TypeVar

T = TypeVar("T")


class Spool(Generic[T]):
    """A queue of items that are all put before the first is taken.

    The first ones, of so much ``room`` together, stay in memory; the others are pickled into a
    file without a name, which the system removes whatever happens. Raises OSError, with the
    folder, if the disk is full.
    """

    def __init__(self, room: int) -> None:
        self.room = room
        self.first: list[T] = []
        self.file: IO[bytes] | None = None

    def put(self, item: T, size: int) -> None:
        """Add an item that takes so much room."""
        self.room -= size
        if self.room >= 0:
            self.first.append(item)
            return
        try:
            if self.file is None:
                self.file = TemporaryFile()  # noqa: SIM115
            pickle.dump(item, self.file, pickle.HIGHEST_PROTOCOL)
        except OSError as error:
            raise OSError(error.errno, error.strerror, gettempdir()) from None

    def take(self) -> Iterator[T]:
        """All items in order, once."""
        yield from self.first
        self.first = []
        if self.file is None:
            return
        with self.file:
            end = self.file.tell()
            self.file.seek(0)
            while self.file.tell() < end:
                yield pickle.load(self.file)
