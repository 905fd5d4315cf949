"""Anchored in what Python's own collector says of itself: a command asks for it rarely, and leaves it as it was."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from costeff.cli import main
from costeff.shell.collection import RARELY, collect_usually


@pytest.fixture
def command_look() -> Iterator[list[tuple[int, int, int]]]:
    """What a command of the program sees, before and after it asks for the usual."""
    seen: list[tuple[int, int, int]] = []

    @main.command("look")
    def look() -> None:
        seen.append(gc.get_threshold())
        collect_usually()
        seen.append(gc.get_threshold())
        raise click.ClickException("ends badly")

    yield seen
    del main.commands["look"]


def test_a_command_collects_rarely_and_leaves_python_as_it_was(command_look: list[tuple[int, int, int]]) -> None:
    before = gc.get_threshold()
    CliRunner().invoke(main, ["look"])
    assert command_look == [RARELY, before]
    assert gc.get_threshold() == before


def test_a_process_ends_without_looking_once_more() -> None:
    """What only holds itself is still there when Python ends, and is never finalized."""
    code = (
        "from click.testing import CliRunner; from costeff.cli import main\n"
        "class Circle:\n"
        "    def __init__(self): self.me = self\n"
        "    def __del__(self): print('finalized')\n"
        "{}\n"
        "Circle()\n"
    )
    command = "assert CliRunner().invoke(main, ['list']).exit_code == 0"
    outputs = [
        subprocess.run([sys.executable, "-c", code.format(one)], capture_output=True, text=True, check=True).stdout
        for one in ("", command)
    ]
    assert outputs == ["finalized\n", ""]
