"""Which stage of a delivery is worth mending: one part of one stage at a time is delivered as in a better strategy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from costeff.analysis.intervals import mean, monte_carlo_error
from costeff.analysis.psa import psa
from costeff.analysis.study import StudyData
from costeff.analysis.wtp import read_wtp
from costeff.errors import ScenarioError
from costeff.model.delivery import Delivery, Stage, changed
from costeff.model.elements import Attribute

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.evaluation import EvaluationData

PARTS = ("share", "pace", "drop_out", "all")
"""What may be mended of a stage: who takes it at all, how fast, who drops out before it, or all three."""


def mending(
    study: StudyData,
    strategy: str,
    like: str,
    wtp: float,
    *,
    perspective: str | None = None,
    effect: str | None = None,
    draws: int = 256,
    individuals: int = 200,
    seed: int = 1,
) -> pd.DataFrame:
    """What each part of each stage of `strategy` would give if it were as that of the strategy `like`, by itself.

    Every row is a run of the same people on the same draws, with the same luck at every stage, so that gains are of
    common random numbers. Stages go by their names; the last row mends all of them.

    Parameters
    ----------
    study : Study
        Whose model has a delivery of both strategies.
    strategy, like : str
        The strategy that is mended, and the one that shows how.
    wtp : float
        Willingness to pay, in currency per unit of effect.
    perspective, effect : str, optional
        Default: the model's first.
    draws, individuals, seed : int
        Of each run.

    Returns
    -------
    DataFrame
        Rows by `stage` and `part` (share, pace, drop_out, all): `gain`, net benefit above the strategy as it is, in
        currency per individual, with `gain_mcse`; `reached`, by how much the share rises that takes the last stage;
        `cost`, what it adds to cost; `per_reached`, that cost per person more at the last stage. attrs: conventions of
        the run, `strategy`, `like`, `wtp`, `last_stage`, and as the strategy is its share `reached`, its `cost` above
        the comparator's and that cost per person who takes the last stage, `per_reached` (NaN where nobody does).

    Raises
    ------
    ScenarioError
        Where a strategy has no delivery, or the two share no stage.
    """
    import pandas as pd

    before, better = _delivery(study, strategy), _delivery(study, like)
    value = float(read_wtp(wtp)[0][0])
    last = f"reached_{before.stages[-1].name}"

    def run(delivery: Delivery) -> tuple[np.ndarray, np.ndarray, np.ndarray, EvaluationData]:
        """Net benefit, cost above the comparator's and share at the last stage, each (draw,)."""
        one = replace(study, model=changed(study.model, delivery, _as_it_was(before)))
        result = psa(one, draws, individuals, seed, progress=False)
        evaluation = result.perspective(perspective, effect)
        g, k = evaluation.strategies.index(strategy), result.effects.names.index(last)
        usual = evaluation.strategies.index(evaluation.comparator)
        net = value * evaluation.gain[:, g] - evaluation.cost[:, g]
        return net, evaluation.cost[:, g] - evaluation.cost[:, usual], result.effects.value[:, g, k], evaluation

    net, cost, reach, evaluation = run(before)
    rows = []
    for stage, part, delivery in _mended(before, better):
        other_net, other_cost, other_reach, _ = run(delivery)
        more, dearer = float(mean(other_reach - reach)), float(mean(other_cost - cost))
        rows.append(
            {
                "stage": stage,
                "part": part,
                "gain": float(mean(other_net - net)),
                "gain_mcse": float(monte_carlo_error(other_net - net, evaluation.replicates)),
                "reached": more,
                "cost": dearer,
                "per_reached": dearer / more if more > 0 else np.nan,
            }
        )
    table = pd.DataFrame(rows, columns=["stage", "part", "gain", "gain_mcse", "reached", "cost", "per_reached"])
    mean_reach, dearer = float(mean(reach)), float(mean(cost))
    table.attrs = {
        **evaluation.conventions(),
        "strategy": strategy,
        "like": like,
        "wtp": value,
        "individuals": individuals,
        "seed": seed,
        "last_stage": before.stages[-1].name,
        "reached": mean_reach,
        "cost": dearer,
        "per_reached": dearer / mean_reach if mean_reach > 0 else np.nan,
    }
    return table


def _as_it_was(before: Delivery) -> list[Attribute]:
    """The formulas of the stages as they were as attributes that nobody reads, so that their parameters stay in use."""
    formulas = {f for s in before.stages for f in (s.probability, s.rate, s.delay, s.drop_out) if f is not None}
    return [Attribute(f"as_it_was_{i}", f) for i, f in enumerate(sorted(formulas, key=lambda f: f.text))]


def _delivery(study: StudyData, strategy: str) -> Delivery:
    for delivery in study.model.delivery:
        if delivery.strategy == strategy:
            return delivery
    raise ScenarioError(
        "the strategy has no delivery in stages",
        value=strategy,
        rule=f"strategies with one: {', '.join(d.strategy for d in study.model.delivery) or 'none'}",
        way_out="name one of these, or declare its stages under `delivery`",
    )


def _mended(before: Delivery, better: Delivery) -> Iterator[tuple[str, str, Delivery]]:
    """(stage, part, the delivery with that part as in `better`), for parts that differ; then all stages together."""
    models = {stage.name: stage for stage in better.stages}
    shared = [stage for stage in before.stages if stage.name in models]
    if not shared:
        raise ScenarioError(
            "the two deliveries share no stage",
            value=f"{before.strategy}, {better.strategy}",
            rule="stages are matched by their names",
            way_out="name them alike in the model",
        )
    for stage in shared:
        for part in PARTS:
            other = _part(stage, models[stage.name], part)
            if other != stage and (part != "all" or _parts_that_differ(stage, models[stage.name]) > 1):
                yield stage.name, part, _with(before, [other])
    whole = [_part(stage, models[stage.name], "all") for stage in shared]
    yield "all", "all", _with(before, whole)


def _parts_that_differ(stage: Stage, model: Stage) -> int:
    return sum(_part(stage, model, part) != stage for part in PARTS[:-1])


def _part(stage: Stage, model: Stage, part: str) -> Stage:
    """The stage with one part, or all, as in `model`."""
    if part in ("share", "all"):
        stage = replace(stage, probability=model.probability)
    if part in ("pace", "all"):
        stage = replace(stage, rate=model.rate, delay=model.delay)
    if part in ("drop_out", "all"):
        stage = replace(stage, drop_out=model.drop_out)
    return stage


def _with(delivery: Delivery, stages: list[Stage]) -> Delivery:
    fresh = {stage.name: stage for stage in stages}
    return replace(delivery, stages=tuple(fresh.get(stage.name, stage) for stage in delivery.stages))
