"""Parts of the sentences for a board: names inside a sentence, amounts, units, lists."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.reporting.numbers import write_money, write_number
from costeff.reporting.style import label_of
from costeff.reporting.unit_names import unit_name

if TYPE_CHECKING:
    from costeff.study.decision.board import Board


def inline(board: Board, strategy: str, language: str) -> str:
    """A strategy's label inside a sentence: a label that begins with an ordinary word loses its capital."""
    label = label_of(board.strategies, strategy, language)
    ordinary = label.split(" ")[0] in say("ordinary_words", language).split()
    return label[:1].lower() + label[1:] if ordinary else label


def money(board: Board, value: float, language: str, error: float | None = None) -> str:
    """An amount per citizen, to the digits that its error supports."""
    own_error = None if error is None or math.isnan(error) else error
    return write_money(value, language, currency=board.currency, error=own_error)


def unit_of(board: Board, language: str) -> str:
    """One unit of the effect that is valued."""
    return unit_name(board.effect_unit, language, plural=False)


def spoken(texts: Sequence[str], language: str) -> str:
    """A list as it is spoken: commas, and a word before the last."""
    head, last = ", ".join(texts[:-1]), texts[-1]
    return f"{head} {say('and', language)} {last}" if head else last


def horizon_in_words(board: Board, language: str) -> str:
    """The time horizon, such as '5 years'."""
    if board.years == 1:
        return say("one_year", language)
    decimals = 0 if float(board.years).is_integer() else 1
    return say("years", language, number=write_number(board.years, language, decimals=decimals))


def prediction(board: Board, language: str) -> str:
    """What a model's result is, which stands before all else; '' for draws of another program."""
    return say("board_prediction", language) if board.is_simulated else ""


def in_brackets(label: str) -> str:
    """A label with what follows its first comma in brackets, so that it can stand in a list.

    >>> in_brackets("Society, factor prices, friction method"), in_brackets("Employer")
    ('Society (factor prices, friction method)', 'Employer')
    """
    head, comma, tail = label.partition(", ")
    return f"{head} ({tail})" if comma else label


def quoted(text: str, language: str) -> str:
    """A parameter's label, which is no part of the sentence, in the quotation marks of the language.

    >>> quoted("Uptake", "en"), quoted("Tilslutning", "da")
    ('“Uptake”', '»Tilslutning«')
    """
    return say("board_quoted", language, text=text)
