"""Whether polars can start its threads: where it lacks one, it stops for ever, or panics."""

import os
from functools import cache
from threading import Event, Thread

_FOR_EACH_CORE = 3
_BESIDES = 16
"""polars' own, whatever the cores, and those of this program that start later."""
_MOST_CORES = 64
_CORES_VARIABLE = "POLARS_MAX_THREADS"
NO_THREADS = "polars cannot start its threads: the system allows no more of them"
ALLOW_MORE = "allow more: ulimit -u 200"


@cache
def polars_can_start() -> bool:
    """To be asked before polars works for the first time; with few threads, it gets few."""
    cores = min(os.cpu_count() or 1, _MOST_CORES)
    free = _startable(_FOR_EACH_CORE * cores + _BESIDES)
    for_cores = (free - _BESIDES) // _FOR_EACH_CORE
    if for_cores < cores:
        os.environ.setdefault(_CORES_VARIABLE, str(max(1, for_cores)))
    return for_cores > 0


def _startable(wanted: int) -> int:
    """How many threads the system starts, at most ``wanted``."""
    enough = Event()
    started: list[Thread] = []
    try:
        for _ in range(wanted):
            thread = Thread(target=enough.wait, daemon=True)
            thread.start()
            started.append(thread)
    except RuntimeError:
        pass
    finally:
        enough.set()
    for thread in started:
        thread.join()
    return len(started)
