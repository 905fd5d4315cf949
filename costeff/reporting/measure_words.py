"""What a deterministic analysis is on, in words: the measure of a PSA table, and the two strategies compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from costeff.analysis.apart import NET_ONLY
from costeff.analysis.evaluation import ERROR_OF_RUNS
from costeff.analysis.measures import EFFECT, NET_BENEFIT
from costeff.catalogue import say
from costeff.labels import Label
from costeff.reporting.numbers import currency_name, write_money, write_number
from costeff.reporting.style import label_of, safe
from costeff.reporting.unit_names import unit_name

if TYPE_CHECKING:
    from costeff.analysis.evaluation import EvaluationData


NO_PERSPECTIVE = "as given"
"""The perspective of a PSA table that does not say whose costs it holds."""


def table_measure(evaluation: EvaluationData, wtp: float | None, language: str, measure: str = "") -> str:
    """The measure of draws from elsewhere, with its unit, and the perspective when the table names one.

    `measure` "effect" is the effect; otherwise net benefit where `wtp` is given, else net cost.

    >>> from costeff import Evaluation
    >>> one = Evaluation("state", "qaly", ("usual", "new"), "usual", [[0.0, 1.0]] * 2, [[0.0, 1.0]] * 2)
    >>> table_measure(one, 100_000, "da")
    'Ekstra nettogevinst ved 100.000 pengeenheder pr. QALY: state (pengeenheder pr. person)'
    """
    currency = currency_name(evaluation.currency, language)
    unit = unit_name(evaluation.effect_unit, language, plural=False)
    if measure == EFFECT:
        text = say("table_effect", language)
        currency = unit_name(evaluation.effect_unit, language, plural=True)
    elif evaluation.attrs.get("results") == NET_ONLY:
        text = say("table_net_only", language)
    elif wtp is None:
        text = say("table_net_cost", language)
    else:
        text = say("table_net_benefit", language, wtp=write_number(wtp, language), currency=currency, unit=unit)
    who = evaluation.label or ("" if evaluation.perspective == NO_PERSPECTIVE else evaluation.perspective)
    return f"{text}{': ' if who else ''}{who} ({say('table_money', language, currency=currency)})"


def per_whom(attrs: Mapping[Any, Any], language: str) -> str:
    """Whom an amount is for: each citizen of a model's run, else each person, as a table does not say who they are.

    >>> per_whom({"errors": "simulation error"}, "en"), per_whom({}, "en")
    ('per citizen', 'per individual')
    """
    simulated = attrs.get("errors") == ERROR_OF_RUNS
    return say("per_citizen" if simulated else "per_individual", language)


def error_words(attrs: Mapping[Any, Any], language: str) -> str:
    """What the errors of a result are called inside a sentence; without a word of it they are those of a run.

    >>> error_words({}, "en"), error_words({"errors": "sampling error of the draws"}, "da")
    ('simulation error', 'trækningernes stikprøvefejl')
    """
    simulated = attrs.get("errors", ERROR_OF_RUNS) == ERROR_OF_RUNS
    return say("error_simulation" if simulated else "error_draws", language)


def digits_of(attrs: Mapping[Any, Any]) -> str:
    """The format of a result's digits: whole units of money, four digits of an effect."""
    return ",.4~r" if attrs.get("measure") == EFFECT else ",.0f"


def level_ticks(values: Iterable[float], labels: Iterable[str]) -> dict[str, Any]:
    """An axis whose ticks are the levels of a discrete parameter, by their names; nothing of a continuous one."""
    names = [safe(str(label)) for label in labels]
    return {"tickmode": "array", "tickvals": list(values), "ticktext": names} if names else {}


def more_is_better(attrs: Mapping[Any, Any]) -> bool:
    """Whether a higher result is good for the strategy."""
    return attrs.get("measure") == NET_BENEFIT or (attrs.get("measure") == EFFECT and attrs.get("effect_sign", 1) == 1)


def compared(attrs: Mapping[Any, Any], strategies: Mapping[str, Label], language: str) -> str:
    """The measure of a table, grid or threshold, and the two strategies that it is about."""
    own, other = (label_of(strategies, str(attrs[key]), language) for key in ("strategy", "comparator"))
    measure = str(attrs[f"measure_{language}"])
    return say("compared", language, measure=measure, strategy=own, comparator=other)


def seen_from(
    title: str, attrs: Mapping[Any, Any], labels: Mapping[str, Label], language: str, wtp: float | None = None
) -> str:
    """An axis title with the perspective, when it has a name, and the willingness to pay that the figure is at.

    >>> about = {"perspective": "state", "currency": "EUR", "effect_unit": "QALY"}
    >>> seen_from("Value", about, {}, "da", 50_000).replace("\u00a0", " ")
    'Value · state · ved 50.000 EUR pr. QALY'
    """
    parts, who = [title], str(attrs.get("perspective", NO_PERSPECTIVE))
    if who != NO_PERSPECTIVE:
        parts.append(label_of(labels, who, language))
    if wtp is not None:
        unit = unit_name(str(attrs["effect_unit"]), language, plural=False)
        money = write_money(wtp, language, currency=str(attrs["currency"]))
        parts.append(say("at_wtp", language, money=money, unit=unit))
    return " · ".join(parts)


def base_words(attrs: Mapping[Any, Any], language: str) -> str:
    """What the unchanged point of an analysis is: the base case, or of a PSA table the mean of all draws."""
    return say("mean_of_draws" if attrs.get("conditional") else "base_case", language)


def measured(measure: str, attrs: Mapping[Any, Any], labels: Mapping[str, Label], language: str) -> str:
    """A measure with the perspective that it is seen from."""
    return seen_from(measure, attrs, labels, language)


def wtp_title(attrs: Mapping[Any, Any], language: str) -> str:
    """The title of an axis of willingness to pay, with its unit."""
    unit = unit_name(str(attrs["effect_unit"]), language, plural=False)
    return say("axis_wtp", language, currency=currency_name(str(attrs["currency"]), language), unit=unit)


def measure_of(attrs: Mapping[Any, Any], language: str) -> str:
    """A result (incremental_nmb, cost, ...) in words with its unit, and its willingness to pay where it has one."""
    relative, kind = str(attrs["result"]).startswith("incremental_"), str(attrs["result"]).split("_")[-1]
    currency = str(attrs["currency"])
    unit = unit_name(str(attrs["effect_unit"]), language, plural=kind == "effect")
    per = per_whom(attrs, language)
    if kind == "cost":
        key = "axis_extra_cost" if relative else "axis_cost"
        return say(key, language, currency=currency_name(currency, language), per=per)
    if kind == "effect":
        return say("axis_increment_effect" if relative else "axis_level_effect", language, unit=unit, per=per)
    money = write_money(attrs["wtp"], language, currency=currency)
    key = "axis_increment_nmb" if relative else "axis_level_nmb"
    name = currency_name(currency, language)
    return say(key, language, currency=name, money=money, unit=unit, per=per)
