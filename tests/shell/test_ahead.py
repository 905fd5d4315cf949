"""Modules are read while a simulation runs; one that cannot be read fails where it is needed: anchored in imports."""

from __future__ import annotations

import sys
import threading

from costeff.shell.ahead import read_ahead


def test_modules_are_read_in_a_thread_of_their_own() -> None:
    sys.modules.pop("nturl2path", None)
    read_ahead("no_such_module_anywhere", "nturl2path")
    for thread in threading.enumerate():
        if thread.name == "read ahead":
            thread.join(10)
    assert "nturl2path" in sys.modules  # the one before it could not be read, and said nothing
