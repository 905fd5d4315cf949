"""A request to end is heard wherever it arrives: anchored in the exit status that shells count, 128 and the signal."""

from __future__ import annotations

import signal
import sys
import time

import pytest

from costeff.shell.ends import tidy_ends


class Deaf:
    """Its destructor is where Python lets no exception pass."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def until_asked_again() -> None:
    deaf = Deaf()
    del deaf
    time.sleep(5)


def tidied_up(notes: list[str]) -> None:
    try:
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.raise_signal(signal.SIGTERM)  # a second one does not stop the cleaning up
        notes.append("draft")


def test_a_request_that_a_destructor_swallows_is_made_again() -> None:
    before, hook = signal.getsignal(signal.SIGTERM), sys.unraisablehook
    with pytest.raises(SystemExit) as ended, tidy_ends():
        until_asked_again()
    assert ended.value.code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before
    assert sys.unraisablehook is hook


def test_a_request_unwinds_once() -> None:
    notes: list[str] = []
    with pytest.raises(SystemExit) as ended, tidy_ends():
        tidied_up(notes)
    assert ended.value.code == 128 + signal.SIGTERM
    assert notes == ["draft"]
