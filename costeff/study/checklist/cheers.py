"""The 28 items of CHEERS 2022: what the run and its files say of each, what the authors wrote, and what is blank."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from costeff.analysis.result_tables import parties
from costeff.catalogue import say
from costeff.model.country import country_file, read_country
from costeff.model.scenario_keys import REPORTING
from costeff.reporting.numbers import currency_name, write_date, write_money, write_number, write_percent
from costeff.reporting.unit_names import unit_name
from costeff.study.decision.board import board_of
from costeff.study.decision.phrases import horizon_in_words, in_brackets, inline, spoken
from costeff.study.decision.sentences import answers
from costeff.study.decision.unknown import nature
from costeff.study.groups.groups import groups
from costeff.study.report.validation import validation_of_result
from costeff.study.summary import conventions_of

if TYPE_CHECKING:
    from costeff.analysis.study import ResultData
    from costeff.labels import Label

MOST_NAMES = 8


@dataclass(frozen=True)
class Item:
    """An item: its number and title, what is said of it, and whether nothing is."""

    number: int
    title: str
    texts: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Whether neither run nor authors say anything."""
        return not self.texts


def cheers(result: ResultData, language: str) -> list[Item]:
    """All items in their order. What only people can know is blank until the scenario's `reporting` says it."""
    run_texts = {name: tuple(text for text in fill(result, language) if text) for name, fill in FROM_RUN.items()}
    items = []
    for number, name in enumerate(REPORTING, start=1):
        own = result.study.scenario.reporting.get(name)
        texts = list(run_texts.get(name, ()))
        if own is not None:
            texts.append(own[language])
        elif texts and name in ADDED:
            texts.append(say("checklist_author_adds", language, what=say(ADDED[name], language)))
        items.append(Item(number, say(f"cheers_item_{name}", language), tuple(texts)))
    return items


ADDED = {
    "setting": "cheers_setting_adds",
    "comparators": "cheers_comparators_adds",
    "perspective": "cheers_reason_adds",
    "horizon": "cheers_reason_adds",
    "outcomes": "cheers_reason_adds",
    "findings": "cheers_findings_adds",
}
"""What the authors add to an item that the run fills in part."""


def _few(labels: list[str], language: str) -> str:
    more = len(labels) - MOST_NAMES
    return spoken(labels, language) if more <= 0 else ", ".join(labels[:MOST_NAMES]) + f" + {more}"


def _population(result: ResultData, language: str) -> list[str]:
    own = groups(result, next(iter(board_of(result).perspectives)))
    if own is None:
        return []
    first = own.results[0].strategy
    shown = [one for one in own.results if one.strategy == first and one.attribute]
    names = [
        f"{one.attribute_label[language]}: {one.label[language]} {write_percent(one.share, language)}" for one in shown
    ]
    return [say("cheers_people", language, list="; ".join(names))]


def _setting(result: ResultData, language: str) -> list[str]:
    date, file = result.model.conventions.entry_date, country_file(result.model)
    if not date or file is None:
        return []
    return [
        say(
            "cheers_setting",
            language,
            country=read_country(file).title[language],
            date=write_date(dt.date.fromisoformat(date), language),
        )
    ]


def _comparators(result: ResultData, language: str) -> list[str]:
    board = board_of(result)
    names = [inline(board, name, language) for name in board.strategies if name != board.comparator]
    comparator = inline(board, board.comparator, language)
    return [say("cheers_comparators", language, list=_few(names, language), comparator=comparator)]


def _perspective(result: ResultData, language: str) -> list[str]:
    board = board_of(result)
    names = [
        say(
            "cheers_perspective_one",
            language,
            perspective=in_brackets(board.perspectives[one.perspective][language]),
            rule=say(f"board_rule_{one.rule}", language),
        )
        for one in board.decisions
    ]
    others = len(result.model.perspectives) - len(names)
    return [say("cheers_perspective", language, list="; ".join(names), count=others)]


def _horizon(result: ResultData, language: str) -> list[str]:
    cycle = result.model.conventions.cycle
    years = horizon_in_words(board_of(result), language)
    return [say("cheers_horizon", language, years=years, cycle=unit_name(cycle, language, plural=False))]


def _discount(result: ResultData, language: str) -> list[str]:
    rules = conventions_of(result)
    cost, effect = (write_percent(rules[f"discount_rate_{kind}"], language, decimals=1) for kind in ("cost", "effect"))
    way = say(f"describe_{rules['discounting']}", language)
    return [say("cheers_discount", language, cost=cost, effect=effect, way=way)]


def _outcomes(result: ResultData, language: str) -> list[str]:
    main = result.effect(result.main_effect)
    others = [effect.label[language] for effect in result.model.effects if effect.name != main.name]
    if not others:
        return [say("cheers_outcomes_one", language, main=main.label[language])]
    return [say("cheers_outcomes", language, main=main.label[language], list=_few(others, language))]


def _measurement(_: ResultData, language: str) -> list[str]:
    return [say("cheers_measured", language)]


def _valuation(result: ResultData, language: str) -> list[str]:
    wtp = result.study.scenario.wtp
    if wtp is None:
        return [say("cheers_not_valued", language)]
    effect, currency = result.effect(wtp.effect), result.model.conventions.currency
    low, high = (write_money(end, language, currency=currency) for end in wtp.range)
    unit = unit_name(effect.unit, language, plural=False)
    return [say("cheers_valued", language, main=effect.label[language], low=low, high=high, unit=unit)]


def _costs(result: ResultData, language: str) -> list[str]:
    model = result.model
    return [say("cheers_costs", language, flows=len(model.flows), parties=len(model.parties))]


def _currency(result: ResultData, language: str) -> list[str]:
    rules = result.model.conventions
    basis: Label | str = rules.price_basis
    words = basis if isinstance(basis, str) else basis[language]
    name = currency_name(rules.currency, language)
    return [say("cheers_currency", language, currency=name, year=rules.price_year, basis=f", {words}" if words else "")]


def _model(result: ResultData, language: str) -> list[str]:
    model = result.model
    kind = say("cheers_cohort" if result.simulated.engine == "cohort" else "cheers_microsim", language)
    files = spoken([_in_folder(model.file), _in_folder(str(result.study.evidence.file))], language)
    counts = {"states": len(model.states), "exits": len(model.transitions)}
    return [say("cheers_model", language, kind=kind, files=files, **counts)]


def _in_folder(file: str) -> str:
    """A file by its name and the folder that it lies in."""
    return f"{Path(file).parent.name}/{Path(file).name}"


def _analytics(result: ResultData, language: str) -> list[str]:
    counts = {"draws": int(result.draws), "individuals": result.individuals, "seed": result.seed}
    assumptions, method = len(result.model.assumptions), result.method.replace("_", " ")
    return [say("cheers_analytics", language, method=method, assumptions=assumptions, **counts)]


def _heterogeneity(result: ResultData, language: str) -> list[str]:
    names = [one.label[language] for one in result.study.scenario.subgroups]
    return [say("cheers_groups", language, list=spoken(names, language))] if names else []


def _distribution(result: ResultData, language: str) -> list[str]:
    inside = int(parties(result)["inside"].sum())
    return [say("cheers_parties", language, count=inside), *_heterogeneity(result, language)]


def _uncertainty(result: ResultData, language: str) -> list[str]:
    return [say("cheers_uncertainty", language)] if result.draws > 1 else []


def _parameters(result: ResultData, language: str) -> list[str]:
    kinds = Counter(parameter.kind for parameter in result.study.evidence.parameters.values())
    parts = [
        say("cheers_kind", language, number=write_number(count, language), kind=say(f"kind_{kind}", language))
        for kind, count in kinds.most_common()
    ]
    return [say("cheers_parameters", language, count=kinds.total(), list=spoken(parts, language))]


def _answers(*keys: str) -> Callable[[ResultData, str], list[str]]:
    def fill(result: ResultData, language: str) -> list[str]:
        return [text for one in answers(board_of(result), language) if one.key in keys for text in one.sentences]

    return fill


def _findings(result: ResultData, language: str) -> list[str]:
    validation, reasons = validation_of_result(result)
    whole = replace(board_of(result), validation=None if reasons else validation)
    return [say("board_prediction", language), *nature(whole, language)]


FROM_RUN: dict[str, Callable[[ResultData, str], list[str]]] = {
    "population": _population,
    "setting": _setting,
    "comparators": _comparators,
    "perspective": _perspective,
    "horizon": _horizon,
    "discount_rate": _discount,
    "outcomes": _outcomes,
    "measurement": _measurement,
    "valuation": _valuation,
    "costs": _costs,
    "currency": _currency,
    "model": _model,
    "analytics": _analytics,
    "heterogeneity": _heterogeneity,
    "distribution": _distribution,
    "uncertainty": _uncertainty,
    "parameters": _parameters,
    "results": _answers("recommended"),
    "effect_of_uncertainty": _answers("sure", "wrong"),
    "findings": _findings,
}
"""What fills each item; title, abstract, background, plan, engagement, funding and conflicts are never filled here."""
