"""Modules that a command needs after its simulation are read while kernels, which leave Python alone, run."""

from __future__ import annotations

import threading
from contextlib import suppress
from importlib import import_module


def read_ahead(*modules: str, pages: tuple[str, ...] = ()) -> None:
    """Import modules, and compile templates of `pages`, in a thread of their own.

    Whoever needs one waits for it, and meets its error, as ever.
    """

    def read() -> None:
        for module in modules:
            with suppress(Exception):
                import_module(module)
        for page in pages:
            with suppress(Exception):
                import_module("costeff.reporting.template").template(page)

    threading.Thread(target=read, name="read ahead", daemon=True).start()
