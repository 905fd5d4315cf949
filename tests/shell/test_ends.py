"""A request to end is heard wherever it arrives: anchored in the exit status that shells count, 128 and the signal."""

from __future__ import annotations

import ctypes
import signal
import sys
import time

import pytest

from costeff.shell.ends import tidy_ends


class Deaf:
    """Its destructor is where Python lets no exception pass."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


@ctypes.CFUNCTYPE(None, ctypes.c_int)
def called_from_c(number: int) -> None:
    """Where llvmlite stands when it keeps a kernel: what is raised here goes nowhere."""
    signal.raise_signal(number)


def until_asked_again() -> None:
    deaf = Deaf()
    del deaf
    time.sleep(5)


def swallowed_on_the_way_from_c() -> None:
    called_from_c(signal.SIGINT)
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


def test_ctrl_c_that_a_callback_swallows_is_made_again(capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), tidy_ends():
        swallowed_on_the_way_from_c()
    assert signal.getsignal(signal.SIGINT) is before
    assert capfd.readouterr() == ("", "")
