"""What the command voi adds when asked: a study, implementation, decision makers; as text, JSON and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from costeff.errors import ScenarioError
from costeff.study.voi import rows
from costeff.study.voi_study import (
    at_fidelity,
    deciders,
    practice_value,
    printed_deciders,
    printed_practice,
    printed_study,
    read_practice,
    study_content,
    study_value,
)

if TYPE_CHECKING:
    from costeff.economics import Evaluation
    from costeff.study.result import Result


@dataclass(frozen=True)
class Extras:
    """Texts for the terminal, content for JSON and figures, each by name."""

    texts: list[str] = field(default_factory=list)
    content: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)


def extras(
    result: Result | None,
    evaluation: Evaluation,
    wtp: Sequence[float],
    asked: Mapping[str, Any],
    people: Mapping[str, Any],
) -> Extras:
    """What `asked` asks for beyond EVPI and EVPPI; `result` None for a table. Raises CosteffError."""
    found, language = Extras(), asked["language"]
    _possible(result, asked)
    if asked["design"]:
        assert result is not None
        people = _study(found, result, evaluation, wtp, asked, people)
    if asked["practice"]:
        _practice(found, result, evaluation, wtp, asked, people)
    if asked["deciders"]:
        assert result is not None
        from costeff.present import figure_implementation

        labels = {p.name: p.label for p in result.model.perspectives}
        found.content["decision_makers"] = []
        for value in wtp:
            for kind, study in _informed(result, asked).items():
                table = deciders(result, asked["deciders"], asked["effect"], value, study=study, **people)
                found.texts.append(printed_deciders(table, value))
                found.content["decision_makers"] += [
                    {"information_is": table.attrs["about"], **row, "wtp": value} for row in rows(table)
                ]
                found.figures[f"{kind}_{value:.10g}"] = figure_implementation.by_decision_maker(
                    table, labels, language
                )
    return found


def _informed(result: Result, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Kinds of information that decision makers are compared under: perfect, and the study at its planned size."""
    from costeff.model.design import read_design
    from costeff.study.study_design import study_design

    kinds: dict[str, Any] = {"decision_makers": None}
    if asked["design"]:
        design = read_design(asked["design"])
        study = study_design(result, design, asked["decides_for"])
        kinds["decision_makers_study"] = (study, float(design.planned))
    return kinds


def _possible(result: Result | None, asked: Mapping[str, Any]) -> None:
    if result is None and (asked["design"] or asked["deciders"]):
        raise ScenarioError(
            "a design and decision makers need a scenario", value=asked["design"] or ", ".join(asked["deciders"]),
            rule="a study's endpoints follow simulated effects, and a table has one perspective",
            way_out="in Python, costeff.economics.evsi and by_decision_maker take tables",
        )  # fmt: skip
    if not asked["design"] and (asked["participants"] or asked["trial_cost"] or asked["decides_for"]):
        raise ScenarioError("there is no study to speak of", way_out="name it: --design tki2_trial")


def _study(
    found: Extras,
    result: Result,
    evaluation: Evaluation,
    wtp: Sequence[float],
    asked: Mapping[str, Any],
    people: Mapping[str, Any],
) -> Mapping[str, Any]:
    """Adds the study; returns the people whose decisions count, the design's when none are asked for."""
    from costeff.model.design import read_design
    from costeff.present import figure_voi

    design = read_design(asked["design"])
    study = study_value(
        result, design, evaluation, wtp, participants=asked["participants"], decides_for=asked["decides_for"],
        method=asked["evsi_method"], cost=asked["trial_cost"], people=people,
    )  # fmt: skip
    found.texts.append(printed_study(study))
    found.content["study"] = study_content(study)
    for value in wtp:
        name = f"{value:.10g}"
        found.figures[f"evsi_{name}"] = figure_voi.evsi(study.evsi, asked["language"], wtp=value)
        found.figures[f"enbs_{name}"] = figure_voi.enbs(study.enbs, asked["language"], wtp=value)
    if people["population"] is not None:
        return people
    return {
        "population": design.people,
        "horizon": design.years,
        "discount_rate": design.discount_rate,
    }


def _practice(
    found: Extras,
    result: Result | None,
    evaluation: Evaluation,
    wtp: Sequence[float],
    asked: Mapping[str, Any],
    people: Mapping[str, Any],
) -> None:
    from costeff.present import figure_implementation

    def delivered(fidelity: float) -> Evaluation:
        if result is None:
            raise ScenarioError(
                "a table says nothing about another fidelity", value=fidelity,
                way_out="in Python, give `delivered=` to costeff.economics.implementation",
            )  # fmt: skip
        again = at_fidelity(result.study, fidelity).psa(
            result.size, result.individuals, result.seed, method=result.method, engine=asked["engine"],
            threads=asked["threads"], progress=False if asked["quiet"] else None,
        )  # fmt: skip
        fresh = again.perspective(asked["perspective"], asked["effect"])
        return replace(fresh, parameters=evaluation.parameters)

    labels = {} if result is None else {s.name: s.label for s in result.model.strategies}
    table = practice_value(evaluation, wtp, read_practice(asked["practice"]), delivered, people)
    found.texts.append(printed_practice(table))
    found.content["implementation"] = {"conventions": dict(table.attrs), "rows": rows(table)}
    for value in wtp:
        figure = figure_implementation.implementation(table, asked["language"], wtp=value, labels=labels)
        found.figures[f"implementation_{value:.10g}"] = figure
