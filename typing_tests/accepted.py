"""Programs as users write them: type checkers find nothing to say."""

from typing import assert_type

import pandas as pd
import xarray as xr

import costeff
from costeff import CaseResult, Evaluation, Result, Study

study = costeff.load("tki2")
assert_type(study, Study)
result = study.psa(draws=100, individuals=100, method="latin_hypercube", engine="microsim")
assert_type(result, Result)
assert_type(result.study, Study)
evaluation = result.perspective("municipal")
assert_type(evaluation, Evaluation)
assert_type(evaluation.keep("usual_care", "tki2"), Evaluation)
assert_type(evaluation.icer_table(), pd.DataFrame)
assert_type(evaluation.evpi(300_000), xr.Dataset)
assert_type(costeff.load("tki2").psa().perspective("societal").evpi(300_000), xr.Dataset)
assert_type(study.run(individuals=1000).perspective(), Evaluation)
assert_type(study.one_way("municipal", individuals=3, on="net_cost"), pd.DataFrame)
assert_type(study.scenario_table(["no_effect"], wtp=300_000, batches=5), pd.DataFrame)
assert_type(result.decision_matrix(300_000), xr.Dataset)
assert_type(evaluation.evppi(["hr_self_support"], 300_000), xr.Dataset)
assert_type(costeff.read_psa("draws.csv", currency="DKK"), Evaluation)
assert_type(costeff.read_psa("draws.csv", subgroup="age"), dict[str, Evaluation])
assert_type(costeff.invest("tki2-aarhus-investment", draws=200).reprice({"programme_cost": 1.0}), CaseResult)
sensitivity = study.gsa("morris", perspective="municipal", result="incremental_cost", size=20)
assert_type(sensitivity.table, pd.DataFrame)
assert_type(evaluation.gsa("pawn", wtp=300_000).table, pd.DataFrame)
