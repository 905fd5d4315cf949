"""Modules that a command needs after its simulation are read while kernels, which leave Python alone, run."""

from __future__ import annotations

import threading
from contextlib import suppress
from importlib import import_module


def read_ahead(*modules: str) -> None:
    """Import modules in a thread of their own; whoever needs one waits for it, and meets its error, as ever."""

    def read() -> None:
        for module in modules:
            with suppress(Exception):
                import_module(module)

    threading.Thread(target=read, name="read ahead", daemon=True).start()
