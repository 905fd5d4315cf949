"""Anchored in a twin in plain Python that goes through histories cycle by cycle, and in identities of statistics."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import statistics_of_lives as twin

from costeff.calibrate import Between, Statistic, Target, observe
from costeff.calibrate.likelihood import natural, sampling_sd
from costeff.calibrate.lives import Lives, reading
from costeff.calibrate.observe import populations
from costeff.compile import layout
from costeff.compile.environment import parameter_environment, population
from costeff.evidence import read_evidence
from costeff.model import Model, Passage, parameter_file, read_model
from costeff.model.elements import Label
from costeff.simulation.histories import simulate_histories

PEOPLE, SEED = 300, 8
SICK = ("sick_employer", "sick_full", "sick_partial", "sick_unemployed")
BENEFIT = ("sick_full", "sick_partial", "sick_unemployed", "job_clarification", "resource_course")
RETURN, OFF, PENSION = (("work",), 4), (BENEFIT, 3), (("disability_pension",), 1)


def passages(**by_name: tuple[tuple[str, ...], int]) -> tuple[Passage, ...]:
    return tuple(Passage(name, states, stay, Label(name, name)) for name, (states, stay) in by_name.items())


@cache
def tki2() -> tuple[Model, dict[str, np.ndarray], Any]:
    """The model with the passages of the tests, one draw at the base values, tables."""
    model = read_model("tki2")
    evidence = read_evidence(parameter_file(model)).at_prices(2024)
    model = replace(model, passages=(*model.passages, *passages(off=OFF, pension=PENSION)))
    return model, {name: np.array([value]) for name, value in evidence.base().items()}, evidence.tables


def target(statistic: Statistic, **fields: Any) -> Target:
    return Target("t", "T", "calibrate", statistic, 0.5, (0.4, 0.6), **fields)


def observed(*statistics: Statistic, people: int = PEOPLE) -> list[float]:
    model, base, tables = tki2()
    targets = [replace(target(s), name=f"t{k}") for k, s in enumerate(statistics)]
    keys = np.zeros(1, np.uint64)
    out = observe.observe(
        populations(model, targets), base, tables, individuals=people, seed=SEED, keys=keys, threads=1
    )
    return [float(natural(t, v)) for t, v in zip(targets, out.values[0], strict=True)]


@cache
def lives() -> list[list[tuple[str, int, int, str]]]:
    """The same individuals in the whole model, under the comparator, as lists of stays."""
    model, base, tables = tki2()
    frame = simulate_histories(model, base, tables, individuals=PEOPLE, seed=SEED, keys=np.zeros(1, np.uint64))
    frame = frame[frame["strategy"] == model.comparator]
    columns = ("individual", "state", "entry", "exit", "reason")
    every: list[list[tuple[str, int, int, str]]] = [[] for _ in range(PEOPLE)]
    for person, state, entry, leave, reason in zip(*(frame[c].tolist() for c in columns), strict=True):
        every[person].append((state, entry, leave, reason))
    return every


@cache
def attributes() -> dict[str, np.ndarray]:
    model, base, tables = tki2()
    env = parameter_environment(model, base, tables, 1)
    return {name: a[0] for name, a in population(model, env, SEED, np.zeros(1, np.uint64), 0, PEOPLE).items()}


LIVING = tuple(s for s in ("work", "unemployed", "flex_job", *SICK, "job_clarification", "disability_pension"))


@cache
def cases() -> dict[str, tuple[Statistic, float]]:
    """Each statistic with what the twin makes of the histories."""
    people = lives()
    relapses = {t.name for t in tki2()[0].transitions if t.leg == "relapse"}
    after = Statistic("state_share_after", 104, ("work",), passage="return_to_work", follow=26)
    then = Statistic("passage_after", 104, passage="off", follow=52, after="return_to_work")
    window = Statistic("passage_window", 104, passage="return_to_work", begin=13)
    risk = replace(window, at_risk=True)
    among = replace(window, among=BENEFIT)
    pension = Statistic("passage_window", 200, passage="pension", begin=52, at_risk=True)
    mean = Statistic("event_count", 156, begin=26, events=("relapse",), measure="mean")
    gone = Statistic("status_among_left", 60, ("work", "flex_job"), origins=("sick_full", "sick_partial"))
    return {
        "after": (after, twin.share(twin.state_share_after(people, *RETURN, 104, 26, ("work",)))),
        "after, among": (
            replace(after, among=LIVING, follow=0, passage="off", states=("sick_full",)),
            twin.share(twin.state_share_after(people, *OFF, 104, 0, ("sick_full",), LIVING)),
        ),
        "then": (then, twin.share(twin.passage_after(people, *RETURN, 104, *OFF, 52))),
        "then, the same states": (
            replace(then, after="off", passage="off", follow=1),
            twin.share(twin.passage_after(people, *OFF, 104, *OFF, 1)),
        ),
        "window": (window, twin.share(twin.passage_window(people, *RETURN, 13, 104))),
        "window, at risk": (risk, twin.share(twin.passage_window(people, *RETURN, 13, 104, dead=("dead",)))),
        "window, among": (among, twin.share(twin.passage_window(people, *RETURN, 13, 104, among=BENEFIT))),
        "pension": (pension, twin.share(twin.passage_window(people, *PENSION, 52, 200, dead=("dead",)))),
        "mean": (mean, twin.mean(twin.event_count(people, relapses, 26, 156))),
        "variance": (
            replace(mean, measure="variance", begin=0),
            twin.variance(twin.event_count(people, relapses, 0, 156)),
        ),
        "left": (
            gone,
            twin.share(twin.status_among_left(people, ("sick_full", "sick_partial"), 60, ("work", "flex_job"))),
        ),
        "left, among": (
            replace(gone, among=LIVING, states=("sick_full",)),
            twin.share(twin.status_among_left(people, ("sick_full", "sick_partial"), 60, ("sick_full",), LIVING)),
        ),
        "contrast of a state": (
            contrast(Statistic("state_share", 52, ("work",)), "sex", ("women", "men")),
            twin.odds_ratio(
                twin.state_share(people, ("work",), 52), attributes()["sex"] == 0, attributes()["sex"] == 1
            ),
        ),
        "contrast of ages": (
            contrast(window, "age", ((18.0, 45.0), (45.0, 70.0))),  # the young return more: away from 1
            twin.odds_ratio(
                twin.passage_window(people, *RETURN, 13, 104), attributes()["age"] < 45, attributes()["age"] >= 45
            ),
        ),
    }


def contrast(of: Statistic, attribute: str, groups: Any, measure: str = "odds_ratio") -> Statistic:
    return Statistic("contrast", of.at, measure=measure, of=of, between=Between(attribute, groups))


NAMES = [
    *("after", "after, among", "then", "then, the same states", "window", "window, at risk", "window, among"),
    *("pension", "mean", "variance", "left", "left, among", "contrast of a state", "contrast of ages"),
]


def test_every_statistic_has_a_twin() -> None:
    assert list(cases()) == NAMES
    types = {statistic.type for statistic, _ in cases().values()}
    assert types == {
        *("state_share_after", "passage_after", "passage_window", "event_count", "status_among_left", "contrast")
    }


@pytest.mark.parametrize("name", NAMES)
def test_against_the_twin(name: str) -> None:
    statistic, exact = cases()[name]
    assert observed(statistic)[0] == pytest.approx(exact, rel=1e-12)


def test_all_in_one_simulation_are_what_each_is_alone() -> None:
    """Longer horizons and more passages of a common simulation change no life."""
    together = observed(*(statistic for statistic, _ in cases().values()))
    assert together == pytest.approx([exact for _, exact in cases().values()], rel=1e-12)


def test_twins_are_not_trivial() -> None:
    """Shares lie well inside 0-1 and the contrasts away from 1, so that a wrong denominator would show."""
    values = {name: exact for name, (_, exact) in cases().items()}
    assert all(0.02 < values[name] < 0.98 for name in ("after", "then", "window", "window, at risk", "left"))
    assert len({round(values[name], 6) for name in ("window", "window, at risk", "window, among")}) == 3
    assert abs(values["contrast of ages"] - 1) > 0.05
    assert values["variance"] > values["mean"]


# -- identities ----


@pytest.mark.parametrize("passage", ["return_to_work", "off", "pension"])
def test_a_window_that_spans_all_is_the_share_within(passage: str) -> None:
    """Two ways of counting: from the sojourns, and from the engine's counts of passages."""
    window = Statistic("passage_window", 130, passage=passage)
    within = Statistic("passage_share", 130, passage=passage)
    assert observed(window) == observed(within)


def test_windows_add_up() -> None:
    parts = [Statistic("passage_window", end, passage="off", begin=begin) for begin, end in ((0, 20), (20, 90))]
    whole = Statistic("passage_window", 90, passage="off")
    counts = [value * (PEOPLE + 1) - 0.5 for value in observed(*parts, whole)]
    assert counts[0] + counts[1] == pytest.approx(counts[2])


def test_a_state_at_the_start_of_its_own_passage() -> None:
    """No cycles after a passage into work, everyone whom it holds is in work."""
    after = Statistic("state_share_after", 104, ("work",), passage="return_to_work", follow=0)
    passed = twin.passage_window(lives(), *RETURN, 0, 104).count(1)
    assert observed(after)[0] == pytest.approx((passed + 0.5) / (passed + 1), rel=1e-12)


def test_of_all_lives_by_state_is_the_state_share() -> None:
    """Everyone starts out of work: a status among those who left the start's states has the state share's numerator."""
    at = 70
    everyone = tuple(s for s in tki2()[0].state_names if s != "work")
    left = Statistic("status_among_left", at, ("work",), origins=everyone)
    values = twin.status_among_left(lives(), everyone, at, ("work",))
    in_work = twin.state_share(lives(), ("work",), at)
    begun_in_work = [life[0][0] == "work" for life in lives()]
    assert not any(begun_in_work)
    assert sum(v for v in values if v is not None) == sum(in_work)  # type: ignore[misc]
    assert observed(left)[0] == pytest.approx(twin.share(values), rel=1e-12)


@settings(max_examples=15)
@given(st.integers(0, 60), st.integers(1, 90), st.integers(0, 40), st.booleans())
def test_shares_lie_in_0_1_and_are_the_twin_s(begin: int, length: int, follow: int, at_risk: bool) -> None:
    end, people, out = begin + length, lives(), ("sick_full", "sick_partial")
    statistics = (
        Statistic("passage_window", end, passage="return_to_work", begin=begin, at_risk=at_risk),
        Statistic("state_share_after", length + 20, ("work", "flex_job"), passage="return_to_work", follow=follow),
        Statistic("passage_after", length + 20, passage="off", follow=follow + 1, after="return_to_work"),
        Statistic("status_among_left", begin + 20, ("work",), origins=out),
    )
    exact = (
        twin.passage_window(people, *RETURN, begin, end, dead=("dead",) if at_risk else None),
        twin.state_share_after(people, *RETURN, length + 20, follow, ("work", "flex_job")),
        twin.passage_after(people, *RETURN, length + 20, *OFF, follow + 1),
        twin.status_among_left(people, out, begin + 20, ("work",)),
    )
    values = observed(*statistics)
    assert all(0 < value < 1 for value in values)
    assert values == pytest.approx([twin.share(one) for one in exact], rel=1e-12)


@settings(max_examples=15)
@given(st.integers(0, 60), st.integers(1, 40))
def test_events_of_any_window(begin: int, length: int) -> None:
    mean = Statistic("event_count", begin + length, begin=begin, events=("relapse", "full_to_work"), measure="mean")
    names = {t.name for t in tki2()[0].transitions if t.leg in ("relapse", "full_to_work")}
    assert observed(mean)[0] == pytest.approx(twin.mean(twin.event_count(lives(), names, begin, begin + length)))


def test_a_range_ends_before_its_second_number() -> None:
    weeks = attributes()["spell_weeks"]
    edge = float(np.median(weeks))
    assert (weeks == edge).sum() > 5
    of = Statistic("state_share", 26, ("work",))
    exact = twin.odds_ratio(twin.state_share(lives(), ("work",), 26), weeks < edge, weeks >= edge)
    value = observed(contrast(of, "spell_weeks", ((0.0, edge), (edge, 1000.0))))
    assert value == pytest.approx([exact], rel=1e-12)


def test_a_stay_of_no_length() -> None:
    """A deadline that had passed on entry ends a stay at once: no cycle was spent there, and no spell is broken."""
    model = tki2()[0]
    stays = [("work", 0, 2), ("sick_full", 2, 2), ("work", 2, 9), ("unemployed", 9, 21)]
    code = [model.state_names.index(state) for state, _, _ in stays]
    entry, leave = (np.array([stay[i] for stay in stays]) for i in (1, 2))
    one = Lives(np.zeros(4, np.int64), np.array(code), entry, leave, np.array([0, 1, 2, -1]), count=1, horizon=20)
    life = [(state, begin, end, "") for state, begin, end in stays]
    left = Statistic("status_among_left", 12, ("unemployed",), origins=("sick_full",))
    assert not reading(left, one, model, layout(model)).counted.any()
    assert twin.status_among_left([life], ("sick_full",), 12, ("unemployed",)) == [None]
    window = Statistic("passage_window", 1, passage="return_to_work")
    assert reading(window, one, model, layout(model)).value.tolist() == [1]
    assert twin.passage_window([life], *RETURN, 0, 1) == [1]


@settings(max_examples=10)
@given(st.sampled_from(["women", "men", (18.0, 40.0), (40.0, 60.0)]), st.sampled_from(["odds_ratio", "ratio"]))
def test_a_group_against_itself_is_1(group: Any, measure: str) -> None:
    attribute = "sex" if isinstance(group, str) else "age"
    of = Statistic("passage_window", 52, passage="return_to_work")
    assert observed(contrast(of, attribute, (group, group), measure)) == pytest.approx([1.0], rel=1e-12)


def test_a_contrast_turned_round_is_its_inverse() -> None:
    of = Statistic("state_share", 52, ("work",))
    one, other = observed(contrast(of, "sex", ("women", "men")), contrast(of, "sex", ("men", "women")))
    assert one * other == pytest.approx(1, rel=1e-12)
    assert one != pytest.approx(1, abs=0.01)


def test_a_ratio_of_events() -> None:
    of = Statistic("event_count", 104, events=("relapse",), measure="mean")
    people = twin.event_count(lives(), {t.name for t in tki2()[0].transitions if t.leg == "relapse"}, 0, 104)
    women = attributes()["sex"] == 0
    means = [twin.mean([v for v, w in zip(people, women, strict=True) if w == one]) for one in (True, False)]
    assert observed(contrast(of, "sex", ("women", "men"), "ratio")) == pytest.approx([means[0] / means[1]])


def test_the_attribute_of_a_contrast_is_kept_in_the_model() -> None:
    """Nothing that a life reads needs the wage; a contrast by it does, and moves no life."""
    of = Statistic("state_share", 52, ("work",))
    by_wage = contrast(of, "wage", ((0.0, 8000.0), (8000.0, 1e9)))
    wage = attributes()["wage"]
    exact = twin.odds_ratio(twin.state_share(lives(), ("work",), 52), wage < 8000, wage >= 8000)
    assert observed(by_wage) == pytest.approx([exact], rel=1e-12)


def test_halves_and_threads() -> None:
    """The halves of a mean are means of the first and the last half, and batches change nothing."""
    model, base, tables = tki2()
    mean = cases()["mean"][0]
    groups = populations(model, [target(mean)])
    draws = {name: np.repeat(value, 3) for name, value in base.items()}
    arguments: dict[str, Any] = {"individuals": PEOPLE, "seed": SEED, "keys": np.arange(3, dtype=np.uint64)}
    one = observe.observe(groups, draws, tables, **arguments, threads=1)
    two = observe.observe(groups, draws, tables, **arguments, threads=2)
    np.testing.assert_array_equal(one.values, two.values)
    np.testing.assert_array_equal(one.halves, two.halves)
    np.testing.assert_allclose(np.exp(one.halves[:, :, 0]).mean(axis=1), np.exp(one.values[:, 0]), rtol=1e-12)
    assert len(set(one.values[:, 0])) == 3


def test_the_error_of_a_contrast_is_that_of_its_log() -> None:
    ratio = replace(
        target(contrast(Statistic("state_share", 5, ("work",)), "sex", ("women", "men"))),
        value=2.0,
        interval=(1.25, 3.2),
        n=100,
    )
    assert sampling_sd(ratio) == pytest.approx(np.log(3.2 / 1.25) / (2 * 1.959964), rel=1e-6)
