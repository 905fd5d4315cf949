"""Anchored in identities: two strategies cost what they cost among all, and what only the others read is gone."""

from __future__ import annotations

import numpy as np
import pytest

from costeff import load
from costeff.analysis.load import study_of
from costeff.analysis.psa import run
from costeff.errors import ModelError
from costeff.investment.read import read_case
from costeff.model import read_model, read_scenario
from costeff.model.two_strategies import with_strategy


def test_two_of_five_live_and_cost_as_among_five() -> None:
    """People share their luck by name, so that leaving out strategies changes nobody's life."""
    study = load("expert-at-work")
    narrowed = study_of(read_scenario("expert-at-work"), narrow=lambda model: with_strategy(model, "mi_nav"))
    assert narrowed.model.strategy_names == ("usual_follow_up", "mi_nav")
    values = study.evidence.base()
    one, two = (run(each, individuals=40, seed=2) for each in (study, narrowed))
    for name in ("nav", "employer", "society_with_financing"):
        every = one.perspective(name).cost[:, [0, 3]]
        assert np.array_equal(every, two.perspective(name).cost)
    gone = set(values) - set(narrowed.evidence.parameters)
    assert {"hr_expert", "hours_gp", "hr_i_more", "i_more_cost"} <= gone
    assert not gone & {"hr_mi_nav", "mi_nav_hours", "kept_year_2", "h_jump", "tax_financing_cost"}


def test_a_delivery_in_stages_is_that_of_its_strategy_alone() -> None:
    """Clocks, luck and reached stages of the others are gone; the strategy lives and costs as among five."""
    study = load("connect")
    narrowed = study_of(read_scenario("connect"), narrow=lambda model: with_strategy(model, "as_planned"))
    model = narrowed.model
    assert [one.strategy for one in model.delivery] == ["as_planned"]
    assert not [name for name in (*model.clock_names, *(b.name for b in model.bands)) if "located" in name]
    assert "reached_ips_begun" in {e.name for e in study.model.effects} - {e.name for e in model.effects}
    assert "reached_network" in {e.name for e in model.effects}
    assert {"hr_ips_ma", "p_received", "co_location"} <= set(study.evidence.parameters) - set(
        narrowed.evidence.parameters
    )
    one, two = (run(each, individuals=60, seed=2) for each in (study, narrowed))
    for name in ("societal", "region", "municipality"):
        assert np.array_equal(one.perspective(name).cost[:, [0, 2]], two.perspective(name).cost)
    # The correlation of two ratios goes with them.
    ips = study_of(read_scenario("connect"), narrow=lambda model: with_strategy(model, "ips_ma"))
    assert not ips.evidence.correlations
    assert narrowed.evidence.correlations == study.evidence.correlations != ()


def test_flows_of_a_flow_go_with_it() -> None:
    items = {flow.item for flow in with_strategy(read_model("expert-at-work"), "i_more").flows}
    assert "i_more" in items
    assert not items & {"gp_advice", "gp_advice_fee", "gp_advice_copay", "mi_nav", "expert_gp"}


@pytest.mark.parametrize("name", ["usual_follow_up", "expert"])
def test_what_cannot_be_set_beside_the_comparator_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match=rf"(?s)'{name}' is no strategy.*expert_team, expert_half, mi_nav, i_more"):
        with_strategy(read_model("expert-at-work"), name)


def test_the_shipped_case_names_its_strategy() -> None:
    assert read_case("expert-at-work-investment").strategy == "expert_team"
