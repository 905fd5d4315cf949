"""What `costeff dsa` and `costeff threshold` do: choose the source, ask, and gather text, JSON content and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from costeff.economics.measures import NET_BENEFIT, measure_of
from costeff.errors import ScenarioError
from costeff.study.dsa_figures import (
    Draw,
    draw_scenarios,
    draw_threshold,
    draw_tornado,
    draw_two_way,
    measured,
    names_in,
    names_of,
)
from costeff.study.dsa_printing import (
    content_of,
    printed_one_way,
    printed_scenarios,
    printed_two_way,
)
from costeff.study.outputs import write_figures, write_json
from costeff.study.table_asked import (
    is_table,
    read_table,
    refuse_apart,
    refuse_of_a_table,
    refuse_wtp,
    said_first,
)
from costeff.study.threshold_printing import printed_price, printed_threshold

if TYPE_CHECKING:
    from costeff.economics import Evaluation
    from costeff.study.study import Study

RUN = ("individuals", "batches", "seed", "engine", "threads")
OF_A_SCENARIO = ("perspectives", "horizon", "scenarios", "ranges", "joint_draws", *RUN)
WAYS = {
    "perspectives": "--perspective",
    "scenarios": "--scenario",
    "ranges": "--range",
    "parameters": "--parameter",
}


@dataclass
class Answer:
    """What was asked, as text, as JSON content and as figures by name, each made when it is written."""

    texts: list[str] = field(default_factory=list)
    content: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Draw] = field(default_factory=dict)

    def add(self, name: str, thing: Any, text: str, figure: Draw) -> None:
        """Take up one table, grid or threshold."""
        self.texts.append(text)
        self.content[name] = content_of(thing)
        self.figures[name] = figure

    def write(self, file: str | None, folder: str | None, language: str) -> list[str]:
        """Write JSON to `file` and figures as self-contained pages to `folder`; returns the pages' names."""
        if file:
            write_json(file, self.content)
        return write_figures(folder, self.figures, language) if folder else []


def dsa(source: str, asked: Mapping[str, Any]) -> Answer:
    """One-way, two-way (`two_way` names a pair) and scenario tables of a scenario, or of a PSA table what it holds."""
    chosen = _given(asked)
    _together(chosen)
    if is_table(source):
        return _of_table(_evaluation(source, chosen), chosen)
    refuse_of_a_table(chosen)
    return _of_study(_study(source, chosen), chosen)


def threshold(source: str, asked: Mapping[str, Any]) -> Answer:
    """Thresholds of one parameter (or several set to one value) for each perspective."""
    from costeff.economics.conditional import conditional_threshold

    chosen = _given(asked)
    if "units" in chosen or "price" in chosen:
        return _of_price(source, chosen)
    if "parameter" not in chosen:
        raise ScenarioError(
            "a threshold is of a parameter", rule="--parameter NAME, or --units for a strategy's value-based price",
            way_out="name the parameter: --parameter NAME",
        )  # fmt: skip
    answer = Answer()
    keys = {key: chosen[key] for key in ("target", "low", "high", "points") if key in chosen}
    if is_table(source):
        evaluation = _evaluation(source, chosen)
        names = chosen["parameter"]
        if len(names) > 1:
            raise ScenarioError(
                "a table tells nothing of several parameters at one value", value=", ".join(names),
                way_out="name one parameter, or give a scenario",
            )  # fmt: skip
        found = conditional_threshold(evaluation, names[0], **_compared(chosen), **keys)
        found.attrs.update(measured(evaluation, found.attrs))
        figure = draw_threshold(found, names_in(evaluation))
        answer.content["read_as"] = evaluation.attrs["read_as"]
        answer.add(f"threshold_{names[0]}", found, said_first(evaluation, printed_threshold(found)), figure)
        return answer
    refuse_of_a_table(chosen)
    study = _study(source, chosen)
    for perspective in chosen.get("perspectives") or (None,):
        found = study.threshold(chosen["parameter"], perspective, **keys, **_measured(chosen))
        name = f"threshold_{found.attrs['perspective']}_{'_'.join(found.parameters)}"
        answer.add(name, found, printed_threshold(found), draw_threshold(found, names_of(study)))
    return answer


def _of_price(source: str, chosen: Mapping[str, Any]) -> Answer:
    """The value-based price of a strategy of a table."""
    from costeff.economics.value_based_price import value_based_price

    if not is_table(source):
        raise ScenarioError(
            "--units is for a table of draws", value=chosen.get("units", chosen.get("price")),
            way_out="a scenario has a parameter for the price: --parameter NAME finds where which strategy is the best",
        )  # fmt: skip
    if "units" not in chosen or "wtp" not in chosen:
        raise ScenarioError(
            "a value-based price needs units and a willingness to pay", rule="--units, --wtp",
            way_out="give how many units a person uses, and --wtp",
        )  # fmt: skip
    one_value = ("parameter", "target", "low", "high", "points", "measure")
    _refuse(
        chosen,
        one_value,
        "a value-based price",
        "leave it out: the price is found for every strategy at once",
    )
    evaluation = _evaluation(source, chosen)
    keys = {key: chosen[key] for key in ("units", "price", "strategy") if key in chosen}
    table = value_based_price(evaluation, chosen["wtp"], **keys)
    answer = Answer(content={"read_as": evaluation.attrs["read_as"], "value_based_price": content_of(table)})
    answer.texts.append(said_first(evaluation, printed_price(table)))
    return answer


def _given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given."""
    return {key: value for key, value in asked.items() if value is not None and value != ()}


def _refuse(chosen: Mapping[str, Any], names: Sequence[str], kind: str, way_out: str) -> None:
    for name in names:
        if name in chosen:
            option = WAYS.get(name, f"--{name.replace('_', '-')}")
            given = chosen[name]
            value = ", ".join(map(str, given)) if isinstance(given, tuple | list) else given
            raise ScenarioError(f"{option} does not go with {kind}", value=value, way_out=way_out)


def _pair(chosen: Mapping[str, Any]) -> tuple[str, str]:
    """The two parameters of a grid."""
    first, second = chosen["two_way"]
    if first == second:
        raise ScenarioError(
            "a grid needs two parameters", value=first, rule="two different names",
            way_out="name another one, or leave out --two-way for one parameter",
        )  # fmt: skip
    return first, second


def _together(chosen: Mapping[str, Any]) -> None:
    """Refuse options that would be left unused beside the others, rather than let them pass in silence."""
    grid, side = "two_way" in chosen, "scenarios" in chosen
    if "grid" in chosen and not grid:
        raise ScenarioError("--grid is the size of a grid", value=chosen["grid"], way_out="add --two-way A B")
    if grid and side:
        raise ScenarioError(
            "--two-way and --scenario are two analyses", value=", ".join(chosen["scenarios"]),
            way_out="run the command once for each",
        )  # fmt: skip
    one_way = "a grid of two parameters" if grid else "scenarios side by side"
    names = ("parameters", "joint_draws") if grid else ("parameters", "joint_draws", "ranges", "level")
    if grid or side:
        _refuse(chosen, names, one_way, "leave it out: it belongs to a one-way analysis")
    for name, _, _ in chosen.get("ranges", ()) if grid else ():
        if name not in chosen["two_way"]:
            raise ScenarioError(
                "--range names a parameter that is not in the grid", value=name,
                rule=f"in the grid: {', '.join(chosen['two_way'])}", way_out="leave it out, or correct the name",
            )  # fmt: skip


def _evaluation(source: str, chosen: Mapping[str, Any]) -> Evaluation:
    """The PSA table, once options that need a model have been refused."""
    way_out = "give a scenario: a table's draws cannot be run again at other values"
    _refuse(chosen, OF_A_SCENARIO, "a PSA table", way_out)
    evaluation = read_table(source, chosen)
    refuse_wtp(evaluation, [chosen.get("wtp")])
    on = measure_of(chosen.get("measure"), chosen.get("wtp"))[0]
    if on != NET_BENEFIT:
        refuse_apart(evaluation, f"'{on}'")
    return evaluation


def _study(source: str, chosen: Mapping[str, Any]) -> Study:
    from costeff.study.asking import with_options

    return with_options(source, horizon=chosen.get("horizon"))


def _measured(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Options of the measure and of the run."""
    found = {key: chosen[key] for key in ("wtp", "effect", "strategy", *RUN) if key in chosen}
    return found | ({"on": chosen["measure"]} if "measure" in chosen else {})


def _compared(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What a table is asked about: the strategy, and the measure."""
    keys = {"strategy": "strategy", "wtp": "wtp", "measure": "on"}
    return {key: chosen[name] for name, key in keys.items() if name in chosen}


def _of_study(study: Study, chosen: Mapping[str, Any]) -> Answer:
    """All perspectives of one analysis share what was simulated."""
    from costeff.study.measure import measure
    from costeff.study.one_way import OneWay, tornado_of
    from costeff.study.points import Points, Settings
    from costeff.study.two_way import two_way_of

    answer = Answer()
    settings = {key: chosen[key] for key in RUN if key in chosen}
    about = {key: value for key, value in _measured(chosen).items() if key not in RUN}
    source = Points(study, Settings(**settings), chosen.get("effect"))
    names = {key: chosen[key] for key in ("parameters", "level", "joint_draws") if key in chosen}
    ranges = {name: (low, high) for name, low, high in chosen.get("ranges", ())}
    for perspective in chosen.get("perspectives") or (None,):
        on_what = measure(study, perspective, **about)
        if "two_way" in chosen:
            first, second = _pair(chosen)
            axes = [list(ranges[name]) if name in ranges else None for name in (first, second)]
            keys = {key: chosen[key] for key in ("grid", "level") if key in chosen}
            grid = two_way_of(source, on_what, first, second, ends=axes, **keys)
            name = f"two_way_{on_what.perspective}_{first}_{second}"
            answer.add(name, grid, printed_two_way(grid), draw_two_way(grid, names_of(study)))
        elif "scenarios" not in chosen:
            table = tornado_of(source, on_what, OneWay(ranges=ranges, **names))
            name = f"tornado_{on_what.perspective}"
            answer.add(
                name, table, printed_one_way(table), draw_tornado(table, names_of(study, table["name"]))
            )
    if "scenarios" in chosen:
        _scenarios(answer, study, chosen, settings)
    return answer


def _scenarios(answer: Answer, study: Study, chosen: Mapping[str, Any], settings: dict[str, Any]) -> None:
    others = [_study(name, chosen) for name in chosen["scenarios"]]
    worth = {key: chosen[key] for key in ("wtp", "effect", "strategy") if key in chosen}
    table = study.scenario_table(others, perspectives=chosen.get("perspectives"), **worth, **settings)
    titles = {one.scenario.name: one.scenario.title for one in (study, *others)}
    answer.add("scenarios", table, printed_scenarios(table), draw_scenarios(table, names_of(study), titles))


def _of_table(evaluation: Evaluation, chosen: Mapping[str, Any]) -> Answer:
    from costeff.economics.conditional import conditional_one_way, conditional_two_way

    answer = Answer(content={"read_as": evaluation.attrs["read_as"]})
    level = {"level": chosen["level"]} if "level" in chosen else {}
    if "two_way" in chosen:
        size = {"grid": chosen["grid"]} if "grid" in chosen else {}
        first, second = _pair(chosen)
        keys = {**level, **size, **_compared(chosen)}
        grid = conditional_two_way(evaluation, first, second, **keys)
        grid.attrs.update(measured(evaluation, grid.attrs))
        answer.add(
            "two_way",
            grid,
            printed_two_way(grid),
            draw_two_way(grid, names_in(evaluation)),
        )
    else:
        keys = {**level, **_compared(chosen)}
        table = conditional_one_way(evaluation, chosen.get("parameters"), **keys)
        table.attrs.update(measured(evaluation, table.attrs))
        answer.add(
            "tornado",
            table,
            printed_one_way(table),
            draw_tornado(table, names_in(evaluation)),
        )
    answer.texts[0] = said_first(evaluation, answer.texts[0])
    return answer
