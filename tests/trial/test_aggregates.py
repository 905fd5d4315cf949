"""Anchored in tables of a few lines, worked out by hand."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import Rehearsed

from costeff import read_model
from costeff.cli import main
from costeff.errors import ScenarioError
from costeff.trial.aggregates import Aggregates, read_aggregates
from costeff.trial.extract import read_extract
from costeff.trial.plan import read_plan
from costeff.trial.quality import Refusals

PLAN = read_plan("tki2_trial")
STATES = read_model("tki2").state_names


def read(tmp_path: Path, text: str) -> tuple[Aggregates, Refusals]:
    path, refusals = tmp_path / "counts.csv", Refusals("counts.csv")
    path.write_text(text, "utf-8")
    return read_aggregates(path, PLAN, STATES, refusals), refusals


def test_moves_become_hazards(tmp_path: Path) -> None:
    table, refusals = read(
        tmp_path,
        "group;from;to;weeks;count\ntki2;sick_full;work;1.250,5;50\nusual_care;sick_full;work;700;\n"
        "all;sick_full;dead;1950;0\n",
    )
    assert refusals.counts == {}
    assert table.moves["tki2", "sick_full", "work"].hazard == pytest.approx(50 / 1250.5)
    assert np.isnan(table.moves["usual_care", "sick_full", "work"].hazard)
    assert table.moves["all", "sick_full", "dead"].hazard == 0


def test_ended_spells_and_status_after_them(tmp_path: Path) -> None:
    table, refusals = read(
        tmp_path,
        "group,from,status,after_weeks,people,count\nall,sick_full,work,26,200,120\nall,sick_full,flex_job,26,200,\n",
    )
    assert refusals.counts == {}
    share = table.statuses["all", "sick_full", "work", 26]
    assert share is not None
    assert share.share == 0.6
    assert share.low < 0.6 < share.high
    assert table.statuses["all", "sick_full", "flex_job", 26] is None


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("placebo;sick_full;work;100;50", "unknown_group"),
        ("tki2;abroad;work;100;50", "unknown_kind"),
        ("tki2;sick_full;work;100;200", "wrong_number"),
        ("tki2;sick_full;work;100;7,5", "wrong_number"),
        ("tki2;sick_full;work;0;0", "wrong_number"),
        ("tki2;sick_full;work;100;3", "small_cell"),
        ("tki2;sick_full;work;100", "row_of_another_length"),
    ],
)
def test_a_wrong_row_is_refused_and_counted(tmp_path: Path, row: str, kind: str) -> None:
    table, refusals = read(tmp_path, f"group;from;to;weeks;count\n{row}\n")
    assert refusals.counts == {kind: 1}
    assert refusals.first == {kind: 2}
    assert table.moves == {}


def test_a_table_that_is_neither_and_a_cell_twice_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="lacks the column 'status'"):
        read(tmp_path, "group;from;count\ntki2;sick_full;5\n")
    row = "tki2;sick_full;work;100;50\n"
    with pytest.raises(ScenarioError, match="a cell stands twice") as error:
        read(tmp_path, f"group;from;to;weeks;count\n{row}{row}")
    assert "line 3" in str(error.value)


def test_counts_of_people_are_those_of_a_count_by_hand_and_hide_the_few(rehearsed: Rehearsed, tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    words = ["trial", "aggregate", "tki2_trial", str(rehearsed.folder), "--out", str(file)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    people = read_extract(rehearsed.folder, rehearsed.plan, rehearsed.lens, rehearsed.study).trial
    names, refusals = people.model.state_names, Refusals("counts.csv")
    table = read_aggregates(file, PLAN, names, refusals)
    assert refusals.counts == {}
    movers: dict[tuple[str, str, str], list[int]] = {}
    at_risk: dict[tuple[str, str], list[int]] = {}
    for person, (life, group) in enumerate(zip(people.weeks.tolist(), people.strategy.tolist(), strict=True)):
        own = PLAN.strategies[group]
        for now, later in pairwise(life):
            if now >= 0 and later >= 0:
                at_risk.setdefault((own, names[now]), []).append(person)
                if now != later:
                    movers.setdefault((own, names[now], names[later]), []).append(person)
    assert any(move.count is None for move in table.moves.values())
    for (group, source, target), move in table.moves.items():
        assert move.weeks == len(at_risk[group, source])
        assert len(set(at_risk[group, source])) >= PLAN.smallest_cell
        own = movers.get((group, source, target), [])
        if 0 < len(set(own)) < PLAN.smallest_cell:
            assert move.count is None
        else:
            assert move.count == len(own)
    report = tmp_path / "counts.json"
    done = CliRunner().invoke(main, ["trial", "check", "tki2_trial", str(file), "--json", str(report)])
    assert done.exit_code == 0, done.output
    assert rehearsed.plan.short_hash() in done.output
    content = json.loads(report.read_text("utf-8"))
    assert content["rows"] == len(table.moves)
    assert all(one["count"] is None or one["count"] == 0 or one["count"] >= 5 for one in content["moves"])
