"""What ends a command from outside: a request to stop unwinds it like an error, so that drafts and locks go."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: Signals that ask a process to end: SIGTERM (kill, a scheduler, a shutdown) and SIGHUP (the terminal closed).
_NAMES = ("SIGTERM", "SIGHUP")


@contextmanager
def tidy_ends() -> Iterator[None]:
    """Within it, a request to end raises SystemExit with 128 plus the signal's number, as shells count.

    A signal that somebody else handles or ignores (`nohup`) is left alone.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    """Leave; a second request does not stop the cleaning up."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(128 + number)
