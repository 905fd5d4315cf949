"""Anchored in the integers of the microsimulation, in occurrence over exposure, and in mstate's own rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from random_models import E, model, start_in, states
from test_engine_invariance import DRAWS, busy

from costeff import load
from costeff.cli import main
from costeff.compile import compile_model, layout
from costeff.engine.events.microsim import microsim
from costeff.errors import EngineError, ResultError, ScenarioError
from costeff.model import Clock, Deadline, Model, Transition
from costeff.simulation.histories import COLUMNS, history_blocks, multi_state, simulate_histories, transition_matrix

SIZE = 120
MICRO = "microsim"


def late() -> Model:
    """Half start in `b` at its deadline, the others come after it, so that all move at once."""
    return model(
        Transition("ab", "a", "b", hazard=E(0.2)),
        Transition("ba", "b", "a", hazard=E(0.1)),
        Transition("death", "c", "dead", hazard=E(0.15)),
        states=states("a", "b", "c"),
        attributes=(start_in("a", "b"),),
        clocks=(Clock("age", E(20)),),
        deadlines=(Deadline("due", "b", "c", "age", E(20)),),
    )


@pytest.fixture(scope="module", params=["busy", "late"])
def lives(request: pytest.FixtureRequest) -> tuple[Model, pd.DataFrame]:
    chosen, draws = (busy(), DRAWS) if request.param == "busy" else (late(), {})
    return chosen, simulate_histories(chosen, draws, {}, individuals=SIZE, seed=4)


def test_rows_of_a_life_tile_the_horizon(lives: tuple[Model, pd.DataFrame]) -> None:
    chosen, found = lives
    assert tuple(found.columns) == COLUMNS
    names = ["draw", "individual", "strategy"]
    by_life = found.groupby(names, observed=True)
    draws = found["draw"].nunique()
    assert by_life.ngroups == SIZE * draws * len(chosen.strategies)
    assert (by_life["entry"].first() == 0).all()
    assert (by_life["exit"].last() == chosen.conventions.horizon).all()
    assert (by_life["reason"].last() == "horizon").all()
    same = (found[names] == found[names].shift(-1)).all(axis=1)
    following = found.shift(-1)[same]
    assert (found["exit"][same] == following["entry"]).all()
    assert (found["to"][same].astype(str) == following["state"].astype(str)).all()
    assert (found["reason"][same] != "horizon").all()
    assert found["to"][~same].isna().all()
    assert (found["entry"] <= found["exit"]).all()


def test_rows_add_up_to_what_the_microsimulation_counts(lives: tuple[Model, pd.DataFrame]) -> None:
    chosen, found = lives
    draws = DRAWS if chosen.name == "small" and found["draw"].nunique() > 1 else {}
    counted = microsim(compile_model(chosen, draws, {}, individuals=SIZE, seed=4).tensors)
    where = layout(chosen)
    stay = found["exit"] - found["entry"]
    for d in range(counted.draws):
        for g, strategy in enumerate(chosen.strategy_names):
            mine = (found["draw"] == d) & (found["strategy"] == strategy)
            time = counted.time[d, g].sum(axis=(0, 2))[: len(where.states), 0]
            for s, state in enumerate(where.states):
                assert stay[mine & (found["state"] == state)].sum() == time[s]
            events = counted.events[d, g].sum(axis=(0, 2))[:, 0]
            for name, number in zip(where.events, events, strict=True):
                assert (found["reason"][mine] == name).sum() == number
    assert len(found) == counted.sojourns


def test_a_deadline_that_is_reached_or_passed_leaves_a_row_of_no_length() -> None:
    found = simulate_histories(late(), {}, {}, individuals=SIZE, seed=4)
    moved = found[found["reason"] == "due"]
    assert len(moved) > SIZE / 2
    assert (moved["entry"] == moved["exit"]).all()
    assert (moved["to"] == "c").all()


def test_occurrence_over_exposure_gives_the_hazards() -> None:
    """With constant hazards h an exit comes in a cycle with probability 1 - exp(-sum h), split in proportion."""
    h = {"out": 0.05, "death": 0.02}
    chosen = model(
        Transition("out", "a", "b", hazard=E(h["out"])),
        Transition("death", "a", "dead", hazard=E(h["death"])),
        Transition("back", "b", "a", hazard=E(0.3)),
        horizon=40,
    )
    long = multi_state(simulate_histories(chosen, {}, {}, individuals=20_000, seed=9), chosen, "lifelines")
    from_a = long[long["from"] == "a"]
    exposure = (from_a["stop"] - from_a["start"])[from_a["to"] == "b"].sum()
    events = from_a.groupby("to", observed=True)["event"].sum()
    total = -np.log1p(-events.sum() / exposure)
    assert abs(total - sum(h.values())) < 4 * sum(h.values()) / np.sqrt(events.sum())
    for target, name in (("b", "out"), ("dead", "death")):
        assert abs(total * events[target] / events.sum() - h[name]) < 4 * h[name] / np.sqrt(events[target])


def test_every_allowed_move_has_a_row_in_the_multi_state_form(lives: tuple[Model, pd.DataFrame]) -> None:
    chosen, found = lives
    long = multi_state(found, chosen)
    matrix = transition_matrix(chosen)
    numbers = matrix.to_numpy(dtype=float, na_value=np.nan)
    given = np.sort(numbers[~np.isnan(numbers)])
    assert given.tolist() == list(range(1, len(given) + 1))
    assert (numbers[long["from"] - 1, long["to"] - 1] == long["trans"]).all()
    assert (long["Tstop"] > long["Tstart"]).all()
    assert (long["time"] == long["Tstop"] - long["Tstart"]).all()
    stays = long.groupby(["draw", "strategy", "id", "Tstart"], observed=True)
    allowed = (~np.isnan(numbers)).sum(axis=1)
    assert (stays.size() == allowed[stays["from"].first() - 1]).all()
    assert (stays["to"].nunique() == stays.size()).all()
    assert stays["status"].sum().isin([0, 1]).all()
    lived = found[found["exit"] > found["entry"]]
    can_leave = lived["state"].map(dict(zip(chosen.state_names, allowed > 0, strict=True))).astype(bool)
    assert len(stays) == can_leave.sum()
    assert long["status"].sum() == (lived["reason"] != "horizon").sum()


def test_the_multi_state_form_of_a_life_by_hand() -> None:
    """Two moves are allowed from a; the third person's life is written out."""
    chosen = model(
        Transition("ab", "a", "b", hazard=E(0.2)),
        Transition("ad", "a", "dead", hazard=E(0.1)),
        Transition("ba", "b", "a", hazard=E(0.1)),
    )
    rows = [(0, 2, "usual_care", "a", 0, 4, "ab", "b"), (0, 2, "usual_care", "b", 4, 20, "horizon", None)]
    life = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("state", "to"):
        life[name] = pd.Categorical(life[name], chosen.state_names)
    long = multi_state(life, chosen)
    columns = ["id", "from", "to", "trans", "Tstart", "Tstop", "time", "status"]
    assert long[columns].to_numpy().tolist() == [
        [3, 1, 2, 1, 0, 4, 4, 1],
        [3, 1, 3, 2, 0, 4, 4, 0],
        [3, 2, 1, 3, 4, 20, 16, 0],
    ]
    with pytest.raises(ResultError, match="unknown form"):
        multi_state(life, chosen, "stata")


def test_blocks_hold_the_same_lives() -> None:
    whole = simulate_histories(busy(), DRAWS, {}, individuals=50, seed=4)
    blocks = list(history_blocks(busy(), DRAWS, {}, individuals=50, seed=4, block=7))
    assert len(blocks) == 5 * 8
    pd.testing.assert_frame_equal(pd.concat(blocks, ignore_index=True), whole)


@pytest.mark.parametrize(("individuals", "seed"), [(0, 1), (1, -1), (1, 2**64)])
def test_impossible_requests_are_refused(individuals: int, seed: int) -> None:
    with pytest.raises(EngineError, match=r"no individuals|out of range"):
        simulate_histories(busy(), DRAWS, {}, individuals=individuals, seed=seed)


def test_the_lives_of_a_draw_are_those_of_the_analysis() -> None:
    study = load("tki2")
    result = study.psa(4, 30, 7)
    found = study.histories(30, 7, draw=2)
    events = result.simulated.quantities.events[2].sum(axis=(1, 3))[:, :, 0]
    for g, strategy in enumerate(study.model.strategy_names):
        mine = found[found["strategy"] == strategy]
        counts = [(mine["reason"] == name).sum() for name in result.simulated.layout.events]
        assert counts == events[g].tolist()
    with pytest.raises(ScenarioError, match="negative"):
        study.histories(30, 7, draw=-1)


def test_the_shell_writes_what_python_returns(tmp_path: Path) -> None:
    study = load("tki2")
    for form in ("sojourns", "mstate", "lifelines"):
        out = tmp_path / f"{form}.csv"
        words = ["histories", "tki2", "--individuals", "20", "--seed", "3", "--form", form, "--out", str(out)]
        ended = CliRunner().invoke(main, words)
        assert ended.exit_code == 0, ended.output
        found = study.histories(20, 3)
        expected = found if form == "sojourns" else multi_state(found, study.model, form)
        read = pd.read_csv(out)
        assert f"{len(read)} rows" in ended.stdout
        assert read.astype(object).where(read.notna(), None).to_numpy().tolist() == (
            expected.astype(object).where(expected.notna(), None).to_numpy().tolist()
        )


def test_the_lives_of_a_result_are_those_it_counted() -> None:
    """However the draws came about: the events of the rows are the numbers that the result holds."""
    study = load("sick_sicker")
    name = next(str(name) for name in study.evidence.draw(4, 3) if not study.evidence.parameters[str(name)].group)
    column = np.asarray(study.evidence.draw(4, 99)[name])
    runs = {
        "given": study.psa(individuals=40, seed=3, values={name: column}, engine=MICRO, progress=False),
        "hypercube": study.psa(8, 40, seed=3, method="latin_hypercube", replicates=4, engine=MICRO, progress=False),
        "base": study.run(40, 3, engine=MICRO, progress=False),
    }
    for kind, result in runs.items():
        draw = 0 if kind == "base" else 2
        lives = result.histories(draw)
        names = result.simulated.layout.events
        counted = result.simulated.quantities.events[draw].sum(axis=(1, 3))[:, :, 0]
        for g, strategy in enumerate(result.strategies):
            rows = lives[lives["strategy"] == strategy]["reason"]
            events = [int((rows == one).sum()) for one in names]
            assert events == counted[g].tolist()


def test_given_values_give_the_lives_of_their_draw() -> None:
    study = load("sick_sicker")
    name = next(str(name) for name in study.evidence.draw(4, 3) if not study.evidence.parameters[str(name)].group)
    values = {name: np.asarray(study.evidence.draw(4, 99)[name])}
    result = study.psa(individuals=30, seed=3, values=values, engine=MICRO, progress=False)
    pd.testing.assert_frame_equal(
        study.histories(30, 3, draw=2, values=values), result.histories(draw=2), check_exact=True
    )
    with pytest.raises(ScenarioError, match=r"result\.histories\(draw=k\)"):
        result.study.histories(30, 3, draw=2)
    with pytest.raises(ScenarioError, match="numbered from 0 to 3"):
        study.histories(30, 3, draw=4, values=values)
    with pytest.raises(ScenarioError, match="numbered from 0 to 3"):
        result.histories(draw=4)
    with pytest.raises(ScenarioError, match="no draw is asked for"):
        study.histories(30, 3, values=values)
    with pytest.raises(ScenarioError, match="shares of people"):
        study.psa(2, 30, seed=3, engine="cohort", progress=False).histories(draw=1)
