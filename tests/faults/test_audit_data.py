"""What the audit of the evidence found wrong in the data of TKI2, with the right value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fault import fault
from ruamel.yaml import YAML

import costeff
from costeff.evidence import read_evidence
from costeff.model import read_model
from costeff.rules import load_rules

ROOT = Path(__file__).resolve().parents[2]
TKI2 = ROOT / "parameters" / "tki2.yaml"


def declared(path: Path) -> dict:
    return YAML(typ="safe").load(path)


def parameters(year: int = 2024) -> dict:
    return read_evidence(TKI2).at_prices(year).parameters


def rules():
    return load_rules("denmark", read_model("tki2"), read_evidence(TKI2))


@fault("a figure from memory", "share of municipal tax equalised", "0.766 by law: 0.75 x 25.049 / 24.52")
def test_equalisation_is_law():
    assert parameters()["equalisation_share"].value == pytest.approx(0.75 * 25.049 / 24.52, abs=5e-4)


@fault("an assumption where a figure is published", "hours in a flex job", "9.1 of 37 hours = 0.246, published")
def test_hours_in_a_flex_job():
    hours = parameters()["flex_hours"]
    assert hours.value == pytest.approx(9.1 / 37, abs=5e-4)
    assert hours.kind == "published"


@fault(
    "two series under one name", "6,000 DKK of 2012 in 2024", "7,534 by the regulated limit alone (13,000 to 16,323)"
)
def test_the_programme_is_moved_by_one_series():
    assert parameters()["programme_cost"].value == pytest.approx(6000 * 16323 / 13000, rel=1e-9)


@fault(
    "two series under one name",
    "pay of 2022 in 2024",
    "moved by the regulated limit (15,401 to 16,323), benefits by the unemployment benefit",
)
@pytest.mark.parametrize(("name", "stated"), [("caseworker_year", 482946), ("wage_month", 46972)])
def test_pay_is_moved_by_the_regulated_limit(name, stated):
    assert parameters()[name].value == pytest.approx(stated * 16323 / 15401, rel=1e-9)


@fault(
    "one assumption for what the law tells apart",
    "share that the state takes back, by benefit",
    "1 for social assistance, ledighedsydelse and disability pension (list of 2014); wide for the rest",
)
def test_what_the_budget_guarantee_covers():
    benefits = declared(ROOT / "parameters" / "rules" / "denmark.yaml")["benefits"]
    whole = {name for name, benefit in benefits.items() if benefit["covered"]["value"] == 1}
    assert whole == {"social_assistance", "flex_unemployed", "disability_pension"}
    low, high = benefits["sickness_benefit"]["covered"]["interval"]
    assert high - low > 0.9


@fault(
    "a derivation that the file itself refutes",
    "old-age pension 2025",
    "7,198 / 8,329 / 4,262: not cut as working-age benefits are",
)
def test_old_age_pension_of_2025():
    names = ("old_age_pension_basic", "old_age_supplement_single", "old_age_supplement_partnered")
    block = next(block for block in rules().blocks if str(block.start).startswith("2025"))
    assert [block.set[name].value for name in names] == [7198, 8329, 4262]


@fault("a sample size taken from the wrong study", "participants of the TKI2 trial", "not published: an assumption")
def test_the_size_of_the_trial_is_an_assumption():
    design = declared(ROOT / "designs" / "tki2_trial.yaml")
    assert design["participants"]["kind"] == "assumption"
    assert "not published" in design["participants"]["note"]


@fault(
    "a saving taken twice",
    "the programme's money in a run of tki2 (MSO and MSB, without effect)",
    "programme_cost itself, which is over usual care: 7,534 in the base case; nothing is displaced from it again",
)
def test_the_programme_costs_what_its_source_says():
    result = costeff.load("no_effect").run(individuals=20, seed=1)
    programme = result.parties().set_index("party")["programme"]
    cost = parameters()["programme_cost"].value
    assert programme["mso"] + programme["msb"] == pytest.approx(cost, rel=1e-6)


@fault(
    "staff that the booked cost does not pay",
    "the shipped case: two consultants in 2026",
    "at least two years of a caseworker's pay in that year, 1.1 million kr.",
)
def test_the_staff_of_the_shipped_case_is_paid():
    result = costeff.invest("tki2-aarhus-investment", draws=2, individuals=20, progress=False)
    own = np.array([line.programme and "start_up" not in line.item for line in result.cash.lines])
    paid = result.cash.programme[..., own].clip(min=0).sum(axis=-1)[:, 0].mean()
    assert paid > 2 * parameters(2026)["caseworker_year"].value
