"""Checks a case against its model: departments, items, passages, formulas, and what a case asks of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from costeff.catalogue import languages
from costeff.errors import Place, ScenarioError
from costeff.evidence import Evidence
from costeff.investment.case import QUARTERS, Case
from costeff.investment.check_costs import check_costs, paid_twice
from costeff.investment.costs import COSTS, real_resources
from costeff.investment.entry_dates import own_starts
from costeff.investment.target_groups import check_target_groups
from costeff.investment.variants import FIDELITY
from costeff.investment.views import BLOCK_GRANT, OUT_MIGRATION
from costeff.model.formulas.expression import Expression
from costeff.model.model import Model
from costeff.model.names import simulation_names
from costeff.problems import raise_all, way_to

MOST_CITIZENS = 10**7
MOST_MONEY = 10**12


def check_case(case: Case, model: Model, evidence: Evidence) -> None:
    """Raise ScenarioError with place, value, rule and way out; all problems in one message."""
    problems = [
        *_model(case, model),
        *_served(case),
        *_departments(case, model),
        *_areas(case, model),
        *_capacity(case, model),
    ]
    problems += [*_formulas(case, model, evidence), *_fidelity(case, model, evidence), *_basis(case, evidence)]
    problems += [*_labels(case, model), *_replaces(case, model), *_view(case, model), *_sizes(case, model, evidence)]
    problems += [*_levels(case, model), *_budget_changes(case, model), *_funding(case, model)]
    problems += check_target_groups(case, model, evidence)
    problems += [*paid_twice(case, model), *own_starts(case, model)]
    raise_all([*problems, *([] if problems else check_costs(case, model, evidence))], "scenario")


def _problem(what: str, where: Place | None, value: object, rule: str, way_out: str) -> ScenarioError:
    return ScenarioError(what, where=where, value=value, rule=rule, way_out=way_out)


def _model(case: Case, model: Model) -> Iterator[ScenarioError]:
    where = case.places.get("scenario")
    if len(model.strategies) != 2:
        rule = "a case compares one programme with usual care: two strategies"
        names = ", ".join(model.strategy_names)
        yield _problem(
            "the model has another number of strategies", where, names, rule, "name one of them under `strategy`"
        )
    if model.conventions.cycles_per_year % QUARTERS:
        rule = "a quarter holds whole cycles"
        value = model.conventions.cycles_per_year
        yield _problem("the model's cycle does not fit in a quarter", where, value, rule, "use weeks or months")
    if not model.parties:
        rule = "money moves between parties"
        yield _problem("the model has no parties", where, model.name, rule, "choose a model with flows")


def _served(case: Case) -> Iterator[ScenarioError]:
    """Somebody takes the offer, and a place is there before they have waited too long."""
    takers = np.array(case.takers)
    rule = "a case is about citizens who begin the programme"
    if not takers.any():
        where = case.places.get("uptake") or case.places.get("inflow")
        shares = ", ".join(f"{share:g}" for share in dict.fromkeys(case.uptake))
        yield _problem("nobody takes the offer", where, f"uptake {shares}", rule, "correct `uptake` or `inflow`")
    elif case.capacity is not None:
        places = np.repeat([case.capacity.places(year) for year in range(case.years)], QUARTERS)
        within = case.capacity.patience + 1
        if not any(free > 0 and takers[max(q + 1 - within, 0) : q + 1].any() for q, free in enumerate(places)):
            yield _problem(
                "nobody begins the programme: it has no places while citizens wait",
                case.capacity.place,
                "consultants " + ", ".join(f"{n:g}" for n in dict.fromkeys(case.capacity.consultants)),
                rule,
                "write consultants in the years with inflow, or remove `capacity` if there are places for all",
            )


def _departments(case: Case, model: Model) -> Iterator[ScenarioError]:
    inside = [p.name for p in model.parties if not p.outside]
    for name, formula in case.programme.shares.items():
        if name not in inside:
            rule = f"parties of the model: {', '.join(inside)}"
            way_out = way_to(name, inside, "name a party of the model")
            where = formula.place or case.programme.place
            yield _problem("unknown department", where, name, rule, way_out)


def _levels(case: Case, model: Model) -> Iterator[ScenarioError]:
    """A level counts states of the model, each once."""
    home: dict[str, str] = {}
    for level in case.levels:
        for state in level.states:
            if state not in model.state_names:
                rule, way_out = f"states of the model: {', '.join(model.state_names)}", "name one of them"
                where = level.place
                yield _problem(
                    f"level '{level.name}': unknown state",
                    where,
                    state,
                    rule,
                    way_to(state, model.state_names, way_out),
                )
            elif state in home:
                rule = "a person is counted on one benefit at a time"
                what = f"state '{state}' is counted twice"
                yield _problem(what, level.place, f"{home[state]}, {level.name}", rule, "keep one of them")
            home[state] = level.name


def _budget_changes(case: Case, model: Model) -> Iterator[ScenarioError]:
    """A budget that is lowered is one of a party of the model."""
    inside = [p.name for p in model.parties if not p.outside]
    for change in case.budget_changes:
        if change.department not in inside:
            rule = f"parties of the model: {', '.join(inside)}"
            way_out = way_to(change.department, inside, "name a party of the model")
            yield _problem(
                "a budget of an unknown department is lowered", change.place, change.department, rule, way_out
            )


def _funding(case: Case, model: Model) -> Iterator[ScenarioError]:
    """Money from outside goes from one party of the model to a department of the case."""
    inside = [p.name for p in model.parties if not p.outside]
    departments = list(case.programme.shares)
    for one in case.funding:
        if one.payer not in inside or one.payer in departments:
            rule = f"a party other than the case's departments: {', '.join(n for n in inside if n not in departments)}"
            way_out = way_to(one.payer, inside, "name the party whose account the money leaves, such as the state")
            yield _problem("funding from no party that could give it", one.place, one.payer, rule, way_out)
        if one.department not in departments:
            rule = f"departments of the case: {', '.join(departments)}"
            way_out = way_to(one.department, departments, "name the department that is given the money")
            yield _problem("funding of an unknown department", one.place, one.department, rule, way_out)


def _labels(case: Case, model: Model) -> Iterator[ScenarioError]:
    """No two parties are called the same, since a reader of a table could not tell them apart."""
    own_labels = case.programme.labels
    party_labels = {p.name: own_labels.get(p.name, p.label) for p in model.parties}
    for name, label in own_labels.items():
        for other, theirs in party_labels.items():
            if other != name and any(label[x] == theirs[x] for x in languages()):
                yield _problem(
                    f"department '{name}' is called as '{other}' is",
                    case.programme.place,
                    str(label),
                    "each party has a name of its own",
                    "choose another `label`",
                )
                break


def _areas(case: Case, model: Model) -> Iterator[ScenarioError]:
    items = list(dict.fromkeys((*(f.item for f in model.flows), *COSTS)))
    for area in case.areas:
        for item in area.items:
            if item not in items and item != OUT_MIGRATION and not item.startswith(f"{BLOCK_GRANT}_"):
                rule = "areas hold items of the model's flows and of the case's own costs"
                way_out = way_to(item, items, f"items: {', '.join(items)}")
                yield _problem(f"area '{area.name}': unknown item", area.place, item, rule, way_out)


def _capacity(case: Case, model: Model) -> Iterator[ScenarioError]:
    if case.capacity is None:
        if case.programme.per_consultant is not None:
            rule = "a cost per consultant needs their number"
            yield _problem("no consultants to pay", case.programme.place, "per_consultant", rule, "add `capacity`")
        return
    names = [p.name for p in model.passages]
    leaves = case.capacity.leaves
    if leaves not in names:
        rule = f"first passages of the model: {', '.join(names) or 'none'}"
        way_out = way_to(leaves, names, "name the passage that ends the need for the programme")
        yield _problem("`leaves` is not a first passage", case.capacity.place, leaves, rule, way_out)


def _replaces(case: Case, model: Model) -> Iterator[ScenarioError]:
    """Consultants are a whole cost, which says what usual work it replaces; a cost over usual care replaces none."""
    programme = case.programme
    work = [
        f.item
        for f in model.flows
        if f.per == "cycle" and not f.programme and not f.of and f.recipient == real_resources(model)
    ]
    item_names = ", ".join(dict.fromkeys(work)) or "none"
    rule = (
        "consultants are the programme's whole cost, so the case says which share (0-1) of usual work they do in its "
        "place; a cost per citizen is what the programme costs over usual care, so nothing is taken off it again"
    )
    if programme.per_consultant is not None and not programme.replaces:
        way_out = (
            f"add `replaces: {{{work[0] if work else 'item'}: share}}`, 0 if none is replaced; items: {item_names}"
        )
        yield _problem("a programme priced by its staff, without `replaces`", programme.place, None, rule, way_out)
    if programme.replaces and programme.per_consultant is None:
        value = ", ".join(programme.replaces)
        yield _problem("`replaces` beside a cost over usual care", programme.place, value, rule, "remove `replaces`")
    for item, formula in programme.replaces.items():
        if item not in work:
            where = formula.place or programme.place
            way_out = way_to(item, work, f"items: {item_names}")
            rule = "what is replaced is usual work: an item paid per cycle for real resources"
            yield _problem("`replaces`: not an item of usual work", where, item, rule, way_out)


def _formulas(case: Case, model: Model, evidence: Evidence) -> Iterator[ScenarioError]:
    """Every name is known, every parameter of the case is read, and none hides one of the model."""
    names = {*evidence.parameters, *model.definitions, *case.parameters}
    read: set[str] = set()
    for name, formula in formulas(case).items():
        read |= formula.names
        for unknown in sorted(formula.names - names):
            rule = "formulas read parameters of the case and of the model, and the model's definitions"
            way_out = way_to(unknown, names, "declare it under `parameters`")
            where = formula.place or case.programme.place
            yield _problem(f"`{name}`: unknown name", where, unknown, rule, way_out)
    for name, parameter in case.parameters.items():
        if name in evidence.parameters or name in model.definitions:
            rule = "a case's own parameters have names of their own"
            way_out = "put it under `set` to change the model's, or choose another name"
            yield _problem("a parameter of the model stands under `parameters`", parameter.place, name, rule, way_out)
        elif name not in read:
            rule = "every parameter of the case is read by one of its formulas"
            yield _problem("a parameter that nothing reads", parameter.place, name, rule, "use it, or remove it")


def formulas(case: Case) -> Mapping[str, Expression]:
    """Every formula of the case, by where it stands."""
    p = case.programme
    formulas_by_place = {f"departments.{name}": f for name, f in p.shares.items()}
    formulas_by_place |= {f"start_up.{year}": f for year, f in p.start_up.items()}
    for name, formula in (("variable", p.variable), ("fixed", p.fixed), ("per_consultant", p.per_consultant)):
        if formula is not None:
            formulas_by_place[name] = formula
    return formulas_by_place | {f"replaces.{item}": f for item, f in p.replaces.items()}


def _sizes(case: Case, model: Model, evidence: Evidence) -> Iterator[ScenarioError]:
    """Figures beyond all sense: more citizens than a country has, more money than a state has."""
    for quarter, citizens in enumerate(case.inflow):
        if citizens > MOST_CITIZENS / QUARTERS:
            rule = f"at most {MOST_CITIZENS:,} citizens a year"
            year = case.first_year + quarter // QUARTERS
            where = case.places.get("inflow")
            value = f"{citizens * QUARTERS:g} in {year}"
            yield _problem("`inflow` is beyond all sense", where, value, rule, "correct the figure")
            break
    if case.capacity is not None:
        places = max(case.capacity.consultants, default=0.0) * case.capacity.caseload
        if places > MOST_CITIZENS:
            rule = f"consultants x caseload are at most {MOST_CITIZENS:,} places"
            where = case.capacity.place
            yield _problem("`capacity` is beyond all sense", where, f"{places:g}", rule, "correct the figures")
    values_by_name = {**evidence.base(), **{name: parameter.value for name, parameter in case.parameters.items()}}
    for name, formula in formulas(case).items():
        if not formula.names <= set(values_by_name):
            continue  # it reads definitions of the model, which are worked out in the run
        amount = float(np.max(np.abs(formula.evaluate(values_by_name))))
        if not amount <= MOST_MONEY:
            rule = f"at most {MOST_MONEY:,} {model.conventions.currency} in a case"
            where = formula.place or case.programme.place
            yield _problem(f"`{name}` is beyond all sense", where, f"{amount:g}", rule, "correct the amount")


def _fidelity(case: Case, model: Model, evidence: Evidence) -> Iterator[ScenarioError]:
    if any(f != 1.0 for f in case.fidelity) and FIDELITY not in simulation_names(model) & set(evidence.parameters):
        rule = f"fidelity by year multiplies the parameter `{FIDELITY}` of the model"
        way_out = "remove `fidelity`, or let the model's effects depend on that parameter"
        yield _problem("the model knows no fidelity", case.places.get("fidelity"), case.fidelity, rule, way_out)


def _basis(case: Case, evidence: Evidence) -> Iterator[ScenarioError]:
    sources = {**evidence.sources, **case.sources}
    for name, basis in case.basis.items():
        for key in basis.source:
            if key not in sources:
                rule = "a source is a key of `sources`, in the case or in the parameter file"
                way_out = way_to(key, sources, "add it under `sources`")
                yield _problem(f"`basis` of '{name}': unknown source", case.places.get("basis"), key, rule, way_out)


def _view(case: Case, model: Model) -> Iterator[ScenarioError]:
    """What a view needs, before anything runs."""
    if case.view == "all_municipalities" and not case.rules:
        rule = "the state takes back a share of what is saved on each benefit, and a rule set lists the benefits"
        way_out = "name `rules: denmark` in the case, or write `view: marginal`"
        yield _problem("the all-municipalities view needs rules", case.places.get("view"), case.view, rule, way_out)
    if case.coverage and case.view != "all_municipalities":
        rule = "coverage belongs to the all-municipalities view"
        where = case.places.get("coverage")
        yield _problem(
            "`coverage` is not read", where, case.view, rule, "write `view: all_municipalities`, or remove it"
        )
    if case.equalisation is not None and not any(f.item == "equalisation" for f in model.flows):
        rule = "equalisation changes a flow of the model called `equalisation`"
        where = case.places.get("equalisation")
        yield _problem("the model has no equalisation", where, case.equalisation, rule, "remove `equalisation`")
