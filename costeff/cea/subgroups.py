"""Results by subgroup: a study run once for each category of an attribute, on the same draws and the same luck."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

import numpy as np

from costeff.analysis.evaluation import EvaluationData
from costeff.analysis.psa import RunOptions, psa
from costeff.compile.environment import category_probabilities, parameter_environment
from costeff.errors import ScenarioError
from costeff.model import Model
from costeff.model.formulas.expression import Expression

if TYPE_CHECKING:
    from costeff.analysis.study import StudyData
    from costeff.model.elements import Attribute


def subgroups(
    study: StudyData,
    attribute: str,
    perspective: str | None = None,
    *,
    effect: str | None = None,
    **options: Unpack[RunOptions],
) -> dict[str, tuple[np.ndarray, EvaluationData]]:
    """The PSA for each category of `attribute`: name to (share of people by draw, Evaluation), for `stratified`.

    Everyone is given the category; all else is drawn as before, from the same random numbers, so a person's other
    attributes differ only where the model lets them depend on the category. `options` as in `Study.psa`. The subgroups
    need not add up to the whole run exactly: who is in which category is luck there and settled here.

    Parameters
    ----------
    study : Study
        The model, its evidence and the settings of the scenario.
    attribute : str
        An attribute of people with categories.
    perspective : str, optional
        Whose costs count. Default: the model's first perspective.
    effect : str, optional
        Which effect counts. Default: the model's main effect.
    **options : options of a run
        As in `Study.psa`.

    Returns
    -------
    dict
        Category to (share of people, (draw,)) and Evaluation.

    Raises
    ------
    ScenarioError
        When the attribute is unknown, has no categories, or its probabilities depend on another attribute
        (giving it to everyone would then change who people are).

    Examples
    --------
    >>> from costeff import load
    >>> groups = load("tki2").subgroups("diagnosis", draws=2, individuals=10, seed=1, progress=False)
    >>> bool(np.allclose(sum(share for share, _ in groups.values()), 1))
    True
    """
    own = check_attribute(study.model, attribute)
    assert own.categories is not None
    run = None
    groups: dict[str, tuple[np.ndarray, EvaluationData]] = {}
    for name in own.categories:
        variant = replace(study, model=_given(study.model, own, name))
        run = psa(variant, **options)
        groups[name] = (np.empty(0), run.perspective(perspective, effect))
    assert run is not None
    env = parameter_environment(study.model, run.parameters, study.tables, run.draws)
    for name, share in zip(own.categories, category_probabilities(own, env), strict=True):
        by_draw = np.broadcast_to(np.asarray(share, float).reshape(-1), (run.draws,))
        groups[name] = (by_draw.copy(), groups[name][1])
    return groups


def check_attribute(model: Model, name: str) -> Attribute:
    """The attribute, when it can be given to everyone. Raises ScenarioError."""
    by_name = {a.name: a for a in model.attributes}
    split = [a.name for a in model.attributes if a.categories is not None]
    if name not in by_name or by_name[name].categories is None:
        raise ScenarioError(
            "subgroups are the categories of an attribute",
            value=name,
            rule=f"attributes with categories: {', '.join(split) or 'none in this model'}",
            way_out="name one of them" if split else "give the model an attribute with categories",
        )
    own = by_name[name]
    read = {operand for e in (own.categories or {}).values() for operand in e.names}
    behind = sorted(read & set(by_name))  # a definition reads no attribute
    if behind:
        raise ScenarioError(
            f"the categories of '{name}' depend on another attribute",
            where=own.place,
            value=", ".join(behind),
            rule="an attribute can be given to everyone only when it is drawn first",
            way_out=f"take subgroups of {', '.join(behind)}",
        )
    return own


def _given(model: Model, own: Attribute, category: str) -> Model:
    """The model in which everyone has `category`."""
    sure = {}
    for name, formula in (own.categories or {}).items():
        # every parameter must be read somewhere, so the formula stays, times 0
        zero_term = "" if formula.text == "rest" else f" + 0 * ({formula.text})"
        sure[name] = Expression(f"{int(name == category)}{zero_term}", own.place)
    attributes = tuple(replace(a, categories=sure) if a.name == own.name else a for a in model.attributes)
    return replace(model, attributes=attributes)
