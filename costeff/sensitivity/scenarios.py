"""Scenarios side by side: each base case under every perspective, with its difference from the first one's.

Scenarios share the seed, so people meet the same luck where the models are the same, and differences are precise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from costeff.analysis.load import load
from costeff.errors import ScenarioError
from costeff.sensitivity.measure import Measure, measure
from costeff.sensitivity.points import PointOptions, Points, Settings

if TYPE_CHECKING:
    import pandas as pd

    from costeff.analysis.study import StudyData


def scenario_table(
    studies: Sequence[StudyData],
    perspectives: Sequence[str] | None = None,
    *,
    wtp: float | None = None,
    effect: str | None = None,
    strategy: str | None = None,
    **settings: Unpack[PointOptions],
) -> pd.DataFrame:
    """One row per perspective and scenario: increments in the base case, and how they differ from the first scenario's.

    Columns: perspective, scenario, incremental_cost, cost_mcse, incremental_effect (as gained), effect_mcse,
    net_benefit and benefit_mcse (where a willingness to pay is given or stated), quadrant, preferred, cost_difference,
    cost_difference_mcse, effect_difference, changes_preferred, changes_quadrant. `settings` as in `one_way`;
    attrs["batches"] of people are behind every error.

    Raises ScenarioError when two scenarios share a name or lack a perspective of the first.
    """
    import pandas as pd

    names = [study.scenario.name for study in studies]
    if len(set(names)) < len(names) or not names:
        raise ScenarioError("scenarios to compare need different names", value=", ".join(names))
    run_settings = Settings(**settings)
    if run_settings.seed is None:
        settings = settings | {"seed": studies[0].seed}
    sources = [Points(study, Settings(**settings), effect) for study in studies]
    views = perspectives or [p.name for p in studies[0].model.perspectives]
    rows = []
    for view in views:
        base: dict[str, Any] | None = None
        for source in sources:
            on_what = measure(source.study, view, wtp=wtp, effect=effect, strategy=strategy)
            row = _row(source, on_what, source.study.scenario.name)
            base = base or row
            rows.append(row | _differences(source, row, base))
    table = pd.DataFrame(rows).drop(columns=["cost_batches", "gain_batches"])
    table.attrs |= measure(studies[0], views[0], wtp=wtp, effect=effect, strategy=strategy).about()
    table.attrs["batches"] = max(source.batches for source in sources)
    return table


def _row(source: Points, on_what: Measure, scenario: str) -> dict[str, Any]:
    expected = source.at([{}], on_what.perspective)
    model = source.study.model
    own, other = (model.strategy_names.index(name) for name in (on_what.strategy, model.comparator))
    cost = expected.cost[0, :, own] - expected.cost[0, :, other]
    gain = expected.gain[0, :, own] - expected.gain[0, :, other]
    (decision,) = on_what.decisions(expected)
    benefit = np.full_like(cost, np.nan) if on_what.wtp is None else on_what.wtp * gain - cost
    luck = float("nan") if on_what.wtp is None else source.error(benefit)
    return {
        "perspective": on_what.perspective,
        "scenario": scenario,
        "incremental_cost": float(cost.mean()),
        "cost_mcse": source.error(cost),
        "incremental_effect": float(gain.mean()),
        "effect_mcse": source.error(gain),
        "net_benefit": float(benefit.mean()),
        "benefit_mcse": luck,
        "quadrant": decision.quadrant,
        "preferred": decision.preferred,
        "cost_batches": cost,
        "gain_batches": gain,
    }


def _differences(source: Points, row: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    """Differences from the first scenario; batches pair where there are equally many (same people, same luck)."""
    equal_batches = len(row["cost_batches"]) == len(base["cost_batches"])
    change = row["cost_batches"] - base["cost_batches"] if equal_batches else np.array([np.nan])
    return {
        "cost_difference": row["incremental_cost"] - base["incremental_cost"],
        "cost_difference_mcse": source.error(change),
        "effect_difference": row["incremental_effect"] - base["incremental_effect"],
        "changes_preferred": row["preferred"] != base["preferred"],
        "changes_quadrant": row["quadrant"] != base["quadrant"],
    }


def scenarios_beside(
    study: StudyData,
    scenarios: Sequence[str | StudyData],
    perspectives: Sequence[str] | None = None,
    *,
    wtp: float | None = None,
    effect: str | None = None,
    strategy: str | None = None,
    **settings: Unpack[PointOptions],
) -> pd.DataFrame:
    """Base cases of this study and of other scenarios, named or read, side by side: see `scenario_table`.

    Parameters
    ----------
    study : Study
        The model, its evidence and the settings of the scenario.
    scenarios : sequence of str or Study
        To stand beside this one.
    perspectives : sequence of str, optional
        Whose costs count, one after the other. Default: all of the model.
    wtp : float, optional
        In currency per unit of effect; with it net benefit is measured, else net cost.
    effect : str, optional
        Which effect counts. Default: the model's main effect.
    strategy : str, optional
        The strategy that is compared with the comparator. Default: the last other one.
    **settings : options of a run
        Of `individuals`, `batches`, `seed`, `engine` and `threads`: see `costeff.sensitivity.points.Settings`.

    Returns
    -------
    pandas.DataFrame
        One row per scenario and perspective, in currency per individual.

    Examples
    --------
    >>> from costeff import load
    >>> table = load("tki2").scenario_table(["no_effect"], individuals=20)
    >>> table["scenario"].tolist()[:1]
    ['tki2']
    """
    others = [load(one) if isinstance(one, str) else one for one in scenarios]
    return scenario_table([study, *others], perspectives, wtp=wtp, effect=effect, strategy=strategy, **settings)
