"""Anchored in each scenario run by itself: what stands beside the report's own is that run, by a cohort."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from costeff import load
from costeff.cli import main
from costeff.study.report.beside import other_scenarios
from costeff.verification.subject import COHORT, Subject

OTHER = "sick_sicker_published"


def increment(name: str) -> float:
    """Extra cost of the last strategy in the base case."""
    run = Subject(load(name)).run(engine=COHORT)
    cost = run.cost(run.model.find("perspectives", "health_care")).sum(axis=-1)[0]
    return float(cost[-1] - cost[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("beside") / "out"
    ran = CliRunner().invoke(main, ["run", "sick_sicker", "--draws", "8", "--beside", OTHER, "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    return out


def test_each_scenario_is_its_own_base_case(folder: Path) -> None:
    table = pd.read_csv(folder / "scenarios.csv").set_index("scenario")
    own = {name: increment(name) for name in ("sick_sicker", OTHER)}
    assert own["sick_sicker"] != own[OTHER]
    for name, cost in own.items():
        np.testing.assert_allclose(table.loc[name, "incremental_cost"], cost, rtol=1e-6)
    change = own[OTHER] - own["sick_sicker"]
    np.testing.assert_allclose(table.loc[OTHER, "cost_difference"], change, rtol=1e-5)


def test_the_report_shows_both_by_title(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    section = page[page.index('<section id="beside"') :]
    section = section[: section.index("</section>")]
    assert load("sick_sicker").scenario.title.en in section
    assert load(OTHER).scenario.title.en in section


def test_without_others_there_is_no_table() -> None:
    assert other_scenarios(load("hiv").psa(draws=2, progress=False), []) is None


def test_beside_needs_a_folder() -> None:
    ran = CliRunner().invoke(main, ["run", "hiv", "--beside", "hiv"])
    assert ran.exit_code != 0
    assert "add --out FOLDER" in ran.output
