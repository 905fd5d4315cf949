"""A fit as files that run: a parameter file with the joint uncertainty, and a model of the register's states.

The model has the states that the register shows, everybody's first week, each move with its hazard by interval of the
weeks since inclusion, and the strategy's ratio on it: `costeff run fitted.yaml`. A week of benefit is priced at 0,
until `--set benefit_week=...` says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from costeff.files import write_whole
from costeff.trial.evaluation.rounded import rounded
from costeff.trial.hazards.families import PIECEWISE, piecewise
from costeff.trial.hazards.fit import FittedTrial, akaike
from costeff.trial.hazards.likelihood import HazardFit
from costeff.trial.hazards.person_weeks import TIME
from costeff.trial.lens import Lens
from costeff.trial.plan import AnalysisPlan

MODEL_FILE, PARAMETER_FILE = "fitted.yaml", "fitted_parameters.yaml"
DIGITS = 8
SOURCE = "trial_register"
BENEFIT, PAID_NOTHING = "benefit_week", ("work", "dead")


def parameter_names(fit: HazardFit, states: Sequence[str], covariates: Sequence[str]) -> list[str]:
    """Names of the coefficients of one state, in their order: those of the family, ratio, covariates; the frailty's.

    >>> fit = HazardFit(0, (1,), (0, 2), np.zeros(3), np.eye(3), (9,))
    >>> parameter_names(fit, ("sick", "work"), ())
    ['h_sick_work_1', 'h_sick_work_2', 'hr_sick_work']
    """
    out = []
    for target in fit.targets:
        move = f"{states[fit.state]}_{states[target]}"
        out += _family_names(fit, move)
        out.append(f"hr_{move}")
        out += [f"hr_{move}_{_word(name)}" for name in covariates]
    return [*out, _frailty_spread(fit, states)] if fit.has_frailty else out


def _family_names(fit: HazardFit, move: str) -> list[str]:
    """Names of the parameters of a move's hazard."""
    if fit.family is None or fit.family.name == PIECEWISE:
        return [f"h_{move}_{k + 1}" for k in range(len(fit.intervals))]
    return [f"{name}_{move}" for name in fit.family.parameters]


def _frailty_spread(fit: HazardFit, states: Sequence[str]) -> str:
    return f"frailty_sd_{states[fit.state]}"


def _units(fit: HazardFit, covariates: Sequence[str]) -> list[str]:
    """Units of the coefficients, in the order of `parameter_names`."""
    own = ["hazard per week"] * len(fit.intervals) if fit.family is None else list(fit.family.units)
    each = [*own, "ratio", *("ratio" for _ in covariates)]
    return [*(each * len(fit.targets)), *(["ratio"] if fit.has_frailty else [])]


def _word(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name).strip("_")


def parameter_text(estimates: FittedTrial, plan: AnalysisPlan) -> str:
    """The parameter file: every hazard and ratio, log normal together, one group for each state."""
    parameters: dict[str, dict[str, Any]] = {}
    groups: dict[str, dict[str, Any]] = {}
    for fit in estimates.fits:
        names = parameter_names(fit, estimates.states, estimates.covariates)
        keep = [i for i, name in enumerate(names) if estimates.clock != TIME or not _is_covariate(name, estimates)]
        errors = np.sqrt(np.diag(fit.covariance))
        units = _units(fit, estimates.covariates)
        for i in keep:
            median = float(np.exp(fit.coefficients[i] + errors[i] ** 2 / 2))
            note = (
                f"log {fit.coefficients[i]:.4g}, standard error {errors[i]:.3g}; maximum likelihood, errors by person"
            )
            parameters[names[i]] = {
                "value": float(f"{median:.{DIGITS}g}"),
                "unit": units[i],
                "kind": "derived",
                "source": SOURCE,
                "meant": True,
                "note": note,
            }
        groups[f"out_of_{estimates.states[fit.state]}"] = {
            "distribution": "multivariate_normal",
            "parameters": [names[i] for i in keep],
            "scale": "log",
            "mean": [float(f"{x:.{DIGITS}g}") for x in fit.coefficients[keep]],
            "covariance": [[float(f"{x:.{DIGITS}g}") for x in row] for row in fit.covariance[np.ix_(keep, keep)]],
        }
    if estimates.clock == TIME:
        note = "no register shows what a week is paid with: set it, as --set benefit_week=4700"
        parameters[BENEFIT] = {
            "value": 0,
            "unit": f"{estimates.currency} per week",
            "price_year": estimates.price_year,
            "kind": "assumption",
            "note": note,
        }
    source = {
        "title": f"Register of {plan.title['en']}, through its lens; analysis plan {plan.hash}",
        "seen": "derived",
    }
    head = (
        f"# Hazards a week in the register of {plan.name}, by analysis plan {plan.short_hash()}. No row of a person.\n"
    )
    lines = [head, f"title: {_text(f'Hazards in {plan.name}')}\n", f"sources: {_text({SOURCE: source})}\n"]
    return "".join([*lines, *_section("parameters", parameters), *_section("groups", groups)])


def _is_covariate(name: str, estimates: FittedTrial) -> bool:
    """Whether a ratio is one of a covariate: the model of the mean person has none."""
    return any(name.startswith("hr_") and name.endswith(f"_{_word(one)}") for one in estimates.covariates)


def model_text(estimates: FittedTrial, plan: AnalysisPlan, lens: Lens) -> str:
    """The model that reads them, on the clock of weeks since inclusion."""
    labels = {group.read_as: group.label for group in lens.groups if group.read_as}
    starts_by_state = _starts(estimates)
    number = sorted({i for fit in estimates.fits for i in (fit.state, *fit.targets)} | set(starts_by_state))
    names = [estimates.states[i] for i in number]
    starts = {estimates.states[i]: share for i, share in starts_by_state.items()}
    transitions, effects = [], []
    for fit in estimates.fits:
        for target in fit.targets:
            move = f"{estimates.states[fit.state]}_{estimates.states[target]}"
            form = fit.family or piecewise([estimates.splits[k - 1] for k in fit.intervals[1:]])
            transition = {
                "from": estimates.states[fit.state],
                "to": estimates.states[target],
                "hazard": form.formula(_family_names(fit, move)),
                "clock": "time",
                "leg": move,
            }
            transitions.append(
                {**transition, "multiplier": _frailty(fit, estimates)} if fit.has_frailty else transition
            )
            effects.append({"strategy": plan.strategies[-1], "legs": [move], "ratio": f"hr_{move}", "scale": "hazard"})
    content: dict[str, Any] = {
        "model": "fitted",
        "title": {"en": f"States of the register in {plan.name}", "da": f"Registrets tilstande i {plan.name}"},
        "parameters": f"./{PARAMETER_FILE}",
        "conventions": {
            "cycle": "week",
            "cycles_per_year": 52,
            "horizon": "1 year",
            "within_cycle": "none",
            "discounting": "whole_year",
            "discount_rate_cost": 0,
            "discount_rate_effect": 0,
            "currency": estimates.currency,
            "price_year": estimates.price_year,
            "price_basis": "none",
        },
        "states": {name: {"label": {"en": labels[name]["en"], "da": labels[name]["da"]}} for name in names},
        "population": {"start_state": {"categories": starts}, **_frailty_attributes(estimates)},
        "start": "start_state",
        "transitions": transitions,
        "strategies": {
            plan.strategies[0]: {"label": {"en": plan.strategies[0], "da": plan.strategies[0]}, "comparator": True},
            plan.strategies[-1]: {"label": {"en": plan.strategies[-1], "da": plan.strategies[-1]}},
        },
        "strategy_effects": effects,
        "parties": {
            "public": {"label": {"en": "Public sector", "da": "Det offentlige"}},
            "citizen": {"label": {"en": "Citizen", "da": "Borger"}},
        },
        "flows": [
            {
                "item": "benefit",
                "from": "public",
                "to": "citizen",
                "per": "cycle",
                "states": [name for name in names if name not in PAID_NOTHING],
                "amount": BENEFIT,
                "label": {"en": "Benefit", "da": "Ydelse"},
            }
        ],
        "perspectives": {"public": {"label": {"en": "Public sector", "da": "Det offentlige"}, "parties": ["public"]}},
        "effects": {
            f"weeks_{name}": {
                "label": {"en": f"Weeks: {labels[name]['en']}", "da": f"Uger: {labels[name]['da']}"},
                "unit": "weeks",
                "better": "more" if name == "work" else "fewer",
                "terms": [{"states": [name], "amount": 1}],
            }
            for name in names
        },
    }
    head = f"# The states that the register of {plan.name} shows, with its own hazards.\n"
    return head + "".join(f"{key}: {_text(value)}\n" for key, value in content.items())


def _frailty(fit: HazardFit, estimates: FittedTrial) -> str:
    return f"frailty_{estimates.states[fit.state]}"


def _frailty_attributes(estimates: FittedTrial) -> dict[str, Any]:
    """What multiplies a person's hazards out of each state, the same for all of the person's spells; its mean is 1."""
    out = {}
    for fit in estimates.fits:
        if fit.has_frailty:
            spread = _frailty_spread(fit, estimates.states)
            out[_frailty(fit, estimates)] = {"value": f"exp({spread} * z - {spread} ** 2 / 2)", "unit": "ratio"}
    return out


def _starts(estimates: FittedTrial) -> dict[int, float]:
    """First states with their shares, to two digits; states of few people go with the commonest."""
    shares = {i: round(float(x), 2) for i, x in enumerate(estimates.starts) if round(float(x), 2) >= 0.05}
    top = max(shares, key=lambda i: shares[i])
    shares[top] = round(1 - sum(share for i, share in shares.items() if i != top), 2)
    return shares


def _section(name: str, elements: Mapping[str, Any]) -> list[str]:
    return [f"{name}:\n", *(f"  {key}: {_text(value)}\n" for key, value in elements.items())]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def fit_content(estimates: FittedTrial) -> dict[str, Any]:
    """The estimates as plain data, to the second digit of their errors; no count."""
    rows = []
    for fit in estimates.fits:
        errors = np.sqrt(np.diag(fit.covariance))
        for name, value, error in zip(
            parameter_names(fit, estimates.states, estimates.covariates), fit.coefficients, errors, strict=True
        ):
            rows.append(
                {"name": name, "log": rounded(float(value), float(error)), "error": rounded(float(error), float(error))}
            )
    about = {
        "clock": estimates.clock,
        "family": estimates.family,
        "frailty": [estimates.states[fit.state] for fit in estimates.fits if fit.has_frailty],
        "splits": list(estimates.splits),
        "aic": round(akaike(estimates)),
        "left_out": list(estimates.rare),
    }
    return {**about, "coefficients": rows}


def write_fit(estimates: FittedTrial, plan: AnalysisPlan, lens: Lens, folder: Path) -> list[str]:
    """Write the parameter file, and on the clock of weeks since inclusion the model. Returns their names."""
    write_whole(parameter_text(estimates, plan), folder / PARAMETER_FILE)
    if estimates.clock != TIME:
        return [PARAMETER_FILE]
    write_whole(model_text(estimates, plan, lens), folder / MODEL_FILE)
    return [MODEL_FILE, PARAMETER_FILE]
