"""A short form of tests/coverage/hold_the_truth.py, whose log has 400 seeds: fewer, with room for luck."""

from __future__ import annotations

import importlib.util
import math
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.stats import binom

from costeff import Evaluation
from costeff.analysis.tails import FEWEST_CARRYING, carrying_draws, carrying_evpi

FOLDER = Path(__file__).parents[1] / "coverage"
SEEDS = range(1, 21)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hold_the_truth", FOLDER / "hold_the_truth.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["hold_the_truth"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.filterwarnings("ignore:EVPPI of", "ignore:EVSI")
@pytest.mark.parametrize("name", ["share against price", "events in two groups, 2:1", "three strategies"])
def test_intervals_hold_the_truth(script: ModuleType, name: str) -> None:
    """20 seeds: each number in all but 5 at most (0.03 % of 95 % intervals miss more), errors within factor 1.8."""
    (problem,) = (one for one in script.problems() if one.name == name)
    lines = script.lines_of(problem, SEEDS)
    assert binom.sf(5, len(SEEDS), 0.05) < 0.0005
    assert {line.name: line.held for line in lines if line.held < len(SEEDS) - 5} == {}
    assert {line.name: line.ratio for line in lines if not 1 / 1.8 < line.ratio < 1.8} == {}


def test_the_script_finds_what_is_wrong(script: ModuleType) -> None:
    (problem,) = (one for one in script.problems() if one.name == "few events")
    fine = script.Line(problem, "x", 1.0, 1.0, 0.1, 1.0, 380, 0.0, 400)
    assert script.wrong_with([fine]) == []
    for wrong, told in (
        ({"held": 330}, "coverage 82.5 %"),
        ({"ratio": 0.7}, "reported / spread 0.70"),
        ({"warned": 0.3}, "warns in"),
    ):
        assert told in "".join(script.wrong_with([replace(fine, **wrong)]))
    hard = replace(fine, problem=replace(problem, regular=False), held=330)
    assert "0.0 % of runs warn" in "".join(script.wrong_with([hard]))
    assert script.wrong_with([replace(hard, warned=0.9)]) == []


def test_truths_are_those_of_many_draws(script: ModuleType) -> None:
    """The closed forms against 400,000 independent draws, within 4 of their errors: costs, net benefits, EVPI."""
    for problem in script.problems():
        if problem.method != "random":
            continue
        one = problem.run(1, draws=400_000)
        net = one.incremental_nmb(problem.wtp).values
        for name, truth in problem.numbers.items():
            kind, _, strategy = name.partition(" ")
            at = one.strategies.index(strategy) if strategy else 0
            best = np.append(np.zeros((len(net), 1)), net, axis=1)
            drawn = {
                "cost": one.cost[:, at],
                "nmb": net[:, at - 1],
                "ceac": (best.argmax(axis=1) == at).astype(float),
                "evpi": best.max(axis=1) - best[:, best.mean(axis=0).argmax()],
            }[kind]
            error = drawn.std() / math.sqrt(len(drawn))
            assert abs(drawn.mean() - truth) < 4 * error + 1e-9, (problem.name, name)


def test_draws_that_carry_an_error() -> None:
    """A third of normal draws; as many as have a rare yes; NaN of nothing, and the same for EVPI by hand."""
    rng = np.random.default_rng(1)
    assert carrying_draws(rng.normal(size=30_000)) == pytest.approx(10_000, rel=0.05)
    assert carrying_draws((np.arange(10_000) < 8).astype(float)) == pytest.approx(8, rel=0.01)
    assert math.isnan(carrying_draws(np.zeros(5)))
    y = np.where(np.arange(500) < 5, 60.0, -1.0)
    one = Evaluation("payer", "qaly", ("usual", "new"), "usual", np.column_stack([0 * y, -y]), np.zeros((500, 2)))
    assert carrying_evpi(one, np.zeros(1))[0] == pytest.approx(5, rel=0.1)
    assert carrying_evpi(one, np.zeros(1))[0] < FEWEST_CARRYING
