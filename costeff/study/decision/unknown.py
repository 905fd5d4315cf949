"""What is not known: what knowing is worth and from which study, and what the result is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costeff.calibrate.validation_words import holdout_sentences
from costeff.catalogue import say
from costeff.reporting.numbers import write_interval, write_number
from costeff.reporting.style import label_of
from costeff.study.decision.phrases import money, quoted, spoken, unit_of

if TYPE_CHECKING:
    from costeff.study.decision.board import Board, EffectParameter

MOST_EFFECT_PARAMETERS = 6


def unknown(board: Board, language: str) -> list[str]:
    """What knowing is worth, then what the result rests on, and how the model predicted."""
    return [*_worth(board, language), *nature(board, language)]


def nature(board: Board, language: str) -> list[str]:
    """What the result is."""
    counts = {"number": board.assumptions, "all": board.parameters}
    sentences = [say("board_assumptions", language, **counts)]
    uncertain = [one for one in board.effect_parameters if one.low < one.high] or list(board.effect_parameters)
    if uncertain:
        texts = [_effect_parameter(board, one, language) for one in uncertain[:MOST_EFFECT_PARAMETERS]]
        sentences.append(say("board_effect_parameters", language, list="; ".join(texts)))
    if board.validation is None:
        sentences.append(say("board_no_validation", language))
    else:
        sentences += holdout_sentences(board.validation, language)
    return sentences


def _effect_parameter(board: Board, one: EffectParameter, language: str) -> str:
    fields = {
        "parameter": label_of(board.parameter_labels, one.name, language),
        "value": _number(one.value, language),
        "kind": say(f"kind_{one.kind}", language),
    }
    if one.low == one.high:
        return say("board_effect_fixed", language, **fields)
    ends = write_interval(float(f"{one.low:.3g}"), float(f"{one.high:.3g}"), language)
    return say("board_effect_parameter", language, interval=ends, **fields)


def _number(value: float, language: str) -> str:
    return write_number(float(f"{value:.3g}"), language)


def _worth(board: Board, language: str) -> list[str]:
    worth = board.worth
    if worth is None:
        return [say("board_worth_few", language)]
    at = ""
    if worth.wtp > 0:
        at = say("board_even_at", language, unit=unit_of(board, language), wtp=money(board, worth.wtp, language))
    perfect = money(board, worth.perfect, language, board.first.stretches[0].lead_mcse[0])
    if perfect == money(board, 0, language):
        return [say("board_worth_nothing", language, at=at)]
    sentences = [say("board_worth", language, money=perfect, at=at)]
    if not worth.parameters:
        return [*sentences, say("board_worth_no_parameter", language)]
    names = {one.name: label_of(board.parameter_labels, one.name, language) for one in worth.parameters}
    labels = {name: quoted(label, language) for name, label in names.items()}
    parts = [
        say("board_worth_one", language, parameter=labels[one.name], money=money(board, one.worth, language, one.mcse))
        for one in worth.parameters
    ]
    sentences.append(say("board_worth_parameters", language, list=spoken(parts, language)))
    if worth.study is not None:
        looked_at = [labels[one.name] for one in worth.parameters if one.name in worth.study.learns]
        title = worth.study.title[language]
        if looked_at:
            sentences.append(say("board_worth_study", language, study=title, list=spoken(looked_at, language)))
        else:
            sentences.append(say("board_worth_study_none", language, study=title))
    return sentences
