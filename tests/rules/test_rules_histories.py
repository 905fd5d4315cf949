"""Anchored in histories worked out by hand from the Act on municipal financing, sections 5 and 6, and in a plain-Python
twin (tests/twins/ladder.py): what share of each week's benefit the municipality pays.

Each history is forced through the engine: one state per spell, left by a deadline, under the clocks, bands and flows of
TKI2. Money is kept by the week and priced by the ledger.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_models import E, label
from twins.ladder import municipal_shares

from costeff import load
from costeff.compile.calendar import reformed
from costeff.compile.environment import parameter_environment
from costeff.ledger import flows
from costeff.model import Clock, Deadline, Flow, LookBack, Model, State, Transition
from costeff.model.elements import Attribute, Share
from costeff.rules import RuleSet, cycles_between, load_rules
from costeff.simulation.simulate import simulate

SHARES = [f"state_share_{i}" for i in (1, 2, 3, 4)]
OLD, NEW = "in force", "employer weeks do not count"
SICK, WORK, EMPLOYER, FLEX = "sick_full", "work", "sick_employer", "flex_job"
COURSE, CLARIFICATION, ASSISTANCE = "resource_course", "job_clarification", "social_assistance"


@cache
def tki2() -> Model:
    return load("tki2").model


@cache
def in_force() -> dict[str, np.ndarray]:
    """State shares as the parameter file has them."""
    base = load("tki2").evidence.base()
    return {name: np.array([base[name]]) for name in SHARES}


def ladder(counted: str) -> tuple[LookBack, tuple[str, ...], tuple[str, ...]]:
    """TKI2's look-back, the states on the ladder, and those that count as self-support under a reading of the rule."""
    clock = next(c for c in tki2().clocks if c.name == "public_support")
    assert isinstance(clock.reset, LookBack)
    assert clock.advances_in is not None
    own = clock.reset.counted_in
    assert set(own) == {WORK, EMPLOYER}
    return clock.reset, clock.advances_in, own if counted == OLD else (WORK,)


@dataclass(frozen=True)
class History:
    """Spells (state, weeks), what came before them, and the municipal share by hand as (weeks, share)."""

    spells: tuple[tuple[str, int], ...]
    hand: tuple[tuple[int, float], ...] = ()
    earlier: int = 0
    banked: int = 0
    banked_until: int = 0
    reading: str = OLD
    names: tuple[str, ...] = field(default=(), compare=False)

    @property
    def weeks(self) -> list[str]:
        return [state for state, length in self.spells for _ in range(length)]

    def twin(self) -> list[float]:
        back, on, counted = ladder(self.reading)
        return municipal_shares(
            self.weeks, on, counted, self.earlier, self.banked, self.banked_until, after=back.after, within=back.within
        )


def forced(h: History) -> Model:
    """A model that lives this history and nothing else; spell i is state `s<i>`."""
    back, on, counted = ladder(h.reading)
    spells = [f"s{i}" for i in range(len(h.spells))]

    def of(kinds: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name, (kind, _) in zip(spells, h.spells, strict=True) if kind in kinds)

    supported = of(on)
    states = (*spells, "end", "dead")
    reset = LookBack(back.after, back.within, of(counted) or ("end",), E(h.banked), E(h.banked_until))
    deadlines = [
        Deadline(f"after {name}", name, states[i + 1], "time_in_state", E(length))
        for i, (name, (_, length)) in enumerate(zip(spells, h.spells, strict=True))
    ]
    share = Share(tuple(E(name) for name in SHARES), ("ladder",))
    benefit = Flow("benefit", "msb", "citizen", label("b"), amounts=dict.fromkeys(supported or ("end",), E(1)))
    return replace(
        tki2(),
        conventions=replace(tki2().conventions, horizon=max(len(h.weeks), 1)),
        states=tuple(State(s, label(s), alive=s != "dead") for s in states),
        definitions={},
        attributes=(Attribute("start_state", categories={s: E(int(s == "s0")) for s in states[:-1]}),),
        start="start_state",
        clocks=(Clock("public_support", E(h.earlier), supported or ("end",), reset if supported else None),),
        transitions=(Transition("death", "end", "dead", hazard=E(0)),),
        deadlines=tuple(deadlines),
        strategies=tki2().strategies[:1],
        strategy_effects=(),
        windows=(),
        bands=tuple(b for b in tki2().bands if b.name == "ladder"),
        flows=(benefit, Flow("refund", "state", "msb", label("r"), of="benefit", shares=(share,))),
        perspectives=(),
        passages=(),
        effects=(),
        assumptions=(),
    )


def paid(
    h: History, model: Model | None = None, rules: RuleSet | None = None, entry: dt.date = dt.date(2024, 1, 1)
) -> list[float]:
    """Municipal net spending in each week on a benefit of 1 krone; with `rules`, at the prices of each week's date."""
    chosen = forced(h) if model is None else model
    draws = in_force()
    done = simulate(chosen, draws, {}, individuals=1, seed=1, threads=1, period_cycles=1)

    def by_week(values: dict[str, np.ndarray]) -> np.ndarray:
        money = flows(chosen, done.layout, parameter_environment(chosen, values, {}, 1), done.quantities)
        benefit, refund = (money.amount[0, 0, money.rows(item), :, 0].sum(axis=0) for item in ("benefit", "refund"))
        return np.asarray(benefit - refund)

    if rules is None:
        return [float(x) for x in by_week(draws)]
    change = [cycles_between(entry, b.start) for b in rules.blocks]
    dates = [max((b.start for b, c in zip(rules.blocks, change, strict=True) if c <= w)) for w in range(len(h.weeks))]
    prices = {d: by_week({n: v for n, v in rules.values(d, draws).items() if n in draws}) for d in set(dates)}
    return [float(prices[d][week]) for week, d in enumerate(dates)]


def by_hand(h: History) -> list[float]:
    out = [share for weeks, share in h.hand for _ in range(weeks)]
    assert len(out) == len(h.weeks), "the hand table covers every week"
    return out


A, B, C, D = 0.2, 0.6, 0.7, 0.8  # weeks 1-4, 5-26, 27-52, 53 on
ONCE_MORE = ((4, A), (1, B))  # five weeks after a reset

HISTORIES = {
    "entry at week 3": History(((SICK, 30),), ((2, A), (22, B), (6, C)), earlier=2),
    "entry at week 27": History(((SICK, 30),), ((26, C), (4, D)), earlier=26),
    "entry at week 53": History(((SICK, 10),), ((10, D),), earlier=52),
    "relapse after 51 weeks": History(
        ((SICK, 10), (WORK, 51), (SICK, 20)), ((2, A), (8, B), (51, 0), (14, B), (6, C)), earlier=2
    ),
    "relapse after 52 weeks": History(
        ((SICK, 10), (WORK, 52), (SICK, 20)), ((2, A), (8, B), (52, 0), (4, A), (16, B)), earlier=2
    ),
    "relapse after 53 weeks": History(
        ((SICK, 10), (WORK, 53), (SICK, 20)), ((2, A), (8, B), (53, 0), (4, A), (16, B)), earlier=2
    ),
    "51 weeks over two spells": History(
        ((SICK, 5), (WORK, 20), (SICK, 3), (WORK, 31), (SICK, 5)),
        ((5, D), (20, 0), (3, D), (31, 0), (5, D)),
        earlier=52,
    ),
    "52 weeks over two spells": History(
        ((SICK, 5), (WORK, 20), (SICK, 3), (WORK, 32), (SICK, 5)),
        ((5, D), (20, 0), (3, D), (32, 0), *ONCE_MORE),
        earlier=52,
    ),
    "53 weeks over three spells": History(
        ((SICK, 2), (WORK, 20), (SICK, 3), (WORK, 20), (SICK, 3), (WORK, 13), (SICK, 5)),
        ((2, C), (20, 0), (3, C), (20, 0), (3, C), (13, 0), *ONCE_MORE),
        earlier=26,
    ),
    "52 weeks in exactly 156": History(
        ((SICK, 2), (WORK, 26), (SICK, 104), (WORK, 26), (SICK, 5)),
        ((2, D), (26, 0), (104, D), (26, 0), *ONCE_MORE),
        earlier=52,
    ),
    "52 weeks in 157": History(
        ((SICK, 2), (WORK, 26), (SICK, 105), (WORK, 26), (SICK, 5)),
        ((2, D), (26, 0), (105, D), (26, 0), (5, D)),
        earlier=52,
    ),
    "early weeks fall out of three years": History(
        ((SICK, 4), (WORK, 30), (SICK, 130), (WORK, 22), (SICK, 3)),
        ((4, A), (30, 0), (22, B), (26, C), (82, D), (22, 0), (3, D)),
    ),
    "flex job is on the ladder": History(
        ((SICK, 4), (FLEX, 60), (SICK, 3)), ((4, C), (22, C), (38, D), (3, D)), earlier=26
    ),
    "flex job does not count as self-support": History(
        ((SICK, 1), (WORK, 40), (FLEX, 12), (SICK, 5)), ((1, D), (40, 0), (12, D), (5, D)), earlier=52
    ),
    "flex job does not wipe out self-support": History(
        ((SICK, 1), (WORK, 40), (FLEX, 20), (WORK, 12), (SICK, 5)),
        ((1, D), (40, 0), (20, D), (12, 0), *ONCE_MORE),
        earlier=52,
    ),
    "employer-paid weeks count": History(
        ((SICK, 2), (WORK, 48), (EMPLOYER, 4), (SICK, 5)), ((2, D), (52, 0), *ONCE_MORE), earlier=52
    ),
    "employer-paid weeks do not count": History(
        ((SICK, 2), (WORK, 48), (EMPLOYER, 4), (SICK, 5)), ((2, D), (52, 0), (5, D)), earlier=52, reading=NEW
    ),
    "19 weeks banked": History(
        ((SICK, 4), (WORK, 32), (SICK, 5)), ((4, B), (32, 0), (5, B)), earlier=10, banked=19, banked_until=6
    ),
    "20 weeks banked": History(
        ((SICK, 4), (WORK, 32), (SICK, 5)), ((4, B), (32, 0), *ONCE_MORE), earlier=10, banked=20, banked_until=6
    ),
    "banked weeks just inside three years": History(
        ((SICK, 4), (WORK, 32), (SICK, 5)), ((4, D), (32, 0), *ONCE_MORE), earlier=110, banked=20, banked_until=100
    ),
    "banked weeks just outside three years": History(
        ((SICK, 4), (WORK, 32), (SICK, 5)), ((4, D), (32, 0), (5, D)), earlier=110, banked=20, banked_until=101
    ),
    "weeks before the latest placement do not count": History(
        ((SICK, 3), (WORK, 60), (SICK, 2), (WORK, 51), (SICK, 3)),
        ((3, D), (60, 0), (2, A), (51, 0), (2, A), (1, B)),
        earlier=52,
    ),
    "the kind of benefit does not matter": History(
        ((SICK, 22), (CLARIFICATION, 20), (ASSISTANCE, 10), ("disability_pension", 5)),
        ((4, A), (18, B), (4, B), (16, C), (10, C), (5, D)),
    ),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_by_hand(name: str) -> None:
    h = HISTORIES[name]
    assert paid(h) == pytest.approx(by_hand(h), abs=1e-7)
    assert h.twin() == pytest.approx(by_hand(h), abs=1e-12)


def test_there_are_twenty_and_more() -> None:
    assert len({(*h.spells, h.earlier, h.banked, h.banked_until, h.reading) for h in HISTORIES.values()}) >= 20


KINDS = (SICK, WORK, EMPLOYER, FLEX, ASSISTANCE, "retired")


@settings(max_examples=60, deadline=None)
@given(
    spells=st.lists(
        st.tuples(st.sampled_from(KINDS), st.sampled_from([1, 3, 20, 26, 51, 52, 60])), min_size=2, max_size=7
    ),
    earlier=st.sampled_from([0, 1, 3, 25, 26, 51, 80]),
    banked=st.sampled_from([0, 1, 30, 51]),
    until=st.sampled_from([0, 2, 105]),
    reading=st.sampled_from([OLD, NEW]),
)
def test_any_history_is_the_twins(
    spells: list[tuple[str, int]], earlier: int, banked: int, until: int, reading: str
) -> None:
    if earlier == 0:  # nothing is banked where no placement came before
        banked = 0
    h = History(tuple(spells), (), earlier, banked, until, reading)
    assert paid(h) == pytest.approx(h.twin(), abs=1e-7)


def test_crossing_a_change_of_percentages(tmp_path: Path) -> None:
    """An invented change: from 2027 the state pays half in weeks 5-26. Thirteen weeks lie before it."""
    file = tmp_path / "mine.yaml"
    half = "{value: 0.5, unit: share, kind: assumption}"
    file.write_text(
        f"rules: mine\nbase: denmark\nblocks:\n  - {{from: 2027-01-01, set: {{state_share_2: {half}}}}}\n",
        encoding="utf-8",
    )
    mine = load_rules(file, tki2())
    h = History(((SICK, 30),), ((2, A), (11, B), (11, 0.5), (6, C)), earlier=2)
    assert paid(h, rules=mine, entry=dt.date(2026, 10, 1)) == pytest.approx(by_hand(h), abs=1e-7)
    before = History(((SICK, 30),), ((2, A), (22, B), (6, C)), earlier=2)
    assert paid(before, rules=mine, entry=dt.date(2026, 4, 1)) == pytest.approx(by_hand(before), abs=1e-7)


@pytest.mark.parametrize(("entry", "course"), [(dt.date(2024, 7, 1), 20), (dt.date(2026, 7, 1), 0)])
def test_crossing_the_closing_of_the_resource_course(entry: dt.date, course: int) -> None:
    """Who would go from job clarification to the resource course goes to social assistance instead; weeks add up on."""
    h = History(((SICK, 10), (CLARIFICATION, 30), (COURSE, 20), (ASSISTANCE, 10)), ((4, A), (22, B), (26, C), (18, D)))
    model = forced(h)
    for reform in load_rules("denmark_reform", tki2()).reforms(entry):
        closed = {"s2": "s3"} if reform.closed else {}
        model = reformed(model, {}, reform.cycle, closed)
    draws = {name: np.ones(1) for name in SHARES}
    done = simulate(model, draws, {}, individuals=1, seed=1, threads=1, period_cycles=1)
    cells = done.layout.cells(done.layout.tally(None), "s2")
    assert done.quantities.time[0, 0, :, cells].sum() == course
    expected = by_hand(h) if course else by_hand(h)[:50] + [0.0] * 20
    assert paid(h, model) == pytest.approx(expected, abs=1e-7)
