"""How the C library keeps freed memory: in one arena, so that parts of a long run use the same pages again.

Rank 1. glibc gives each thread an arena of its own and keeps in it what was freed. A run that works off its draws part
by part frees the large arrays of each part and keeps small ones, so that every arena grows around them: 21 kB a draw of
TKI2 where what is kept is 5 kB, hence over 2 GB for 100,000 draws.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


@cache
def keep_one_arena() -> bool:
    """Have threads that start from now on share one arena; whether the C library is one that can be asked.

    Threads that ran before keep theirs. Other C libraries (macOS, Windows, musl) have no such arenas.

    >>> keep_one_arena() in (True, False)
    True
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        return bool(ctypes.CDLL("libc.so.6").mallopt(_ARENA_MAX, 1))
    except (OSError, AttributeError):
        return False
