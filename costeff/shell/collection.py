"""How often Python looks for objects that only hold each other.

A command makes millions of objects that stay until it ends within seconds; to look through them after every 700 took
half a second of a run, and to look through all of them once more at the end another half: the system takes their memory
back anyway. What nothing holds any more is freed at once, as ever. A server goes on for days and looks as often as
Python does.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

RARELY = (100_000, 20, 100)
_USUALLY = gc.get_threshold()


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Look after every 100,000 new objects, and not when the process ends; afterwards as often as before."""
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)  # what is frozen is not looked through
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def collect_usually() -> None:
    """Look as often as Python does by itself."""
    gc.set_threshold(*_USUALLY)
