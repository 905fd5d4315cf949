"""Checks of what is declared: names, labels, clocks and the length of a cycle (TECH-VER, inputs)."""

from __future__ import annotations

from costeff.verification.lives import deaths
from costeff.verification.subject import Run, Subject
from costeff.verification.verdict import Verdict, check, failing, of_names, passing, without

CYCLES = {"year": (1,), "half_year": (2,), "quarter": (4,), "month": (12,), "week": (52,), "day": (364, 365)}
"""How many cycles of a name a year has."""
SHORT_STAY = 0.1
"""Years below which a state is passed, so that few would die in it."""


@check("cycles_fill_a_year", "declarations", "28")
def cycles_fill_a_year(subject: Subject) -> Verdict:
    """As many cycles in a year as the cycle's name says."""
    c = subject.model.conventions
    if c.cycle not in CYCLES:
        return without("cycle", name=c.cycle)
    ending = passing if c.cycles_per_year in CYCLES[c.cycle] else failing
    return ending("number", number=str(c.cycles_per_year))


@check("labels_in_two_languages", "declarations", "40")
def labels_in_two_languages(subject: Subject) -> Verdict:
    """What reports name has its text in English and Danish."""
    m = subject.model
    labels = [(flow.item, flow.label) for flow in m.flows]
    for elements in (m.states, m.strategies, m.parties, m.perspectives, m.effects):
        labels += [(element.name, element.label) for element in elements]
    return of_names([name for name, label in labels if not (label["en"] and label["da"])], len(labels))


@check("every_life_can_end", "declarations", "23, 27")
def every_life_can_end(subject: Subject) -> Verdict:
    """Where people can die from one state, they can from every state in which they live for more than some weeks."""
    exits = deaths(subject.model)
    if not exits:
        return without("no_death")
    sources = {t.source for t in exits} | {d.source for d in subject.model.deadlines}
    living = [s.name for s in subject.model.states if s.alive]
    without_death = [name for name in living if name not in sources]
    short = SHORT_STAY * subject.model.conventions.cycles_per_year
    return of_names([name for name in without_death if not 0 < mean_stay(subject.base, name) < short], len(living))


def mean_stay(run: Run, state: str) -> float:
    """Cycles in a state for each start and entry, mean over draws and strategies; 0 where nobody is ever in it."""
    at, layout = run.model.state_names.index(state), run.simulated.layout
    entries = [run.events[:, :, i] for i, pair in enumerate(layout.pairs) if pair.endswith(f" -> {state}")]
    number = float(run.trace[:, at, 0].mean() + sum(float(one.mean()) for one in entries))
    return float(run.time[:, :, at].sum(axis=-1).mean()) / number if number else 0.0


@check("every_state_can_be_entered", "declarations", "27")
def every_state_can_be_entered(subject: Subject) -> Verdict:
    """There is a way from where people start to each state, and none is left that nobody is ever in."""
    model = subject.model
    begins = {name for i, name in enumerate(model.state_names) if subject.lots.trace[:, i, 0].max() > 0}
    starts = {model.start, *(strategy.start for strategy in model.strategies)}  # whoever is due at once is not counted
    begins |= {category for a in model.attributes if a.name in starts for category in a.categories or ()}
    reachable = set(begins)
    moves = [(t.source, t.target) for t in model.transitions] + [(d.source, d.target) for d in model.deadlines]
    for _ in model.states:  # a way has no more stages than there are states
        reachable |= {target for source, target in moves if source in reachable}
    people = [state.name for state in model.states if not state.counts]
    return of_names([name for name in people if name not in reachable], len(people))


@check("one_death_has_one_clock", "declarations", "4")
def one_death_has_one_clock(subject: Subject) -> Verdict:
    """Exits of one lifelong cause read the same clock in every state."""
    clocks: dict[str, set[str]] = {}
    for t in subject.model.transitions:
        if t.lifelong:
            clocks.setdefault(t.lifelong, set()).add(t.clock)
    legs: dict[str, set[str]] = {}
    for d in subject.model.deadlines:
        legs.setdefault(d.leg, set()).add(d.clock)
    if not clocks and not legs:
        return without("no_death")
    several = [name for name, own in (*clocks.items(), *legs.items()) if len(own) > 1]
    return of_names(several, len(clocks) + len(legs))


@check("every_clock_is_read", "declarations", "83")
def every_clock_is_read(subject: Subject) -> Verdict:
    """Each clock that is declared is read by an exit, a deadline, a band or a ratio."""
    m = subject.model
    if not m.clocks:
        return without("no_clock")
    read = {t.clock for t in m.transitions} | {t.ratio_clock for t in m.transitions} | {d.clock for d in m.deadlines}
    read |= {b.clock for b in m.bands} | {e.clock for e in m.strategy_effects}
    return of_names([c.name for c in m.clocks if c.name not in read], len(m.clocks))


@check("every_party_has_money", "declarations", "83")
def every_party_has_money(subject: Subject) -> Verdict:
    """Each party pays or receives something."""
    m = subject.model
    if not m.parties:
        return without("no_money")
    active = {name for f in m.flows for name in (f.payer, f.recipient)}
    return of_names([p.name for p in m.parties if p.name not in active], len(m.parties))
