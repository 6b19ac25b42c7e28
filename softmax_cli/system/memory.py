"""Memory that block after block asks for again."""

import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8


def keep_freed_memory() -> None:
    """Have freed memory kept for the next block, and shared by all threads.

    By default glibc gives large pieces back to the system, which then clears and maps pages anew
    for each block: a few percent of a long CSV, half the time of wide float64 arrays. Other C
    libraries are left as they are.
    """
    if sys.platform != "linux":
        return
    from ctypes import CDLL

    mallopt = getattr(CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 1 << 30)
        mallopt(_M_TRIM_THRESHOLD, (1 << 31) - 1)
        mallopt(_M_ARENA_MAX, 1)
