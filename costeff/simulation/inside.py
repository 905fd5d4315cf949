"""What a part is to the thread that works it out: its own simulations are parts of nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from costeff.simulation.store import Arrays

Work = Callable[[Any, Any], Arrays]
"""A function of a module that makes a part of what all parts share and of what is its own."""

_thread = threading.local()


def is_inside() -> bool:
    """Whether this thread works out a part."""
    return getattr(_thread, "inside", False)


def inside_a_part(work: Work, of_all: Any, own: Any) -> Arrays:
    """Work a part out in this thread: what it simulates is neither kept by itself nor sent on."""
    _thread.inside = True
    try:
        return work(of_all, own)
    finally:
        _thread.inside = False
