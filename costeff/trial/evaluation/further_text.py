"""What qualifies the main comparison, in words: tables and sentences for the terminal and the page, and plain data."""

from __future__ import annotations

from math import isfinite
from typing import Any

from costeff.catalogue import say
from costeff.labels import Label, same
from costeff.model.model import Model
from costeff.reporting.numbers import write_money, write_number, write_percent
from costeff.trial.evaluation.evaluate import Interval
from costeff.trial.evaluation.further import COST, Further
from costeff.trial.evaluation.nested import FEWEST_CLUSTERS
from costeff.trial.evaluation.rounded import exported_interval, rounded
from costeff.trial.evaluation.tipping import MissingAnswers
from costeff.trial.page import PagePart
from costeff.trial.plan import AnalysisPlan

LEVEL = 1.959963984540054


def further_parts(further: Further, plan: AnalysisPlan, model: Model, language: str) -> list[PagePart]:
    """The parts of the page: those that are not empty."""
    labels = _labels(plan, model, language)
    makers = (_means, _nested, _missing, _lost, _cost_models, _subgroups, _uptake)
    return [part for make in makers if (part := make(further, labels, model, language)) is not None]


def _labels(plan: AnalysisPlan, model: Model, language: str) -> dict[str, str]:
    first = model.find("perspectives", plan.perspectives[0]).label[language]
    named = {one.name: one.label[language] for one in plan.end_points}
    return named | {COST: say("trial_extra_cost_of", language, view=first)}


def _part(
    name: str, title: str, heads: tuple[str, ...], rows: list[list[str]], lines: list[str], language: str
) -> PagePart | None:
    """A table with its title, its heads (keys) and the lines below; None without a row."""
    if not rows:
        return None
    return PagePart(
        name, say(title, language), [say(f"trial_head_{key}", language) for key in heads], rows, lines=lines
    )


def _means(further: Further, _: dict[str, str], model: Model, language: str) -> PagePart | None:
    if not further.means:
        line = say("trial_means_hidden", language)
        return PagePart("means", say("trial_means", language), lines=[line])
    rows = [
        [_view(row.perspective, model, language), *(_ends(one, language) for one in (row.usual, row.programme))]
        for row in further.means
    ]
    lines = [say("trial_means_note", language)]
    return _part("means", "trial_means", ("perspective", "usual_care", "programme"), rows, lines, language)


def _nested(further: Further, labels: dict[str, str], _: Model, language: str) -> PagePart | None:
    rows = [
        [
            labels[row.name],
            *(
                _interval(row.difference, error, row.name, language)
                for error in (row.error.alone, row.error.nested, row.error.another)
            ),
        ]
        for row in further.nested
    ]
    lines = []
    for one in [row.error for row in further.nested][:1]:
        correlation = write_number(one.correlation, language, decimals=3)
        key = "trial_nested_estimated" if one.is_estimated else "trial_nested_prior"
        about = {"consultants": one.consultants, "fewest": FEWEST_CLUSTERS, "correlation": correlation}
        lines.append(say(key, language, **about))
    heads = ("what", "alone_error", "with_consultants", "another")
    return _part("consultants", "trial_nested", heads, rows, lines, language)


def _missing(further: Further, labels: dict[str, str], _: Model, language: str) -> PagePart | None:
    rows = [
        [
            labels[one.effect_name],
            " / ".join(write_percent(x, language) for x in one.missing),
            _interval(*one.at_random, one.effect_name, language),
            _interval(*one.by_reference, one.effect_name, language),
            _shift(one.tips_at, language),
            _shifts(one, language),
        ]
        for one in further.missing
    ]
    heads = ("what", "missing_share", "at_random", "by_reference", "tips_at", "tips_interval_at")
    return _part("missing", "trial_missing", heads, rows, [say("trial_missing_note", language)], language)


def _shift(value: float, language: str) -> str:
    return write_number(value, language, decimals=2, with_sign=True) if isfinite(value) else "–"


def _shifts(one: MissingAnswers, language: str) -> str:
    """The shifts that leave 0 in the interval of the difference."""
    if one.tips.kind == "none":
        return say("trial_tips_nowhere", language)
    low, high = (_shift(x, language) for x in (one.tips.low, one.tips.high))
    return say(f"trial_tips_{one.tips.kind}", language, low=low, high=high)


def _lost(further: Further, _: dict[str, str], model: Model, language: str) -> PagePart | None:
    rows = [
        [
            _view(row.perspective, model, language),
            *(_interval(*each, COST, language) for each in (row.complete, row.lin, row.weighted)),
        ]
        for row in further.lost
    ]
    heads = ("perspective", "seen_to_the_end", "lin", "weighted")
    return _part("lost", "trial_lost_costs", heads, rows, [say("trial_lost_note", language)], language)


def _cost_models(further: Further, _: dict[str, str], model: Model, language: str) -> PagePart | None:
    rows = [
        [
            _view(row.perspective, model, language),
            _interval(*row.linear, COST, language),
            _interval(row.modelled.difference, row.modelled.error, COST, language),
            say("trial_two_parts" if row.modelled.has_two_parts else "trial_one_part", language),
        ]
        for row in further.cost_models
    ]
    lines = [say("trial_cost_models_note", language)]
    return _part("cost-models", "trial_cost_models", ("perspective", "linear", "gamma", "parts"), rows, lines, language)


def _subgroups(further: Further, labels: dict[str, str], model: Model, language: str) -> PagePart | None:
    rows = [
        [
            f"{one.label[language]}: {_category(one.attribute, row.category, model)[language]}",
            labels[one.what],
            _interval(row.difference, row.error, one.what, language),
            write_number(one.p, language, decimals=2) if i == 0 else "",
        ]
        for one in further.subgroups
        for i, row in enumerate(one.rows)
    ]
    lines = [say("trial_subgroups_note", language)]
    return _part("subgroups", "trial_subgroups", ("subgroup", "what", "difference", "p"), rows, lines, language)


def _uptake(further: Further, labels: dict[str, str], _: Model, language: str) -> PagePart | None:
    rows = [
        [
            labels[one.effect_name],
            write_percent(one.share, language),
            _interval(one.effect, one.error, one.effect_name, language),
            "–" if one.per_protocol is None else _interval(*one.per_protocol, one.effect_name, language),
        ]
        for one in further.uptake
    ]
    lines = [say("trial_uptake_note", language), say("trial_per_protocol_note", language)]
    return _part("uptake", "trial_uptake", ("what", "uptake", "complier", "per_protocol"), rows, lines, language)


def _category(attribute: str, code: int, model: Model) -> Label:
    """What the model calls a category of an attribute."""
    own = next(one for one in model.attributes if one.name == attribute)
    name = list(own.categories or ())[code]
    return own.labels.get(name) or same(name)


def _view(name: str, model: Model, language: str) -> str:
    return str(model.find("perspectives", name).label[language])


def _ends(one: Interval, language: str) -> str:
    """A mean of money with its own interval, which need not be even on both sides."""
    texts = [write_money(x, language, error=one.error / 10) for x in (one.value, one.low, one.high)]
    return f"{texts[0]} ({texts[1]}; {texts[2]})"


def _interval(value: float, error: float, name: str, language: str) -> str:
    ends = (value, value - LEVEL * error, value + LEVEL * error)
    if name == COST:
        texts = [write_money(x, language, error=error / 10) for x in ends]
    else:
        texts = [write_number(x, language, error=error / 10) for x in ends]
    return f"{texts[0]} ({texts[1]}; {texts[2]})"


def exported_further(further: Further, plan: AnalysisPlan, model: Model) -> dict[str, Any]:
    """The same as plain data, each figure to the second digit of its error."""
    categories = {one.name: list(one.categories or ()) for one in model.attributes}

    def pair(value: float, error: float) -> dict[str, float]:
        return {"value": rounded(value, error), "error": rounded(error, error)}

    def shift(value: float) -> float | None:
        return round(value, 2) if isfinite(value) else None

    return {
        "consultants": [
            {
                "of": row.name,
                "difference": rounded(row.difference, row.error.alone),
                **{key: rounded(getattr(row.error, key), row.error.alone) for key in ("alone", "nested", "another")},
                "correlation": round(row.error.correlation, 3),
                "estimated": row.error.is_estimated,
            }
            for row in further.nested
        ],
        "missing_answers": [
            {
                "of": one.effect_name,
                "at_random": pair(*one.at_random),
                "by_reference": pair(*one.by_reference),
                "tips_at": shift(one.tips_at),
                "tips": {"kind": one.tips.kind, "low": shift(one.tips.low), "high": shift(one.tips.high)},
            }
            for one in further.missing
        ],
        "means": [
            {
                "perspective": row.perspective,
                **{key: exported_interval(getattr(row, key)) for key in ("usual", "programme")},
            }
            for row in further.means
        ],
        "lost": [
            {
                "perspective": row.perspective,
                **{key: pair(*getattr(row, key)) for key in ("complete", "lin", "weighted")},
            }
            for row in further.lost
        ],
        "cost_models": [
            {
                "perspective": row.perspective,
                "linear": pair(*row.linear),
                "gamma": pair(row.modelled.difference, row.modelled.error),
                "two_parts": row.modelled.has_two_parts,
            }
            for row in further.cost_models
        ],
        "subgroups": [
            {
                "attribute": one.attribute,
                "of": one.what,
                "p": round(one.p, 2),
                "rows": [
                    {"category": categories[one.attribute][row.category], **pair(row.difference, row.error)}
                    for row in one.rows
                ],
            }
            for one in further.subgroups
        ],
        "uptake": [
            {
                "of": one.effect_name,
                "share": round(one.share, 2),
                **pair(one.effect, one.error),
                "per_protocol": None if one.per_protocol is None else pair(*one.per_protocol),
            }
            for one in further.uptake
        ],
    }
