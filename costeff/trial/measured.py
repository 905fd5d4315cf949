"""What a trial measured of the programme itself, as a scenario file: its cost and its dose, with their uncertainty."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from costeff.analysis.study import StudyData
from costeff.errors import ScenarioError
from costeff.evidence import Evidence
from costeff.files import whole_file
from costeff.model import model_file
from costeff.model.scenario import Scenario
from costeff.trial.plan import AnalysisPlan
from costeff.trial.process import hidden
from costeff.trial.results import PROGRAMME, TrialResults, added_cost

SOURCE = "trial_registration"
JEFFREYS = 0.5


def measured_figures(results: TrialResults, plan: AnalysisPlan, evidence: Evidence) -> dict[str, dict[str, Any]]:
    """Parameter to what a scenario's `set` says of it: mean, spread, kind, source and note.

    The programme's cost is a gamma distribution with the mean and the standard error of the registration. A dose is
    the share who had every step that stands for it: a beta distribution by Jeffreys' prior, so that it is uncertain
    also where everybody had them; a share of so few people that it may not leave is left out (see `hidden_doses`).
    Raises ScenarioError where there is nothing to say.
    """
    out: dict[str, dict[str, Any]] = {}
    cost = added_cost(results.registrations, plan.strategies)
    if cost is not None and PROGRAMME in evidence.parameters:
        out[PROGRAMME] = _cost(*cost, plan)
    for name, share in results.doses.get(plan.strategies[-1], {}).items():
        if hidden(share, plan.smallest_cell):
            continue
        have, have_not = share.count + JEFFREYS, share.people - share.count + JEFFREYS
        out[name] = {
            "value": have / (have + have_not),
            "unit": evidence.parameters[name].unit if name in evidence.parameters else "ratio",
            "distribution": "beta",
            "shape": {"alpha": have, "beta": have_not},
            "kind": "derived",
            "source": SOURCE,
            "note": f"{share.count} of {share.people} had every step that stands for it; Jeffreys' prior. Taken as "
            "fidelity against the trials that the effect is from, whose own share is not known: an assumption",
        }
    if not out:
        raise ScenarioError(
            "nothing was measured that is a parameter of the model",
            where=plan.place,
            rule="a time registration gives `programme_cost`, steps with `doses` give their parameters",
            way_out="extract time.csv and process.csv too, or run without --parameters",
        )
    return out


def hidden_doses(results: TrialResults, plan: AnalysisPlan) -> list[str]:
    """Parameters whose steps so few people had, or had not, that their share may not leave."""
    shares = results.doses.get(plan.strategies[-1], {})
    return [name for name, share in shares.items() if hidden(share, plan.smallest_cell)]


def write_measured(results: TrialResults, plan: AnalysisPlan, study: StudyData, file: str | os.PathLike[str]) -> None:
    """Write a scenario that is the plan's own with what was measured: `costeff run FILE`. It is whole, or absent."""
    figures = measured_figures(results, plan, study.evidence)
    with whole_file(file) as draft:
        draft.write_text(_scenario(study.scenario, plan, figures), encoding="utf-8")


def _scenario(own: Scenario, plan: AnalysisPlan, figures: Mapping[str, Mapping[str, Any]]) -> str:
    if own.implied is not None or own.sources or own.set:
        raise ScenarioError(
            "the plan's scenario sets parameters of its own",
            value=own.name,
            rule="what was measured is set on a scenario that sets nothing, so that nothing is set twice",
            way_out=f"copy what is measured into {own.file or own.name} by hand",
        )
    titles = {
        "en": f"{own.title['en']}, programme as registered",
        "da": f"{own.title['da']}, programmet som registreret",
        "nb": f"{own.title['nb']}, programmet som registrert",
    }
    source = {
        "title": f"Time registration and register of steps of {plan.title['en']}; analysis plan {plan.hash}",
        "seen": "derived",
    }
    lines: dict[str, Any] = {"scenario": f"{own.name}_measured", "title": titles, "model": _model(own)}
    lines |= {"parameters": own.parameters} if own.parameters else {}
    lines |= {"set": figures, "sources": {SOURCE: source}, "run": own.run, "options": own.options}
    if own.wtp is not None:
        at = {} if own.wtp.at is None else {"at": own.wtp.at}
        lines["wtp"] = {"effect": own.wtp.effect, "range": list(own.wtp.range), **at}
    if own.effect:
        lines["effect"] = own.effect
    head = f"# What {plan.name} measured of the programme, by analysis plan {plan.short_hash()}. No row of a person.\n"
    return head + "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items() if value)


def _model(own: Scenario) -> str:
    """A shipped name as it is; a file by its whole path, since the new file may lie elsewhere."""
    return str(model_file(own).resolve()) if own.file and own.model.endswith(".yaml") else own.model


def _cost(mean: float, error: float, plan: AnalysisPlan) -> dict[str, Any]:
    if not mean > 0 or not error > 0:
        raise ScenarioError(
            "the programme's registered cost has no distribution",
            where=plan.place,
            value=f"mean {mean:,.0f}, standard error {error:,.0f}",
            rule="a gamma distribution needs a mean and a standard error above 0",
            way_out="set `programme_cost` in a scenario by hand, and say why it is so",
        )
    return {
        "value": mean,
        "distribution": "gamma",
        "se": error,
        "kind": "derived",
        "source": SOURCE,
        "note": "registered minutes at pay and overhead, with shared work, unused hours and monthly items, less usual "
        "care's registered time where there is any; standard error between citizens, and of how many there were",
    }
