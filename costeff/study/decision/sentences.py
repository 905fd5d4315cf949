"""The block that a board acts on in sentences: five questions, each answered from the numbers of `Board`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from costeff.catalogue import check_language, say
from costeff.cea.decide import NET_BENEFIT, NET_COST, Decision, Stretch
from costeff.reporting.numbers import write_number, write_percent
from costeff.study.decision.board import Board, SeverityClass
from costeff.study.decision.even import even_sentences
from costeff.study.decision.phrases import horizon_in_words, in_brackets, inline, money, spoken, unit_of
from costeff.study.decision.unknown import unknown

QUESTIONS = ("recommended", "sure", "wrong", "change", "unknown")
MOST_TURNS = 4


@dataclass(frozen=True)
class Answer:
    """One question of a board and its sentences."""

    key: str
    question: str
    sentences: tuple[str, ...]


def answers(board: Board, language: str = "en") -> list[Answer]:
    """The five questions in their order, each with at least one sentence. Raises ScenarioError for a language."""
    check_language(language)
    texts = {
        "recommended": _recommended(board, language),
        "sure": _sure(board, language),
        "wrong": _wrong(board, language),
        "change": _change(board, language),
        "unknown": unknown(board, language),
    }
    return [Answer(key, say(f"board_{key}", language), tuple(texts[key])) for key in QUESTIONS]


def _view(board: Board, decision: Decision, language: str) -> str:
    return in_brackets(board.perspectives[decision.perspective][language])


def _range(board: Board, decision: Decision, language: str) -> dict[str, str]:
    ends = decision.stretches[0].low, decision.stretches[-1].high
    low, high = (write_number(end, language, decimals=0) for end in ends)
    return {"low": low, "high": money(board, ends[1], language), "unit": unit_of(board, language), "bare_high": high}


def _recommended(board: Board, language: str) -> list[str]:
    decision = board.first
    sentences = choice_sentences(board, decision, language)
    others = board.decisions[1:]
    alike = [one for one in others if one.strategies == decision.strategies]
    apart = [one for one in others if one.strategies != decision.strategies]
    for key, ones in (("board_others_same", alike), ("board_others_else", apart)):
        if ones:
            names = spoken([_view(board, one, language) for one in ones], language)
            sentences.append(say(key, language, list=names))
    return sentences


def choice_sentences(board: Board, decision: Decision, language: str) -> list[str]:
    """What one perspective chooses under its rule, over which values, and whether the simulation settles it."""
    if len(board.strategies) < 2:
        return [say("board_only", language)]
    first = decision.stretches[0]
    names = {"perspective": _view(board, decision, language), "rule": say(f"board_rule_{decision.rule}", language)}
    if len(decision.stretches) > 1:
        sentences = [_turning(board, decision, names, language)]
    else:
        key = "board_keep" if first.strategy == board.comparator else "board_choose"
        sentences = [say(key, language, strategy=inline(board, first.strategy, language), **names)]
        if decision.rule == NET_COST:
            sentences.append(_lead(board, first, language))
        else:
            sentences.append(say("board_whole_range", language, **_range(board, decision, language)))
    if any(stretch.settled is False for stretch in decision.stretches):
        sentences.append(say("board_unsettled", language))
    sentences += _by_severity(board, board.severity.get(decision.perspective, ()), language)
    return sentences


def _lead(board: Board, stretch: Stretch, language: str) -> str:
    lead, error = stretch.lead[0], stretch.lead_mcse[0]
    amount, nil = money(board, lead, language, error), money(board, 0, language)
    names = {"rival": inline(board, stretch.rival or "", language), "horizon": horizon_in_words(board, language)}
    if amount == nil:
        return say("board_lead_none", language, **names)
    return say("board_lead_net_cost", language, money=amount, **names)


def _turning(board: Board, decision: Decision, names: dict[str, str], language: str) -> str:
    last = len(decision.stretches) - 1
    parts = []
    for i, stretch in enumerate(decision.stretches):
        key = "board_up_to" if i == 0 else "board_from" if i == last else "board_between"
        low, high = (money(board, round_turn(end), language) for end in (stretch.low, stretch.high))
        parts.append(say(key, language, strategy=inline(board, stretch.strategy, language), low=low, high=high))
    return say("board_turns", language, list=spoken(parts, language), **names, **_range(board, decision, language))


def round_turn(value: float) -> float:
    """A value of willingness to pay to three digits."""
    return float(f"{value:.3g}")


def _by_severity(board: Board, classes: Sequence[SeverityClass], language: str) -> list[str]:
    """The choice by class of severity, classes with the same choice together."""
    runs = [list(own) for _, own in groupby(classes, key=lambda one: one.strategy)]
    if not runs:
        return []
    if len(runs) == 1:
        ends = [money(board, one.value_of_qaly, language) for one in (classes[0], classes[-1])]
        name = inline(board, classes[0].strategy, language)
        fields = {"count": len(classes), "unit": unit_of(board, language), "low": ends[0], "high": ends[1]}
        return [say("board_severity_all", language, strategy=name, **fields)]
    parts = []
    for own in runs:
        key = "board_severity_one" if len(own) == 1 else "board_severity_few"
        fields = {"first": own[0].number, "last": own[-1].number}
        parts.append(say(key, language, strategy=inline(board, own[0].strategy, language), **fields))
    return [say("board_severity", language, list="; ".join(parts))]


def _sure(board: Board, language: str) -> list[str]:
    if len(board.strategies) < 2:
        return [say("board_only", language)]
    decision = board.first
    if decision.draws < 2:
        return [say("board_probability_none", language)]
    sentences = [_probability(board, decision, stretch, language) for stretch in decision.stretches[:MOST_TURNS]]
    least = min(board.decisions, key=least_probability)
    if least is not decision and least_probability(least) < least_probability(decision):
        share = write_percent(least_probability(least), language)
        sentences.append(say("board_least_sure", language, perspective=_view(board, least, language), share=share))
    return sentences


def least_probability(decision: Decision) -> float:
    """The lowest probability, over a decision's range, that what is chosen is the best."""
    return min(min(stretch.probability) for stretch in decision.stretches)


def _probability(board: Board, decision: Decision, stretch: Stretch, language: str) -> str:
    name = inline(board, stretch.strategy, language)
    if decision.rule == NET_COST:
        share = write_percent(stretch.probability[0], language)
        return say("board_probability_net_cost", language, strategy=name, share=share)
    share, other = (write_percent(end, language) for end in stretch.probability)
    low = write_number(round_turn(stretch.low), language, decimals=0)
    ends = {"low": low, "high": money(board, round_turn(stretch.high), language)}
    key = "board_probability_range" if len(decision.stretches) == 1 else "board_probability_at"
    return say(key, language, strategy=name, share=share, other=other, unit=unit_of(board, language), **ends)


def _wrong(board: Board, language: str) -> list[str]:
    if len(board.strategies) < 2:
        return [say("board_only", language)]
    if board.first.draws < 2:
        return [say("board_loss_none", language)]
    return [_loss(board, board.first, stretch, language) for stretch in board.first.stretches[:MOST_TURNS]]


def _loss(board: Board, decision: Decision, stretch: Stretch, language: str) -> str:
    name, nil = inline(board, stretch.strategy, language), money(board, 0, language)
    low, high = (money(board, end, language, stretch.lead_mcse[0]) for end in sorted(stretch.loss))
    if low == high == nil:
        return say("board_loss_nothing", language, strategy=name)
    if decision.rule == NET_BENEFIT and low != high:
        unit = unit_of(board, language)
        return say("board_loss_range", language, strategy=name, money=low, more=high, unit=unit)
    other = money(board, stretch.rival_loss[0], language, stretch.lead_mcse[0])
    rival = inline(board, stretch.rival or "", language)
    return say("board_loss", language, strategy=name, money=low, rival=rival, other=other)


def _change(board: Board, language: str) -> list[str]:
    if len(board.strategies) < 2:
        return [say("board_only", language)]
    sentences = even_sentences(board, language)
    for decision in board.decisions:
        if decision.turns:
            turns = [money(board, round_turn(turn), language) for turn in decision.turns[:MOST_TURNS]]
            fields = {"perspective": _view(board, decision, language), "unit": unit_of(board, language)}
            sentences.append(say("board_turn_at", language, list=spoken(turns, language), **fields))
    return sentences
