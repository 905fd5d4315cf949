"""Figures of deterministic sensitivity, each drawn when it is written, with labels in place of names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from costeff.catalogue import languages
from costeff.labels import Label, same
from costeff.reporting.measure_words import compared, table_measure
from costeff.reporting.parameter_labels import parameter_labels

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go
    import xarray as xr

    from costeff.analysis.evaluation import EvaluationData
    from costeff.analysis.study import StudyData
    from costeff.sensitivity.threshold import Threshold


Draw = Callable[[str], "go.Figure"]


@dataclass(frozen=True)
class Names:
    """Labels of strategies, perspectives and parameters; what has none is shown by its name."""

    strategies: Mapping[str, Label] = field(default_factory=dict)
    perspectives: Mapping[str, Label] = field(default_factory=dict)
    parameters: Mapping[str, Label] = field(default_factory=dict)


def names_of(study: StudyData, parameters: Iterable[str] = ()) -> Names:
    """The labels of a study; `parameters` are names of rows that put several parameters together."""
    model = study.model
    return Names(
        {s.name: s.label for s in model.strategies},
        {p.name: p.label for p in model.perspectives},
        parameter_labels(study.evidence, parameters),
    )


def names_in(evaluation: EvaluationData) -> Names:
    """The strategies of a table by their names, so that each has the same look in every figure."""
    return Names({name: same(name) for name in evaluation.strategies})


def measured(evaluation: EvaluationData, about: Mapping[Any, Any]) -> dict[str, str]:
    """The measure of a PSA table in words: attrs measure_en and measure_da, from the attrs of an analysis."""
    basis = about["wtp"], str(about["measure"])
    return {f"measure_{language}": table_measure(evaluation, basis[0], language, basis[1]) for language in languages()}


def draw_tornado(table: pd.DataFrame, names: Names) -> Draw:
    """The figure of a one-way table."""

    def made(language: str) -> go.Figure:
        from costeff.reporting.charts.tornado import tornado

        measure_words = compared(table.attrs, names.strategies, language)
        base = float(table.attrs["base"])
        return tornado(table, base, measure_words, language, labels=names.parameters)

    return made


def draw_two_way(grid: xr.Dataset, names: Names) -> Draw:
    """The heat map of a grid."""

    def made(language: str) -> go.Figure:
        from costeff.sensitivity.figures.two_way import two_way

        measure_words = compared(grid.attrs, names.strategies, language)
        return two_way(grid, names.strategies, language, parameters=names.parameters, measure=measure_words)

    return made


def draw_threshold(search: Threshold, names: Names) -> Draw:
    """The curve of a threshold."""

    def made(language: str) -> go.Figure:
        from costeff.sensitivity.figures import threshold as figure_threshold

        measure_words = compared(search.attrs, names.strategies, language)
        return figure_threshold.threshold(search, language, labels=names.parameters, measure=measure_words)

    return made


def draw_scenarios(table: pd.DataFrame, names: Names, scenarios: Mapping[str, Label]) -> Draw:
    """Scenarios side by side, by perspective."""

    def made(language: str) -> go.Figure:
        from costeff.sensitivity.figures.scenarios import scenarios as drawn

        return drawn(table, {**names.perspectives, **names.strategies}, language, titles=scenarios)

    return made


def draw_mending(table: pd.DataFrame, names: Names, stages: Mapping[str, Label]) -> Draw:
    """What mending each stage of a delivery gives."""

    def made(language: str) -> go.Figure:
        from costeff.sensitivity.figures.mending import mending as drawn

        return drawn(table, names.strategies, stages, language)

    return made
