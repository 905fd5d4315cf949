"""A case's events where a transition has a hazard by strategy: held against the same study, run outside the case."""

from __future__ import annotations

from fault import fault

import costeff
from costeff.investment.report.content_of_case import effect_rows

SERVED, DRAWS, PEOPLE = 472 * 3, 2, 400


@fault(
    "the events of the comparator were counted twice, and those of the programme as 0",
    "`costeff invest haderslev-investment`, whose stays end at a hazard by strategy",
    "nearly as many stays end with the programme as without",
)
def test_events_of_a_hazard_by_strategy_are_those_of_both_strategies() -> None:
    result = costeff.invest("haderslev-investment", draws=DRAWS, individuals=PEOPLE, progress=False)
    rows = {row.label["en"]: row for row in effect_rows(result)}
    # 0.66 stays of a citizen end as planned; a stay that is half a day shorter moves that by some hundredths.
    assert abs(rows["Stays that ended as planned"].mean) < 0.15 * SERVED
    quantities, plan = result.priced.done.quantities, result.priced.plan
    ended = quantities.events[..., plan.layout.event_rows(("place_to_home", "place_to_nursing")), :, :]
    by_strategy = ended.sum(axis=(2, 3, 4, 5)).mean(axis=0)
    assert (by_strategy > 0.3 * SERVED).all()
    assert (by_strategy < 1.0 * SERVED).all()


@fault(
    "an occupancy and shares of freed days were added up over citizens",
    "`costeff invest haderslev-investment`",
    "what is no sum over citizens is left out of what citizens get",
)
def test_an_occupancy_is_not_added_up_over_citizens() -> None:
    result = costeff.invest("haderslev-investment", draws=DRAWS, individuals=20, progress=False)
    rows = effect_rows(result)
    assert {row.unit for row in rows} >= {"days", "QALY", "events"}
    assert [row.mean for row in rows if row.unit == "share"] == [0, 0]  # of places closed and new citizens: none here
