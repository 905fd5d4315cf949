"""Anchored in pictures and counts by hand, and in the committed history, whose picture is drawn again."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from costeff.benchmark.calibration import LOOP
from costeff.benchmark.ratios import NAMES
from costeff.cli import main

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def script(name: str) -> ModuleType:
    """A script of benchmarks/ as a module."""
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def kept(commit: str, ratio: float, loop: str = "a" * 16) -> dict[str, Any]:
    ratios = {"a": [ratio, 0.0], "g": [2 * ratio, 0.01]}
    return {"commit": commit, "processor": "P", "loop": loop, "python": "3", "numba": "1", "ratios": ratios}


def test_the_picture_is_that_of_the_history() -> None:
    history = script("history")
    entries = json.loads(history.HISTORY.read_text("utf-8"))
    assert history.picture(entries) == history.PICTURE.read_text("utf-8")
    assert entries[-1]["loop"] == LOOP
    assert set(NAMES) == set(entries[-1]["ratios"])
    assert set(entries[-1]["ratios"]) <= set(NAMES)


def test_a_ratio_half_as_large_stands_half_as_high() -> None:
    history = script("history")
    marks = "\n".join(history.panel("a", [kept("one", 4.0), kept("two", 2.0)], 0, 0))
    heights = [float(text) for text in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', marks)]
    floor = float(re.findall(r'y2="([\d.]+)" stroke="#c9ced3"', marks)[0])
    assert (floor - heights[1]) / (floor - heights[0]) == pytest.approx(0.5, abs=0.002)
    assert ">2</text>" in marks
    assert re.findall(r">(one|two)<", marks) == ["one", "two"]


def test_ratios_to_another_loop_are_left_out() -> None:
    history = script("history")
    entries = [kept("one", 1.0, "b" * 16), kept("two", 2.0), kept("three", 3.0)]
    assert [one["commit"] for one in history.together(entries)] == ["two", "three"]
    assert history.picture(entries).count("<circle") == 4


def test_alarms_are_counted() -> None:
    """Three tries: the first is held against nothing, one of the others alarms; a is caught in 2 of 3."""
    tries = [
        {
            "date": "2026-01-01 00:00",
            "commit": "abc",
            "cores": 2,
            "processor": "P",
            "load": load,
            "words": [],
            "minutes": [5.0, 4.0],
            "none": none,
            "planted": {"a": [word, change], "g": ["slower", 1.4]},
        }
        for load, none, word, change in (
            (0.5, {}, "slower", 1.19),
            (1.5, {"a": ["same", 1.0], "h": ["slower", 1.3]}, "untold", 1.1),
            (2.5, {"a": ["same", 1.0], "h": ["same", 1.0]}, "slower", 1.21),
        )
    ]
    text = script("try_alarms").summary(tries)
    assert "1 of 2 tries alarmed: h." in text
    assert "load before a try 0.5 to 2.5" in text
    assert "| a | `costeff.engine.events.microsim:microsim=1.2` | 2 of 3 | 1 | 1.19 |" in text
    assert "| g | `exit:run=1.4` | 3 of 3 | 0 | 1.40 |" in text


def test_what_is_planted_is_there() -> None:
    for name, plant in script("try_alarms").PLANTS.items():
        assert name in NAMES
        module, function = plant.split("=")[0].split(":")
        if module != "exit":
            assert callable(getattr(importlib.import_module(module), function))


def test_commands_of_the_workflow_have_their_options() -> None:
    steps = YAML(typ="safe").load((BENCHMARKS / "workflow.yml").read_text("utf-8"))["jobs"]["speed"]["steps"]
    lines = [line for step in steps for line in step.get("run", "").splitlines()]
    commands = [shlex.split(line) for line in lines if line.startswith("costeff ")]
    assert len(commands) == 2
    help_text = CliRunner().invoke(main, ["benchmark", "--help"]).output
    assert all(word in help_text for command in commands for word in command if word.startswith("--"))
