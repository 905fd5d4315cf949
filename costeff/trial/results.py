"""What the groups of a trial had: end points, money by party, programme, process. Means, errors; no rows of persons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from costeff.model.elements import Attribute
from costeff.rules import RuleSet
from costeff.trial.answers import adjusted_for_start
from costeff.trial.disclosure.dominance import is_dominated
from costeff.trial.end_points import event_times, relapses, weeks_in
from costeff.trial.extract import WEEKS_OF_COST, Extract
from costeff.trial.incidence import EVENT, pseudo_values, with_error
from costeff.trial.instruments import read_instrument
from costeff.trial.lives import Lives
from costeff.trial.persons import PersonRows
from costeff.trial.plan_parts import EndPoint
from costeff.trial.pricing import LivesLedger, PersonCosts, Prices, parts_each, priced, priced_each, with_attributes
from costeff.trial.pricing_by_date import parts_by_date, priced_by_date, priced_each_by_date
from costeff.trial.process import Share, doses, fidelity, links, shares, shares_by_quarter, strategies_with
from costeff.trial.programme_cost import ProgrammeCost, programme_cost

MODELLED_CARE = "health_care"
PROGRAMME = "programme_cost"


@dataclass(frozen=True)
class GroupValue:
    """One figure of a group: of how many people, the mean or share, its standard error; `measure` says which."""

    end_point: str
    measure: str
    group: str
    people: int
    value: float
    error: float


@dataclass(frozen=True)
class Difference:
    """The programme's group less the other: value, standard error, and of how many people both."""

    end_point: str
    measure: str
    people: int
    value: float
    error: float


@dataclass(frozen=True)
class TrialResults:
    """Everything that `costeff trial describe` says of an extract. Money is per person, in the follow-up of costs."""

    values: tuple[GroupValue, ...]
    differences: tuple[Difference, ...]
    not_worked_out: Mapping[str, str]
    parties: Mapping[str, Mapping[str, float]]
    items: Mapping[str, Mapping[str, float]]
    registrations: Mapping[str, ProgrammeCost]
    milestones: Mapping[str, Mapping[str, Share]] = field(default_factory=dict)
    by_quarter: Mapping[str, Mapping[tuple[str, str], Share]] = field(default_factory=dict)
    links: Mapping[str, Mapping[tuple[str, str], Share]] = field(default_factory=dict)
    doses: Mapping[str, Mapping[str, Share]] = field(default_factory=dict)
    fidelity: Mapping[str, Share] = field(default_factory=dict)
    care: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    care_missing: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    drawn_attributes: tuple[str, ...] = ()


def trial_results(extract: Extract, prices: Prices, rules: RuleSet | None = None) -> TrialResults:
    """Work out every end point of the plan by group, and what each party paid, by the rules of each date if given."""
    plan, model = extract.plan, extract.study.model
    priced_trial = price_groups(extract, prices, rules)
    costs = priced_trial.costs
    values, differences, left_out = [], [], {}
    for point in plan.end_points:
        figures = _figures(extract, point, costs)
        if isinstance(figures, str):
            left_out[point.name] = figures
            continue
        for measure, by_group in figures.items():
            own = _values(point.name, measure, by_group)
            values += own
            differences.append(_difference(extract, point, measure, by_group, own))
    milestones = extract.milestones
    with_steps = strategies_with(milestones, extract.trial) if milestones else ()
    care = {}
    if extract.care is not None:
        for name in plan.strategies:
            amounts = extract.care.by_week[:, extract.trial.group(name)].sum(axis=2)
            own_care = zip(extract.care.kinds, amounts, strict=True)
            care[name] = {kind: float(row.mean()) for kind, row in own_care if not is_dominated(row)}
    values_known = [one.name for one in plan.attributes]
    return TrialResults(
        tuple(values),
        tuple(differences),
        left_out,
        {
            name: _per_person(priced_trial.ledgers[name], name, extract, priced_trial.items_modelled)
            for name in plan.strategies
        },
        {name: _items(priced_trial.ledgers[name], name) for name in plan.strategies},
        priced_trial.registrations,
        {name: shares(milestones, extract.trial, name) for name in with_steps} if milestones else {},
        {name: shares_by_quarter(milestones, extract.trial, name) for name in with_steps} if milestones else {},
        {name: links(milestones, extract.trial, name) for name in with_steps} if milestones else {},
        {name: doses(milestones, extract.trial, name) for name in with_steps} if milestones else {},
        {name: fidelity(milestones, extract.trial, name) for name in with_steps} if milestones else {},
        care,
        extract.care.missing if extract.care is not None else tuple(plan.health_care),
        priced_trial.ambiguous,
        tuple(a.name for a in model.attributes if a.name not in values_known and _is_drawn(a)),
    )


@dataclass(frozen=True, eq=False, repr=False)
class PricedTrial(PersonRows):
    """The ledger of each group, the costs of each person, the programme's registered cost, moves that are ambiguous."""

    ledgers: Mapping[str, LivesLedger]
    costs: Mapping[str, PersonCosts]
    registrations: Mapping[str, ProgrammeCost]
    items_modelled: list[str]
    ambiguous: tuple[str, ...]

    def people(self) -> int:
        """How many people there are."""
        return sum(one.people() for one in self.costs.values())


def price_groups(extract: Extract, prices: Prices, rules: RuleSet | None = None) -> PricedTrial:
    """Price the lives of every group, with the programme's cost as registered and health care as observed."""
    plan = extract.plan
    registrations = registered_costs(extract)
    prices = _as_registered(registrations, plan.strategies, prices)
    items_modelled = _items_modelled(extract)
    ledgers: dict[str, LivesLedger] = {}
    costs: dict[str, PersonCosts] = {}
    ambiguous: list[str] = []
    views = list(dict.fromkeys([*plan.perspectives, *(p.perspective for p in plan.end_points if p.perspective)]))
    for name in plan.strategies:
        lives = with_attributes(first_year(extract, name), prices)
        if rules is None:
            ledgers[name], own_costs = priced(lives, prices), priced_each(lives, prices, views, items_modelled)
        else:
            ledgers[name] = priced_by_date(lives, prices, rules)
            own_costs = priced_each_by_date(lives, prices, rules, views, items_modelled)
        costs[name] = _with_care(extract, own_costs, name)
        ambiguous += lives.ambiguous
    return PricedTrial(ledgers, costs, registrations, items_modelled, tuple(dict.fromkeys(ambiguous)))


def costs_by_part(
    extract: Extract, prices: Prices, rules: RuleSet | None, name: str, edges: np.ndarray
) -> dict[str, np.ndarray]:
    """Cost of each person of a group by perspective of the plan, in the weeks between `edges` (J + 1,): (N, J)."""
    views = extract.plan.perspectives
    prices = _as_registered(registered_costs(extract), extract.plan.strategies, prices)
    lives = with_attributes(first_year(extract, name), prices)
    points = np.arange(lives.model.conventions.horizon + 1)
    parts = np.clip(np.searchsorted(edges, points, side="right") - 1, 0, len(edges) - 2)
    without = _items_modelled(extract)
    if rules is None:
        costs, _ = parts_each(lives, prices, views, without, parts)
    else:
        costs = parts_by_date(lives, prices, rules, views, without, parts)
    if extract.care is None:
        return costs
    own, find = extract.trial.group(name), extract.study.model.find
    by_week = {view: extract.care.weeks_of_parties(find("perspectives", view).parties)[own] for view in views}
    return {view: costs[view] + np.add.reduceat(by_week[view], edges[:-1], axis=1) for view in views}


def _as_registered(registrations: Mapping[str, ProgrammeCost], strategies: tuple[str, ...], prices: Prices) -> Prices:
    """The prices with the programme's cost as registered, where it is."""
    cost = added_cost(registrations, strategies)
    if cost is None or PROGRAMME not in prices.values:
        return prices
    return replace(prices, values={**prices.values, PROGRAMME: np.array([cost[0]])})


def _items_modelled(extract: Extract) -> list[str]:
    """Items that what was registered stands in the place of."""
    return [MODELLED_CARE] if extract.care is not None else []


def registered_costs(extract: Extract) -> dict[str, ProgrammeCost]:
    """What each group's registered time costs."""
    plan, out = extract.plan, {}
    for name, time in extract.time.items():
        if plan.registration is not None:
            size = len(extract.trial.group(name))
            out[name] = programme_cost(time, plan.registration, size, whole_pay=name == plan.strategies[-1])
    return out


def added_cost(registrations: Mapping[str, ProgrammeCost], strategies: tuple[str, ...]) -> tuple[float, float] | None:
    """(kroner, standard error) of a citizen of the programme over one of usual care, where its time is registered too.

    None without registered time of the programme.

    >>> usual, programme = ProgrammeCost({"talk": 1000.0}, {}, 10, 3.0), ProgrammeCost({"talk": 9000.0}, {}, 20, 4.0)
    >>> added_cost({"usual": usual, "new": programme}, ("usual", "new"))
    (350.0, 5.0)
    """
    programme, usual = registrations.get(strategies[-1]), registrations.get(strategies[0])
    if programme is None:
        return None
    if usual is None:
        return programme.per_citizen, programme.error
    return programme.per_citizen - usual.per_citizen, float(np.hypot(programme.error, usual.error))


def _with_care(extract: Extract, costs: PersonCosts, name: str) -> PersonCosts:
    """Each perspective's cost with the health care that was observed, in the place of what the model says."""
    if extract.care is None:
        return costs
    own, find = extract.trial.group(name), extract.study.model.find
    observed = {p: extract.care.of_parties(find("perspectives", p).parties)[own] for p in costs.cost}
    return PersonCosts({p: values + observed[p] for p, values in costs.cost.items()}, costs.effect)


def first_year(extract: Extract, name: str) -> Lives:
    """The lives of one group within the weeks in which costs count."""
    return replace(extract.trial, weeks=extract.trial.weeks[:, :WEEKS_OF_COST]).lives(name)


def _is_drawn(attribute: Attribute) -> bool:
    """Whether the model draws an attribute by luck, and does not work it out from others."""
    return attribute.value is None or bool({"u", "z"} & set(attribute.value.names))


def _figures(
    extract: Extract, point: EndPoint, costs: Mapping[str, PersonCosts]
) -> dict[str, dict[str, np.ndarray]] | str:
    """Measure to group to a value for each person; or why there is none."""
    trial, model, names = extract.trial, extract.study.model, extract.plan.strategies
    if point.kind in ("time_to", "relapse"):
        own: dict[str, dict[str, np.ndarray]] = {"share": {}, "mean_time_free": {}}
        for name in names:
            weeks = trial.weeks[trial.group(name)]
            if point.kind == "relapse":
                after = next(one for one in extract.plan.end_points if one.name == point.after)
                times = relapses(weeks, point, after, model)
            else:
                times = event_times(weeks, point, model)
            if times.people() < 2:
                return "trial_no_people"
            until = float(point.within)
            own["share"][name] = pseudo_values(times, until, EVENT)
            own["mean_time_free"][name] = until - pseudo_values(times, until, EVENT, mean=True)
        return own
    if point.kind == "weeks_in":
        return {"mean": {name: weeks_in(trial.weeks[trial.group(name)], point, model) for name in names}}
    if point.kind == "cost":
        own_costs = {name: costs[name].cost[point.perspective] for name in names}
        return "trial_dominated" if any(is_dominated(x) for x in own_costs.values()) else {"mean": own_costs}
    answers = next((a for a in extract.answers.values() if a.instrument.name == point.instrument), None)
    if answers is None:
        return "trial_no_answers"
    if point.kind == "qaly":
        if not read_instrument(point.instrument).preference_based:
            return "trial_not_preference_based"
        values = answers.qalys(point.within)
        return {"mean": {name: values[trial.group(name)] for name in names}}
    last = answers.measured()[-1]
    return {"mean": {name: last[trial.group(name)] for name in names}}


def _values(end_point: str, measure: str, by_group: Mapping[str, np.ndarray]) -> list[GroupValue]:
    out = []
    for name, values in by_group.items():
        mean, error = with_error(values)
        out.append(GroupValue(end_point, measure, name, int((~np.isnan(values)).sum()), mean, error))
    return out


def _difference(
    extract: Extract, point: EndPoint, measure: str, by_group: Mapping[str, np.ndarray], own: list[GroupValue]
) -> Difference:
    """The last group less the first; of questionnaires adjusted for the score at the start."""
    names = extract.plan.strategies
    first, last = own[0], own[-1]
    people = first.people + last.people
    if point.kind in ("qaly", "score"):
        answers = next(a for a in extract.answers.values() if a.instrument.name == point.instrument)
        start = answers.measured()[0]
        rows = np.concatenate([extract.trial.group(names[0]), extract.trial.group(names[-1])])
        values = np.concatenate([by_group[names[0]], by_group[names[-1]]])
        in_programme = np.repeat([0.0, 1.0], [len(by_group[names[0]]), len(by_group[names[-1]])])
        value, error = adjusted_for_start(values, start[rows], in_programme)
        people = int((~(np.isnan(values) | np.isnan(start[rows]))).sum())
    else:
        value, error = last.value - first.value, float(np.hypot(first.error, last.error))
    return Difference(point.name, measure, people, value, error)


def _per_person(ledger: LivesLedger, name: str, extract: Extract, items_modelled: list[str]) -> dict[str, float]:
    """What each party pays per person, with the health care that was observed where there is any."""
    g, rows = ledger.model.strategy_names.index(name), extract.trial.group(name)
    out = {party: float(net[g].sum()) / ledger.people for party, net in ledger.parties(without=items_modelled).items()}
    if extract.care is not None:
        for party in out:
            out[party] += float(extract.care.of_parties((party,))[rows].mean())
    return out


def _items(ledger: LivesLedger, name: str) -> dict[str, float]:
    g = ledger.model.strategy_names.index(name)
    out: dict[str, float] = {}
    for (item, _, _), amount in ledger.items().items():
        out[item] = out.get(item, 0.0) + float(amount[g]) / ledger.people
    return out


def unseen_items(truth: LivesLedger, as_seen: LivesLedger, name: str) -> dict[str, tuple[float, float]]:
    """Items whose kroner per person the lens changes, (as lived, as shown by the register), largest change first."""
    as_lived, as_seen_now = _items(truth, name), _items(as_seen, name)
    changes = {
        item: (as_lived[item], as_seen_now[item]) for item in as_lived if abs(as_lived[item] - as_seen_now[item]) > 1e-6
    }
    return dict(sorted(changes.items(), key=lambda entry: -abs(entry[1][0] - entry[1][1])))
