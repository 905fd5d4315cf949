"""A case with its belief as figures of the model: the ratio in place of the evidence's, the local rate beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from costeff.analysis.load import of_the_rest
from costeff.analysis.study import StudyData
from costeff.evidence import Changes, Parameter, Setter
from costeff.evidence.read_parameter import parameter_from
from costeff.investment.belief.belief import LOCAL, Z90, Guess
from costeff.investment.belief.translate import Lives, translate, with_own_effect
from costeff.investment.case import Case
from costeff.labels import Label, worded


def in_ratios(case: Case, lives: Lives) -> Case:
    """The case with its belief translated by simulation of these lives; one without a belief as it is."""
    belief = case.belief
    if belief is None:
        return case
    return replace(case, belief=replace(belief, translation=translate(belief, lives, case.places.get("effect"))))


def by_evidence(case: Case) -> Case:
    """The case with the evidence's effect in the place of its belief; the local base rate stays."""
    if case.belief is None:
        return case
    return replace(case, belief=replace(case.belief, believes=False), target_groups=())


def believed_study(study: StudyData, case: Case) -> StudyData:
    """A study with the effect that the case believes in: no other of the programme's, and the ratio where it is known.

    A case without a belief, or with the evidence's effect, has the study as it is.
    """
    belief = case.belief
    if belief is None or not belief.believes:
        return study
    model = with_own_effect(study.model, belief)
    evidence = of_the_rest(study.evidence, study.model, model)
    if belief.translation is not None:
        places = {belief.parameter: place} if (place := case.places.get("effect")) is not None else {}
        record = _spread(belief.translation.ratio) | {"unit": "ratio", "kind": "assumption", "note": _note("ratio")}
        figures = {belief.parameter: record}
        evidence = evidence.override(Changes(figures, Setter("case", case.name), places, case.price_year))
    return replace(study, model=model, evidence=evidence)


def local_parameters(case: Case) -> dict[str, Parameter]:
    """Return in the municipality against the model's, as a parameter of the case."""
    belief = case.belief
    if belief is None or belief.translation is None:
        return {}
    record = _spread(belief.translation.local) | {"unit": "ratio", "kind": "assumption", "note": _note("local")}
    return {LOCAL: parameter_from(LOCAL, record, case.places.get("effect"))}


def local_labels(case: Case) -> dict[str, Label]:
    """What readers call it."""
    return {LOCAL: worded("local_return")} if case.belief is not None else {}


def believed_draws(case: Case, draws: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The belief's ratios with their own width on either side, (D,), by the luck of the draws that were made."""
    belief = case.belief
    if belief is None or belief.translation is None:
        return {}
    guesses = {LOCAL: belief.translation.local}
    if belief.believes:
        guesses[belief.parameter] = belief.translation.ratio
    return {name: _own_widths(guess, draws[name]) for name, guess in guesses.items()}


def _own_widths(guess: Guess, values: np.ndarray) -> np.ndarray:
    if guess.certain:
        return np.full(len(values), guess.value)
    width = np.log(guess.high / guess.low) / 2
    return guess.at(np.log(values / guess.value) / width * Z90)


def _spread(guess: Guess) -> dict[str, Any]:
    if guess.certain:
        return {"value": guess.value}
    return {"value": guess.value, "centre": "median", "distribution": "lognormal", "interval": list(guess.interval_95)}


def _note(name: str) -> dict[str, str]:
    label = worded(f"note_belief_{name}")
    return {"en": label["en"], "da": label["da"]}
