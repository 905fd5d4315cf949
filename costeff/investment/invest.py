"""From a case file to its result: draws, rules, simulation by quarter, and the cash flow."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from costeff import bundled
from costeff.analysis.load import study_of
from costeff.analysis.stopping import method_for, replicates_of
from costeff.analysis.study import DRAWS, INDIVIDUALS, SEED, StudyData
from costeff.compile.run_size import check_run_size, run_size
from costeff.engine.events.microsim import thread_count
from costeff.errors import CosteffError, ScenarioError
from costeff.evidence import Changes, Evidence, Setter
from costeff.evidence.draw import Design
from costeff.investment.case import QUARTERS, Case
from costeff.investment.case_plan import CasePlan
from costeff.investment.cash import Service
from costeff.investment.check_case import check_case
from costeff.investment.cohorts import Reform
from costeff.investment.keys import CASE_METHODS
from costeff.investment.own_words import in_own_words
from costeff.investment.payers import first_payer, payer_groups, payers
from costeff.investment.price_projection import at_case_prices
from costeff.investment.pricing import Priced
from costeff.investment.quantities import CaseQuantities, case_quantities
from costeff.investment.read import read_case, with_capacity
from costeff.investment.result import CaseResultData, Parties
from costeff.investment.timing import middle
from costeff.investment.variant_models import Models
from costeff.model import Model, read_scenario
from costeff.problems import way_to
from costeff.rules import RuleSet, load_rules
from costeff.types import CaseMethod

CaseLike = Case | str | os.PathLike[str]


def invest(
    case: CaseLike,
    draws: int | None = None,
    individuals: int | None = None,
    seed: int | None = None,
    *,
    method: CaseMethod | None = None,
    threads: int | None = None,
    progress: bool | None = None,
) -> CaseResultData:
    """The result of a case: a shipped name, a path, or a `Case`. Defaults come from the case's `run`.

    Parameters
    ----------
    case : str, path or Case
        The case.
    draws : int, optional
        Number of parameter sets. Default: the case's.
    individuals : int, optional
        People in each parameter set. Default: the case's.
    seed : int, optional
        Start of the random numbers. Default: the case's.
    method : str, optional
        How parameters are drawn: "random" or "latin_hypercube". Default: the case's, else Latin hypercube where the
        draws make designs.
    threads : int, optional
        Threads that work at once; the numbers are the same for any. Default: one for each core.
    progress : bool, optional
        Whether a progress bar is shown. Default: where a person watches the terminal.

    Returns
    -------
    CaseResult
        The case's cash flow by draw, year and party.

    Raises
    ------
    CosteffError
        With file, line, value, rule and way out for anything wrong in the case, before anything runs.

    Examples
    --------
    >>> from costeff import invest
    >>> case = invest("tki2-aarhus-investment", draws=2, individuals=10, progress=False)
    >>> case.draws
    2
    """
    return invest_all([case], draws, individuals, seed, method=method, threads=threads, progress=progress)[0]


def base_case(
    case: CaseLike,
    individuals: int | None = None,
    seed: int | None = None,
    *,
    threads: int | None = None,
    run: Priced | None = None,
) -> CaseResultData:
    """The case in one draw with every parameter at its stated value, as the spreadsheet twin shows it.

    `run` is an earlier run of the same case: its model, evidence and rules are not read again.
    """
    read = case if isinstance(case, Case) else read_case(case)
    cache = _Known()
    if run is not None:
        cache.keep(run)
    setup = _Prepared(read, 1, individuals, seed, None, cache, base_values=True)
    rules = setup.rules
    if rules is not None and read.view == "all_municipalities":  # what the state takes back is stated, not drawn
        coverage = {name: float(share[0]) for name, share in rules.coverage(1).items()}
        read = replace(read, coverage={**coverage, **read.coverage})
        setup = _Prepared(read, 1, individuals, seed, None, cache, base_values=True)
    (quantities,) = case_quantities([setup.plan], threads)
    return setup.result(quantities, threads)


def invest_all(
    cases: Iterable[CaseLike],
    draws: int | None = None,
    individuals: int | None = None,
    seed: int | None = None,
    *,
    method: CaseMethod | None = None,
    threads: int | None = None,
    progress: bool | None = None,
    check: Callable[[Sequence[CasePlan]], None] | None = None,
) -> list[CaseResultData]:
    """The results of several cases with common draws and luck; cases that can share simulations do.

    `check` is called with what is ready to simulate before it is, and raises for what is not worth simulating, such as
    `investment.choice.check_plans` for cases that nobody can choose between.
    """
    cache = _Known()
    read = (c if isinstance(c, Case) else read_case(c) for c in cases)
    setups = [_Prepared(c, draws, individuals, seed, method, cache) for c in read]
    if check is not None:
        check([p.plan for p in setups])
    show = sys.stderr.isatty() if progress is None else progress
    all_quantities = case_quantities([p.plan for p in setups], threads, show)
    return [p.result(quantities, threads) for p, quantities in zip(setups, all_quantities, strict=True)]


def best_capacity(
    case: CaseLike, parties: Parties, consultants: Sequence[float], **options: int | None
) -> tuple[float, list[CaseResultData]]:
    """The number of consultants with the highest expected net present value for `parties`, and the result of each.

    All numbers asked for are tried; they share their simulations. `options`: draws, individuals, seed, threads.
    """
    base = case if isinstance(case, Case) else read_case(case)
    if not consultants:
        raise ScenarioError("no capacities to try", rule="at least one number of consultants")
    results = invest_all([with_capacity(base, n) for n in consultants], **options)  # type: ignore[arg-type]
    worth = [float(r.npv(parties).mean()) for r in results]
    return float(consultants[int(np.argmax(worth))]), results


def smallest_effect(
    case: CaseLike, parties: Parties, doses: Sequence[float] = (0.0, 0.5, 1.0, 1.5, 2.0), **options: int | None
) -> tuple[float, np.ndarray]:
    """The smallest part of the assumed effect at which the expected net present value is not negative.

    Also (doses, expected net present value) as rows of an array. The effect of the programme is its log hazard ratios
    times the model's fidelity: 0 none, 1 as assumed. The value is interpolated between simulated doses with common
    luck; NaN when no dose tried pays, the lowest dose when all do. The same dose holds in every draw.
    """
    base = case if isinstance(case, Case) else read_case(case)
    at = sorted(set(doses))
    if len(at) < 2 or at[0] < 0:
        raise ScenarioError("too few doses", value=list(doses), rule="at least two, none negative")
    # Doses above 1 are tried on purpose.
    intentions = tuple(dict.fromkeys((*base.meant, "fidelity")))
    trials = [replace(base, fidelity=tuple(f * dose for f in base.fidelity), meant=intentions) for dose in at]
    results = invest_all(trials, **options)  # type: ignore[arg-type]
    worth = np.array([float(r.npv(parties).mean()) for r in results])
    return crossing(np.array(at), worth), np.array([at, worth])


def crossing(at: np.ndarray, worth: np.ndarray) -> float:
    """The smallest point of `at` from which `worth`, joined by straight lines, is not below 0; NaN when it ends below.

    >>> crossing(np.array([0.0, 1, 2]), np.array([-2.0, -1, 1])), crossing(np.array([0.0, 1]), np.array([1.0, 2]))
    (1.5, 0.0)
    """
    if worth[-1] < 0:
        return float("nan")
    below = np.flatnonzero(worth < 0)
    if not len(below):
        return float(at[0])
    last = below[-1]
    low, high = worth[last], worth[last + 1]
    return float(at[last] + (at[last + 1] - at[last]) * -low / (high - low))


class _Known:
    """Studies, rule sets and models that cases have in common, each read or made once."""

    def __init__(self) -> None:
        self.studies: dict[str, StudyData] = {}
        self.sets: dict[tuple[int, str, str], RuleSet] = {}
        self.models: dict[str, Models] = {}

    def keep(self, run: Priced) -> None:
        """Take the study and the rules of a run."""
        case = run.plan.case
        if run.study is not None:
            self.studies[_study_key(case)] = run.study
            self.models[_study_key(case)] = run.plan.models
            if run.rules is not None:
                self.sets[_rules_key(case, run.study)] = run.rules

    def study(self, case: Case) -> StudyData:
        """The case's study."""
        key = _study_key(case)
        if key not in self.studies:
            self.studies[key] = _study(case)
        return self.studies[key]

    def rules(self, case: Case, study: StudyData) -> RuleSet | None:
        """The case's rule set under its regime, checked for its years and benefits."""
        if not case.rules:
            return None
        key = _rules_key(case, study)
        if key not in self.sets:
            self.sets[key] = _rules(case, study.model, study.evidence)
        _check_rules(case, self.sets[key])
        _check_set_once(study.evidence, self.sets[key])
        return self.sets[key]


class _Prepared:
    """A case with its study, draws and rules: everything before the simulation."""

    def __init__(
        self,
        case: Case,
        draws: int | None,
        individuals: int | None,
        seed: int | None,
        method: str | None,
        cache: _Known,
        base_values: bool = False,
    ) -> None:
        self.case = case
        self.study = cache.study(case)
        model, evidence = self.study.model, self.study.evidence
        check_case(case, model, evidence)
        size = draws if draws is not None else int(case.run.get("draws", DRAWS))
        people = individuals if individuals is not None else int(case.run.get("individuals", INDIVIDUALS))
        design = _design(case, size, seed, method)
        if size < 1 or people < 1:
            raise ScenarioError("nothing to simulate", value=min(size, people), rule="at least 1 draw and individual")
        check_run_size(run_size(model, size, people, parameters=len(evidence.parameters)))
        self.rules = cache.rules(case, self.study)
        self.own = Evidence(
            dict(case.parameters),
            sources={**evidence.sources, **case.sources},
            price_index=evidence.price_index,
            labels=dict(case.labels),
        ).at_prices(case.price_year)
        parameter_draws: dict[str, np.ndarray] = {}
        for some in (evidence, self.own):
            if some.parameters:
                data = some.base() if base_values else some.draw(size, *design).data_vars
                parameter_draws |= {str(name): np.asarray(values).reshape(-1) for name, values in data.items()}
        uncertain = None if base_values else design
        if self.rules is not None:
            parameter_draws |= self.rules.reform_draws(size, *(uncertain or ()))
        self.blocks, period, self.period_block, self.period_year = _periods(case, self.rules, size, uncertain)
        self.model = in_own_words(model, case)
        self.plan = CasePlan(
            case,
            self.model,
            parameter_draws,
            self.study.tables,
            people,
            design,
            _reforms(case, model, self.rules),
            period,
            cache.models.setdefault(_study_key(case), Models(self.model)),
        )

    def result(self, quantities: CaseQuantities, threads: int | None) -> CaseResultData:
        """Priced, with names for people."""
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
        )
        with ThreadPoolExecutor(thread_count(threads)) as pool:  # neither needs the interpreter for most of its time
            no_effect = pool.submit(pricing.no_effect)
            cash, half = pool.submit(pricing.cash).result()
        inside, groups = payers(model), payer_groups(model)
        return CaseResultData(
            case=case,
            cash=cash,
            service=_service(case, quantities),
            rules=self.rules.name if self.rules is not None else "",
            parameters=self.plan.draws,
            individuals=self.plan.individuals,
            equal_people=self.plan.equal_people,
            seed=self.plan.design.seed,
            citizens_served=float(quantities.starts.sum(axis=1).mean()),
            parties=inside,
            groups=groups,
            decider=first_payer(model, inside),
            labels={p.name: p.label for p in model.perspectives if p.name in groups},
            half=half,
            priced=pricing,
            no_effect=no_effect.result(),
            currency=model.conventions.currency,
        )


def _beside(case: Case, name_or_path: str) -> str:
    """A bare name as it is; a path as seen from the case's file."""
    return str(Path(case.file).parent / name_or_path) if bundled.is_path(name_or_path) else name_or_path


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


def _study_key(case: Case) -> str:
    """What a case's study depends on."""
    setter = case.name if case.set else ""
    file = _beside(case, case.scenario)
    return repr((file, case.years, case.price_year, setter, case.set, case.sources, case.price_index))


def _rules_key(case: Case, study: StudyData) -> tuple[int, str, str]:
    """What a case's rule set depends on."""
    return id(study), _beside(case, case.rules), case.regime


def _study(case: Case) -> StudyData:
    """The case's scenario over its horizon, at its price level and with its changes."""
    with at_key(case, "scenario"):
        scenario = read_scenario(_beside(case, case.scenario))
    options = {"horizon": f"{case.years} years", "price_year": case.price_year}
    places = {name.removeprefix("set."): p for name, p in case.places.items() if name.startswith("set.")}
    figures = Changes(case.set, Setter("case", case.name), places, case.price_year, case.sources)
    with at_key(case, "scenario"):
        return study_of(
            scenario,
            options,
            figures,
            lambda evidence: at_case_prices(evidence, case),
            lambda model: _within(model, case.years),
        )


def _within(model: Model, years: int) -> Model:
    """The model without effects over a span longer than the case: a case does not tell them."""
    most = years * model.conventions.cycles_per_year
    effects = tuple(
        e
        for e in model.effects
        if all(span is None or span <= most for span in (e.within, e.mean_within, *(t.within for t in e.terms)))
    )
    return replace(model, effects=effects) if len(effects) < len(model.effects) else model


@contextmanager
def at_key(case: Case, key: str) -> Iterator[None]:
    """Give an error that knows no place the case's line of `key`, which named what went wrong."""
    try:
        yield
    except CosteffError as error:
        if error.where is None:
            error.where = case.places.get(key)
        raise


def _rules(case: Case, model: Model, evidence: Evidence) -> RuleSet:
    """The case's rule set under its regime: as of its first date, of its last, or by the calendar."""
    with at_key(case, "rules"):
        rules = load_rules(_beside(case, case.rules), model, evidence)
    if case.regime != "across":
        return replace(rules, as_on=rules.blocks[0 if case.regime == "old" else -1].start)
    return rules


def _check_rules(case: Case, rules: RuleSet) -> None:
    """Refuse coverage of unknown benefits, and years that the rule set has no rates for."""
    for benefit in case.coverage:
        if benefit not in rules.benefits:
            benefit_names = ", ".join(rules.benefits)
            raise ScenarioError(
                "`coverage` of an unknown benefit",
                where=case.places.get("coverage"),
                value=benefit,
                rule=f"benefits of rule set '{rules.name}': {benefit_names or 'none'}",
                way_out=way_to(benefit, rules.benefits, "name one of them"),
            )
    rules.check(middle(case.first_year, 0), middle(case.first_year, QUARTERS * case.years - 1))


def _check_set_once(evidence: Evidence, rules: RuleSet) -> None:
    """Refuse a figure that both the scenario and the dated rules set: the rules' would be used, and not be said."""
    for name in dict.fromkeys(parameter.name for _, parameter in rules.parameters()):
        figure = evidence.parameters.get(name)
        if figure is not None and figure.set_by is not None and figure.set_by.kind == "scenario":
            raise ScenarioError(
                f"'{name}' is set by {figure.set_by} and by the case's rules",
                where=figure.place,
                value=figure.value,
                rule=f"rule set '{rules.name}' sets it by date, and one of the two holds",
                way_out="put it under `set` of the case, where it holds at all dates; or leave it out of the scenario, "
                "or `rules` out of the case",
            )


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
    case: Case, rules: RuleSet | None, size: int, design: Design | None
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
            values = rules.values(date, {"": np.zeros(size)}, *(design or ())) if rules is not None else {}
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
