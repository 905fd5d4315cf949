"""Anchored in a plain-Python twin (tests/twins/amounts.py) and loops by hand: amounts by person, date, year and band.

Both engines; lives are the engine's own, and every krone of them is counted again week by week.
"""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from twins.amounts import Person, expected, of_life

from costeff.compile import compile_model
from costeff.compile.environment import parameter_environment, population
from costeff.engine.events.histories import sojourns
from costeff.evidence import Evidence, read_evidence
from costeff.ledger import effects, flows
from costeff.model import Model, parameter_file, read_model
from costeff.rules.dated import with_dated
from costeff.simulation.simulate import Simulated, simulate

MODELS = Path(__file__).parents[1] / "data" / "models"
TEXT = (MODELS / "amounts.yaml").read_text(encoding="utf-8")
DRAWS, PEOPLE, SEED = 2, 150, 5
ITEMS = ("sick_pay", "children", "wages", "refund", "hiring", "last_day", "notice", "bonus", "entry")


def told(tmp_path: Path, *changes: tuple[str, str]) -> tuple[Model, Evidence]:
    """The model of amounts.yaml with some of its text replaced, and its evidence."""
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
        text = text.replace(old, new)
    for name in ("amounts_rules.yaml", "amounts_parameters.yaml"):
        (tmp_path / name).write_text((MODELS / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "amounts.yaml").write_text(text, encoding="utf-8")
    model = read_model(tmp_path / "amounts.yaml")
    return model, with_dated(model, read_evidence(parameter_file(model)))


def money(model: Model, draws: dict[str, np.ndarray], run: Simulated, layer: int = 0) -> dict[str, np.ndarray]:
    """Item to (D, G, years), and the effect to (D, G)."""
    env = parameter_environment(model, draws, {}, DRAWS)
    priced = flows(model, run.layout, env, run.quantities)
    out = {line.item: priced.amount[:, :, i, :, layer] for i, line in enumerate(priced.lines)}
    return {**out, "loss": effects(model, run.layout, env, run.quantities, layer).value[:, :, 0]}


def people_of(model: Model, env: dict[str, Any]) -> list[list[Person]]:
    """Everybody, by draw."""
    found = population(model, env, SEED, np.arange(DRAWS, dtype=np.uint64), 0, PEOPLE)
    return [
        [
            Person(float(found["wage"][d, n]), float(found["age"][d, n]), bool(found["children"][d, n] == 1))
            for n in range(PEOPLE)
        ]
        for d in range(DRAWS)
    ]


@pytest.mark.parametrize("engine", ["microsim", "stepping"])
def test_every_life_costs_what_it_costs_week_by_week(tmp_path: Path, engine: str) -> None:
    model, evidence = told(tmp_path)
    draws = evidence.columns(DRAWS, SEED)
    run = simulate(model, draws, {}, individuals=PEOPLE, seed=SEED, engine=engine)
    # The effect as it stands undiscounted is compared; it has one number for both years.
    found = money(model, draws, run)
    tensors = compile_model(model, draws, {}, individuals=PEOPLE, seed=SEED).tensors
    people = people_of(model, parameter_environment(model, draws, {}, DRAWS))
    events = (*run.layout.events, "")
    for d in range(DRAWS):
        length, rows = sojourns(tensors, d, 0, PEOPLE)
        ends = np.cumsum(length)
        for g in range(2):
            total: dict[tuple[str, int], float] = defaultdict(float)
            for n in range(PEOPLE):
                life = rows[ends[2 * n + g] - length[2 * n + g] : ends[2 * n + g]]
                stays = [(model.state_names[s], int(a), int(b), events[e]) for s, a, b, e in life]
                for key, amount in of_life(people[d][n], stays).items():
                    total[key] += amount / PEOPLE
            for item in ITEMS:
                by_year = [total[item, 0], total[item, 1]]
                assert found[item][d, g] == pytest.approx(by_year, rel=1e-9, abs=1e-5), item
            assert found["loss"][d, g] == pytest.approx(total["loss", 0] + total["loss", 1], rel=1e-5)
    assert all(found[item][..., 1].min() > 0 for item in ITEMS if item != "entry"), "every kind of amount is met"


STAY_OF_HIRING = ("index, share: {band: stay, values: [1, 0.5, 0.25]}}\n  - {item: last", "index}\n  - {item: last")


@pytest.mark.parametrize("carried", [False, True])
def test_the_cohort_expects_what_the_twin_expects(tmp_path: Path, carried: bool) -> None:
    """Durations (the last day after 20 weeks), and with a band on a clock that runs in one state the carried clock."""
    tenure = (
        "wage * index}\n  - {item: refund",
        "wage * index, share: {band: tenure, values: [1, 1]}}\n  - {item: refund",
    )
    model, evidence = told(tmp_path, STAY_OF_HIRING, *([tenure] if carried else []))
    draws = evidence.columns(DRAWS, SEED)
    found = money(model, draws, simulate(model, draws, {}, individuals=1, seed=1, engine="cohort"))
    whole = simulate(model, draws, {}, individuals=1, seed=1, engine="cohort", by_year=False)
    for item, over_years in money(model, draws, whole).items():
        assert over_years.sum(axis=-1) == pytest.approx(found[item].sum(axis=-1), rel=1e-9), "totals without years"
    for d in range(DRAWS):
        back, relapse = (1 - math.exp(-draws[name][d]) for name in ("h_back", "h_relapse"))
        total: dict[tuple[str, int], float] = defaultdict(float)
        for share, wage, age in ((0.3, 4000.0, 38.0), (0.4, 6100.0, 38.0), (0.3, 9000.0, 39.5)):
            for children, chance in ((True, 0.4), (False, 0.6)):
                group = expected(Person(wage, age, children), {"sick": 0.7, "work": 0.3}, back, relapse)
                for key, amount in group.items():
                    total[key] += share * chance * amount
        for item in ITEMS:
            if item != "hiring":
                assert found[item][d, 0] == pytest.approx([total[item, 0], total[item, 1]], rel=1e-9), item
        assert found["loss"][d, 1] == pytest.approx(total["loss", 0] + total["loss", 1], rel=1e-5)


def test_without_durations_the_cohort_agrees_with_its_other_kernels(tmp_path: Path) -> None:
    """Lanes against the kernel that counts durations, which a band on them asks for; no deadline in either."""
    plain = (
        STAY_OF_HIRING,
        ("deadlines:\n  - {from: sick, to: work, clock: time_in_state, at: 20, name: last_day}\n", ""),
        (", share: {band: stay, values: [1, 0.5, 0.25]}}\n  - {item: wages", "}\n  - {item: wages"),
        ("  - {item: last_day, from: nav", "  - {item: last_day, from: employer"),
        ("transitions: [last_day], amount", "transitions: [back], amount"),
        ("transitions: [last_day, relapse]", "transitions: [back, relapse]"),
        ("{events: [last_day], weight", "{events: [back], weight"),
    )
    model, evidence = told(tmp_path, *plain)
    draws = evidence.columns(DRAWS, SEED)
    lanes = money(model, draws, simulate(model, draws, {}, individuals=1, seed=1, engine="cohort"))
    by_stay = (
        "wage * index}\n  - {item: refund",
        "wage * index, share: {band: stay, values: [1, 1, 1]}}\n  - {item: refund",
    )
    other, _ = told(tmp_path, *plain, by_stay)
    stays = money(other, draws, simulate(other, draws, {}, individuals=1, seed=1, engine="cohort"))
    for item in (*ITEMS, "loss"):
        assert lanes[item] == pytest.approx(stays[item], rel=1e-9), item
        assert lanes[item].max() > 0, item
