"""What `costeff dsa` and `costeff threshold` do: choose the source, ask, and gather text, JSON content and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from costeff.analysis.measures import NET_BENEFIT, measure_of
from costeff.errors import ScenarioError
from costeff.reporting.outputs import write_figures, write_json
from costeff.sensitivity import threshold_search
from costeff.sensitivity.drawings import (
    Draw,
    draw_mending,
    draw_scenarios,
    draw_threshold,
    draw_tornado,
    draw_two_way,
    measured,
    names_in,
    names_of,
)
from costeff.sensitivity.mending_text import printed_mending
from costeff.sensitivity.scenarios import scenarios_beside
from costeff.sensitivity.text import content_of, printed_one_way, printed_scenarios, printed_two_way
from costeff.sensitivity.threshold_text import printed_price, printed_threshold
from costeff.shell.table_options_read import (
    is_table,
    read_table,
    refuse_apart,
    refuse_of_a_table,
    refuse_wtp,
    said_first,
)

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData
    from costeff.analysis.study import StudyData

RUN = ("individuals", "batches", "seed", "engine", "threads")
OF_A_SCENARIO = ("perspectives", "horizon", "scenarios", "ranges", "joint_draws", "mend", *RUN)
WAYS = {"perspectives": "--perspective", "scenarios": "--scenario", "ranges": "--range", "parameters": "--parameter"}


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

    def write(self, file: str | None, folder: str | None, language: str, image: str | None = None) -> list[str]:
        """Write JSON to `file` and figures as pages, and as images of a kind, to `folder`; returns the names there."""
        if file:
            write_json(file, self.content)
        return write_figures(folder, self.figures, language, image) if folder else []


def dsa(source: str, request: Mapping[str, Any]) -> Answer:
    """One-way, two-way (`two_way` names a pair) and scenario tables of a scenario, or of a PSA table what it holds."""
    options = _given(request)
    _together(options)
    if is_table(source):
        return _of_table(_evaluation(source, options), options)
    refuse_of_a_table(options)
    if "mend" in options:
        return _mended(_study(source, options), options)
    return _of_study(_study(source, options), options)


def threshold(source: str, request: Mapping[str, Any]) -> Answer:
    """Thresholds of one parameter (or several set to one value) for each perspective."""
    from costeff.sensitivity.conditional import conditional_threshold

    options = _given(request)
    if "units" in options or "price" in options:
        return _of_price(source, options)
    if "parameter" not in options:
        raise ScenarioError(
            "a threshold is of a parameter",
            rule="--parameter NAME, or --units for a strategy's value-based price",
            way_out="name the parameter: --parameter NAME",
        )
    answer = Answer()
    keys = {key: options[key] for key in ("target", "low", "high", "points") if key in options}
    if is_table(source):
        evaluation = _evaluation(source, options)
        names = options["parameter"]
        if len(names) > 1:
            raise ScenarioError(
                "a table tells nothing of several parameters at one value",
                value=", ".join(names),
                way_out="name one parameter, or give a scenario",
            )
        search = conditional_threshold(evaluation, names[0], **_compared(options), **keys)
        search.attrs.update(measured(evaluation, search.attrs))
        figure = draw_threshold(search, names_in(evaluation))
        answer.content["read_as"] = evaluation.attrs["read_as"]
        answer.add(f"threshold_{names[0]}", search, said_first(evaluation, printed_threshold(search)), figure)
        return answer
    refuse_of_a_table(options)
    study = _study(source, options)
    for perspective in options.get("perspectives") or (None,):
        search = threshold_search.threshold(study, options["parameter"], perspective, **keys, **_measured(options))
        name = f"threshold_{search.attrs['perspective']}_{'_'.join(search.parameters)}"
        answer.add(name, search, printed_threshold(search), draw_threshold(search, names_of(study)))
    return answer


def _of_price(source: str, options: Mapping[str, Any]) -> Answer:
    """The value-based price of a strategy of a table."""
    from costeff.sensitivity.value_based_price import value_based_price

    if not is_table(source):
        raise ScenarioError(
            "--units is for a table of draws",
            value=options.get("units", options.get("price")),
            way_out="a scenario has a parameter for the price: --parameter NAME finds where which strategy is the best",
        )
    if "units" not in options or "wtp" not in options:
        raise ScenarioError(
            "a value-based price needs units and a willingness to pay",
            rule="--units, --wtp",
            way_out="give how many units a person uses, and --wtp",
        )
    one_value = ("parameter", "target", "low", "high", "points", "measure")
    _refuse(options, one_value, "a value-based price", "leave it out: the price is found for every strategy at once")
    evaluation = _evaluation(source, options)
    keys = {key: options[key] for key in ("units", "price", "strategy") if key in options}
    table = value_based_price(evaluation, options["wtp"], **keys)
    answer = Answer(content={"read_as": evaluation.attrs["read_as"], "value_based_price": content_of(table)})
    answer.texts.append(said_first(evaluation, printed_price(table)))
    return answer


def _given(request: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given."""
    return {key: value for key, value in request.items() if value is not None and value != ()}


def _refuse(options: Mapping[str, Any], names: Sequence[str], kind: str, way_out: str) -> None:
    for name in names:
        if name in options:
            option = WAYS.get(name, f"--{name.replace('_', '-')}")
            setting = options[name]
            value = ", ".join(map(str, setting)) if isinstance(setting, tuple | list) else setting
            raise ScenarioError(f"{option} does not go with {kind}", value=value, way_out=way_out)


def _pair(options: Mapping[str, Any]) -> tuple[str, str]:
    """The two parameters of a grid."""
    first, second = options["two_way"]
    if first == second:
        raise ScenarioError(
            "a grid needs two parameters",
            value=first,
            rule="two different names",
            way_out="name another one, or leave out --two-way for one parameter",
        )
    return first, second


def _together(options: Mapping[str, Any]) -> None:
    """Refuse options that would be left unused beside the others, rather than let them pass in silence."""
    grid, side = "two_way" in options, "scenarios" in options
    _mend_alone(options)
    if "grid" in options and not grid:
        raise ScenarioError("--grid is the size of a grid", value=options["grid"], way_out="add --two-way A B")
    if grid and side:
        raise ScenarioError(
            "--two-way and --scenario are two analyses",
            value=", ".join(options["scenarios"]),
            way_out="run the command once for each",
        )
    one_way = "a grid of two parameters" if grid else "scenarios side by side"
    names = ("parameters", "joint_draws") if grid else ("parameters", "joint_draws", "ranges", "level")
    if grid or side:
        _refuse(options, names, one_way, "leave it out: it belongs to a one-way analysis")
    if side:
        _refuse(options, ("measure",), one_way, "leave it out: costs, effects and net benefit all stand in the table")
    for name, _, _ in options.get("ranges", ()) if grid else ():
        if name not in options["two_way"]:
            raise ScenarioError(
                "--range names a parameter that is not in the grid",
                value=name,
                rule=f"in the grid: {', '.join(options['two_way'])}",
                way_out="leave it out, or correct the name",
            )


def _mend_alone(options: Mapping[str, Any]) -> None:
    """Mending is an analysis of its own, over draws, of net benefit."""
    if "mend" not in options:
        _refuse(options, ("draws",), "an analysis at base values", "add --mend, or leave it out")
        return
    if "wtp" not in options:
        raise ScenarioError(
            "what mending gives is net benefit", rule="--wtp", way_out="add --wtp, currency per unit of effect"
        )
    others = ("two_way", "scenarios", "parameters", "ranges", "level", "joint_draws")
    unused = ("measure", "strategy", "batches", "engine", "threads")
    _refuse(options, (*others, *unused), "--mend", "leave it out: mending draws all parameters, stage by stage")


def _evaluation(source: str, options: Mapping[str, Any]) -> EvaluationData:
    """The PSA table, once options that need a model have been refused."""
    way_out = "give a scenario: a table's draws cannot be run again at other values"
    _refuse(options, OF_A_SCENARIO, "a PSA table", way_out)
    evaluation = read_table(source, options)
    refuse_wtp(evaluation, [options.get("wtp")])
    on = measure_of(options.get("measure"), options.get("wtp"))[0]
    if on != NET_BENEFIT:
        refuse_apart(evaluation, f"'{on}'")
    return evaluation


def _study(source: str, options: Mapping[str, Any]) -> StudyData:
    from costeff.shell.study_options import with_options

    return with_options(source, horizon=options.get("horizon"))


def _measured(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of the measure and of the run."""
    keys = {key: options[key] for key in ("wtp", "effect", "strategy", *RUN) if key in options}
    return keys | ({"on": options["measure"]} if "measure" in options else {})


def _compared(options: Mapping[str, Any]) -> dict[str, Any]:
    """What a table is asked about: the strategy, and the measure."""
    keys = {"strategy": "strategy", "wtp": "wtp", "measure": "on"}
    return {key: options[name] for name, key in keys.items() if name in options}


def _of_study(study: StudyData, options: Mapping[str, Any]) -> Answer:
    """All perspectives of one analysis share what was simulated."""
    from costeff.sensitivity.measure import measure
    from costeff.sensitivity.one_way import OneWay, tornado_of, with_switches
    from costeff.sensitivity.points import Points, Settings
    from costeff.sensitivity.two_way import two_way_of

    answer = Answer()
    settings = {key: options[key] for key in RUN if key in options}
    about = {key: value for key, value in _measured(options).items() if key not in RUN}
    source = Points(study, Settings(**settings), options.get("effect"))
    names = {key: options[key] for key in ("parameters", "level", "joint_draws") if key in options}
    ranges = {name: (low, high) for name, low, high in options.get("ranges", ())}
    for perspective in options.get("perspectives") or (None,):
        on_what = measure(study, perspective, **about)
        if "two_way" in options:
            first, second = _pair(options)
            axes = [list(ranges[name]) if name in ranges else None for name in (first, second)]
            keys = {key: options[key] for key in ("grid", "level") if key in options}
            grid = two_way_of(source, on_what, first, second, ends=axes, **keys)
            name = f"two_way_{on_what.perspective}_{first}_{second}"
            answer.add(name, grid, printed_two_way(grid), draw_two_way(grid, names_of(study)))
        elif "scenarios" not in options:
            table = tornado_of(source, on_what, OneWay(ranges=ranges, **names))
            table = with_switches(table, source, on_what)
            name = f"tornado_{on_what.perspective}"
            answer.add(name, table, printed_one_way(table), draw_tornado(table, names_of(study, table["name"])))
    if "scenarios" in options:
        _scenarios(answer, study, options, settings)
    return answer


def _scenarios(answer: Answer, study: StudyData, options: Mapping[str, Any], settings: dict[str, Any]) -> None:
    others = [_study(name, options) for name in options["scenarios"]]
    worth = {key: options[key] for key in ("wtp", "effect", "strategy") if key in options}
    table = scenarios_beside(study, others, perspectives=options.get("perspectives"), **worth, **settings)
    titles = {one.scenario.name: one.scenario.title for one in (study, *others)}
    answer.add("scenarios", table, printed_scenarios(table), draw_scenarios(table, names_of(study), titles))


def _mended(study: StudyData, options: Mapping[str, Any]) -> Answer:
    """Which stage of a delivery is worth mending, for each perspective."""
    from costeff.sensitivity.mending import mending

    (strategy, like), names = options["mend"], names_of(study)
    stages = {stage.name: stage.label for one in study.model.delivery for stage in one.stages}
    keys = {key: options[key] for key in ("effect", "draws", "individuals", "seed") if key in options}
    answer = Answer()
    for perspective in options.get("perspectives") or (None,):
        table = mending(study, strategy, like, options["wtp"], perspective=perspective, **keys)
        name = f"mending_{table.attrs['perspective']}"
        answer.add(name, table, printed_mending(table), draw_mending(table, names, stages))
    return answer


def _of_table(evaluation: EvaluationData, options: Mapping[str, Any]) -> Answer:
    from costeff.sensitivity.conditional import conditional_one_way, conditional_two_way

    answer = Answer(content={"read_as": evaluation.attrs["read_as"]})
    level = {"level": options["level"]} if "level" in options else {}
    if "two_way" in options:
        size = {"grid": options["grid"]} if "grid" in options else {}
        first, second = _pair(options)
        keys = {**level, **size, **_compared(options)}
        grid = conditional_two_way(evaluation, first, second, **keys)
        grid.attrs.update(measured(evaluation, grid.attrs))
        answer.add("two_way", grid, printed_two_way(grid), draw_two_way(grid, names_in(evaluation)))
    else:
        keys = {**level, **_compared(options)}
        table = conditional_one_way(evaluation, options.get("parameters"), **keys)
        table.attrs.update(measured(evaluation, table.attrs))
        answer.add("tornado", table, printed_one_way(table), draw_tornado(table, names_in(evaluation)))
    answer.texts[0] = said_first(evaluation, answer.texts[0])
    return answer
