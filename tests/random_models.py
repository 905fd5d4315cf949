"""Hypothesis strategies that build small random models with the Python classes of costeff.model.

`models()` uses everything that the microsimulation knows; `models(cohort=True)` keeps to what the cohort engine holds.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from costeff.labels import Label
from costeff.model import (
    Attribute,
    Band,
    Clock,
    Conventions,
    Deadline,
    Effect,
    Expression,
    Flow,
    LookBack,
    Model,
    OnLeaving,
    Party,
    Passage,
    Share,
    State,
    Strategy,
    StrategyEffect,
    Term,
    Transition,
)

E = Expression
LIVING = ("a", "b", "c", "d")


def label(text: str) -> Label:
    return Label(text, text)


def conventions(horizon: int, within_cycle: str = "none", rate: float = 0.03) -> Conventions:
    return Conventions(
        cycle="month",
        cycles_per_year=12,
        horizon=horizon,
        within_cycle=within_cycle,
        discounting="annual",
        discount_rate_cost=E(rate),
        discount_rate_effect=E(rate),
        currency="DKK",
        price_year=2024,
    )


def states(*living: str) -> tuple[State, ...]:
    return (*(State(s, label(s)) for s in living), State("dead", label("dead"), alive=False))


def start_in(*names: str) -> Attribute:
    return Attribute("start_state", categories={s: E(1 / len(names)) for s in names})


def model(*transitions: Transition, horizon: int = 20, **fields: Any) -> Model:
    """A model of states a, b and dead that starts in a, unless `fields` say otherwise."""
    given: dict[str, Any] = {
        "name": "small",
        "title": label("small"),
        "conventions": conventions(horizon),
        "states": states("a", "b"),
        "attributes": (start_in("a"),),
        "start": "start_state",
        "clocks": (Clock("age", E(0)),),
        "transitions": transitions,
        "strategies": (Strategy("usual_care", label("usual care")),),
    }
    return Model(**(given | fields))


def two_strategies() -> tuple[Strategy, ...]:
    return (Strategy("usual_care", label("usual care")), Strategy("programme", label("programme")))


def banded_flow(item: str, living: tuple[str, ...], bands: tuple[str, ...], cells: int, weight: str | None) -> Flow:
    """Money by crossed bands: it makes the engine count time in each crossing."""
    share = Share(tuple(E(i + 1) for i in range(cells)), bands)
    amounts = {s: E(1) for s in living}
    return Flow(item, "payer", "citizen", label(item), amounts=amounts, weight=weight, shares=(share,))


def parties() -> tuple[Party, ...]:
    return (Party("payer", label("payer")), Party("citizen", label("citizen")))


def _hazard(draw: st.DrawFn, own: bool) -> Expression:
    h = draw(st.sampled_from([0.0, 0.01, 0.05, 0.1, 0.3, 1.0, 5.0]))
    forms = [
        f"constant(t, {h}) * scale",
        f"piecewise(t, [3, 7], [{h}, 0, 0.2])",
        f"weibull(max(t, 0), 1.4, 6) * {h}",
        f"0.2 * (t > 4) * scale + {h} * (t <= 1)",
    ]
    if own:
        forms.append(f"{h} * (1 + sex) / (1 + abs(t))")
    return E(draw(st.sampled_from(forms)))


def _attributes(living: tuple[str, ...], cohort: bool) -> tuple[Attribute, ...]:
    sex = Attribute("sex", categories={"women": E("0.3 + 0.1 * scale"), "men": E("rest")})
    group = Attribute(
        "age_group", categories={"young": E("where(sex == men, 0.2, 0.5)"), "middle": E(0.3), "old": E("rest")}
    )
    if cohort:
        offset, multiplier, wage = ("3 * (age_group == middle)", "where(age_group == old, 0, 0.5 + sex)", "1.5 + sex")
    else:
        offset, multiplier, wage = "floor(8 * u)", "where(u < 0.2, 0, 2 * u)", "exp(0.3 * z)"
    return (
        sex,
        group,
        Attribute("offset", value=E(offset)),
        Attribute("m", value=E(multiplier)),
        Attribute("wage", value=E(wage)),
        start_in(*living[:2]),
    )


def _clocks(draw: st.DrawFn, living: tuple[str, ...], cohort: bool) -> tuple[Clock, ...]:
    some = st.lists(st.sampled_from(living), min_size=1, max_size=2, unique=True).map(tuple)
    age = Clock("age", E("offset + 2"))
    support = Clock("support", E("offset"), advances_in=draw(some))
    if cohort:
        return (age, support)
    within = draw(st.integers(2, 9))
    after = draw(st.integers(1, within))
    reset = LookBack(
        after=after,
        within=within,
        counted_in=draw(some),
        banked=E(f"min(offset, {after - 1})"),
        banked_until=E("2 * sex"),
    )
    return (
        age,
        support,
        Clock("absence", E("offset"), reset=OnLeaving(draw(some))),
        Clock("ladder", E("offset * (sex == men)"), advances_in=draw(some), reset=reset),
    )


@st.composite
def models(draw: st.DrawFn, cohort: bool = False) -> Model:
    """A model of 2-4 living states. It reads one parameter, `scale`."""
    living = LIVING[: draw(st.integers(2, 4))]
    horizon = draw(st.sampled_from([1, 2, 7, 14] if cohort else [1, 2, 7, 15, 30]))
    clocks = _clocks(draw, living, cohort)
    everywhere = ("time_in_state", "time", "age")
    hazard_clocks = everywhere if cohort else (*everywhere, *(c.name for c in clocks[1:]))
    transitions = []
    for s in living:
        for i in range(draw(st.integers(0, 6 if s == "a" else 2))):
            strata = draw(st.sampled_from([(), ("sex",)]))
            transitions.append(
                Transition(
                    f"{s}{i}",
                    s,
                    draw(st.sampled_from([x for x in living if x != s])),
                    draw(st.sampled_from(hazard_clocks)),
                    hazard=_hazard(draw, bool(strata)),
                    strata=strata,
                    multiplier=draw(st.sampled_from([None, E("m")])),
                    leg=draw(st.sampled_from(["", "leg"])),
                )
            )
        if draw(st.booleans()):
            transitions.append(
                Transition(f"death_{s}", s, "dead", "age", hazard=E("0.02 * (t + 1)"), lifelong="death", leg="leg")
            )
    if not transitions:
        transitions.append(Transition("out", "a", "b", hazard=E(0.1)))
    initial = {"time_in_state": "0", "time": "0"} | {c.name: c.initial.text for c in clocks}
    deadlines = []
    for i in range(draw(st.integers(0, 4))):
        source = draw(st.sampled_from(living[:-1]))
        target = draw(st.sampled_from(living[living.index(source) + 1 :]))  # never back: no circles
        at = draw(st.sampled_from(["0", "2", "5", "6 - offset", "9", "offset + 10"]))
        clock = draw(st.sampled_from([*initial]))
        # Nobody starts after a deadline; on the way it may have passed.
        deadlines.append(Deadline(f"due_{i}", source, target, clock, E(f"max({at}, {initial[clock]})")))
    some = st.lists(st.sampled_from(living), min_size=1, unique=True).map(tuple)
    bands = (
        Band("ladder_band", draw(st.sampled_from([c.name for c in clocks])), (1, 4, 6)),
        Band("stay_band", draw(st.sampled_from(["time_in_state", "age", "time"])), (1, 2, 5)),
    )
    used = any(t.leg == "leg" for t in transitions)
    return model(
        *transitions,
        conventions=conventions(horizon, draw(st.sampled_from(["none", "half_cycle"]))),
        states=states(*living),
        attributes=_attributes(living, cohort),
        clocks=clocks,
        deadlines=tuple(deadlines),
        strategies=two_strategies(),
        strategy_effects=(StrategyEffect("programme", ("leg",), (E(1.5), E(1), E(0.4))),) if used else (),
        windows=(3, 8),
        bands=bands,
        parties=parties(),
        flows=(
            banded_flow("one", living, ("ladder_band",), 4, None),
            banded_flow("crossed", draw(some), ("ladder_band", "stay_band"), 16, "wage"),
        ),
        passages=tuple(Passage(f"p{i}", draw(some), draw(st.sampled_from([1, 2, 4])), label("p")) for i in range(2)),
        effects=(Effect("wages", label("wages"), "DKK", "more", (Term(living, E(1), "wage"),)),),
    )
