"""How a command's process takes memory from the system."""

from __future__ import annotations

import contextlib
import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # glibc's names for `mallopt`, with M_ before them


def keep_freed_memory() -> None:
    """Keep freed memory for the next batch of draws, where the C library is glibc; elsewhere nothing happens.

    By itself glibc gives large arrays back when they are freed. The next batch takes as much again, and the system
    clears every page of it: a tenth of the time of a case. For processes that end with their command, not for a
    library: it holds for the whole process.
    """
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        for name, value in ((_TRIM_THRESHOLD, 2**31 - 1), (_MMAP_THRESHOLD, 2**30), (_ARENA_MAX, 1)):
            mallopt(name, value)
