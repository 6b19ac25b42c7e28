"""An iterator that works ahead of its consumer, on a thread of its own."""

from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, Queue
from threading import Event, Thread
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class _Failure(NamedTuple):
    error: BaseException


class _End:
    pass


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items in the same order, the next one made while this one is used.

    An error of ``items`` is raised at its place in the order. One finished item waits at most,
    so memory stays bounded.
    """
    finished: Queue[T | _Failure | _End] = Queue(maxsize=1)
    stopped = Event()

    def work() -> None:
        try:
            for item in items:
                finished.put(item)
                if stopped.is_set():
                    return
            finished.put(_End())
        except BaseException as error:  # whatever it is, it belongs to the consumer
            finished.put(_Failure(error))

    Thread(target=work, daemon=True).start()
    try:
        while not isinstance(item := finished.get(), _End):
            if isinstance(item, _Failure):
                raise item.error
            yield item
            del item  # not held while the next one is awaited
    finally:
        stopped.set()
        with suppress(Empty):
            finished.get_nowait()
