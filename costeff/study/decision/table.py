"""The decision of each primary perspective as rows of text: for the page, the workbook and the terminal."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from costeff.catalogue import languages, say
from costeff.cea.decide import NET_COST
from costeff.labels import Label, worded
from costeff.reporting.numbers import write_interval, write_money_interval, write_number, write_percent
from costeff.reporting.tables import Column, Row, html_table
from costeff.study.decision.phrases import in_brackets, inline, money, prediction, unit_of
from costeff.study.decision.sentences import answers, round_turn

if TYPE_CHECKING:
    from costeff.cea.decide import Decision, Stretch
    from costeff.reporting.workbook.content import WorkbookContent
    from costeff.study.decision.board import Board

HEADS = ("perspective", "board_rule", "board_choice", "board_probability", "board_expected_loss", "board_other_loss")
NUMBERS = HEADS[3:]


def table_heads(language: str) -> list[str]:
    """Headings of the table."""
    return [say(key, language) for key in HEADS]


def table_rows(board: Board, language: str) -> list[list[str]]:
    """A row for each stretch of each decision, texts as they are shown; probabilities as a span over the range."""
    return [_row(board, decision, stretch, language) for decision in board.decisions for stretch in decision.stretches]


def _row(board: Board, decision: Decision, stretch: Stretch, language: str) -> list[str]:
    choice = inline(board, stretch.strategy, language)
    if stretch.settled is False:
        choice += f" ({say('board_open', language)})"
    return [
        in_brackets(board.perspectives[decision.perspective][language]),
        _rule(board, decision, stretch, language),
        choice[:1].upper() + choice[1:],
        _share(stretch.probability, language),
        _amounts(board, stretch.loss, stretch.lead_mcse[0], language),
        _amounts(board, stretch.rival_loss, stretch.lead_mcse[0], language) if stretch.rival else "–",
    ]


def _rule(board: Board, decision: Decision, stretch: Stretch, language: str) -> str:
    if decision.rule == NET_COST:
        return say("board_short_net_cost", language)
    low = write_number(round_turn(stretch.low), language, decimals=0)
    high = money(board, round_turn(stretch.high), language)
    return say("board_short_net_benefit", language, low=low, high=high, unit=unit_of(board, language))


def _share(ends: tuple[float, float], language: str) -> str:
    low, high = (write_percent(end, language) for end in sorted(ends))
    if low == high:
        return low
    if "<" in low or ">" in high:
        return f"{low} {say('to', language)} {high}"
    return f"{write_interval(100 * min(ends), 100 * max(ends), language, decimals=0)}\u00a0%"


def _amounts(board: Board, ends: tuple[float, float], error: float, language: str) -> str:
    low, high = (money(board, end, language, error) for end in sorted(ends))
    if low == high:
        return low
    own_error = error if error == error else None  # not a number where it is not known
    text = write_money_interval(min(ends), max(ends), language, error=own_error)
    first, _, last = text.partition(f" {say('to', language)} ")
    return low.replace(low.rpartition("\u00a0")[0], first) if first == last else text


def decision_table(board: Board, language: str) -> str:
    """The table as HTML."""
    columns = [Column(text, key in NUMBERS) for key, text in zip(HEADS, table_heads(language), strict=True)]
    rows: list[Row] = [list(row) for row in table_rows(board, language)]
    return html_table(columns, rows, say("board_table", language), as_lists=True)


def board_text(board: Board, language: str) -> str:
    """The block as plain text: questions, their sentences, and the table."""
    import pandas as pd

    lines = [say("board", language).upper(), *filter(None, [prediction(board, language)])]
    for answer in answers(board, language):
        lines += [answer.question, *(f"  {sentence}" for sentence in answer.sentences)]
    table = pd.DataFrame(table_rows(board, language), columns=table_heads(language)).to_string(index=False)
    text = "\n".join([*lines, "", say("board_table", language), table])
    return text.replace("\u2212", "-").replace("\u2013", "-").replace("\u00a0", " ")


def with_board(content: WorkbookContent, board: Board) -> WorkbookContent:
    """The content of a workbook with the block as its first sheet."""
    texts_in = cache(lambda language: (answers(board, language), table_rows(board, language)))

    def question(i: int) -> Label:
        return Label.by(lambda language: texts_in(language)[0][i].question)

    def sentence(i: int, k: int) -> Label:
        return Label.by(lambda language: texts_in(language)[0][i].sentences[k])

    def cell(i: int, k: int) -> Label:
        return Label.by(lambda language: texts_in(language)[1][i][k])

    questions, lines = texts_in(languages()[0])
    sizes = [len(one.sentences) for one in questions]
    parts = [(question(i), [sentence(i, k) for k in range(size)]) for i, size in enumerate(sizes)]
    rows = [[cell(i, k) for k in range(len(HEADS))] for i in range(len(lines))]
    heads = [worded(key) for key in HEADS]
    lead = Label.by(lambda language: prediction(board, language))
    return replace(content, answers_lead=lead, answers=parts, decision_heads=heads, decision_rows=rows)
