"""Anchored in direct re-runs: a table's number at a point of TKI2 is that of `study.run(values=...)`, exactly."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import costeff.sensitivity.points
from costeff import Study, load
from costeff.model import simulation_names
from costeff.sensitivity.measure import measure
from costeff.sensitivity.one_way import OneWay, partners, tornado_of, with_switches
from costeff.sensitivity.points import Points, Settings

SMALL: dict[str, Any] = {"individuals": 40, "seed": 3}
ONE: dict[str, Any] = SMALL | {"batches": 1}


@cache
def study() -> Study:
    return load("tki2")


def again(values: dict[str, float], perspective: str = "municipal") -> tuple[float, float]:
    """Increments of cost and of QALYs of a run of its own."""
    one = study().run(**SMALL, values=values, progress=False).perspective(perspective)
    return float(one.cost[0, 1] - one.cost[0, 0]), float(one.effect[0, 1] - one.effect[0, 0])


def test_every_tornado_end_is_a_run() -> None:
    table = study().one_way("municipal", **ONE, joint_draws=3)
    assert table.attrs["base"] == again({})[0]
    for row in table.head(12).to_dict("records") + table[table["joint"]].to_dict("records"):
        ends = table.attrs["points"][row["name"]]
        for end in ("low", "high"):
            cost, gain = again(ends[end])
            assert row[f"{end}_result"] == cost
            assert row[f"{end}_preferred"] == ("tki2" if cost < 0 else "usual_care")
            assert row[f"{end}_quadrant"].startswith("south" if cost < 0 else "north")
            assert ("more effective" in row[f"{end}_quadrant"]) == (gain > 0)
        if not row["joint"]:
            assert ends["low"] == {row["name"]: row["low_value"]}


def test_net_benefit_is_a_run_too() -> None:
    table = study().one_way("societal", **ONE, wtp=300_000, parameters=["utility_not_working", "hr_relapse"])
    for row in table.to_dict("records"):
        for end in ("low", "high"):
            cost, gain = again({row["name"]: row[f"{end}_value"]}, "societal")
            assert row[f"{end}_result"] == pytest.approx(300_000 * gain - cost, rel=1e-12)


def test_price_parameters_are_not_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts what reaches the engine, not what the table says of itself."""
    rows: list[int] = []
    simulate = costeff.sensitivity.points.simulate

    def counting(model: Any, draws: Any, *given: Any, **named: Any) -> Any:
        rows.append(len(next(iter(draws.values()))))
        return simulate(model, draws, *given, **named)

    monkeypatch.setattr(costeff.sensitivity.points, "simulate", counting)
    source = Points(study(), Settings(**SMALL, batches=2))
    table = tornado_of(source, measure(study(), "municipal"), OneWay(None, {}, 0.95, 2))
    needs = simulation_names(study().model)
    alone = table[~table["joint"]]
    assert alone["needs_simulation"].tolist() == [name in needs for name in alone["name"]]
    assert 20 < alone["needs_simulation"].sum() < len(alone) - 20
    expected = 1 + 2 * int(alone["needs_simulation"].sum()) + 2 * int(table["joint"].sum())
    assert sum(rows) == 2 * expected  # two batches
    assert source.simulated == expected
    assert source.priced == 1 + 2 * len(table)
    rows.clear()
    price, before = table[table["name"] == "programme_cost"].assign(changes_preferred=True), source.priced
    with_switches(price, source, measure(study(), "municipal"))  # looks along the price, as if its ends differed
    assert source.priced > before + 2
    assert rows == []
    study().threshold("programme_cost", "municipal", **SMALL)
    study().two_way("programme_cost", "caseload", "mso", **SMALL)
    assert rows == [5, 5]  # once each, in five batches
    rows.clear()
    source = Points(study(), Settings(**ONE))
    for perspective in ("municipal", "state", "societal"):
        source.at([{}, {"hr_relapse": 1.2}, {"programme_cost": 1.0}], perspective)
    assert rows == [2]


def test_jointly_estimated_parameters_are_varied_together() -> None:
    table = study().one_way("municipal", **ONE, joint_draws=3, parameters=["hr_self_support", "p_heart", "posterior"])
    together = table.set_index("name")
    assert set(together.index) == {"hr_self_support + hr_unemployed_well", "diagnosis_mix", "posterior"}
    assert together["members"].to_dict() == {
        "hr_self_support + hr_unemployed_well": 2,
        "diagnosis_mix": 3,
        "posterior": 71,
    }
    shares = table.attrs["points"]["diagnosis_mix"]["low"]
    assert sum(shares.values()) == pytest.approx(1, abs=1e-12)
    group = study().evidence.groups["posterior"]
    rows = np.asarray(group.rows)  # type: ignore[attr-defined]
    for end in ("low", "high"):
        point = table.attrs["points"]["posterior"][end]
        row = np.array([point[name] for name in group.parameters])
        assert (rows == row).all(axis=1).any(), "a point that the posterior does not hold"
    assert (together["low_result"] <= together["high_result"]).all()
    assert together["low_value"].isna().all()
    # a range of its own takes a parameter out of its group, and says which it was estimated with
    own = study().one_way("municipal", **ONE, parameters=[], ranges={"hr_self_support": (0.8, 1.2)})
    assert own["name"].tolist() == ["hr_self_support"]
    assert partners(study(), ["hr_self_support"]) == ("hr_unemployed_well",)


def test_joint_ends_hold_the_share_that_the_level_says() -> None:
    table = study().one_way("mso", **ONE, joint_draws=20, parameters=["diagnosis_mix"])
    drawn = study().evidence.draw(20, 3, "latin_hypercube")
    names = study().evidence.groups["diagnosis_mix"].members
    source = Points(study(), Settings(**ONE))
    found = source.at([{n: float(drawn[n][i]) for n in names} for i in range(20)], "mso")
    spread = sorted((found.cost[:, 0, 1] - found.cost[:, 0, 0]).tolist())
    assert table[["low_result", "high_result"]].values[0].tolist() == [spread[0], spread[-1]]


def test_the_grid_is_runs() -> None:
    grid = study().two_way("hr_self_support", "programme_cost", "municipal", grid=3, **ONE)
    assert grid.attrs["simulations"] == 4
    assert grid.attrs["held"] == ["hr_unemployed_well"]
    for hr in grid["hr_self_support"].values.tolist():
        for price in grid["programme_cost"].values.tolist():
            cost, gain = again({"hr_self_support": hr, "programme_cost": price})
            one = grid.sel(hr_self_support=hr, programme_cost=price)
            assert float(one["result"]) == cost
            assert str(one["preferred"].values) == ("tki2" if cost < 0 else "usual_care")
            assert ("more effective" in str(one["quadrant"].values)) == (gain > 0)


@pytest.mark.parametrize("perspective", ["municipal", "societal"])
def test_the_threshold_is_where_runs_change_sign(perspective: str) -> None:
    found = study().threshold("hr_self_support", perspective, low=0.5, high=2.0, **ONE)
    assert found.attrs["held"] == ["hr_unemployed_well"]
    for value, result in zip(found.curve["value"], found.curve["result"], strict=True):
        assert result == again({"hr_self_support": value}, perspective)[0]
    assert found.found
    for root in found.roots:
        sides = [again({"hr_self_support": root.value + d}, perspective)[0] for d in (-1e-5, 1e-5)]
        assert min(sides) <= 0 <= max(sides)
        assert np.isnan(root.mcse)  # one batch


def test_batches_are_the_draws_of_a_probabilistic_run() -> None:
    """With every parameter known, draw k of `psa` holds the people of batch k."""
    known = Study(study().model, study().evidence.override(study().evidence.base()), study().scenario)
    draws = known.psa(5, **SMALL, method="random", progress=False).perspective("municipal")
    one = study().one_way("municipal", **SMALL, batches=5, parameters=["programme_cost"])
    change = draws.cost[:, 1] - draws.cost[:, 0]
    assert one.attrs["base"] == pytest.approx(change.mean(), rel=1e-12)
    assert one.attrs["base_mcse"] == pytest.approx(change.std(ddof=1) / 5**0.5, rel=1e-12)
    few = study().one_way("municipal", **SMALL, batches=4, parameters=["programme_cost"])
    assert few["mcse"].isna().all()
    assert math.isnan(few.attrs["base_mcse"]), "four batches say too little of their error"


@pytest.mark.nightly
def test_the_error_of_a_root_is_its_spread() -> None:
    """25 seeds with 5 batches each: the reported error is right within what 25 seeds can tell (an SD within 14 %)."""
    example = load(Path(__file__).parents[1] / "data" / "models" / "example.yaml")
    found = [
        example.threshold("hr", "benefits", low=0.6, high=3.0, target=-30_000, individuals=100, points=3, seed=seed)
        for seed in range(25)
    ]
    values = [one.roots[0].value for one in found if one.roots]
    assert len(values) == 25
    errors = [one.roots[0].mcse for one in found]
    ratio = np.std(values, ddof=1) / np.sqrt(np.mean(np.square(errors)))
    print(f"spread {np.std(values, ddof=1):.4f}, reported {np.sqrt(np.mean(np.square(errors))):.4f}")
    assert 0.6 < ratio < 1.5


def test_scenarios_stand_side_by_side() -> None:
    table = study().scenario_table(["no_effect", "full_uptake"], perspectives=["municipal", "mso"], **SMALL, batches=5)
    assert table["scenario"].tolist() == ["tki2", "no_effect", "full_uptake"] * 2
    for name in ("tki2", "no_effect", "full_uptake"):
        other = load(name)
        known = Study(other.model, other.evidence.override(other.evidence.base()), other.scenario)
        draws = known.psa(5, **SMALL, method="random", progress=False)
        for perspective in ("municipal", "mso"):
            one = draws.perspective(perspective)
            row = table[(table["scenario"] == name) & (table["perspective"] == perspective)].iloc[0]
            change = (one.cost[:, 1] - one.cost[:, 0]).mean()
            assert row["incremental_cost"] == pytest.approx(change, rel=1e-12)
            first = table[(table["scenario"] == "tki2") & (table["perspective"] == perspective)].iloc[0]
            assert row["cost_difference"] == row["incremental_cost"] - first["incremental_cost"]
    none = table[table["scenario"] == "no_effect"]
    assert (none["incremental_effect"] == 0).all()
    assert (none["cost_mcse"] == 0).all()  # only the programme is paid, the same for everyone
    assert np.isnan(table["net_benefit"]).all()  # TKI2 has no willingness to pay of its own
