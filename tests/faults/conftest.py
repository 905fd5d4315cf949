"""Registers the mark of faults; FAULT_LOG in the environment names a file for what each marked test saw."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(kind, given, right): the fault that this test keeps mended")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    report = yield
    log, mark = os.environ.get("FAULT_LOG"), item.get_closest_marker("fault")
    ended = report.when == "call" or (report.when == "setup" and not report.passed)
    if log and mark and ended:
        error = call.excinfo
        line = {
            **mark.kwargs,
            "test": item.nodeid,
            "passed": report.passed,
            "error": error.typename if error else "",
            "seen": error.exconly() if error else "",
        }
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return report
