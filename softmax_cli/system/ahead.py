"""Iterators that work ahead of their consumers, on threads of their own.

Where the system has no thread left, they work when they are asked, and nothing else changes.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")
R = TypeVar("R")

PATIENCE = 0.05
"""Seconds without a new item after which the input pauses."""
_ALERT = 0.5  # seconds after which a wait lets Ctrl-C through, where only its end does: Windows
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
    made = _Made(items, waiting)
    if not made.starts():
        yield from items
        return
    try:
        while not isinstance(item := made.get(), _End):
            yield item
            del item  # not held while the next one is awaited
    finally:
        made.stop()


def with_pauses(items: Iterator[T]) -> Iterator[T | None]:
    """The same items, and None where the next one keeps its consumer waiting."""
    made = _Made(items, 1)
    if not made.starts():
        for each in items:
            yield each
            yield None
        return
    try:
        while True:
            try:
                item = made.get(PATIENCE)
            except Empty:
                yield None
                item = made.get()
            if isinstance(item, _End):
                return
            yield item
            del item
    finally:
        made.stop()


class _Made(Generic[T]):
    """What a thread of its own makes of an iterator, item by item."""

    def __init__(self, items: Iterator[T], waiting: int) -> None:
        self.items = items
        self.queue: Queue[T | _Failure | _End] = Queue(maxsize=waiting)
        self.stopped = Event()

    def starts(self) -> bool:
        """Begin; whether the system has a thread for it."""
        try:
            Thread(target=self._work, daemon=True).start()
        except RuntimeError:
            return False
        return True

    def get(self, patience: float | None = None) -> T | _End:
        """The next item, or the end; an error is raised. Raises Empty after so many seconds."""
        while True:
            try:
                item = self.queue.get(timeout=_ALERT if patience is None else patience)
            except Empty:
                if patience is None:
                    continue
                raise
            if isinstance(item, _Failure):
                raise item.error
            return item

    def stop(self) -> None:
        """Nothing more is wanted."""
        self.stopped.set()
        with suppress(Empty):
            self.queue.get_nowait()

    def _work(self) -> None:
        try:
            for item in self.items:
                self.queue.put(item)
                if self.stopped.is_set():
                    return
            self.queue.put(_End())
        except BaseException as error:  # whatever it is, it belongs to the consumer
            self.queue.put(_Failure(error))


def worked_ahead(work: Callable[[T], R], items: Iterator[T]) -> "Iterator[tuple[T, Future[R]]]":
    """Each item with what ``work`` makes of it, done for a few at a time before their turn."""
    workers = Workers(_AT_ONCE)
    return ahead(((item, workers.submit(work, item)) for item in items), _AT_ONCE - 1)


class Workers:
    """So many threads at most, which work on what they are given."""

    def __init__(self, n_threads: int) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self.pool = ThreadPoolExecutor(n_threads)

    def submit(self, work: Callable[[T], R], item: T) -> "Future[R]":
        """Have it worked on; without a thread for it, here and now."""
        try:
            return self.pool.submit(work, item)
        except RuntimeError:
            from concurrent.futures import Future

            done: Future[R] = Future()
            try:
                done.set_result(work(item))
            except Exception as error:
                done.set_exception(error)
            return done
