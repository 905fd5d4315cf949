"""A command's process keeps the memory that it frees: taking it again makes the system clear no page."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PAGES = """
import resource
import numpy as np
from costeff.shell.memory import keep_freed_memory
{call}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
first = np.ones(3_000_000)  # 24 MB
del first
before = faults()
for _ in range(10):
    again = np.ones(3_000_000)
    del again
print(faults() - before)
"""


def page_faults(call: str) -> int:
    environment = {"NUMPY_MADVISE_HUGEPAGE": "0"}  # pages of one size
    command = [sys.executable, "-c", PAGES.format(call=call)]
    return int(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_is_freed_is_kept() -> None:
    assert page_faults("keep_freed_memory()") < 100
    assert page_faults("") > 5000  # 24 MB in pages of 4 kB are 5,859, at least once


def test_nothing_happens_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("ctypes.CDLL", None)
    from costeff.shell.memory import keep_freed_memory

    keep_freed_memory()
