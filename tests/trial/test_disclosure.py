"""Anchored in an attacker of its own, who tries all numbers or solves for them: what is hidden stays open."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import Rehearsed
from twins import attacker

from costeff.cli import main
from costeff.errors import ResultError
from costeff.labels import same
from costeff.trial.disclosure.cells import Shape, cells_of, intervals, with_totals
from costeff.trial.disclosure.export_log import add_to_log, read_log
from costeff.trial.disclosure.protect import protected
from costeff.trial.evaluation.bootstrap import adjusted_pairs, resampled_products
from costeff.trial.evaluation.evaluate import evaluate
from costeff.trial.evaluation.person_values import EffectValues, PersonValues
from costeff.trial.evaluation.rounded import exported

SMALLEST = 5
CATEGORIES = {"sex": ("men", "women"), "place": ("a", "b", "c"), "year": ("1", "2", "3", "4")}


def shape_of(counts: np.ndarray) -> Shape:
    return Shape(("one", "two", "three")[: counts.ndim], counts.shape)


def visible(counts: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    return np.where(hidden, np.nan, with_totals(counts).astype(float))


def people(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Counts of which a quarter are of a few people."""
    luck = np.random.default_rng(seed)
    counts = luck.poisson(9, shape)
    few = luck.permutation(counts.size)[: counts.size // 4]
    counts.flat[few] = luck.integers(1, SMALLEST, len(few))
    return counts


@pytest.mark.parametrize("seed", range(4))
def test_the_intervals_are_those_of_trying_every_number(seed: int) -> None:
    luck = np.random.default_rng(seed)
    counts = luck.integers(0, 6, (3, 3))
    hidden = np.zeros((4, 4), bool)
    hidden[:3, :3] = luck.random((3, 3)) < 0.5
    tried = attacker.by_trying(visible(counts, hidden))
    shape, table = shape_of(counts), with_totals(counts)
    known = cells_of(shape, table)
    for place in tried:
        del known[shape.cell(place)]
    assert {shape.cell(p): (min(v), max(v)) for p, v in tried.items()} == intervals([shape], known)


@pytest.mark.parametrize("shape", [(2, 3), (4, 4), (6, 6), (2, 3, 2), (3, 3, 3)])
def test_no_hidden_cell_can_be_worked_out(shape: tuple[int, ...]) -> None:
    counts = people(shape, sum(shape))
    hidden, table = protected(shape_of(counts), counts, SMALLEST), with_totals(counts)
    assert hidden[(table > 0) & (table < SMALLEST)].all()
    assert not hidden.all()
    (ends,) = attacker.by_programming((shape_of(counts).groupings, visible(counts, hidden)))
    assert len(ends) == hidden.sum()
    for place, (low, high) in ends.items():
        assert low <= table[place] <= high
        assert high - low > SMALLEST


def test_the_same_attacker_breaks_a_table_that_hides_small_cells_only() -> None:
    counts = np.array([[3, 20, 31], [40, 22, 15], [18, 2, 44]])
    table = with_totals(counts)
    (ends,) = attacker.by_programming((("one", "two"), visible(counts, (table > 0) & (table < SMALLEST))))
    assert ends == {(0, 0): (3, 3), (2, 1): (2, 2)}


def export(counts: np.ndarray, names: tuple[str, ...], log: Path, people_name: str = "p") -> np.ndarray:
    """Protect a table against the log, note it there, and give what is visible of it."""
    own = {name: CATEGORIES[name] for name in names}
    hidden = protected(Shape(names, counts.shape), counts, SMALLEST, read_log(log, people_name, CATEGORIES))
    add_to_log(log, people_name, own, with_totals(counts), hidden)
    return visible(counts, hidden)


@pytest.mark.parametrize("seed", [1, 4])
def test_any_two_exports_of_one_log_leave_every_hidden_cell_open(tmp_path: Path, seed: int) -> None:
    """Tables by sex and place, and by sex and year, of the same people: each alone would leave the other's totals."""
    counts = people((2, 3, 4), seed)
    counts[0, 0] = [3, 0, 0, 0]
    tables = []
    for names, own in ((("sex", "place"), counts.sum(2)), (("sex", "year"), counts.sum(1))):
        tables.append((names, export(own, names, tmp_path / "log.jsonl")))
    for ends in attacker.by_programming(*tables):
        assert all(high - low > SMALLEST for low, high in ends.values())
    assert np.isnan(tables[0][1]).any()


def test_a_total_that_an_earlier_table_hid_is_hidden_in_a_later_one(tmp_path: Path) -> None:
    counts = np.array([[3, 30, 20], [25, 40, 9]])
    first = export(counts, ("sex", "place"), tmp_path / "log.jsonl")
    assert np.isnan(first[0, 0])
    alone = protected(Shape(("place",), (3,)), counts.sum(0), SMALLEST)
    assert not alone.any()  # 28, 70 and 29 are no small counts
    later = export(counts.sum(0), ("place",), tmp_path / "log.jsonl")
    both = attacker.by_programming((("sex", "place"), first), (("place",), later))
    assert all(high - low > SMALLEST for ends in both for low, high in ends.values())


def test_two_extracts_that_differ_by_a_few_people_are_not_subtracted(tmp_path: Path) -> None:
    counts = np.array([[20, 30, 25], [25, 40, 19]])
    first = export(counts, ("sex", "place"), tmp_path / "log.jsonl")
    assert not np.isnan(first).any()
    counts[0, 1] += 2
    second = export(counts, ("sex", "place"), tmp_path / "log.jsonl", "two more")
    difference = second - first
    assert not ((np.abs(difference) > 0) & (np.abs(difference) < SMALLEST)).any()
    assert np.isnan(difference[0, 1])


def test_a_table_that_would_give_an_earlier_one_away_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"people": "p", "groupings": {"sex": ["men"]}, "visible": []}\n', "utf-8")
    with pytest.raises(ResultError, match="other categories"):
        export(np.array([[20, 30, 25], [25, 40, 19]]), ("sex", "place"), log)
    log.write_text("nothing\n", "utf-8")
    with pytest.raises(ResultError, match="no export") as error:
        export(np.array([[20, 30, 25], [25, 40, 19]]), ("sex", "place"), log)
    assert "line 1" in str(error.value)
    counts = np.array([[3, 20], [40, 22]])
    log.write_text("", "utf-8")
    add_to_log(log, "p", {"sex": CATEGORIES["sex"], "place": ("a", "b")}, with_totals(counts), np.eye(3, dtype=bool))
    with pytest.raises(ResultError, match="cannot be protected"):
        protected(
            Shape(("sex", "place"), (2, 2)),
            counts,
            SMALLEST,
            read_log(log, "p", {"sex": CATEGORIES["sex"], "place": ("a", "b")}),
        )


def test_the_command_writes_a_table_and_its_log(rehearsed: Rehearsed, tmp_path: Path) -> None:
    out, log = tmp_path / "table.csv", tmp_path / "log.jsonl"
    words = ["trial", "tabulate", "tki2_trial", str(rehearsed.folder), "--by", "group", "--by", "diagnosis"]
    done = CliRunner().invoke(main, [*words, "--out", str(out), "--log", str(log)])
    assert done.exit_code == 0, done.output
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(rows) == 3 * 4
    total = next(row for row in rows if row["group"] == row["diagnosis"] == "all")
    assert total["count"] == "90"
    assert all(row["count"] == "" or int(row["count"]) == 0 or int(row["count"]) >= SMALLEST for row in rows)
    assert len(log.read_text("utf-8").splitlines()) == 1
    assert "S0000" not in log.read_text("utf-8") + done.output
    wrong = CliRunner().invoke(main, [*words[:4], "--by", "age", "--out", str(out), "--log", str(log)])
    assert wrong.exit_code != 0
    assert "groupings that make no table" in wrong.output


def test_what_an_evaluation_exports_gives_back_nobody_and_a_known_seed_everybody() -> None:
    """Least squares by somebody who knows the library, the plan, everybody's group and covariates, and every figure."""
    luck = np.random.default_rng(7)
    size = 60
    group = (np.arange(size) % 3 > 0).astype(float)
    cost = luck.gamma(1, 100_000, size)
    effect = EffectValues("work", same("Work"), "share", (luck.random(size) < 0.5).astype(float), None)
    own = PersonValues(group, {"state": cost}, (effect,), np.zeros((size, 0)), (), np.zeros((size, 0)))
    means = np.where(group == 1, cost[group == 1].mean(), cost[group == 0].mean())
    known = float(np.sqrt(((means - cost) ** 2).mean()))

    content = exported(evaluate(own, (0, 1e6), 5, replicates=400))
    one = content["pairs"][0]["cost"]
    row = np.where(group == 1, 1 / group.sum(), -1 / (size - group.sum()))  # what a difference of means adds up
    guess = means + np.linalg.lstsq(row[None], np.array([one["value"] - row @ means]), rcond=None)[0]
    assert float(np.sqrt(((guess - cost) ** 2).mean())) > 0.99 * known

    again = np.random.default_rng(11)  # the seed that was told: replicates are then equations, one for each
    groups = [np.flatnonzero(group == value) for value in (0, 1)]
    weight = np.zeros((400, size))
    for own_rows, sign in zip(groups, (-1, 1), strict=True):
        chosen = own_rows[again.integers(0, len(own_rows), (400, len(own_rows)))]
        for b in range(400):
            weight[b] += sign * np.bincount(chosen[b], minlength=size) / len(own_rows)
    products = resampled_products(np.column_stack([np.ones(size), group, cost]), group, 400, np.random.default_rng(11))
    replicates, _ = adjusted_pairs(products, 2, 2, 2, 2)
    told = np.vstack([weight, np.where(group == 0, 1.0, 0.0) / (size - group.sum())])
    found = np.linalg.lstsq(told, np.append(replicates, cost[group == 0].mean()), rcond=None)[0]
    assert np.abs(found - cost).max() < 1  # every person's cost to the krone: why replicates and seeds never leave
