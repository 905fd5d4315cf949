"""Anchored in closed forms and identities: two ratios of the same legs multiply; a programme without effect below
changes nothing; and each alone is the run of its own case to the last digit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from costeff import invest
from costeff.errors import CosteffError
from costeff.investment.on_top import check_on_top, effect_names, with_effect_of
from costeff.investment.prepare import CaseSetup
from costeff.investment.read import read_case
from costeff.investment.report.content_of_case import case_content
from costeff.investment.report.on_top import on_top_cells, on_top_sentence
from costeff.investment.result import CaseResultData
from costeff.investment.shared_reads import SharedReads

CASE = """\
case: {name}
scenario: own_programme
strategy: programme
{more}
rules: {{set: denmark_reform, regime: old}}
first_year: 2026
years: 3
price_year: 2026
inflow: {{2026: {inflow}, later: 0}}
programme: {{label: {name}, departments: {{employment: 1}}, variable: 5000}}
set: {{hr_self_support: {ratio}, hr_full_to_partial: 1, hr_relapse: 1, hr_clarification: 1, hr_unemployed_well: 1}}
run: {{draws: 8, individuals: 80, seed: 3}}
"""


def write(folder: Path, name: str, ratio: float, inflow: int, more: str = "") -> Path:
    file = folder / f"{name}.yaml"
    file.write_text(CASE.format(name=name, ratio=ratio, inflow=inflow, more=more), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("on_top")


@pytest.fixture(scope="module")
def upper(folder: Path) -> CaseResultData:
    write(folder, "lower", 1.2, 100)
    return invest(write(folder, "upper", 1.25, 60, "on_top_of: lower.yaml"), progress=False)


def test_each_alone_is_its_own_case(folder: Path, upper: CaseResultData) -> None:
    assert upper.on_top is not None
    alone = invest(replace(read_case(folder / "upper.yaml"), on_top_of=""), progress=False)
    assert np.array_equal(upper.on_top.alone.cash.programme, alone.cash.programme)
    lower = invest(folder / "lower.yaml", progress=False)
    assert np.array_equal(upper.on_top.other.cash.usual, lower.cash.usual)


def test_the_one_below_is_usual_care_here_and_ratios_multiply(folder: Path, upper: CaseResultData) -> None:
    """60 of the 100 live under the lower ratio without this programme; with both, as under a ratio of 1.2 x 1.25."""
    assert upper.on_top is not None
    lower = upper.on_top.other
    lines = [line.item == "wage" for line in upper.cash.lines]
    other_lines = [line.item == "wage" for line in lower.cash.lines]
    assert upper.cash.usual[..., lines] == pytest.approx(lower.cash.programme[..., other_lines] * 0.6)
    both = invest(write(folder, "both", 1.5, 60), progress=False)
    assert upper.cash.programme[..., lines] == pytest.approx(both.cash.programme[..., lines], rel=0.02)


def test_one_without_effect_below_changes_nothing(folder: Path, upper: CaseResultData) -> None:
    write(folder, "none_below", 1.0, 100)
    over = invest(write(folder, "over", 1.25, 60, "on_top_of: none_below.yaml"), progress=False)
    assert upper.on_top is not None
    assert np.array_equal(over.cash.programme, upper.on_top.alone.cash.programme)
    assert np.array_equal(over.cash.usual, upper.on_top.alone.cash.usual)


def test_the_effect_below_has_luck_of_its_own(folder: Path, upper: CaseResultData) -> None:
    assert upper.priced is not None
    assert "caseworker_year" not in effect_names(upper.priced.plan.model)
    case, reads = replace(read_case(folder / "lower.yaml"), set={}), SharedReads()
    alone, below = (CaseSetup(case, 8, 10, None, None, reads, below=which).plan.draws for which in (False, True))
    assert not np.array_equal(alone["hr_self_support"], below["hr_self_support"])
    assert np.array_equal(alone["caseworker_year"], below["caseworker_year"])


def test_ratios_are_those_of_the_other_case_by_draw(upper: CaseResultData) -> None:
    assert upper.on_top is not None
    assert upper.on_top.other.priced is not None
    plan = upper.on_top.other.priced.plan
    _, ratios = with_effect_of(plan.model, plan)
    assert np.allclose(ratios["below_0_0"], 1.2)
    assert np.allclose(ratios["below_0_2"], 1.2 ** plan.draws["kept_52_104"])


def test_rows_add_up_and_the_sentence_names_both(upper: CaseResultData) -> None:
    content = case_content(upper)
    assert content.on_top is not None
    rows = {row.key: row.npv.mean for row in content.on_top.rows}
    assert rows["both"] == pytest.approx(rows["other"] + rows["on_top"])
    assert rows["overlap"] == pytest.approx(rows["on_top"] - rows["alone"])
    sentence = on_top_sentence(content, "da")
    assert "lower" in sentence
    assert "oven i det" in sentence
    assert len(on_top_cells(content, "da")) == 5
    assert "lower" in content.comparator["da"]


def test_other_prices_reach_all_three(upper: CaseResultData) -> None:
    dearer = upper.reprice({"caseworker_year": 900_000.0})
    assert dearer.on_top is not None
    assert upper.on_top is not None
    for one, before in ((dearer.on_top.other, upper.on_top.other), (dearer.on_top.alone, upper.on_top.alone)):
        assert not np.array_equal(one.cash.usual, before.cash.usual)


def test_what_cannot_lie_on_another_is_refused(folder: Path, upper: CaseResultData) -> None:
    case, other = read_case(folder / "upper.yaml"), read_case(folder / "lower.yaml")
    for changed, message in (
        (replace(other, on_top_of="third"), "on top of a third"),
        (replace(other, fidelity=(0.5, 1.0, 1.0)), "does not reach everybody alike"),
        (replace(other, inflow=tuple(n / 2 for n in other.inflow)), "more citizens than the programme below has"),
        (replace(other, price_year=2025), "different price levels"),
        (replace(other, name="upper"), "the same name"),
    ):
        with pytest.raises(CosteffError, match=message):
            check_on_top(case, changed)
    missing = write(folder, "astray", 1.1, 10, "on_top_of: nowhere.yaml")
    with pytest.raises(CosteffError, match="nowhere"):
        invest(missing, progress=False)
