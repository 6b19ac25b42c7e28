"""Iterators that work ahead of their consumers, on threads of their own."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")
R = TypeVar("R")

_AT_ONCE = 3
"""What is worked on at a time, on any machine, so that memory does not depend on its cores: the
work itself may well use them all, but now and then waits for one."""


class _Failure(NamedTuple):
    error: BaseException


class _End:
    pass


def ahead(items: Iterator[T], waiting: int = 1) -> Iterator[T]:
    """The same items in the same order, the next ones made while this one is used.

    An error of ``items`` is raised at its place in the order. So many finished items wait at
    most, so memory stays bounded.
    """
    finished: Queue[T | _Failure | _End] = Queue(maxsize=waiting)
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


def worked_ahead(work: Callable[[T], R], items: Iterator[T]) -> "Iterator[tuple[T, Future[R]]]":
    """Each item with what ``work`` makes of it, done for a few at a time before their turn."""
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(_AT_ONCE)
    return ahead(((item, pool.submit(work, item)) for item in items), _AT_ONCE - 1)
