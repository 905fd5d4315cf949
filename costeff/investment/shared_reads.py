"""What cases have in common before they run: studies, rule sets and drawn parameters, each read or made once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from costeff import bundled
from costeff.analysis.load import study_of
from costeff.analysis.study import StudyData
from costeff.errors import CosteffError, ScenarioError
from costeff.evidence import Changes, Evidence, Setter
from costeff.evidence.draw import Design
from costeff.evidence.drawn_again import columns_again
from costeff.investment.belief.belief import Belief
from costeff.investment.belief.in_ratios import believed_study, in_ratios
from costeff.investment.belief.translate import Lives, with_local_return
from costeff.investment.case import QUARTERS, Case
from costeff.investment.own_words import in_own_words
from costeff.investment.price_projection import at_case_prices
from costeff.investment.pricing import Priced
from costeff.investment.timing import middle
from costeff.investment.variant_models import Models
from costeff.model import Model, read_scenario
from costeff.model.two_strategies import with_strategy
from costeff.problems import way_to
from costeff.rules import RuleSet, load_rules

FEW = 4
"""Translations of beliefs that are kept when what cases have set is dropped."""


class NeedsRunError(Exception):
    """A setup that may not simulate would have to."""


class SharedReads:
    """Studies, rule sets and models that cases have in common, each read or made once."""

    def __init__(self) -> None:
        self.files: dict[str, StudyData] = {}  # as the scenario's files have it, before the case sets anything
        self.studies: dict[str, StudyData] = {}
        self.sets: dict[tuple[object, ...], RuleSet] = {}
        self.models: dict[str, Models] = {}
        self.draws: dict[tuple[int, int, Design], tuple[Evidence, dict[str, np.ndarray]]] = {}
        self.drawn_before: dict[tuple[object, ...], tuple[Evidence, dict[str, np.ndarray]]] = {}
        self.dated: dict[tuple[object, ...], tuple[RuleSet, dict[str, np.ndarray]]] = {}  # by date
        self.worded: dict[tuple[int, str], tuple[Model, Model]] = {}  # by a model, which is kept beside it
        self.beliefs: list[tuple[Lives, Belief]] = []  # each as it was translated, on these lives
        self.translates = True  # else a belief that is not among them is not translated, which takes a simulation

    def keep(self, run: Priced) -> None:
        """Take the study and the rules of a run."""
        case = run.plan.case
        if run.study is not None:
            self.studies[study_key(case)] = run.study
            self.models[study_key(case)] = run.plan.models
            if run.rules is not None:
                self.sets[_rules_key(case, run.study)] = run.rules

    def forget_changes(self) -> None:
        """Drop what belongs to figures that cases have set; what files hold, and what was translated, stays."""
        self.studies, self.models, self.draws, self.worded = {}, {}, {}, {}
        del self.beliefs[:-FEW]

    def study(self, case: Case) -> StudyData:
        """The case's study; those that differ in what is believed of the effect are made of one that is read once."""
        key = study_key(case)
        if key not in self.studies:
            if case.belief is None:
                self.studies[key] = self._with_figures(case)
            else:
                self.studies[key] = believed_study(self.study(replace(case, belief=None)), case)
        return self.studies[key]

    def in_ratios(self, case: Case, study: StudyData, people: int, design: Design, size: int) -> Case:
        """The case with its belief translated, once for each belief and the lives that it is translated on."""
        belief = case.belief
        if belief is None or belief.translation is not None:
            return case
        lives = Lives(study.model, self.draws_of(study.evidence, size, design), study.tables, people, design)
        for others, other in self.beliefs:
            if replace(other, translation=None) == belief and lives.alike(others):
                return replace(case, belief=other)
        if not self.translates:
            raise NeedsRunError("the belief has not been translated on these lives")
        ready = in_ratios(case, lives)
        if ready.belief is not None:
            self.beliefs.append((lives, ready.belief))
        return ready

    def _with_figures(self, case: Case) -> StudyData:
        """The study of the case's files, with what the case sets in the place of figures of the model."""
        key = _files_key(case)
        if key not in self.files:
            plain_study = _study(replace(case, set={}, sources={}))
            if plain_study.scenario.implied is not None:  # which is worked out with what the case sets
                return _study(case)
            self.files[key] = plain_study
        study = self.files[key]
        with at_key(case, "scenario"):
            return replace(study, evidence=study.evidence.override(_figures(case)))

    def draws_of(self, evidence: Evidence, size: int, design: Design) -> dict[str, np.ndarray]:
        """Parameters of a study, drawn."""
        key = id(evidence), size, design
        if key not in self.draws:
            kind = size, design, frozenset(evidence.parameters)
            before = self.drawn_before.get(kind)
            values = columns_again(evidence, size, design, *before) if before else draws_of(evidence, size, design)
            # The evidence is kept with its draws, so that no other comes to have its identity.
            self.draws[key] = self.drawn_before[kind] = evidence, values
        return self.draws[key][1]

    def in_words(self, model: Model, case: Case) -> Model:
        """The model in the case's own words, with its local return: one object for cases that call it the same."""
        programme = case.programme
        words = id(model), repr((programme.label, programme.labels, [*programme.shares], case.belief))
        if words not in self.worded:
            local = model if case.belief is None else with_local_return(model, case.belief)
            self.worded[words] = model, in_own_words(local, case)
        return self.worded[words][1]

    def values_of_rules(self, rules: RuleSet, date: dt.date, size: int, design: Design | None) -> dict[str, np.ndarray]:
        """What a rule set says on a date, each (D,), drawn once."""
        key = id(rules), rules.on(date).start, size, design
        if key not in self.dated:
            self.dated[key] = rules, rules.values(date, {"": np.zeros(size)}, *(design or ()))
        return self.dated[key][1]

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


def columns(values: Mapping[Any, Any]) -> dict[str, np.ndarray]:
    """Values of parameters by name, (D,)."""
    return {str(name): np.asarray(column).reshape(-1) for name, column in values.items()}


def draws_of(evidence: Evidence, size: int, design: Design) -> dict[str, np.ndarray]:
    """Its parameters, drawn; none where it has none."""
    return columns(evidence.columns(size, *design)) if evidence.parameters else {}


def beside(case: Case, name_or_path: str) -> str:
    """A bare name as it is; a path as seen from the case's file."""
    return str(Path(case.file).parent / name_or_path) if bundled.is_path(name_or_path) else name_or_path


def study_key(case: Case) -> str:
    """What a case's study depends on."""
    setter = case.name if case.set else ""
    file = beside(case, case.scenario)
    changes = setter, case.set, case.sources, case.belief
    return repr((file, case.years, case.price_year, changes, case.price_index, case.strategy))


def _files_key(case: Case) -> str:
    """What the study of a case's files depends on."""
    return repr((beside(case, case.scenario), case.years, case.price_year, case.price_index, case.strategy))


def _rules_key(case: Case, study: StudyData) -> tuple[object, ...]:
    """What a case's rule set depends on: the model, and of its figures the names, units, sources and price index."""
    names = tuple((name, str(parameter.unit)) for name, parameter in study.evidence.parameters.items())
    evidence = repr((sorted(study.evidence.sources), names, case.price_year, case.price_index))
    return id(study.model), evidence, beside(case, case.rules), case.regime


def _figures(case: Case) -> Changes:
    """What the case sets in the place of figures of the model."""
    places = {name.removeprefix("set."): p for name, p in case.places.items() if name.startswith("set.")}
    return Changes(case.set, Setter("case", case.name), places, case.price_year, case.sources)


def _study(case: Case) -> StudyData:
    """The case's scenario over its horizon, at its price level and with its changes."""
    with at_key(case, "scenario"):
        scenario = read_scenario(beside(case, case.scenario))
    options = {"horizon": f"{case.years} years", "price_year": case.price_year}
    with at_key(case, "scenario"):
        return study_of(
            scenario,
            options,
            _figures(case),
            lambda evidence: at_case_prices(evidence, case),
            lambda model: _narrowed(model, case),
        )


def _narrowed(model: Model, case: Case) -> Model:
    """The model with the strategy that the case names, if it names one, and without effects longer than its years."""
    with at_key(case, "strategy"):
        smaller = with_strategy(model, case.strategy) if case.strategy else model
    return _within(smaller, case.years)


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
        rules = load_rules(beside(case, case.rules), model, evidence)
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
