"""What the pages of a case call things, and where its figures come from: labels, notes, rules, author and versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.files.day import writing_day
from costeff.investment.case import NOT_STATED
from costeff.investment.report.content import Stamp
from costeff.investment.report.split import own_split
from costeff.labels import Label, joined, same, worded
from costeff.reporting.parameter_labels import parameter_labels, parameter_notes

if TYPE_CHECKING:
    from costeff.investment.pricing import Priced
    from costeff.investment.result import CaseResultData


def labels_of_parameters(result: CaseResultData) -> dict[str, Label]:
    """Labels of the model's and the case's parameters."""
    every = () if result.priced is None else result.priced.evidence
    return {name: label for evidence in every for name, label in parameter_labels(evidence).items()}


def notes_of_parameters(result: CaseResultData) -> dict[str, Label]:
    """Notes of the model's and the case's parameters, of those that the rules set, and of the case's other figures."""
    if result.priced is None:
        return {}
    rules = [] if result.priced.rules is None else [one for _, one in result.priced.rules.parameters()]
    own = [one for evidence in result.priced.evidence for one in evidence.parameters.values()]
    basis_notes = {basis.note: basis.words for basis in result.case.basis.values() if basis.words is not None}
    return parameter_notes([*own, *rules]) | basis_notes | {NOT_STATED: worded("note_not_stated")}


def strategy_labels(result: CaseResultData) -> tuple[Label, Label]:
    """Names of the programme and of what it is compared with."""
    if result.priced is None:
        return same(result.case.scenario), worded("usual_care")
    model = result.priced.plan.model
    other = next(name for name in model.strategy_names if name != model.comparator)
    programme, comparator = (model.find("strategies", name).label for name in (other, model.comparator))
    if result.on_top is not None:
        comparator = joined(" + ", [comparator, strategy_labels(result.on_top.other)[0]])
    return programme, comparator


def title_of_rules(result: CaseResultData) -> Label:
    """The title of the rule set and how it is used."""
    rules = None if result.priced is None else result.priced.rules
    if rules is None:
        of_model = "" if result.priced is None else _rules_of_model(result.priced)
        name = result.rules or of_model
        return same(name) if name else worded("model_rules")
    title: Label = rules.title
    if result.case.regime == "across":
        return title
    return joined(", ", [title, worded(f"regime_{result.case.regime}")])


def _rules_of_model(priced_case: Priced) -> str:
    assert priced_case.study is not None  # a priced case was read from its files
    return priced_case.study.model.rules


def notes_of_case(result: CaseResultData) -> list[Label]:
    """What a reader would not expect: whose rules hold, and who pays the model's own cost of the programme."""
    if result.priced is None:
        return []
    rules = _rules_of_model(result.priced)
    of_model = worded("note_rules_of_model", rules=rules) if rules else worded("note_no_rules")
    keys = [] if result.priced.rules is not None else [of_model]
    split = own_split(result)
    return [*keys, *([split] if split is not None else [])]


def stamp_of(result: CaseResultData) -> Stamp:
    """Date, versions, author and size of a result."""
    from costeff import __version__

    case = result.case
    return Stamp(writing_day(), __version__, result.draws, result.individuals, result.seed, case.author, case.version)


def provenance(result: CaseResultData) -> list[tuple[Label, str]]:
    """What a result was made of: files, settings and the version of costeff."""
    from costeff import __version__

    return [
        (worded("made_case_case_file"), result.case.name),
        (worded("made_case_scenario_of_the_model"), result.case.scenario),
        (worded("made_case_rules"), result.rules),
        (worded("made_case_draws"), str(result.draws)),
        (worded("made_case_simulated_citizens_in_each_draw"), str(result.individuals)),
        (worded("made_case_seed"), str(result.seed)),
        (worded("made_case_version_of_costeff"), __version__),
    ]
