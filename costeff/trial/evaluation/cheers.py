"""The 28 items of CHEERS 2022 for this evaluation: what plan and results say of each, and what authors must write.

Husereau and others 2022, Consolidated Health Economic Evaluation Reporting Standards 2022 (CHEERS 2022).
"""

from __future__ import annotations

from collections.abc import Mapping

from costeff.catalogue import say
from costeff.model.model import Model
from costeff.trial.evaluation.evaluate import TrialEvaluation
from costeff.trial.extract import WEEKS_OF_COST
from costeff.trial.page import PagePart
from costeff.trial.plan import AnalysisPlan

ITEMS = (
    "title",
    "abstract",
    "background",
    "plan",
    "population",
    "setting",
    "comparators",
    "perspective",
    "horizon",
    "discount",
    "outcomes",
    "measurement",
    "valuation",
    "resources",
    "currency",
    "model",
    "analytics",
    "heterogeneity",
    "distribution",
    "uncertainty",
    "engagement",
    "parameters",
    "main_results",
    "effect_of_uncertainty",
    "effect_of_engagement",
    "findings",
    "funding",
    "conflicts",
)


def cheers_part(evaluation: TrialEvaluation, plan: AnalysisPlan, model: Model, language: str) -> PagePart:
    """The checklist: number, item, and what is reported; items that no file says are left to the authors."""
    answers = _answers(evaluation, plan, model, language)
    authors = say("trial_cheers_authors", language)
    heads = [say(f"trial_head_{key}", language) for key in ("item", "reported")]
    rows = [
        [f"{i}. {say(f'trial_cheers_{name}', language)}", answers.get(name, authors)]
        for i, name in enumerate(ITEMS, start=1)
    ]
    return PagePart("cheers", say("trial_cheers", language), heads, rows)


def _answers(evaluation: TrialEvaluation, plan: AnalysisPlan, model: Model, language: str) -> Mapping[str, str]:
    groups = [model.find("strategies", name).label[language] for name in plan.strategies]
    points = {one.name: one.label[language] for one in plan.end_points}
    effects = list(dict.fromkeys(points[one.effect_name] for one in evaluation.pairs))
    instruments = list(dict.fromkeys(one.instrument for one in plan.questionnaires))
    conventions = model.conventions
    return {
        "plan": say("trial_cheers_plan_is", language, hash=plan.short_hash(), date=plan.date_of_plan.isoformat()),
        "population": say("trial_cheers_in", language, part=say("trial_flow", language)),
        "comparators": "; ".join(groups),
        "perspective": "; ".join(model.find("perspectives", name).label[language] for name in plan.perspectives),
        "horizon": say("trial_cheers_weeks", language, weeks=WEEKS_OF_COST),
        "discount": say("trial_cheers_no_discount", language),
        "outcomes": "; ".join(effects),
        "measurement": say("trial_cheers_measured", language, names=", ".join(instruments)),
        "valuation": say("trial_cheers_valued", language),
        "resources": say("trial_cheers_ledger", language),
        "currency": f"{conventions.currency} {conventions.price_year}",
        "model": say("trial_cheers_no_model", language),
        "analytics": say("trial_adjusted", language, names=evaluation.covariates_text(language)),
        "heterogeneity": say("trial_cheers_in", language, part=say("trial_subgroups", language)),
        "uncertainty": say("trial_bootstrap", language, replicates=evaluation.replicates),
        "main_results": say("trial_cheers_in", language, part=effects[0] if effects else ""),
        "effect_of_uncertainty": say("trial_cheers_in", language, part=say("trial_missing", language)),
    }
