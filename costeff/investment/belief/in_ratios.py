"""A case with its belief as figures of the model: the ratio under `set`, the local base rate as a parameter of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from costeff.analysis.study import StudyData
from costeff.evidence import Parameter
from costeff.evidence.draw import Design
from costeff.evidence.read_parameter import parameter_from
from costeff.investment.belief.belief import LOCAL, Z90, Belief, Guess, Translation
from costeff.investment.belief.translate import Lives, translate
from costeff.investment.case import Case
from costeff.labels import Label, worded


def in_ratios(
    case: Case, study: StudyData, draws: Callable[[], Mapping[str, np.ndarray]], people: int, design: Design
) -> Case:
    """The case with its belief translated; a case without one, or translated before, as it is."""
    belief = case.belief
    if belief is None:
        return case
    if belief.translation is None:
        lives = Lives(study.model, draws(), study.tables, people, design)
        belief = replace(belief, translation=translate(belief, lives, case.places.get("effect")))
    figures = {belief.parameter: _record(belief)} if belief.believes else {}
    return replace(case, belief=belief, set={**case.set, **figures})


def by_evidence(case: Case) -> Case:
    """The case with the evidence's effect in the place of its belief; the local base rate stays."""
    belief = _translated(case)
    figures = {name: value for name, value in case.set.items() if name != belief.parameter}
    return replace(case, belief=replace(belief, believes=False), set=figures)


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


def _translated(case: Case) -> Belief:
    assert case.belief is not None
    return case.belief


def _record(belief: Belief) -> dict[str, Any]:
    translation: Translation | None = belief.translation
    assert translation is not None
    return _spread(translation.ratio) | {"unit": "ratio", "kind": "assumption", "note": _note("ratio")}


def _spread(guess: Guess) -> dict[str, Any]:
    if guess.certain:
        return {"value": guess.value}
    return {
        "value": guess.value,
        "centre": "median",
        "distribution": "lognormal",
        "interval": list(guess.interval_95),
    }


def _note(name: str) -> dict[str, str]:
    label = worded(f"note_belief_{name}")
    return {"en": label["en"], "da": label["da"]}
