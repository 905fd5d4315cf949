"""What would have to be true: where strategies break even, in the effect's own unit and in citizens."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from costeff.catalogue import say
from costeff.reporting.numbers import write_interval, write_number, write_percent
from costeff.reporting.style import label_of
from costeff.study.decision.phrases import in_brackets, inline, money, quoted, unit_of

if TYPE_CHECKING:
    from costeff.study.decision.board import Board, EvenPoint

WHOLE = 100
"""Citizens that a share is told of."""
DIGITS = 3


def even_sentences(board: Board, language: str) -> list[str]:
    """One or two sentences for each strategy; that it was not looked for, where it was not."""
    if board.even is None:
        return [say("board_even_not_sought", language)]
    sentences = []
    for strategy, point in board.even.items():
        if point is None:
            sentences.append(say("board_even_nowhere", language, strategy=inline(board, strategy, language)))
        else:
            sentences += _even(board, strategy, point, language)
    return sentences


def _even(board: Board, strategy: str, even: EvenPoint, language: str) -> list[str]:
    has_draws = not math.isnan(even.share_paying)
    at = ""
    if board.even_wtp is not None:
        at = say("board_even_at", language, unit=unit_of(board, language), wtp=money(board, board.even_wtp, language))
    sentence = say(
        "board_even" if has_draws else "board_even_no_draws",
        language,
        perspective=in_brackets(board.perspectives[board.even_perspective][language]),
        at=at,
        strategy=inline(board, strategy, language),
        parameter=quoted(label_of(board.parameter_labels, even.point.parameter, language), language),
        value=_number(even.point.value, language),
        side=say("board_above" if even.point.pays_above else "board_below", language),
        base=_number(even.value, language),
        interval=write_interval(_digits(even.low), _digits(even.high), language),
        **({"share": write_percent(even.share_paying, language)} if has_draws else {}),
    )
    return [sentence, *_in_citizens(board, even, language)]


def _digits(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _number(value: float, language: str) -> str:
    return write_number(_digits(value), language)


def _in_citizens(board: Board, even: EvenPoint, language: str) -> list[str]:
    """The first effect that is a share of people, at the point of break-even; nothing where the model has none."""
    for name, share in even.point.shares.items():
        count = round(WHOLE * abs(share))
        key = "same" if count == 0 else "more" if share > 0 else "fewer"
        fields = {"number": count} if count else {}
        label = board.effects[name][language]
        comparator = inline(board, board.comparator, language)
        return [say(f"board_in_citizens_{key}", language, effect=label, comparator=comparator, **fields)]
    return []
