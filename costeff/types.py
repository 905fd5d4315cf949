"""Closed choices as types, so that a type checker refuses what a run would."""

from __future__ import annotations

from typing import Literal

Engine = Literal["microsim", "stepping", "weekly", "cohort", "flow"]
"""Lives by event, the same lives cycle by cycle (in two ways), or the expected course of a cohort."""
DrawMethod = Literal["random", "latin_hypercube", "sobol"]
"""How parameters are drawn."""
EffectMeasure = Literal["share", "median", "mean"]
"""How a planner knows an effect: a share back after some weeks, the week by which half are back, or mean weeks."""
CaseMethod = Literal["random", "latin_hypercube"]
"""How a case's parameters are drawn: model, case and dated rules each draw their own, and two sets of Sobol points are
not independent of each other."""
Measure = Literal["net_benefit", "net_cost", "effect"]
HeldAt = Literal["break_even"]
"""What a deterministic analysis is on."""
DesignMethod = Literal["sobol", "morris"]
"""Global sensitivity by runs at designed points."""
GivenDataMethod = Literal["pawn", "regression"]
"""Global sensitivity from draws that exist."""
SensitivityMethod = DesignMethod | GivenDataMethod
ResultName = Literal["cost", "effect", "nmb", "incremental_cost", "incremental_effect", "incremental_nmb"]
"""Which result's sensitivity or convergence is asked for."""
EvsiMethod = Literal["regression", "gaussian", "moment_matching", "importance_sampling"]
"""How the expected value of sample information is worked out."""
