"""What ends a command from outside: a request to stop unwinds it like an error, so that drafts and locks go."""

from __future__ import annotations

import signal
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

#: Signals that ask a process to end: SIGTERM (kill, a scheduler, a shutdown), SIGHUP (the terminal closed) and
#: SIGINT (Ctrl-C).
_NAMES = ("SIGTERM", "SIGHUP", "SIGINT")

MOMENT = 0.05
"""Seconds after which a request that was swallowed is made again."""


class _EndRequest(SystemExit):
    """The end that a signal asks for."""


class _Interruption(KeyboardInterrupt):
    """The end that somebody at the keyboard asks for."""


_UNDER_WAY: dict[int, weakref.ref[BaseException]] = {}
"""The end that each signal has begun. One that goes before its command has ended was swallowed on the way."""


@contextmanager
def tidy_ends() -> Iterator[None]:
    """Within it, a request to end raises SystemExit with 128 plus the signal's number, as shells count.

    Ctrl-C raises KeyboardInterrupt, as everywhere in Python. A signal that somebody else handles or ignores (`nohup`)
    is left alone. One that arrives where Python lets no exception pass (a destructor, a library's callback) is made
    again when that is over.
    """
    before = {}
    hook = sys.unraisablehook

    def unless_ours(problem: Any) -> None:
        if not issubclass(problem.exc_type, (_EndRequest, _Interruption)):
            hook(problem)

    if threading.current_thread() is threading.main_thread():
        for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = signal.signal(number, _end)
    if before:
        sys.unraisablehook = unless_ours
    try:
        yield
    finally:
        if before:
            sys.unraisablehook = hook
        for number, handler in before.items():
            _UNDER_WAY.pop(number, None)
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    """Leave; a second request does not stop the cleaning up."""
    signal.signal(number, signal.SIG_IGN)
    raise _watched(number)  # held by no name here: its traceback would keep it from going when it is swallowed


def _watched(number: int) -> BaseException:
    request = _Interruption() if number == signal.SIGINT else _EndRequest(128 + number)
    _UNDER_WAY[number] = weakref.ref(request, lambda _: _again(number))
    return request


def _again(number: int) -> None:
    """Ask once more in a moment, when the exception went before its command had ended."""
    if _UNDER_WAY.pop(number, None) is not None:
        signal.signal(number, _end)
        again = threading.Timer(MOMENT, _ask_main, (number,))  # from here it would be swallowed again
        again.daemon = True
        again.start()


def _ask_main(number: int) -> None:
    """Send a signal to the main thread, so that it does not sleep on; where none can be sent, leave it to Python."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        signal.raise_signal(number)
