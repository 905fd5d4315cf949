"""Citizens and effect that may be changed in a case's workbook, and the shipped quantities that all sheets then follow.

Quantities under the programme are known at some levels of its effect and taken on a straight line between them; they
and those of usual care are multiplied by the citizens, as long as places do not bind.
"""

from __future__ import annotations

from collections.abc import Sequence

from costeff.reporting.numbers import write_number
from costeff.reporting.workbook.book import Book
from costeff.reporting.workbook.content import Counted, EffectLevels

KEY, TOP = "levels", "table_a"
ABOUT = 3  # columns that say which quantity it is
NEAR = "0.0000001"


def write_choices(book: Book) -> None:
    """The cells that may be changed, above table A, and the sheet of levels that they reach the quantities through."""
    row = book.head(
        TOP, f"{book.sheet_name(TOP)}, {book.currency}", book.term("table_a_how"), book.term("table_a_fixed")
    )
    book.at["factor"], book.at["effect"] = book.ref(TOP, row, 2), book.ref(TOP, row + 3, 2)
    at = book.head(KEY, f"{book.sheet_name(KEY)}, {book.said(book.content.unit)}", book.term("levels_how"))
    at = _weights(book, at)
    at = _places(book, at)
    _quantities(book, at)
    _citizens(book, row)
    book.at["table_row"] = _effect(book, row + 3) + 1
    if "changed" in book.at:
        book.at["changed"] += f"+({book.at['factor']}<>1)+({book.at['effect']}<>1)"


def quantity_text(book: Book, row: int, strategy: int, period: int) -> str:
    """The formula of a quantity: as shipped, at the effect chosen, times the citizens chosen."""
    content = book.content
    at = book.at["quantities"] + row
    times = f"*{book.at['citizens_used']}" if content.counted[row].follows else ""
    usual = list(range(len(content.strategies)))
    usual.remove(content.shown)
    if strategy != content.shown:
        return book.ref(KEY, at, ABOUT + usual.index(strategy) * len(content.periods) + period) + times
    first = ABOUT + len(usual) * len(content.periods) + period * _count(content.levels)
    if content.levels is None:
        return book.ref(KEY, at, first) + times
    span = book.span(KEY, (at, at), (first, first + _count(content.levels) - 1))
    return f"SUMPRODUCT({span},{book.at['weights_of_levels']}){times}"


def _count(levels: EffectLevels | None) -> int:
    return 1 if levels is None else len(levels.levels)


def _weights(book: Book, row: int) -> int:
    """How much of each level the effect chosen is: 1 of a level, parts of two between them; next free row."""
    levels, sheet = book.content.levels, book.sheets[KEY]
    if levels is None:
        return row
    effect, last = book.at["effect"], len(levels.levels) - 1
    numbers = [repr(level) for level in levels.levels]
    sheet.write_string(row, 0, book.term("effect_factor"), book.format("", bold=True))
    sheet.write_string(row + 1, 0, book.term("level_weight"), book.format())
    held = f"MIN(MAX({effect},{numbers[0]}),{numbers[-1]})"
    for i, level in enumerate(levels.levels):
        sheet.write_number(row, ABOUT + i, level, book.format("number", bold=True))
        sides = []
        if i:
            sides.append(f"({held}-{numbers[i - 1]})/{level - levels.levels[i - 1]!r}")
        if i < last:
            sides.append(f"({numbers[i + 1]}-{held})/{levels.levels[i + 1] - level!r}")
        text = f"MAX(0,MIN(1,{','.join(sides)}))"
        book.formula(KEY, row + 1, ABOUT + i, text, float(level == 1.0), "number")
    book.at["weights_of_levels"] = book.span(KEY, (row + 1, row + 1), (ABOUT, ABOUT + last))
    if levels.what is None:
        return row + 3
    sheet.write_string(row + 2, 0, book.said(levels.what), book.format())
    for i, figure in enumerate(levels.figures):
        sheet.write_number(row + 2, ABOUT + i, figure, book.format("number"))
    book.at["told_levels"] = book.span(KEY, (row + 2, row + 2), (ABOUT, ABOUT + last))
    return row + 4


def beyond_places(takers: Sequence[float], places: Sequence[float], course: int) -> list[float]:
    """Citizens of each quarter for whom no place is free when they come, nobody waiting.

    >>> beyond_places([4.0, 4.0, 4.0], [6.0, 6.0, 6.0], 2)
    [0.0, 2.0, 0.0]
    """
    begin: list[float] = []
    for came, room in zip(takers, places, strict=True):
        busy = sum(begin[len(begin) - (course - 1) :]) if course > 1 else 0.0
        begin.append(min(came, max(room - busy, 0.0)))
    return [came - one for came, one in zip(takers, begin, strict=True)]


def _places(book: Book, row: int) -> int:
    """Whether the places are enough for the citizens chosen, quarter by quarter; next free row."""
    content, sheet, factor = book.content, book.sheets[KEY], f"MAX(0,{book.at['factor']})"
    if not content.places:
        book.at["citizens_used"] = f"({factor})"
        return row
    heads = ("quarter", "takers", "takers_chosen", "places", "busy_places", "begin_at_once", "beyond")
    book.heads(KEY, row, [book.term(key) for key in heads], range(1, len(heads)))
    first, count, course = row + 1, len(content.places), content.course
    beyond_now = beyond_places([q.takers for q in content.places], [q.places for q in content.places], course)
    begin: list[float] = []
    for i, quarter in enumerate(content.places):
        at = first + i
        busy = sum(begin[max(0, i - course + 1) :]) if course > 1 else 0.0
        sheet.write_string(at, 0, book.said(quarter.quarter), book.format())
        sheet.write_number(at, 1, quarter.takers, book.format("number"))
        book.formula(KEY, at, 2, f"{factor}*{book.ref(KEY, at, 1, whole=False)}", quarter.takers, "number")
        sheet.write_number(at, 3, quarter.places, book.format("number"))
        earlier = max(first, at - course + 1)
        text = f"SUM({book.span(KEY, (earlier, at - 1), (5, 5), whole=False)})" if earlier < at else "0"
        book.formula(KEY, at, 4, text, busy, "number")
        came, room, busy_cell, begins = (book.ref(KEY, at, column, whole=False) for column in (2, 3, 4, 5))
        begin.append(quarter.takers - beyond_now[i])
        book.formula(KEY, at, 5, f"MIN({came},MAX({room}-{busy_cell},0))", begin[-1], "number")
        book.formula(KEY, at, 6, f"{came}-{begins}", beyond_now[i], "number")
    total, end = sum(beyond_now), first + count
    sheet.write_string(end, 0, book.term("beyond_as_exported"), book.format())
    sheet.write_number(end, 6, total, book.format("number"))
    beyond = f"SUM({book.span(KEY, (first, end - 1), (6, 6))})"
    book.at["beyond"], book.at["beyond_was"] = (beyond, total), book.ref(KEY, end, 6)
    sheet.write_string(end + 1, 0, book.term("citizens_used"), book.format("", bold=True))
    binds = f"OR({book.at['beyond_was']}>{NEAR},{beyond}>{NEAR})"
    book.formula(KEY, end + 1, 6, f"IF({binds},1,{factor})", 1.0, "number")
    book.at["citizens_used"] = book.ref(KEY, end + 1, 6)
    return end + 3


def _quantities(book: Book, row: int) -> None:
    """Each quantity as it was simulated: under usual care by period, under the programme by period and level."""
    content, sheet = book.content, book.sheets[KEY]
    levels, count = content.levels, _count(content.levels)
    usual = [g for g in range(len(content.strategies)) if g != content.shown]
    names = [f"{book.said(content.strategies[g])}\n{book.said(p)}" for g in usual for p in content.periods]
    for period in content.periods:
        for level in (1.0,) if levels is None else levels.levels:
            at_level = f" · {write_number(level, book.language)}" if levels is not None else ""
            names.append(f"{book.said(content.strategies[content.shown])}\n{book.said(period)}{at_level}")
    heads = [book.term(k) for k in ("what", "weight", "band")]
    book.heads(KEY, row, heads + names, range(ABOUT, ABOUT + len(names)))
    book.at["quantities"] = row + 1
    for i, quantity in enumerate(content.counted):
        at = row + 1 + i
        for j, text in enumerate((book.said(quantity.what), quantity.weight, quantity.band)):
            sheet.write_string(at, j, text, book.format())
        for j, value in enumerate(_values(book, i, quantity, usual, count)):
            sheet.write_number(at, ABOUT + j, value, book.format("number"))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 2, 14)
    sheet.set_column(ABOUT, ABOUT - 1 + len(names), 13)


def _values(book: Book, i: int, quantity: Counted, usual: Sequence[int], count: int) -> list[float]:
    content = book.content
    values = [float(quantity.value[g, p]) for g in usual for p in range(len(content.periods))]
    for p in range(len(content.periods)):
        if content.levels is None:
            values.append(float(quantity.value[content.shown, p]))
        else:
            values += [float(content.levels.values[i, level, p]) for level in range(count)]
    return values


def _citizens(book: Book, row: int) -> None:
    """The cell of the citizens, how many they are, and what the places say of it."""
    content, sheet = book.content, book.sheets[TOP]
    sheet.write_string(row, 0, book.term("citizens_factor"), book.format("", bold=True))
    sheet.write_number(row, 2, 1.0, book.format("given"))
    sheet.data_validation(row, 2, row, 2, {"validate": "decimal", "criteria": ">=", "value": 0})
    sheet.write_string(row + 1, 0, book.term("citizens_in_all"), book.format())
    used = book.at["citizens_used"]
    book.formula(TOP, row + 1, 2, f"{used}*{content.citizens!r}", content.citizens, "number")
    if not content.places:
        return
    beyond, total = book.at["beyond"]
    bound = book.term("places_bind", number="§").split("§")
    text = f'"{bound[0]}"&ROUND({beyond},1)&"{bound[1]}"'
    shown = f"{bound[0]}{round(total, 1)}{bound[1]}" if total > float(NEAR) else ""
    free = book.term("places_free")
    look = book.format("", bold=True)
    formula = (
        f'IF({beyond}>{NEAR},{text},IF({book.at["beyond_was"]}>{NEAR},"{book.term("places_bound_before")}","{free}"))'
    )
    sheet.write_formula(row + 2, 0, f"={formula}", look, shown or free)


def _effect(book: Book, row: int) -> int:
    """The cell of the effect, what kind of figure the amounts then are, and how far off they may be; last row."""
    levels, sheet, effect = book.content.levels, book.sheets[TOP], book.at["effect"]
    sheet.write_string(row, 0, book.term("effect_factor"), book.format("", bold=True))
    if levels is None:
        sheet.write_number(row, 2, 1.0, book.format("grey"))
        sheet.write_string(row + 1, 0, book.term("effect_fixed"), book.format())
        return row + 1
    low, high = levels.levels[0], levels.levels[-1]
    sheet.write_number(row, 2, 1.0, book.format("given"))
    sheet.data_validation(
        row, 2, row, 2, {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high}
    )
    at_level = "+".join(f"({effect}={level!r})" for level in levels.levels)
    outside = f"OR({effect}<{low!r},{effect}>{high!r})"
    kinds = [book.term(key) for key in ("effect_outside", "effect_simulated", "effect_between")]
    text = f'IF({outside},"{kinds[0]}",IF({at_level}>0,"{kinds[1]}","{kinds[2]}"))'
    sheet.write_formula(row + 1, 0, f"={text}", book.format("", bold=True), kinds[1])
    row += 2
    if levels.what is not None:
        value = levels.figures[levels.levels.index(1.0)]
        sheet.write_string(row, 0, book.said(levels.what), book.format())
        told = f"SUMPRODUCT({book.at['told_levels']},{book.at['weights_of_levels']})"
        book.formula(TOP, row, 2, told, value, "number")
        row += 1
    gap = levels.gap
    amounts = [write_number(x, book.language, decimals=0) for x in (gap.present_value, gap.year)]
    gap_text = book.term(
        "effect_gap",
        payer=book.said(gap.payer),
        present=amounts[0],
        year=amounts[1],
        currency=book.currency,
        levels="; ".join(write_number(x, book.language) for x in levels.levels),
    )
    sheet.write_string(row, 0, gap_text, book.format())
    return row
