"""What an extract tells the model: statistics of the register, quality of life, and what the programme costs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from costeff.trial.evaluation.evaluate import TrialEvaluation
from costeff.trial.extract import Extract
from costeff.trial.learning.consultants import design_effects, wider_difference
from costeff.trial.learning.exact import binomial_log_likelihood, normal_log_likelihood
from costeff.trial.learning.lensed import LensedModel, choose_statistics, trial_statistics
from costeff.trial.learning.update import EffectSeen, ParameterSeen, TrialData
from costeff.trial.process import doses, hidden
from costeff.trial.results import PROGRAMME, added_cost, registered_costs


def trial_data(
    extract: Extract,
    lens_model: LensedModel,
    prior: Mapping[str, np.ndarray],
    evaluation: TrialEvaluation | None,
    effect_names: Mapping[str, str],
) -> TrialData:
    """What the trial tells, in the weeks that `lens_model` is asked about; nothing in none of them.

    `evaluation` is the within-trial one, whose quality of life is used where `effect_names` says which effect of the
    model an end point is.
    """
    by_group = choose_statistics(lens_model, prior)
    if lens_model.weeks == 0:
        return TrialData(by_group, trial_statistics(extract.trial, by_group))
    factors = design_effects(extract, by_group)
    of_mean = float(factors[-1]) if len(factors) else 1.0
    effects = []
    for name, effect in effect_names.items():
        pairs = evaluation.pairs if evaluation is not None else ()
        pair = next((p for p in pairs if p.effect_name == name and p.effect_of == "qaly"), None)
        if pair is not None:
            error = wider_difference(pair.effect.error, pair.people, of_mean)
            effects.append(EffectSeen(effect, pair.effect.value, error))
    statistics = trial_statistics(extract.trial, by_group)
    return TrialData(by_group, statistics, tuple(effects), parameters_seen(extract), factors)


def parameters_seen(extract: Extract) -> tuple[ParameterSeen, ...]:
    """The programme's cost as registered, and how many had the steps that a parameter stands for."""
    out = []
    cost = added_cost(registered_costs(extract), extract.plan.strategies)
    if cost is not None and cost[1] > 0:
        out.append(ParameterSeen(PROGRAMME, normal_log_likelihood(*cost)))
    if extract.milestones is not None:
        for name, share in doses(extract.milestones, extract.trial, extract.plan.strategies[-1]).items():
            if not hidden(share, extract.plan.smallest_cell):
                out.append(ParameterSeen(name, binomial_log_likelihood(share.count, share.people)))
    return tuple(out)
