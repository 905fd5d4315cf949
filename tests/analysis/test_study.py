"""Anchored in sums: tables, files and summaries of one run are compared with its flows and draws."""

from __future__ import annotations

import copy
import json
import math
import os
import pickle
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import costeff.study.writing
from costeff import Result, Study, load
from costeff.analysis import corrected, curves
from costeff.errors import CosteffError, ResultError, ScenarioError
from costeff.shell.study_options import with_options
from costeff.study.writing import dataset, frames

EXAMPLE = Path(__file__).parents[1] / "data" / "models" / "example.yaml"


@cache
def study() -> Study:
    return load("tki2")


@cache
def result() -> Result:
    return study().psa(11, 40, seed=3)


@cache
def small() -> Result:
    """The example of docs/model_language.md: quick to report."""
    return load(EXAMPLE).psa(4, 10, seed=1)


# -- asking ----


def test_a_study_is_loaded_by_name_and_by_path() -> None:
    assert study().scenario.name == "tki2"
    assert load("no_effect").model.name == "tki2"
    assert load(EXAMPLE).model.name == "example"
    assert load(EXAMPLE).scenario.wtp is None


def test_a_scenario_sets_parameters_and_options() -> None:
    none = load("no_effect").evidence.parameters["hr_self_support"]
    assert none.fixed
    assert none.value == 1
    assert load("horizon_10").model.conventions.horizon == 520
    assert load("rates_2025").model.conventions.price_year == 2025
    assert load("rates_2025").evidence.base()["unemployment_benefit_max"] == 21092


def test_options_of_the_command_line_take_the_place_of_the_scenarios() -> None:
    assert with_options("tki2", horizon="2 years").model.conventions.horizon == 104
    assert with_options("horizon_10", horizon=None).model.conventions.horizon == 520
    assert with_options("horizon_10", horizon="3 years").evidence.base() == study().evidence.base()
    with pytest.raises(ScenarioError, match="span of time"):
        with_options("tki2", horizon="soon")


@pytest.mark.parametrize(
    ("ask", "value"),
    [
        (lambda: study().psa(1, 10), 1),
        (lambda: study().psa(0, 10), 0),
        (lambda: study().psa(2, 0), 0),
        (lambda: study().psa(2, -1), -1),
        (lambda: study().run(0), 0),
        (lambda: study().run(10, values={"hr_self_suport": 1}), "hr_self_suport"),
        (lambda: study().run(10, values={"p_section_56": 1.5}), 1.5),
        (lambda: result().perspective("kommune"), "kommune"),
        (lambda: result().perspective("municipal", "qalys"), "qalys"),
        (lambda: study().psa(2, 2, method="dice"), "dice"),
        (lambda: study().psa(2, 2, engine="quantum"), "quantum"),
    ],
)
def test_what_cannot_be_asked_is_refused(ask: Any, value: object) -> None:
    with pytest.raises(CosteffError) as refused:
        ask()
    assert str(value) in str(refused.value.value)
    assert refused.value.rule


def test_the_base_case_is_one_draw_at_the_stated_values() -> None:
    one = study().run(50, seed=2)
    assert one.draws == 1
    assert {name: float(v[0]) for name, v in one.parameters.items()} == study().evidence.base()
    changed = study().run(50, seed=2, values={"programme_cost": 0.0})
    assert changed.parameters["programme_cost"][0] == 0.0
    mso = [r.perspective("mso").cost[0, 1] for r in (one, changed)]
    p = study().evidence.base()
    assert mso[0] == pytest.approx(p["programme_cost"] * p["programme_share_mso"], abs=1e-6)
    assert mso[1] == 0.0
    assert math.isnan(one.effects_table()["lo"].iloc[0])


def test_odd_individuals_give_no_measure_of_noise() -> None:
    assert not study().psa(2, 3).halves
    assert study().psa(2, 3).perspective("municipal").cost_half is None
    assert result().perspective("municipal").cost_half is not None
    json.dumps(study().psa(2, 1).summary(), allow_nan=False)


def test_willingness_to_pay_belongs_to_its_effect() -> None:
    """A range per QALY says nothing about weeks: such a scenario is refused instead of drawing a curve."""
    wrong = replace(study().scenario, effect="weeks_sick")
    with pytest.raises(ScenarioError) as refused:
        Study(study().model, study().evidence, wrong)
    assert refused.value.value == "weeks_sick"
    assert refused.value.way_out
    only = replace(study().scenario, effect=None)
    asked = replace(study().scenario.wtp, effect="weeks_sick")  # type: ignore[type-var]
    follows = replace(result(), study=Study(study().model, study().evidence, replace(only, wtp=asked)))
    assert follows.main_effect == "weeks_sick"
    assert follows.perspective("municipal").effect_name == "weeks_sick"


# -- tables ----


def test_items_are_the_flows_added_up() -> None:
    r, layer = result(), result().simulated.layer_cost
    table = r.items().set_index(["item", "payer", "recipient"])
    assert len(table) == len({(x.item, x.payer, x.recipient) for x in r.flows.lines})
    expected: dict[tuple[str, str, str], list[float]] = {}
    for i, line in enumerate(r.flows.lines):
        row = expected.setdefault((line.item, line.payer, line.recipient), [0.0, 0.0])
        for g in range(2):
            row[g] += sum(float(x) for d in range(r.draws) for x in r.flows.amount[d, g, i, :, layer]) / r.draws
    for key, (usual, tki2) in expected.items():
        found = table.loc[[key]].iloc[0]
        np.testing.assert_allclose([found["usual_care"], found["tki2"]], [usual, tki2], rtol=1e-12)
        np.testing.assert_allclose(found["increment"], tki2 - usual, rtol=1e-9, atol=1e-6)


def test_parties_add_up_to_society_and_split_off_the_programme() -> None:
    parties, society = result().parties(), result().perspective("societal").cost
    assert next(iter(parties["party"])) == "mso"
    for g, strategy in enumerate(result().strategies):
        assert parties[strategy].sum() == pytest.approx(society[:, g].mean(), rel=1e-12)
    assert parties["increment"].sum() == pytest.approx((society[:, 1] - society[:, 0]).mean(), rel=1e-9)
    items = result().items()
    msb = items.loc[items["item"] == "programme_msb", "tki2"].sum()
    assert parties.set_index("party").loc["msb", "programme"] == pytest.approx(msb, rel=1e-12)


def test_costs_by_year_add_up_to_the_undiscounted_cost() -> None:
    r = result()
    for view in r.model.perspectives:
        signs = {p: (p in view.parties) for p in (x.name for x in r.model.parties)}
        by_hand = np.zeros((r.draws, 2, 5))
        for i, line in enumerate(r.flows.lines):
            named = not view.items or line.item in view.items
            kept = not line.flow.only_in or view.name in line.flow.only_in
            if named and kept and line.item not in view.exclude_items:
                by_hand += (signs[line.payer] - signs[line.recipient]) * r.flows.amount[:, :, i, :, 0]
        factor = 1.28 if view.factor is not None else 1.0
        np.testing.assert_allclose(r.cost_by_year(view.name), factor * by_hand, rtol=1e-12, atol=1e-9)


def test_trace_and_passages_are_shares_of_everyone() -> None:
    trace, passages = result().trace, result().passages
    np.testing.assert_allclose(trace.sum("state"), 1.0, rtol=1e-12)
    assert np.all(np.diff(trace.sel(state="dead"), axis=-1) >= 0)
    assert np.all(np.diff(passages, axis=-1) >= 0)
    assert float(passages.max()) <= 1
    share = passages.sel(passage="return_to_work").isel(cycle=52).values
    at = result().effects.names.index("returned_to_work")
    np.testing.assert_allclose(share, result().effects.value[:, :, at].mean(axis=0), rtol=1e-12)


def test_the_dataset_holds_every_draw() -> None:
    data = dataset(result())
    assert dict(data.sizes)["draw"] == 11
    for name, values in result().parameters.items():
        assert np.array_equal(data["parameter"].sel(parameter_name=name), values)
    assert np.array_equal(data["flow"].sel(layer="undiscounted"), result().flows.amount[..., 0])
    provenance = json.loads(data.attrs["provenance"])
    assert provenance["seed"] == 3
    assert provenance["conventions"]["price_year"] == "2024"


def test_frames_are_tidy() -> None:
    one = small()
    tables = frames(one, one.summary()["perspectives"])
    assert len(tables) >= 12
    for name, frame in tables.items():
        assert isinstance(frame, pd.DataFrame), name
        assert len(set(frame.columns)) == len(frame.columns), name
        assert not isinstance(frame.index, pd.MultiIndex), name
        kinds = {type(v) for column in frame for v in frame[column]}
        assert kinds <= {str, float, int, bool, type(None), np.int64, type(pd.NA)}, (name, kinds)


# -- files ----


FILES = {
    "report.html",
    "results.nc",
    "summary.json",
    "icer_table.csv",
    "ceac.csv",
    "cost_by_year.csv",
    "parties.csv",
    "items.csv",
    "effects.csv",
    "time_to_event.csv",
    "trace.csv",
    "passages.csv",
    "draws.csv",
    "parameters.csv",
    "tornado.csv",
    "tornado_break_even.csv",
    "pairwise.csv",
    "workbook.xlsx",
    "costeff-files.json",
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Result:
    """A result whose one-way analysis runs on few people."""
    few = Result.tornado
    monkeypatch.setattr(Result, "tornado", lambda self, name="municipal", individuals=10: few(self, name, 10))
    return small()


def listing(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_all_files_are_written_and_others_left_alone(quick: Result, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    assert set(quick.write(out)) == FILES
    assert {p.name for p in out.iterdir()} == FILES
    (out / "mine.txt").write_text("kept")
    (out / "summary.json").write_text("changed")
    quick.write(str(out))
    # What was changed since it was written is somebody's work.
    assert {p.name for p in out.iterdir()} == FILES | {"mine.txt", "summary.kept1.json"}
    assert (out / "summary.kept1.json").read_text() == "changed"
    assert json.loads((out / "summary.json").read_text())["model"] == "example"
    assert [p.name for p in out.parent.iterdir()] == ["out"], "something temporary stayed"
    no_curve = pd.read_csv(out / "ceac.csv")  # no willingness to pay is stated: a head without rows
    assert list(no_curve.columns) == ["perspective", "strategy", "wtp", "measure", "probability"]
    assert no_curve.empty
    with xr.open_dataset(out / "results.nc") as data:
        assert np.array_equal(data["flow"], dataset(quick)["flow"])


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("fault", ["making", "moving", "interrupt", "folder in the way"])
def test_outputs_come_whole_or_not_at_all(
    quick: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, before: bool
) -> None:
    out = tmp_path / "out"
    if before:
        out.mkdir()
        for name in ("summary.json", "ceac.csv", "other.txt"):
            (out / name).write_text(f"old {name}")
    expected: type[BaseException] = ResultError
    replaced = os.replace
    moves: list[object] = []

    def failing(source: Any, target: Any) -> None:
        moves.append(target)
        if Path(target).parent == out and len(moves) == 6:
            raise KeyboardInterrupt if fault == "interrupt" else OSError("disk full")
        replaced(source, target)

    if fault == "making":
        expected = RuntimeError
        monkeypatch.setattr(costeff.study.writing, "frames", lambda *_: (_ for _ in ()).throw(RuntimeError("boom")))
    elif fault == "folder in the way":
        (out / "trace.csv" / "deep").mkdir(parents=True)
    else:
        expected = KeyboardInterrupt if fault == "interrupt" else ResultError
        monkeypatch.setattr(os, "replace", failing)
    state = (listing(tmp_path), out.exists())
    with pytest.raises(expected):
        quick.write(out)
    monkeypatch.setattr(os, "replace", replaced)
    assert (listing(tmp_path), out.exists()) == state
    assert {p.name for p in tmp_path.iterdir()} <= {"out"}


def test_a_file_in_the_place_of_the_folder_is_refused(quick: Result, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ResultError, match="is a file"):
        quick.write(tmp_path / "out")
    assert (tmp_path / "out").read_text() == "a file"
    with pytest.raises(ResultError) as refused:
        quick.write(tmp_path / "out" / "below")
    assert refused.value.way_out


def test_a_perspective_is_the_same_evaluation_each_time() -> None:
    """So that its curves are worked out once, however many files and figures ask for them."""
    one = result()
    first = one.perspective("societal")
    assert one.perspective("societal") is first
    assert one.perspective("societal", effect=first.effect_name) is first
    assert one.perspective("municipal") is not first
    assert all(one.perspective("municipal").parameters[name] is draws for name, draws in first.parameters.items())
    assert one.perspective("societal", effect="returned_to_work") is not first
    with pytest.raises(ValueError, match="read-only"):
        first.cost[0] = 0


def test_evaluations_follow_their_result_into_copies_and_pickles() -> None:
    """A copy holds the same fields, so it may share them; what has other fields begins anew."""
    one = study().psa(6, 20, seed=3)
    curve = one.perspective("societal").ceac([0.0, 4e5])
    assert copy.copy(one).perspective("societal") is one.perspective("societal")
    for twin in (copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        again = twin.perspective("societal")
        assert again is not one.perspective("societal")
        assert again is twin.perspective("societal")
        xr.testing.assert_identical(again.ceac([0.0, 4e5]), curve)
    cut = replace(one, replicates=2)
    assert cut.perspective("societal").replicates == 2
    assert one.perspective("societal").replicates is None
    turned = replace(one.perspective("societal"), comparator="tki2")
    assert turned.ceac([0.0, 4e5]).attrs["comparator"] == "tki2"
    xr.testing.assert_identical(one.perspective("societal").ceac([0.0, 4e5]), curve)


def test_a_summary_and_the_curves_of_a_perspective_are_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Report, tables and summary ask for the same grid of each perspective: 14 of them, 14 passes over the draws."""
    made: list[str] = []

    def count(module: Any, name: str) -> None:
        function = getattr(module, name)

        def counting(first: Any, *more: Any) -> Any:
            of = (f"{first.perspective} {len(wtp)}" for wtp in more) if name != "summary" else ()
            made.append(" ".join([name, *of]))
            return function(first, *more)

        monkeypatch.setattr(module, name, counting)

    for module, name in ((costeff.study.writing, "summary"), (curves, "_curves"), (corrected, "_corrected")):
        count(module, name)
    run = study().psa(6, 20, seed=3)
    run.write(tmp_path / "out")
    whole = [name for name in made if name == "summary" or name.endswith(" 101")]
    assert sorted(whole) == sorted(set(whole))
    assert len(whole) == 1 + 2 * len(run.model.perspectives)
