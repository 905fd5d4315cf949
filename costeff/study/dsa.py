"""What `costeff dsa` and `costeff threshold` do: choose the source, ask, and gather text, JSON content and figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costeff.errors import ScenarioError
from costeff.study.dsa_printing import (
    content_of,
    printed_one_way,
    printed_scenarios,
    printed_threshold,
    printed_two_way,
)
from costeff.study.voi import TABLES

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from costeff.economics import Evaluation
    from costeff.study.study import Study

OF_A_TABLE = ("parameters_file", "comparator", "currency", "effect_unit")
RUN = ("individuals", "batches", "seed", "engine", "threads")
OF_A_SCENARIO = ("perspectives", "effect", "horizon", "scenarios", "ranges", "joint_draws", *RUN)
WAYS = {"parameters_file": "--parameters-file", "perspectives": "--perspective", "scenarios": "--scenario",
        "ranges": "--range"}  # fmt: skip


@dataclass
class Answer:
    """What was asked, as text, as JSON content and as figures by name, each made when it is written."""

    texts: list[str] = field(default_factory=list)
    content: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Callable[[str], go.Figure]] = field(default_factory=dict)

    def add(self, name: str, thing: Any, text: str, figure: Callable[[str], go.Figure] | None) -> None:
        """Take up one table, grid or threshold."""
        self.texts.append(text)
        self.content[name] = content_of(thing)
        if figure is not None:
            self.figures[name] = figure

    def write(self, file: str | None, folder: str | None, language: str) -> list[str]:
        """Write JSON to `file` and figures as self-contained pages to `folder`; returns the pages' names."""
        if file:
            text = json.dumps(self.content, indent=1, ensure_ascii=False, allow_nan=False)
            Path(file).write_text(text + "\n", encoding="utf-8")
        if not folder:
            return []
        Path(folder).mkdir(parents=True, exist_ok=True)
        for name, figure in self.figures.items():
            figure(language).write_html(Path(folder) / f"{name}.html", include_plotlyjs=True)
        return [f"{name}.html" for name in self.figures]


def dsa(source: str, asked: Mapping[str, Any]) -> Answer:
    """One-way, two-way (`two_way` names a pair) and scenario tables of a scenario, or of a PSA table what it holds."""
    chosen = _given(asked)
    if source.lower().endswith(TABLES):
        return _of_table(_evaluation(source, chosen), chosen)
    _refuse(chosen, OF_A_TABLE, "a scenario", "the scenario says this itself")
    return _of_study(_study(source, chosen), chosen)


def threshold(source: str, asked: Mapping[str, Any]) -> Answer:
    """Thresholds of one parameter (or several set to one value) for each perspective."""
    from costeff.economics.conditional import conditional_threshold

    chosen = _given(asked)
    answer = Answer()
    keys = {key: chosen[key] for key in ("target", "low", "high", "points") if key in chosen}
    if source.lower().endswith(TABLES):
        evaluation = _evaluation(source, chosen)
        names = chosen["parameter"]
        if len(names) > 1:
            raise ScenarioError(
                "a table tells nothing of several parameters at one value", value=", ".join(names),
                way_out="name one parameter, or give a scenario",
            )  # fmt: skip
        found = conditional_threshold(evaluation, names[0], wtp=_wtp(chosen), **keys)
        answer.add(f"threshold_{names[0]}", found, printed_threshold(found), _threshold_figure(found))
        return answer
    _refuse(chosen, OF_A_TABLE, "a scenario", "the scenario says this itself")
    study = _study(source, chosen)
    for perspective in chosen.get("perspectives") or (None,):
        found = study.threshold(chosen["parameter"], perspective, **keys, **_measured(chosen))
        name = f"threshold_{found.attrs['perspective']}_{'_'.join(found.parameters)}"
        answer.add(name, found, printed_threshold(found), _threshold_figure(found))
    return answer


def _given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given."""
    return {key: value for key, value in asked.items() if value is not None and value != ()}


def _refuse(chosen: Mapping[str, Any], names: Sequence[str], kind: str, way_out: str) -> None:
    for name in names:
        if name in chosen:
            option = WAYS.get(name, f"--{name.replace('_', '-')}")
            raise ScenarioError(f"{option} does not go with {kind}", value=chosen[name], way_out=way_out)


def _evaluation(source: str, chosen: Mapping[str, Any]) -> Evaluation:
    """The PSA table, once options that need a model have been refused."""
    from costeff.economics import read_psa

    way_out = "give a scenario: a table's draws cannot be run again at other values"
    _refuse(chosen, OF_A_SCENARIO, "a PSA table", way_out)
    keys = {
        "comparator": "comparator",
        "currency": "currency",
        "effect_unit": "effect_unit",
        "parameters_file": "parameters",
    }
    return read_psa(source, **{to: chosen[key] for key, to in keys.items() if key in chosen})


def _study(source: str, chosen: Mapping[str, Any]) -> Study:
    from costeff.study.asking import with_options

    return with_options(source, horizon=chosen.get("horizon"))


def _measured(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Options of the measure and of the run."""
    found = {key: chosen[key] for key in ("wtp", "effect", *RUN) if key in chosen}
    return found | ({"on": chosen["measure"]} if "measure" in chosen else {})


def _wtp(chosen: Mapping[str, Any]) -> float | None:
    """The willingness to pay of a table's measure: net cost without one."""
    if chosen.get("measure") == "net_benefit" and "wtp" not in chosen:
        raise ScenarioError("net benefit needs a willingness to pay", way_out="give --wtp")
    return None if chosen.get("measure") == "net_cost" else chosen.get("wtp")


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
    labels = {s.name: s.label for s in study.model.strategies}
    ranges = {name: (low, high) for name, low, high in chosen.get("ranges", ())}
    for perspective in chosen.get("perspectives") or (None,):
        on_what = measure(study, perspective, **about)
        if "two_way" in chosen:
            first, second = chosen["two_way"]
            axes = [list(ranges[name]) if name in ranges else None for name in (first, second)]
            keys = {key: chosen[key] for key in ("grid", "level") if key in chosen}
            grid = two_way_of(source, on_what, first, second, ends=axes, **keys)
            name = f"two_way_{on_what.perspective}_{first}_{second}"
            answer.add(name, grid, printed_two_way(grid), _two_way_figure(grid, labels))
        elif "scenarios" not in chosen:
            table = tornado_of(source, on_what, OneWay(ranges=ranges, **names))
            name = f"tornado_{on_what.perspective}"
            answer.add(name, table, printed_one_way(table), _tornado_figure(table))
    if "scenarios" in chosen:
        _scenarios(answer, study, chosen, settings)
    return answer


def _scenarios(answer: Answer, study: Study, chosen: Mapping[str, Any], settings: dict[str, Any]) -> None:
    others = [_study(name, chosen) for name in chosen["scenarios"]]
    worth = {key: chosen[key] for key in ("wtp", "effect") if key in chosen}
    table = study.scenario_table(others, perspectives=chosen.get("perspectives"), **worth, **settings)
    answer.add("scenarios", table, printed_scenarios(table), None)


def _of_table(evaluation: Evaluation, chosen: Mapping[str, Any]) -> Answer:
    from costeff.economics.conditional import conditional_one_way, conditional_two_way

    answer = Answer()
    level = {"level": chosen["level"]} if "level" in chosen else {}
    if "two_way" in chosen:
        size = {"grid": chosen["grid"]} if "grid" in chosen else {}
        first, second = chosen["two_way"]
        grid = conditional_two_way(evaluation, first, second, wtp=_wtp(chosen), **level, **size)
        answer.add("two_way", grid, printed_two_way(grid), _two_way_figure(grid, {}))
    else:
        table = conditional_one_way(evaluation, chosen.get("parameters"), wtp=_wtp(chosen), **level)
        answer.add("tornado", table, printed_one_way(table), _tornado_figure(table))
    return answer


def _tornado_figure(table: Any) -> Callable[[str], go.Figure]:
    def made(language: str) -> go.Figure:
        from costeff.present import tornado

        measure = str(table.attrs[f"measure_{language}"])
        return tornado(table, float(table.attrs["base"]), measure, language, explained=True)

    return made


def _two_way_figure(grid: Any, labels: Mapping[str, Any]) -> Callable[[str], go.Figure]:
    def made(language: str) -> go.Figure:
        from costeff.present.figure_two_way import two_way

        return two_way(grid, labels, language)

    return made


def _threshold_figure(found: Any) -> Callable[[str], go.Figure]:
    def made(language: str) -> go.Figure:
        from costeff.present import figure_threshold

        return figure_threshold.threshold(found, language)

    return made
