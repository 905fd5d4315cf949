"""Settings and programs that every test shares: hypothesis without a clock, as its first example compiles a kernel;
Ctrl-C heard by commands that tests start; one start of the browser, and one of LibreOffice."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

# Before numpy is loaded: two workers whose threads of linear algebra wait for one another took six times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings
from repeated import NIGHTLY

collect_ignore = ["oracles"]  # each runs in an environment of its own, which has what it is named after

EVERYWHERE: dict[str, Any] = {"deadline": None, "derandomize": "CI" in os.environ, "print_blob": True}
settings.register_profile("costeff", max_examples=40, **EVERYWHERE)
settings.register_profile("nightly", max_examples=500, **EVERYWHERE)
settings.load_profile("nightly" if NIGHTLY else "costeff")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell starts what runs in the background deaf to Ctrl-C,
    signal.signal(signal.SIGINT, signal.default_int_handler)  # and what that starts, in turn


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, started once."""
    from chromium import ARGUMENTS, CHROMIUM, sync_api

    with sync_api.sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def offices(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The workbooks of every test module by its name, computed again by one start of LibreOffice."""
    import test_case_workbook
    import test_workbook
    from office import recalculated

    made = {
        module.__name__: module.Office(tmp_path_factory.mktemp("office"))
        for module in (test_workbook, test_case_workbook)
    }
    files = [file for one in made.values() for file in one.files.values()]
    again = recalculated(files, tmp_path_factory.mktemp("recalculated"))
    for one in made.values():
        one.made = {name: again[file.stem] for name, file in one.files.items()}
    return made
