"""What the command voi adds when asked: a study, implementation, decision makers; as text, JSON and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from costeff.analysis.load import load
from costeff.analysis.psa import psa
from costeff.analysis.wtp import read_wtp
from costeff.cea.subgroups import check_attribute
from costeff.cea.text import ALL
from costeff.errors import ScenarioError
from costeff.sensitivity.drawings import Names
from costeff.types import DrawMethod
from costeff.voi.practice import at_fidelity, practice_value, printed_practice, read_practice
from costeff.voi.text import rows
from costeff.voi.trial_file import read_trial
from costeff.voi.trial_of_result import trial_design
from costeff.voi.trial_of_table import results_among
from costeff.voi.trial_value import deciders, printed_deciders, printed_study, study_content, trial_value

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData
    from costeff.analysis.study import ResultData
    from costeff.cea.stratified import Subgroups
    from costeff.labels import Label


@dataclass(frozen=True)
class Extras:
    """Texts for the terminal, content for JSON and figures, each by name."""

    texts: list[str] = field(default_factory=list)
    content: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)


def extras(
    result: ResultData | None,
    evaluation: EvaluationData,
    wtp: Sequence[float],
    request: Mapping[str, Any],
    people: Mapping[str, Any],
    names: Names,
) -> Extras:
    """What `request` asks for beyond EVPI and EVPPI; `result` None for a table. Raises CosteffError."""
    additions, language = Extras(), request["language"]
    labels = {**names.strategies, **names.perspectives}
    if request["design"]:
        people = _study(additions, result, evaluation, wtp, request, people, labels)
    if request["practice"]:
        _practice(additions, result, evaluation, wtp, request, people, labels)
    if result is not None and request["matrix"]:
        _matrix(additions, result, wtp, request, labels)
    if result is not None and request["subgroups"]:
        _subgroups(additions, result, wtp, request, labels)
    if request["deciders"]:
        assert result is not None
        from costeff.voi.figures import implementation as figure_implementation

        additions.content["decision_makers"] = []
        for value in wtp:
            for kind, study in _informed(result, request).items():
                table = deciders(result, request["deciders"], request["effect"], value, study=study, **people)
                additions.texts.append(printed_deciders(table, value))
                additions.content["decision_makers"] += [
                    {"information_is": table.attrs["about"], **row, "wtp": value} for row in rows(table)
                ]
                additions.figures[f"{kind}_{value:.10g}"] = figure_implementation.by_decision_maker(
                    table, labels, language, wtp=value
                )
    return additions


def _informed(result: ResultData, request: Mapping[str, Any]) -> dict[str, Any]:
    """Kinds of information that decision makers are compared under: perfect, and the study at its planned size."""
    kinds: dict[str, Any] = {"decision_makers": None}
    if request["design"]:
        design = read_trial(request["design"])
        study = trial_design(result, design, request["decides_for"])
        clusters, planned = design.clusters, float(design.planned)
        people = planned if clusters is None else float(clusters.counts_as(planned, clusters.icc.mean))
        kinds["decision_makers_study"] = (study, people)
    return kinds


def possible(scenario: str | None, wtp: Sequence[float], request: Mapping[str, Any]) -> None:
    """Refuse before anything is run what cannot be answered; `scenario` None for a table. Raises CosteffError."""
    read_wtp(list(wtp))
    if request["practice"]:
        read_practice(request["practice"])
    if request["design"]:
        read_trial(request["design"])
    elif request["participants"] or request["trial_cost"] or request["decides_for"]:
        study_options = request["participants"] or request["trial_cost"] or (request["decides_for"],)
        raise ScenarioError(
            "there is no study to speak of",
            value=", ".join(map(str, study_options)),
            rule="--n, --trial-cost and --decides-for are about a study",
            way_out="name it: --trial tki2_trial",
        )
    if scenario is None:
        _not_of_a_table(request)
        return
    model = load(scenario).model
    for name in (
        model.perspective_name(request["perspective"]),
        *request["deciders"],
        *(name for name in request["matrix"] if name != ALL),
    ):
        model.find("perspectives", name)
    if request["effect"]:
        model.find("effects", request["effect"])
    if request["subgroups"] is not None:
        check_attribute(model, request["subgroups"])


def _not_of_a_table(request: Mapping[str, Any]) -> None:
    for key, option, rule in (
        ("deciders", "--decision-maker", "a table has one perspective"),
        ("matrix", "--matrix", "a table has one perspective"),
        ("subgroups", "--subgroups", "a table names its subgroups in a column: --subgroup COLUMN"),
    ):
        if request[key]:
            value = request[key] if isinstance(request[key], str) else ", ".join(request[key])
            raise ScenarioError(
                f"{option} needs a scenario",
                value=value,
                rule=rule,
                way_out="give a scenario; in Python, costeff compares tables, one for each",
            )


def measured_results(evaluation: EvaluationData, design: str | None) -> set[str]:
    """Columns of a table that hold what a design measures, which is not evidence. Raises ScenarioError."""
    return results_among(evaluation, read_trial(design)) if design else set()


def _study(
    additions: Extras,
    result: ResultData | None,
    evaluation: EvaluationData,
    wtp: Sequence[float],
    request: Mapping[str, Any],
    people: Mapping[str, Any],
    labels: Mapping[str, Label],
) -> Mapping[str, Any]:
    """Adds the study; returns the people whose decisions count, the design's when none are asked for."""
    from costeff.voi.figures import voi as figure_voi

    design = read_trial(request["design"])
    study = trial_value(
        result,
        design,
        evaluation,
        wtp,
        participants=request["participants"],
        decides_for=request["decides_for"],
        method=request["evsi_method"],
        cost=request["trial_cost"],
        people=people,
        seed=1 if request["seed"] is None else request["seed"],
    )
    additions.texts.append(printed_study(study))
    additions.content["study"] = study_content(study)
    for value in wtp:
        name = f"{value:.10g}"
        additions.figures[f"evsi_{name}"] = figure_voi.evsi(study.evsi, request["language"], wtp=value, labels=labels)
        additions.figures[f"enbs_{name}"] = figure_voi.enbs(study.enbs, request["language"], wtp=value, labels=labels)
    if people["population"] is not None:
        return people
    return {"population": design.people, "horizon": design.years, "discount_rate": design.discount_rate}


def _practice(
    additions: Extras,
    result: ResultData | None,
    evaluation: EvaluationData,
    wtp: Sequence[float],
    request: Mapping[str, Any],
    people: Mapping[str, Any],
    labels: Mapping[str, Label],
) -> None:
    from costeff.voi.figures import implementation as figure_implementation

    def delivered(fidelity: float) -> EvaluationData:
        if result is None:
            raise ScenarioError(
                "a table says nothing about another fidelity",
                value=fidelity,
                way_out="in Python, give `delivered=` to costeff.voi.implementation",
            )
        again = psa(
            at_fidelity(result.study, fidelity),
            result.draws,
            result.individuals,
            result.seed,
            method=cast("DrawMethod", result.method),
            engine=request["engine"],
            threads=request["threads"],
            progress=False if request["quiet"] else None,
        )
        fresh: EvaluationData = again.perspective(request["perspective"], request["effect"])
        return replace(fresh, parameters=evaluation.parameters)

    table = practice_value(evaluation, wtp, read_practice(request["practice"]), delivered, people)
    additions.texts.append(printed_practice(table))
    additions.content["implementation"] = {"conventions": dict(table.attrs), "rows": rows(table)}
    for value in wtp:
        figure = figure_implementation.implementation(table, request["language"], wtp=value, labels=labels)
        additions.figures[f"implementation_{value:.10g}"] = figure


def _matrix(
    additions: Extras, result: ResultData, wtp: Sequence[float], request: Mapping[str, Any], labels: Mapping[str, Label]
) -> None:
    from costeff.cea.figures import decisions as figure_decisions
    from costeff.cea.text import matrix, printed_matrix

    table = matrix(result, request["matrix"], request["effect"], wtp)
    additions.texts.append(printed_matrix(table))
    additions.content["decision_matrix"] = {"conventions": dict(table.attrs), "rows": rows(table)}
    additions.figures["decision_matrix"] = figure_decisions.decision_matrix(table, labels, request["language"])


def _subgroups(
    additions: Extras, result: ResultData, wtp: Sequence[float], request: Mapping[str, Any], labels: Mapping[str, Label]
) -> None:
    from costeff.cea import text as views

    attribute = request["subgroups"]
    run = {"engine": request["engine"], "threads": request["threads"], "progress": False if request["quiet"] else None}
    groups = views.subgroup_result(result, attribute, request["perspective"], request["effect"], **run)
    own = next(a for a in result.model.attributes if a.name == attribute)
    add_subgroups(additions, groups, attribute, wtp, {**labels, **own.labels}, request["language"])


def add_subgroups(
    additions: Extras,
    groups: Subgroups,
    attribute: str,
    wtp: Sequence[float],
    labels: Mapping[str, Label],
    language: str,
) -> None:
    """Results by subgroup, and what deciding for each is worth: text, content and figures."""
    from costeff.cea import text as views
    from costeff.cea.figures.subgroups import subgroups

    table, value = views.by_subgroup(groups, wtp), views.value_by_subgroup(groups, wtp)
    additions.texts.append(views.printed_subgroups(table, value, attribute))
    additions.content["subgroups"] = views.content_of_subgroups(table, value, attribute)
    for one in wtp:
        additions.figures[f"subgroups_{attribute}_{one:.10g}"] = subgroups(table, labels, language, wtp=one)
