"""The block that a board acts on, as numbers: decisions, break-even, what is worth knowing, what the result is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from costeff.cea.decide import NET_BENEFIT, NET_COST, Decision, decide
from costeff.labels import Label
from costeff.model.country import country_file, read_country
from costeff.model.primary import rules_of
from costeff.reporting.parameter_labels import parameter_labels
from costeff.sensitivity.break_even import effect_parameters
from costeff.study.decision.worth import Worth, worth_knowing
from costeff.study.wtp_range import wtp_range

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData
    from costeff.analysis.study import ResultData
    from costeff.calibrate.validation import Validation
    from costeff.sensitivity.break_even import BreakEven

FEW_PERSPECTIVES = 3
"""How many perspectives are primary where the scenario declares none."""
_WIDE = ("public", "societal", "society")
QALY = "QALY"


@dataclass(frozen=True)
class EffectParameter:
    """A parameter of a strategy's effect: its kind of evidence, its value and the middle 95 % of its distribution."""

    name: str
    kind: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class SeverityClass:
    """A class of severity of the model's country: the value of a QALY in it, and which strategy is the best there."""

    number: int
    value_of_qaly: float
    strategy: str


@dataclass(frozen=True)
class EvenPoint:
    """Where a strategy breaks even, with what is believed of that parameter."""

    point: BreakEven
    value: float
    low: float
    high: float
    share_paying: float
    """Share of draws in which the parameter lies where the strategy pays; NaN with one draw."""


@dataclass(frozen=True)
class Board:
    """Everything that the sentences for a board are made of. Money is per individual."""

    strategies: Mapping[str, Label]
    comparator: str
    perspectives: Mapping[str, Label]
    """Labels of the primary ones, in their order."""
    has_declaration: bool
    """Whether the scenario declares its primary perspectives."""
    decisions: tuple[Decision, ...]
    """One for each primary perspective."""
    currency: str
    effect_unit: str
    years: float
    """The time horizon."""
    is_simulated: bool
    worth: Worth | None
    """What is worth knowing for the first decision; None with too few draws."""
    assumptions: int
    parameters: int
    """How many parameters are assumptions, and how many there are."""
    effect_parameters: tuple[EffectParameter, ...]
    severity: Mapping[str, tuple[SeverityClass, ...]] = field(default_factory=dict)
    """By perspective that decides by net benefit, in countries that grade severity."""
    even: Mapping[str, EvenPoint | None] | None = None
    """By strategy, None where no parameter of its effect reaches it; None as a whole before it is looked for."""
    even_perspective: str = ""
    even_wtp: float | None = None
    """What the break-even is on: net cost (None) or net benefit at this value, of `even_perspective`."""
    effects: Mapping[str, Label] = field(default_factory=dict)
    """Labels of effects that are shares of people."""
    parameter_labels: Mapping[str, Label] = field(default_factory=dict)
    validation: Validation | None = None

    @property
    def first(self) -> Decision:
        """The decision that comes before all others."""
        return self.decisions[0]


def primary_rules(result: ResultData) -> dict[str, str]:
    """The rule of each primary perspective: as the scenario declares, else of the first and the widest known by name.

    Without a declaration the rule is net benefit where the scenario has a range of values, else net cost.
    """
    scenario = result.study.scenario
    if scenario.primary:
        return dict(rules_of(scenario.primary))
    names = [view.name for view in result.model.perspectives] or [result.model.perspective_name()]
    order = sorted(range(len(names)), key=lambda i: (i > 0, names[i] not in _WIDE, i))
    rule = NET_BENEFIT if scenario.wtp is not None else NET_COST
    return {names[i]: rule for i in sorted(order[:FEW_PERSPECTIVES])}


_BOARDS: WeakKeyDictionary[ResultData, Board] = WeakKeyDictionary()
"""The block of each result by itself: worked out once, however many files and texts show it."""
_WHOLE: WeakKeyDictionary[ResultData, Board] = WeakKeyDictionary()
"""The block with what a report found beside: break-even and validation."""


def board_of(result: ResultData) -> Board:
    """The block of a result as far as it is known: with break-even and validation once a report was made."""
    return _WHOLE[result] if result in _WHOLE else own_board(result)


def own_board(result: ResultData) -> Board:
    """The block as the result alone says it, whether a report was made or not."""
    if result not in _BOARDS:
        _BOARDS[result] = _board(result)
    return _BOARDS[result]


def remember(result: ResultData, whole: Board) -> None:
    """Keep a block that a report has completed, for the files and texts that are made after it."""
    _WHOLE[result] = whole


def _board(result: ResultData) -> Board:
    model, scenario, evidence = result.model, result.study.scenario, result.study.evidence
    rules, grid = primary_rules(result), wtp_range(result)
    evaluations = {name: result.perspective(name) for name in rules}
    decisions = tuple(
        replace(decide(one, rules[name], grid if len(grid) else [0.0]), perspective=name)
        for name, one in evaluations.items()
    )
    kinds = [parameter.kind for parameter in evidence.parameters.values()]
    at_value = scenario.wtp.at if scenario.wtp else None
    first = next(iter(evaluations.values()))
    return Board(
        strategies={s.name: s.label for s in model.strategies},
        comparator=model.comparator,
        perspectives={name: model.find("perspectives", name).label for name in rules},
        has_declaration=bool(scenario.primary),
        decisions=decisions,
        currency=model.conventions.currency,
        effect_unit=first.effect_unit,
        years=round(model.conventions.horizon / model.conventions.cycles_per_year, 1),
        is_simulated=first.simulated,
        worth=worth_knowing(first, decisions[0], at_value, scenario.trial, scenario.file),
        assumptions=kinds.count("assumption"),
        parameters=len(kinds),
        effect_parameters=_effect_parameters(result),
        severity=_severity(result, evaluations, rules),
        effects={effect.name: effect.label for effect in model.effects if effect.unit == "share"},
        parameter_labels=parameter_labels(evidence),
    )


def with_break_even(
    whole: Board, result: ResultData, even: Mapping[str, BreakEven | None], perspective: str, wtp: float | None
) -> Board:
    """The block with where strategies break even, in `perspective` on net cost, or on net benefit at `wtp`."""
    points: dict[str, EvenPoint | None] = {}
    for strategy, point in even.items():
        if point is None:
            points[strategy] = None
            continue
        parameter = result.study.evidence.parameters[point.parameter]
        draws = result.parameters[point.parameter]
        beyond = draws > point.value if point.pays_above else draws < point.value
        share = float(beyond.mean()) if result.draws > 1 else float("nan")
        points[strategy] = EvenPoint(point, parameter.value, *parameter.interval(0.95), share)
    return replace(whole, even=points, even_perspective=perspective, even_wtp=wtp)


def _effect_parameters(result: ResultData) -> tuple[EffectParameter, ...]:
    evidence, names = result.study.evidence.parameters, dict[str, None]()
    for strategy in result.strategies:
        names |= dict.fromkeys(effect_parameters(result.model, strategy))
    own = (evidence[name] for name in names if name in evidence)
    return tuple(EffectParameter(one.name, one.kind, one.value, *_ends(one)) for one in own)


def _ends(parameter: object) -> tuple[float, float]:
    """The middle 95 %; of a fixed parameter its value twice."""
    if parameter.fixed:  # type: ignore[attr-defined]
        return (parameter.value, parameter.value)  # type: ignore[attr-defined]
    return tuple(map(float, parameter.interval(0.95)))  # type: ignore[attr-defined,return-value]


def _severity(
    result: ResultData, evaluations: Mapping[str, EvaluationData], rules: Mapping[str, str]
) -> dict[str, tuple[SeverityClass, ...]]:
    """The best strategy at each class's value of a QALY, where the country grades severity and effects are QALYs."""
    file = country_file(result.model)
    names = [name for name, one in evaluations.items() if rules[name] == NET_BENEFIT and one.effect_unit == QALY]
    if file is None or not names:
        return {}
    country = read_country(file)
    if country.severity is None:
        return {}
    base = country.evidence.parameters[country.severity.value_of_qaly].value
    values = [weight * base for _, weight in country.severity.classes]
    return {name: _best_by_class(evaluations[name], values) for name in names}


def _best_by_class(evaluation: EvaluationData, values: Sequence[float]) -> tuple[SeverityClass, ...]:
    import numpy as np

    from costeff.analysis.curves import optimal

    best, _ = optimal(evaluation, np.asarray(values, float))
    return tuple(
        SeverityClass(number, float(value), evaluation.strategies[int(at)])
        for number, (value, at) in enumerate(zip(values, best, strict=True), start=1)
    )
