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
from costeff.voi.text import rows
from costeff.voi.trial_file import read_trial
from costeff.voi.trial_of_result import trial_design
from costeff.voi.trial_of_table import results_among
from costeff.voi.trial_value import (
    at_fidelity,
    deciders,
    practice_value,
    printed_deciders,
    printed_practice,
    printed_study,
    read_practice,
    study_content,
    trial_value,
)

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
    asked: Mapping[str, Any],
    people: Mapping[str, Any],
    names: Names,
) -> Extras:
    """What `asked` asks for beyond EVPI and EVPPI; `result` None for a table. Raises CosteffError."""
    found, language = Extras(), asked["language"]
    labels = {**names.strategies, **names.perspectives}
    if asked["design"]:
        people = _study(found, result, evaluation, wtp, asked, people, labels)
    if asked["practice"]:
        _practice(found, result, evaluation, wtp, asked, people, labels)
    if result is not None and asked["matrix"]:
        _matrix(found, result, wtp, asked, labels)
    if result is not None and asked["subgroups"]:
        _subgroups(found, result, wtp, asked, labels)
    if asked["deciders"]:
        assert result is not None
        from costeff.voi.figures import implementation as figure_implementation

        found.content["decision_makers"] = []
        for value in wtp:
            for kind, study in _informed(result, asked).items():
                table = deciders(result, asked["deciders"], asked["effect"], value, study=study, **people)
                found.texts.append(printed_deciders(table, value))
                found.content["decision_makers"] += [
                    {"information_is": table.attrs["about"], **row, "wtp": value} for row in rows(table)
                ]
                found.figures[f"{kind}_{value:.10g}"] = figure_implementation.by_decision_maker(
                    table, labels, language, wtp=value
                )
    return found


def _informed(result: ResultData, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Kinds of information that decision makers are compared under: perfect, and the study at its planned size."""
    kinds: dict[str, Any] = {"decision_makers": None}
    if asked["design"]:
        design = read_trial(asked["design"])
        study = trial_design(result, design, asked["decides_for"])
        kinds["decision_makers_study"] = (study, float(design.planned))
    return kinds


def possible(scenario: str | None, wtp: Sequence[float], asked: Mapping[str, Any]) -> None:
    """Refuse before anything is run what cannot be answered; `scenario` None for a table. Raises CosteffError."""
    read_wtp(list(wtp))
    if asked["practice"]:
        read_practice(asked["practice"])
    if asked["design"]:
        read_trial(asked["design"])
    elif asked["participants"] or asked["trial_cost"] or asked["decides_for"]:
        given = asked["participants"] or asked["trial_cost"] or (asked["decides_for"],)
        raise ScenarioError(
            "there is no study to speak of", value=", ".join(map(str, given)),
            rule="--n, --trial-cost and --decides-for are about a study", way_out="name it: --trial tki2_trial",
        )  # fmt: skip
    if scenario is None:
        _not_of_a_table(asked)
        return
    model = load(scenario).model
    for name in (
        model.perspective_name(asked["perspective"]),
        *asked["deciders"],
        *(name for name in asked["matrix"] if name != ALL),
    ):
        model.find("perspectives", name)
    if asked["effect"]:
        model.find("effects", asked["effect"])
    if asked["subgroups"] is not None:
        check_attribute(model, asked["subgroups"])


def _not_of_a_table(asked: Mapping[str, Any]) -> None:
    for key, option, rule in (
        ("deciders", "--decision-maker", "a table has one perspective"),
        ("matrix", "--matrix", "a table has one perspective"),
        ("subgroups", "--subgroups", "a table names its subgroups in a column: --subgroup COLUMN"),
    ):
        if asked[key]:
            value = asked[key] if isinstance(asked[key], str) else ", ".join(asked[key])
            raise ScenarioError(
                f"{option} needs a scenario", value=value, rule=rule,
                way_out="give a scenario; in Python, costeff compares tables, one for each",
            )  # fmt: skip


def measured_results(evaluation: EvaluationData, design: str | None) -> set[str]:
    """Columns of a table that hold what a design measures, which is not evidence. Raises ScenarioError."""
    return results_among(evaluation, read_trial(design)) if design else set()


def _study(
    found: Extras,
    result: ResultData | None,
    evaluation: EvaluationData,
    wtp: Sequence[float],
    asked: Mapping[str, Any],
    people: Mapping[str, Any],
    labels: Mapping[str, Label],
) -> Mapping[str, Any]:
    """Adds the study; returns the people whose decisions count, the design's when none are asked for."""
    from costeff.voi.figures import voi as figure_voi

    design = read_trial(asked["design"])
    study = trial_value(
        result, design, evaluation, wtp, participants=asked["participants"], decides_for=asked["decides_for"],
        method=asked["evsi_method"], cost=asked["trial_cost"], people=people,
        seed=1 if asked["seed"] is None else asked["seed"],
    )  # fmt: skip
    found.texts.append(printed_study(study))
    found.content["study"] = study_content(study)
    for value in wtp:
        name = f"{value:.10g}"
        found.figures[f"evsi_{name}"] = figure_voi.evsi(
            study.evsi, asked["language"], wtp=value, labels=labels
        )
        found.figures[f"enbs_{name}"] = figure_voi.enbs(
            study.enbs, asked["language"], wtp=value, labels=labels
        )
    if people["population"] is not None:
        return people
    return {
        "population": design.people,
        "horizon": design.years,
        "discount_rate": design.discount_rate,
    }


def _practice(
    found: Extras,
    result: ResultData | None,
    evaluation: EvaluationData,
    wtp: Sequence[float],
    asked: Mapping[str, Any],
    people: Mapping[str, Any],
    labels: Mapping[str, Label],
) -> None:
    from costeff.voi.figures import implementation as figure_implementation

    def delivered(fidelity: float) -> EvaluationData:
        if result is None:
            raise ScenarioError(
                "a table says nothing about another fidelity", value=fidelity,
                way_out="in Python, give `delivered=` to costeff.voi.implementation",
            )  # fmt: skip
        again = psa(at_fidelity(result.study, fidelity),
            result.draws, result.individuals, result.seed,
            method=cast("DrawMethod", result.method), engine=asked["engine"],
            threads=asked["threads"], progress=False if asked["quiet"] else None,
        )  # fmt: skip
        fresh: EvaluationData = again.perspective(asked["perspective"], asked["effect"])
        return replace(fresh, parameters=evaluation.parameters)

    table = practice_value(evaluation, wtp, read_practice(asked["practice"]), delivered, people)
    found.texts.append(printed_practice(table))
    found.content["implementation"] = {"conventions": dict(table.attrs), "rows": rows(table)}
    for value in wtp:
        figure = figure_implementation.implementation(table, asked["language"], wtp=value, labels=labels)
        found.figures[f"implementation_{value:.10g}"] = figure


def _matrix(
    found: Extras,
    result: ResultData,
    wtp: Sequence[float],
    asked: Mapping[str, Any],
    labels: Mapping[str, Label],
) -> None:
    from costeff.cea.figures import decisions as figure_decisions
    from costeff.cea.text import matrix, printed_matrix

    table = matrix(result, asked["matrix"], asked["effect"], wtp)
    found.texts.append(printed_matrix(table))
    found.content["decision_matrix"] = {"conventions": dict(table.attrs), "rows": rows(table)}
    found.figures["decision_matrix"] = figure_decisions.decision_matrix(table, labels, asked["language"])


def _subgroups(
    found: Extras,
    result: ResultData,
    wtp: Sequence[float],
    asked: Mapping[str, Any],
    labels: Mapping[str, Label],
) -> None:
    from costeff.cea import text as views

    attribute = asked["subgroups"]
    run = {
        "engine": asked["engine"],
        "threads": asked["threads"],
        "progress": False if asked["quiet"] else None,
    }
    groups = views.subgroup_result(result, attribute, asked["perspective"], asked["effect"], **run)
    own = next(a for a in result.model.attributes if a.name == attribute)
    add_subgroups(found, groups, attribute, wtp, {**labels, **own.labels}, asked["language"])


def add_subgroups(
    found: Extras,
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
    found.texts.append(views.printed_subgroups(table, value, attribute))
    found.content["subgroups"] = views.content_of_subgroups(table, value, attribute)
    for one in wtp:
        found.figures[f"subgroups_{attribute}_{one:.10g}"] = subgroups(table, labels, language, wtp=one)
