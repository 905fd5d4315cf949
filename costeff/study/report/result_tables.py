"""The report's tables of results: who pays, flows, cost against effect, effects; what is looked for stands first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from costeff.catalogue import say
from costeff.cea.icer_rows import icer_columns, icer_rows, pairwise_columns, pairwise_rows
from costeff.cea.icer_words import icer_words
from costeff.reporting.effect_words import effect_interval, write_effect
from costeff.reporting.numbers import SPACE, currency_name, write_money, write_money_interval, write_number
from costeff.reporting.style import label_of
from costeff.reporting.tables import Band, Column, Row, html_table
from costeff.reporting.unit_names import unit_name
from costeff.study.report.rows import increments_of
from costeff.study.report.sentences import cost_spread, key_views

if TYPE_CHECKING:
    from costeff.study.report.content import Content, PerspectiveView


def result_tables(content: Content, language: str) -> dict[str, str]:
    """Each table by name, as HTML; '' for one without rows. `others`: perspectives that a reader may unfold."""
    main_views = key_views(content)
    rest = [view for view in content.perspectives if view not in main_views]
    return {
        "key": key_table(content, language),
        "parties": _parties(content, language),
        "items": _items(content, language),
        "icer": _icer(content, main_views, language),
        "icer_others": _icer(content, rest, language),
        "pairwise": _pairwise(content, main_views, language),
        "pairwise_others": _pairwise(content, rest, language),
        "effects": _effects(content, language),
    }


def _table(columns: list[Column], rows: list[Row], caption: str) -> str:
    return html_table(columns, rows, caption, as_lists=True) if rows else ""


def _money(content: Content, language: str) -> str:
    currency = currency_name(content.currency, language)
    return f"{currency} {content.price_year} {say('per_citizen', language)}"


def _heading(content: Content, key: str, strategy: str, language: str) -> str:
    """The section's title, with the strategy when there are several to compare."""
    text = f"{say(key, language)}, {_money(content, language)}"
    several = len(content.strategies) > 2
    return f"{text}: {label_of(content.strategies, strategy, language)}" if several else text


def _records(frame: Any) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _alternatives(content: Content) -> list[str]:
    return [name for name in content.strategies if name != content.comparator]


def _both(content: Content, strategy: str, language: str) -> list[Column]:
    """A column for the comparator and one for the strategy."""
    return [Column(label_of(content.strategies, name, language), True) for name in (content.comparator, strategy)]


def _error(value: float, language: str) -> str:
    return write_number(value, language, error=value)


def _own(row: dict[str, Any], strategy: str) -> float:
    """The error of a strategy's own level; where the table has none, that of the increment."""
    return float(row.get(f"mcse_{strategy}", row["mcse"]))


def key_table(content: Content, language: str) -> str:
    """Of several strategies a row for each: cost, effect, and ratio, in the perspectives of the key result."""
    if len(_alternatives(content)) < 2 or not content.perspectives:
        return ""
    views = key_views(content)
    main = views[0].evaluation
    money = currency_name(content.currency, language)
    columns = [Column(say("strategy", language))]
    for view in views:
        cost = say("key_cost", language, perspective=view.label[language], currency=money)
        columns += [Column(cost, True), Column(say("interval_95", language), True)]
    effect = f"{content.effect_label[language]} ({unit_name(main.effect_unit, language)})"
    columns += [
        Column(effect, True),
        Column(say("interval_95", language), True),
        Column(say("key_icer", language, perspective=views[0].label[language])),
    ]
    words = icer_words(main, content.strategies, language)
    rows: list[Row] = [
        [
            label_of(content.strategies, name, language),
            *(cell for view in views for cell in _cost_cells(view, name, language)),
            *_effect_cells(content, name, language),
            words[name].text,
        ]
        for name in _alternatives(content)
    ]
    base = label_of(content.strategies, content.comparator, language)
    return _table(columns, rows, say("key_caption", language, comparator=base))


def _cost_cells(view: PerspectiveView, name: str, language: str) -> list[str]:
    spread = cost_spread(view.evaluation, name)
    return [
        write_money(spread.mean, language, error=spread.mcse, with_sign=True),
        write_money_interval(spread.lo, spread.hi, language, error=spread.mcse),
    ]


def _effect_cells(content: Content, name: str, language: str) -> list[str]:
    rows = increments_of(content.effects, content, name)
    rows = rows[rows["effect"] == content.perspectives[0].evaluation.effect_name]
    for row in _records(rows):
        unit, error = str(row["unit"]), row["mcse"]
        return [
            write_effect(row["increment"], unit, language, error=error, with_sign=True),
            effect_interval(row["lo"], row["hi"], unit, language, error),
        ]
    return ["", ""]


def _parties(content: Content, language: str) -> str:
    parts = []
    for strategy in _alternatives(content):
        columns = [
            Column(say("party", language)),
            Column(say("difference", language), True),
            Column(say("interval_95", language), True),
            *_both(content, strategy, language),
            Column(say("of_which_programme", language), True),
            Column(say("error", language), True),
        ]
        rows: list[Row] = []
        for row in sorted(_records(increments_of(content.parties, content, strategy)), key=lambda r: not r["inside"]):
            if not row["inside"] and not any(isinstance(r, Band) for r in rows):
                rows.append(Band(say("outside", language)))
            error = row["mcse"]
            rows.append(
                [
                    row["label"][language],
                    write_money(row["increment"], language, error=error, with_sign=True),
                    write_money_interval(row["lo"], row["hi"], language, error=error),
                    *(
                        write_money(row[name], language, error=_own(row, name))
                        for name in (content.comparator, strategy)
                    ),
                    write_money(row["programme"], language, error=row.get("programme_mcse", error), with_sign=True),
                    _error(error, language),
                ]
            )
        heading = _heading(content, "who_pays", strategy, language)
        parts.append(_table(columns, rows, f"{heading} ({say('sign_party', language)})"))
    return "\n".join(part for part in parts if part)


def _items(content: Content, language: str) -> str:
    party_labels = {row["party"]: row["label"] for row in _records(content.parties)} | dict(content.accounts)
    parts = []
    for strategy in _alternatives(content):
        columns = [
            Column(say("item", language)),
            Column(say("difference", language), True),
            Column(say("error", language), True),
            *_both(content, strategy, language),
            Column(say("payer", language)),
            Column(say("recipient", language)),
        ]
        rows: list[Row] = [
            [
                row["label"][language],
                write_money(row["increment"], language, error=row["mcse"], with_sign=True),
                _error(row["mcse"], language),
                *(write_money(row[name], language, error=_own(row, name)) for name in (content.comparator, strategy)),
                *(label_of(party_labels, str(row[end]), language) for end in ("payer", "recipient")),
            ]
            for row in _records(increments_of(content.items, content, strategy))
        ]
        parts.append(_table(columns, rows, _heading(content, "flows", strategy, language)))
    return "\n".join(part for part in parts if part)


def _icer(content: Content, views: Sequence[PerspectiveView], language: str) -> str:
    """Perspectives below each other; a band names each one."""
    rows: list[Row] = []
    for view in views:
        rows += [_band(view, language), *icer_rows(view.evaluation, content.strategies, language)]
    columns = icer_columns(content.effect_unit, content.strategies, content.comparator, language)
    return _table(columns, rows, f"{say('icer_heading', language)}, {_money(content, language)}")


def _pairwise(content: Content, views: Sequence[PerspectiveView], language: str) -> str:
    """Each strategy against the comparator, perspectives below each other."""
    rows: list[Row] = []
    for view in views:
        rows += [_band(view, language), *pairwise_rows(view.evaluation, content.strategies, language)]
    base = label_of(content.strategies, content.comparator, language)
    caption = f"{say('against_comparator', language, strategy=base)}, {_money(content, language)}"
    return _table(pairwise_columns(content.effect_unit, language), rows, caption)


def _band(view: PerspectiveView, language: str) -> Band:
    note = view.note[language]
    return Band(f"{view.label[language]} – {note}" if note else view.label[language])


def _effects(content: Content, language: str) -> str:
    parts = []
    for strategy in _alternatives(content):
        columns = [
            Column(say("effect", language)),
            Column(say("unit", language)),
            Column(say("difference", language), True),
            Column(say("interval_95", language), True),
            *_both(content, strategy, language),
            Column(say("error", language), True),
            Column(say("better", language)),
            Column(say("discounted", language)),
        ]
        rows: list[Row] = []
        for row in _records(increments_of(content.effects, content, strategy)):
            unit, error = str(row["unit"]), row["mcse"]
            rows.append(
                [
                    row["label"][language],
                    "%" if unit == "share" else unit_name(unit, language),
                    _bare(write_effect(row["increment"], unit, language, error=error, with_sign=True)),
                    _bare(effect_interval(row["lo"], row["hi"], unit, language, error)),
                    *(
                        _bare(write_effect(row[name], unit, language, error=_own(row, name)))
                        for name in (content.comparator, strategy)
                    ),
                    _bare(write_effect(error, unit, language, error=error)),
                    say(row["better"], language),
                    say("yes" if row["discounted"] else "no", language),
                ]
            )
        caption = say("effects", language)
        if len(content.strategies) > 2:
            caption += f": {label_of(content.strategies, strategy, language)}"
        parts.append(_table(columns, rows, caption))
    return "\n".join(part for part in parts if part)


def _bare(text: str) -> str:
    """The number without its percent sign or points: the column of units says it."""
    return text.split(f"{SPACE}%")[0]
