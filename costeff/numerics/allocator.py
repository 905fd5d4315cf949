"""How the C library keeps freed memory, so that parts of a long run use the same pages again. Rank 1.

glibc gives each thread an arena of its own and keeps in it what was freed. A run that works off its draws part
by part frees the large arrays of each part and keeps small ones, so that every arena grows around them: 21 kB a draw of
TKI2 where what is kept is 5 kB, hence over 2 GB for 100,000 draws.
"""

from __future__ import annotations

import ctypes
import math
import mmap
import sys
from contextlib import suppress
from functools import cache

import numpy as np

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of malloc.h
_KEPT = 2**30  # bytes that are free before any are given back
_LARGEST = 2**25  # bytes of an array that are taken from what is free; more glibc does not allow
_HUGE = 2**22  # bytes of an array from which numpy asks for pages of 2 MB


@cache
def keep_one_arena() -> bool:
    """Have threads that start from now on share one arena; whether the C library is one that can be asked.

    Threads that ran before keep theirs. Other C libraries (macOS, Windows, musl) have no such arenas.

    >>> keep_one_arena() in (True, False)
    True
    """
    return _asked({_ARENA_MAX: 1})


@cache
def keep_freed_memory() -> bool:
    """Have large arrays that are freed used again, and not given back; whether the C library could be asked.

    Dask tells its workers to give back all above 64 kB, so that each part asks the system for its pages anew: TKI2 took
    0.20 seconds a part there, and 0.11 here (2 quiet cores, AMD EPYC, Python 3.11, 2026-11-30).

    >>> keep_freed_memory() in (True, False)
    True
    """
    return _asked({_TRIM_THRESHOLD: _KEPT, _MMAP_THRESHOLD: _LARGEST})


def give_back_freed() -> None:
    """Give the system back what is free, where the C library can be asked; what is used again costs its pages anew."""
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)


def zeros_by_page(shape: tuple[int, ...]) -> np.ndarray:
    """Zeros (float64) of which only those pages take memory that are written to.

    numpy asks for large arrays in pages of 2 MB, so that one number takes them, though most rows around it stay 0.

    >>> zeros_by_page((2, 3)).tolist()
    [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    size = 8 * math.prod(shape)
    if size < _HUGE or not sys.platform.startswith("linux"):
        return np.zeros(shape)
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):  # of a kernel without such pages
        pages.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(pages, float).reshape(shape)


def _asked(options: dict[int, int]) -> bool:
    """Tell glibc; False where there is another C library."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        return all(bool(mallopt(option, value)) for option, value in options.items())
    except (OSError, AttributeError):
        return False
