"""Everything of a case before its simulation: study, rules, draws, reforms and periods, each read or made once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from costeff.analysis.stopping import method_for, replicates_of
from costeff.analysis.study import DRAWS, INDIVIDUALS, SEED
from costeff.compile.run_size import check_run_size, run_size
from costeff.errors import ScenarioError
from costeff.evidence import Evidence
from costeff.evidence.draw import Design
from costeff.investment.belief.in_ratios import believed_draws, local_labels, local_parameters
from costeff.investment.belief.translate import with_local_return
from costeff.investment.case import QUARTERS, Case
from costeff.investment.case_plan import CasePlan
from costeff.investment.cash import Service
from costeff.investment.check_case import check_case
from costeff.investment.cohorts import Reform
from costeff.investment.entry_dates import entry_dates
from costeff.investment.keys import CASE_METHODS
from costeff.investment.on_top import BELOW, check_on_top, design_below, effect_names, in_the_same_place, with_effect_of
from costeff.investment.own_words import in_own_words
from costeff.investment.payers import first_payer, payer_groups, payers
from costeff.investment.pricing import Priced
from costeff.investment.quantities import CaseQuantities
from costeff.investment.read import read_case
from costeff.investment.result import CaseResultData
from costeff.investment.shared_reads import SharedReads, at_key, beside, columns, study_key
from costeff.investment.timing import middle
from costeff.investment.variant_models import Models
from costeff.model import Model
from costeff.rules import RuleSet


class CaseSetup:
    """A case with its study, draws and rules: everything before the simulation."""

    plan: CasePlan

    def __init__(
        self,
        case: Case,
        draws: int | None,
        individuals: int | None,
        seed: int | None,
        method: str | None,
        cache: SharedReads,
        base_values: bool = False,
        below: bool = False,
    ) -> None:
        """`below`: another programme lies on top of this one, whose effect is drawn with luck of its own."""
        study = cache.study(case)
        check_case(case, study.model, study.evidence)
        size = draws if draws is not None else int(case.run.get("draws", DRAWS))
        people = individuals if individuals is not None else int(case.run.get("individuals", INDIVIDUALS))
        design = _design(case, size, seed, method)
        if size < 1 or people < 1:
            raise ScenarioError("nothing to simulate", value=min(size, people), rule="at least 1 draw and individual")
        check_run_size(run_size(study.model, size, people, parameters=len(study.evidence.parameters)))
        case = cache.in_ratios(case, study, people, design, size)
        self.case = case
        self.study = cache.study(case)
        model, evidence = self.study.model, self.study.evidence
        self.rules = cache.rules(case, self.study)
        own_parameters = {**case.parameters, **local_parameters(case)}
        self.own = Evidence(
            own_parameters,
            sources={**evidence.sources, **case.sources},
            price_index=evidence.price_index,
            labels={**case.labels, **local_labels(case)},
        ).at_prices(case.price_year)
        if base_values:
            parameter_draws = columns(evidence.base()) | columns(self.own.base())
        else:
            parameter_draws = cache.draws_of(evidence, size, design) | cache.draws_of(self.own, size, design)
        if below and not base_values:
            again = cache.draws_of(evidence, size, design_below(design))
            parameter_draws |= {name: again[name] for name in effect_names(self.study.model) if name in again}
        uncertain = None if base_values else design
        parameter_draws |= believed_draws(case, parameter_draws)
        if self.rules is not None:
            parameter_draws |= self.rules.reform_draws(size, *(uncertain or ()))
        self.blocks, period, self.period_block, self.period_year = _periods(case, self.rules, size, uncertain, cache)
        self.other: CaseSetup | None = None
        self.model = cache.in_words(model, case)
        lives = study_key(case)
        if case.on_top_of:
            self.other = self._below(case, (draws, individuals, seed, method), cache, base_values)
            local = model if case.belief is None else with_local_return(model, case.belief)
            model_here, ratios = with_effect_of(local, self.other.plan, case.places.get("on_top_of"))
            parameter_draws |= ratios
            lives += repr([effect.legs for effect in model_here.strategy_effects])
            self.model = in_own_words(model_here, case)
        self.plan = CasePlan(
            case,
            self.model,
            parameter_draws,
            self.study.tables,
            people,
            design,
            _reforms(case, model, self.rules),
            period,
            cache.models.setdefault(lives, Models(self.model)),
            entry_dates(case, model, evidence),
        )

    @staticmethod
    def _below(
        case: Case, size: tuple[int | None, int | None, int | None, str | None], cache: SharedReads, base_values: bool
    ) -> CaseSetup:
        """The case that this one lies on top of, by itself."""
        with at_key(case, "on_top_of"):
            other = in_the_same_place(read_case(beside(case, case.on_top_of)), case)
            check_on_top(case, other)
        run = {
            **other.run,
            **{key: case.run[key] for key in ("draws", "individuals", "seed", "method") if key in case.run},
        }
        return CaseSetup(replace(other, run=run, target_groups=()), *size, cache, base_values, below=True)

    def result(
        self, quantities: CaseQuantities, before: Priced | None = None, keeps_prices: bool = False
    ) -> CaseResultData:
        """Priced, with names for people. A pricing `before` saves what it has in common; prices are kept for the next
        where there will be one, as they take room."""
        model, case = self.model, self.case
        pricing = Priced(
            plan=self.plan,
            done=quantities,
            blocks=self.blocks,
            period_block=self.period_block,
            period_year=self.period_year,
            evidence=(self.study.evidence, self.own),
            rules=self.rules,
            study=self.study,
            prices={} if keeps_prices else None,
        )
        if before is not None:
            pricing.begin_from(before)
        money = pricing.cash()
        inside, groups = payers(model), payer_groups(model)
        return CaseResultData(
            case=case,
            cash=money.cash,
            service=_service(case, quantities),
            rules=self.rules.name if self.rules is not None else "",
            parameters={name: v for name, v in self.plan.draws.items() if not name.startswith(BELOW)},
            individuals=self.plan.individuals,
            equal_people=self.plan.equal_people,
            seed=self.plan.design.seed,
            citizens_served=float(quantities.starts.sum(axis=1).mean()),
            parties=inside,
            groups=groups,
            decider=first_payer(model, inside),
            labels={p.name: p.label for p in model.perspectives if p.name in groups},
            half=money.half,
            priced=pricing,
            no_effect=money.no_effect,
            currency=model.conventions.currency,
        )


def _design(case: Case, draws: int, seed: int | None, method: str | None) -> Design:
    """How the case's parameters are drawn: as asked, else as its `run` says."""
    start = seed if seed is not None else int(case.run.get("seed", SEED))
    name = method or str(case.run.get("method", method_for(draws)))
    if name not in CASE_METHODS:
        raise ScenarioError(
            "a case cannot be drawn by this method",
            value=name,
            rule="model, case and dated rules each draw their own parameters, and two sets of Sobol points depend on "
            "each other",
            way_out=f"one of {', '.join(CASE_METHODS)}",
        )
    return Design(start, name, replicates_of(name, draws, None) or 1) if draws > 1 else Design(start)


def _reforms(case: Case, model: Model, rules: RuleSet | None) -> tuple[Reform, ...]:
    """When the rules change for the entrants of each quarter, counted from its middle."""
    quarters = range(QUARTERS * case.years)
    if rules is None:
        return tuple(() for _ in quarters)
    return tuple(
        tuple(
            (r.cycle, tuple(sorted(r.legs.items())), tuple(sorted(r.closed.items())))
            for r in rules.reforms(middle(case.first_year, q), model.conventions.cycles_per_year)
            if r.cycle < model.conventions.horizon
        )
        for q in quarters
    )


def _periods(
    case: Case, rules: RuleSet | None, size: int, design: Design | None, cache: SharedReads
) -> tuple[tuple[dict[str, np.ndarray], ...], np.ndarray, np.ndarray, np.ndarray]:
    """(values of each block, period of each quarter, block and year of each period). A case's `set` outranks rules."""
    blocks: list[dict[str, np.ndarray]] = []
    number: dict[object, int] = {}  # of the block that holds from each of the rules' dates
    period: list[int] = []  # of each quarter
    at: list[tuple[int, int]] = []  # (year, block) of each period
    for quarter in range(QUARTERS * case.years):
        date = middle(case.first_year, quarter)
        start = rules.on(date).start if rules is not None else None
        if start not in number:
            values = cache.values_of_rules(rules, date, size, design) if rules is not None else {}
            block_values = {name: v for name, v in values.items() if name and name not in case.set}
            same = (i for i, b in enumerate(blocks) if _equal(b, block_values))
            number[start] = next(same, len(blocks))
            if number[start] == len(blocks):
                blocks.append(block_values)
        key = (quarter // QUARTERS, number[start])
        if not at or at[-1] != key:
            at.append(key)
        period.append(len(at) - 1)
    return tuple(blocks), np.array(period), np.array([b for _, b in at]), np.array([y for y, _ in at])


def _equal(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def _service(case: Case, quantities: CaseQuantities) -> Service:
    """Expected citizens by calendar year."""
    by_year = {name: values.mean(axis=0).reshape(case.years, QUARTERS) for name, values in quantities.service.items()}
    starts, wait_quarters = by_year["begun"].sum(axis=1), by_year["waited"].sum(axis=1)
    weeks = np.divide(13.0 * wait_quarters, starts, out=np.zeros(case.years), where=starts > 0)
    places = [case.capacity.places(y) if case.capacity else np.inf for y in range(case.years)]
    return Service(
        years=case.calendar,
        inflow=by_year["inflow"].sum(axis=1),
        served=starts,
        left=by_year["left"].sum(axis=1),
        waiting=by_year["waiting"][:, -1],
        capacity=np.array(places),
        mean_wait=weeks,
    )
