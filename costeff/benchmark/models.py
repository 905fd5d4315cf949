"""The models that the benchmark builds for itself, in Python: Krijkamp's microsimulation and three cohort models.

They fix the work that is timed. The shipped reference models, with sources and replication notes, are in models/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

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
    Model,
    OnLeaving,
    Party,
    Perspective,
    Share,
    State,
    Strategy,
    StrategyEffect,
    Term,
    Transition,
)
from costeff.model.system import Arrivals, Places, System

E = Expression


def _label(text: str) -> Label:
    return Label(text, text)


def _conventions(cycles: int, cycle: str = "year", per_year: int = 1) -> Conventions:
    return Conventions(
        cycle=cycle,
        cycles_per_year=per_year,
        horizon=cycles,
        within_cycle="half_cycle",
        discounting="annual",
        discount_rate_cost=E("0.03"),
        discount_rate_effect=E("0.03"),
        currency="USD",
        price_year=2015,
    )


def _states(*names: str) -> tuple[State, ...]:
    return tuple(State(name, _label(name), alive=name != "dead") for name in names)


def _costs(amounts: dict[str, str], **fields: object) -> Flow:
    formulas = {name: E(text) for name, text in amounts.items()}
    return Flow("care", "payer", "resources", _label("care"), amounts=formulas, real="care", **fields)  # type: ignore[arg-type]


def _qaly(amounts: dict[str, str], *more: Term, weight: str | None = None) -> Effect:
    terms = tuple(Term((name,), E(text), weight) for name, text in amounts.items())
    return Effect("qaly", _label("QALY"), "QALY", "more", (*terms, *more), discount=True)


_PARTIES = (
    Party("payer", _label("payer")),
    Party("citizen", _label("citizen")),
    Party("resources", _label("resources"), outside=True),
)
_HEALTH_CARE = Perspective("health_care", _label("health care"), ("payer",), items=("care", "treatment"))


def krijkamp(cycles: int = 30) -> Model:
    """Sick-Sicker as a microsimulation (Krijkamp 2018): death by years sick, an individual utility, a fading gain.

    The treated lose 0.03 of utility for each year sick in S1; that is counted as a flow by bands of years sick, so
    QALYs are the effect less the perspective `fading`. The published program counts both ends of its 30 cycles, so the
    horizon is one cycle longer.
    """
    utility = {"h": "1", "s1": "0.75", "s2": "0.5"}
    fall = Share(tuple(E(f"{0.03 * year:.2f}") for year in range(cycles + 1)), ("sick",))
    return Model(
        name="krijkamp",
        title=_label("Krijkamp 2018"),
        conventions=_start_of_cycle(cycles + 1),
        states=_states("h", "s1", "s2", "dead"),
        attributes=(
            Attribute("start_state", categories={"h": E("1")}),
            Attribute("modifier", value=E("0.95 + 0.1 * u")),
        ),
        start="start_state",
        clocks=(Clock("sick", E("0"), advances_in=("s1", "s2"), reset=OnLeaving(("h",))),),
        transitions=(
            Transition("h_s1", "h", "s1", probability=E("p_hs1")),
            Transition("h_dead", "h", "dead", probability=E("p_hd")),
            Transition("s1_h", "s1", "h", "sick", probability=E("p_s1h")),
            Transition("s1_s2", "s1", "s2", "sick", probability=E("p_s1s2")),
            Transition("s1_dead", "s1", "dead", "sick", probability=E("1 - (1 - p_hd) ** (3 * (1 + 0.2 * (t + 1)))")),
            Transition("s2_dead", "s2", "dead", "sick", probability=E("1 - (1 - p_hd) ** (10 * (1 + 0.2 * (t + 1)))")),
        ),
        strategies=(Strategy("none", _label("no treatment")), Strategy("treatment", _label("treatment"))),
        bands=(Band("sick", "sick", tuple(range(1, cycles + 1))),),
        parties=_PARTIES,
        flows=(
            _costs({"h": "2000", "s1": "4000", "s2": "15000"}),
            Flow(
                "treatment",
                "payer",
                "resources",
                _label("treatment"),
                amounts={"s1": E("12000"), "s2": E("12000")},
                strategies=("treatment",),
                real="treatment",
            ),
            Flow(
                "fading",
                "citizen",
                "resources",
                _label("utility lost"),
                amounts={"s1": E("1")},
                weight="modifier",
                shares=(fall,),
                strategies=("treatment",),
                real="fading",
            ),
        ),
        perspectives=(_HEALTH_CARE, Perspective("fading", _label("fading"), ("citizen",), items=("fading",))),
        effects=(_qaly(utility, Term(("s1",), E("0.2"), "modifier", ("treatment",), adds=True), weight="modifier"),),
    )


def _start_of_cycle(cycles: int) -> Conventions:
    from dataclasses import replace

    return replace(_conventions(cycles), within_cycle="none")


KRIJKAMP = {"p_hd": 0.005, "p_hs1": 0.15, "p_s1h": 0.5, "p_s1s2": 0.105}


def sick_sicker(cycles: int = 75) -> Model:
    """The four-strategy cohort model in the form of hazards: the shape of the published one, not its numbers."""
    deaths = {"h": "r_hd", "s1": "r_hd * hr_s1", "s2": "r_hd * hr_s2"}
    cost = {"h": "c_h", "s1": "c_s1", "s2": "c_s2"}
    treatments = [
        Flow(
            f"treatment_{x}",
            "payer",
            "resources",
            _label(x),
            amounts={"s1": E(f"c_{x}"), "s2": E(f"c_{x}")},
            strategies=(x, "ab"),
            real=f"treatment_{x}",
        )
        for x in ("a", "b")
    ]
    return Model(
        name="sick_sicker",
        title=_label("Sick-Sicker"),
        conventions=_conventions(cycles),
        states=_states("h", "s1", "s2", "dead"),
        attributes=(Attribute("start_state", categories={"h": E("1")}),),
        start="start_state",
        clocks=(),
        transitions=(
            Transition("h_s1", "h", "s1", hazard=E("r_hs1")),
            Transition("s1_h", "s1", "h", hazard=E("r_s1h")),
            Transition("s1_s2", "s1", "s2", hazard=E("r_s1s2"), leg="progression"),
            *(Transition(f"{s}_dead", s, "dead", hazard=E(h)) for s, h in deaths.items()),
        ),
        strategies=tuple(Strategy(name, _label(name)) for name in ("soc", "a", "b", "ab")),
        strategy_effects=tuple(StrategyEffect(g, ("progression",), (E("hr_b"),)) for g in ("b", "ab")),
        parties=_PARTIES,
        flows=(_costs(cost), *treatments),
        perspectives=(Perspective("health_care", _label("health care"), ("payer",)),),
        effects=(
            _qaly(
                {"h": "u_h", "s1": "u_s1", "s2": "u_s2"}, Term(("s1",), E("u_gain"), strategies=("a", "ab"), adds=True)
            ),
        ),
    )


def markov(states: int = 10, cycles: int = 100) -> Model:
    """A chain of `states` states with exits to the next two, back to the first, and death; two strategies."""
    living = tuple(f"s{i}" for i in range(states - 1))
    moves = []
    for i, name in enumerate(living):
        targets = dict.fromkeys((*living[i + 1 : i + 3], living[0]))
        moves += [
            Transition(f"{name}_{x}", name, x, hazard=E(f"h * {1 + i / 10:g}"), leg="move")
            for x in targets
            if x != name
        ]
        moves.append(Transition(f"{name}_dead", name, "dead", hazard=E(f"death * {1 + i / 2:g}")))
    return _of_two_strategies("markov", _conventions(cycles), living, moves)


def semi_markov(states: int = 11, cycles: int = 260, pace: float = 1.0, exits: int = 2) -> Model:
    """Every living state's exits depend on the weeks since it was entered (Weibull); `pace` divides the scales.

    `exits` states can be reached from each, and death; more living states than twice that are needed.
    """
    living = tuple(f"s{i}" for i in range(states - 1))
    moves = []
    for i, name in enumerate(living):
        for k in range(1, 2 * exits, 2):
            target = living[(i + k) % len(living)]
            moves.append(
                Transition(
                    f"{name}_{target}",
                    name,
                    target,
                    hazard=E(f"weibull(t, 1 + shape, {(20 + 3 * (i % 10) + 40 * k) / pace:g})"),
                    leg="move",
                )
            )
        moves.append(Transition(f"{name}_dead", name, "dead", "time", hazard=E("constant(t, death)")))
    return _of_two_strategies("semi_markov", _conventions(cycles, "week", 52), living, moves)


def _of_two_strategies(
    name: str, conventions: Conventions, living: tuple[str, ...], moves: Sequence[Transition]
) -> Model:
    """A model that starts in the first living state, of two strategies; the second changes the moves by `hr`."""
    return Model(
        name=name,
        title=_label(name),
        conventions=conventions,
        states=_states(*living, "dead"),
        attributes=(Attribute("start_state", categories={living[0]: E("1")}),),
        start="start_state",
        clocks=(),
        transitions=tuple(moves),
        strategies=(Strategy("one", _label("one")), Strategy("two", _label("two"))),
        strategy_effects=(StrategyEffect("two", ("move",), (E("hr"),)),),
        parties=_PARTIES,
        flows=(_costs({state: f"cost * {1 + i}" for i, state in enumerate(living)}),),
        perspectives=(Perspective("health_care", _label("health care"), ("payer",)),),
        effects=(_qaly({state: f"{1 - i / (len(living) + 1):g}" for i, state in enumerate(living)}),),
    )


def smallest(hazard: str = "0.1", clock: str = "time", **fields: Any) -> Model:
    """One exit, one deadline, two cycles: enough to compile a kernel."""
    return Model(
        name="smallest",
        title=_label("smallest"),
        conventions=_conventions(2),
        states=_states("a", "b", "dead"),
        attributes=(Attribute("start_state", categories={"a": E("1")}),),
        start="start_state",
        transitions=(Transition("out", "a", "b", clock, hazard=E(hazard)),),
        deadlines=(Deadline("due", "b", "dead", "time", E("2")),),
        strategies=(Strategy("one", _label("one")),),
        **({"clocks": ()} | fields),
    )


def smallest_by_stay() -> Model:
    """As `smallest`, with a hazard on time in state."""
    return smallest("0.1 + 0.1 * t", "time_in_state")


def smallest_carried() -> Model:
    """As `smallest`, with money by bands of a clock that runs in one state only."""
    support = Clock("support", E(0), advances_in=("a",))
    flow = _costs({"a": "1"}, shares=(Share((E(1), E(0)), ("band",)),))
    return smallest(clocks=(support,), bands=(Band("band", "support", (1,)),), parties=_PARTIES, flows=(flow,))


def places(days: int = 5 * 365, warm_up: int = 365) -> Model:
    """36 places for which two kinds of people wait, under stays as they are and half a day shorter."""
    arrivals = Arrivals(E("1.29"), "outside", warm_up, priority=("hospital", "home"))
    stays = {"kept": E("stay * luck"), "shorter": E("(stay - 0.5) * luck")}
    rows = (Places("place", {"": E(36)}, stays), Places("later", None, None, E(90)))
    system = System(arrivals, rows)
    conventions = replace(
        _conventions(days, "day", 365), within_cycle="none", discounting="whole_year", entry_date="2026-01-01"
    )
    bed = Flow("bed", "payer", "resources", _label("bed"), amounts={"hospital": E("price")}, real="bed")
    waiting = Effect("waiting", _label("waiting"), "days", "fewer", (Term(("hospital", "home"), E(1)),))
    return Model(
        name="places",
        title=_label("places"),
        conventions=conventions,
        states=_states("outside", "hospital", "home", "place", "later"),
        attributes=(
            Attribute("waits_in", categories={"hospital": E("0.6"), "home": E("rest")}),
            Attribute("luck", value=E("gamma_quantile(u, 1.2, 1 / 1.2)")),
        ),
        start="waits_in",
        clocks=(),
        transitions=system.moves(("hospital", "home")),
        strategies=tuple(Strategy(name, _label(name)) for name in stays),
        parties=_PARTIES,
        flows=(bed,),
        perspectives=(Perspective("all", _label("all"), ("payer", "citizen")),),
        effects=(waiting,),
        system=system,
    )


def smallest_system() -> Model:
    """As `places`, over two days: enough to compile the kernels of the flow engine."""
    return places(2, 0)
