"""The three columns of a case with a belief: own belief, the evidence's effect, no effect, all on the same luck."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import say
from costeff.investment import measures
from costeff.investment.belief.belief import Belief
from costeff.investment.report.content import BeliefContent
from costeff.investment.report.effect import spread
from costeff.reporting.numbers import MISSING, write_interval, write_large, write_number, write_percent
from costeff.reporting.tables import Column, Row, html_table

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent, Spread
    from costeff.investment.result import CaseResultData


def belief_content(result: CaseResultData, decider: str, public: str) -> BeliefContent | None:
    """The three columns of a result; None for a case without a belief."""
    belief, other = result.case.belief, result.by_evidence
    if belief is None or belief.translation is None or other is None:
        return None
    translation = belief.translation
    ratios = np.asarray(other.parameters[belief.parameter])
    low, median, high = (float(q) for q in np.quantile(ratios, (0.1, 0.5, 0.9)))

    def columns(name: str) -> tuple[Spread, Spread, Spread]:
        replicates = result.cash.replicates
        idle = measures.npv(result.without_effect(), result.members(name))
        return tuple(spread(worth, replicates) for worth in (result.npv(name), other.npv(name), idle))  # type: ignore[return-value]

    return BeliefContent(
        belief=belief,
        translation=translation,
        evidence_ratio=(median, low, high),
        better=float((ratios < translation.ratio.value).mean()),
        more={
            week: result.citizens_served * (share - translation.usual.shares[week])
            for week, share in translation.programme.shares.items()
        },
        npv=columns(decider),
        public=columns(public) if public else None,
    )


def belief_sentences(content: CaseContent, language: str) -> list[str]:
    """What the case believes in, in citizens and weeks, and where that lies in the evidence."""
    about_belief = content.belief
    if about_belief is None:
        return []
    if about_belief.belief.no_effect:
        return [say("says_belief_no_effect", language)]
    belief, translation = about_belief.belief, about_belief.translation

    def figure(value: float) -> str:
        return _in_unit(belief, value, language)

    def money(column: Spread) -> str:
        error = None if np.isnan(column.error) else column.error
        return write_large(column.mean, language, currency=content.currency, with_sign=True, error=error)

    first = say(
        "says_belief",
        language,
        believed=figure(belief.programme.value),
        unit=unit_of(about_belief, language),
        low=figure(belief.programme.low),
        high=figure(belief.programme.high),
        today=figure(belief.today.value),
        ratio=write_number(translation.ratio.value, language, decimals=2),
        citizens=write_number(content.citizens_served, language, decimals=0),
        more=f" {say('and_list', language)} ".join(
            say("belief_more", language, number=write_number(more, language, decimals=1), weeks=week)
            for week, more in about_belief.more.items()
        ),
    )
    second = say(
        "says_belief_percentile",
        language,
        share=say("share_of_ten", language, number=write_number(10 * about_belief.better, language, decimals=0)),
        money_belief=money(about_belief.npv[0]),
        money_evidence=money(about_belief.npv[1]),
        money_none=money(about_belief.npv[2]),
        name=content.by_name[content.decider].label[language],
    )
    return [first, second]


def unit_of(about_belief: BeliefContent, language: str) -> str:
    """What the belief's figure counts: 'back after 26 weeks'."""
    return say(f"belief_unit_{about_belief.belief.measure}", language, weeks=about_belief.belief.weeks)


def belief_table(content: CaseContent, language: str) -> str:
    """The three columns as a table; '' for a case without a belief."""
    rows: list[Row] = [list(row) for row in belief_rows(content, language)]
    if not rows:
        return ""
    heads = ("belief_column", "evidence_column", "no_effect_column")
    columns = [Column(""), *(Column(say(key, language), True) for key in heads)]
    return html_table(columns, rows, say("belief_heading", language))


def belief_rows(content: CaseContent, language: str) -> list[list[str]]:
    """The rows of the three columns, each with its name first; none for a case without a belief."""
    about_belief = content.belief
    if about_belief is None:
        return []
    translation = about_belief.translation
    own, today = translation.programme, translation.usual
    ratio, (median, low, high) = translation.ratio, about_belief.evidence_ratio
    rows = [
        [
            say("belief_row_ratio", language),
            _ratio(ratio.value, ratio.low, ratio.high, language),
            _ratio(median, low, high, language),
            write_number(1.0, language),
        ],
        *(
            [
                say("belief_row_share", language, weeks=week),
                write_percent(share, language, decimals=1),
                MISSING,
                write_percent(today.shares[week], language, decimals=1),
            ]
            for week, share in own.shares.items()
        ),
        [say("belief_row_median", language), _weeks(own.median, language), MISSING, _weeks(today.median, language)],
        [
            say("belief_row_mean", language, weeks=own.within),
            _weeks(own.mean, language),
            MISSING,
            _weeks(today.mean, language),
        ],
        *(
            [say("belief_row_more", language, weeks=week), write_number(more, language, decimals=1), MISSING, "0"]
            for week, more in about_belief.more.items()
        ),
    ]
    for name, amounts in ((content.decider, about_belief.npv), (content.public, about_belief.public)):
        if amounts is not None:
            label = content.by_name[name].label[language]
            rows.append(
                [say("belief_row_npv", language, name=label), *(_amount(x, content, language) for x in amounts)]
            )
    rows.append([say("belief_row_gain", language), *(write_percent(x.gains, language) for x in about_belief.npv)])
    return rows


def _in_unit(belief: Belief, value: float, language: str) -> str:
    if belief.measure == "share":
        return write_percent(value, language, decimals=0 if round(100 * value, 6) % 1 == 0 else 1)
    return write_number(value, language, decimals=0 if value % 1 == 0 else 1)


def _weeks(value: float, language: str) -> str:
    return say("not_reached", language) if np.isnan(value) else write_number(value, language, decimals=1)


def _ratio(middle: float, low: float, high: float, language: str) -> str:
    text = write_number(middle, language, decimals=2)
    return text if low == high else f"{text} ({write_interval(low, high, language, decimals=2)})"


def _amount(amount: Spread, content: CaseContent, language: str) -> str:
    error = None if np.isnan(amount.error) else amount.error
    return write_large(amount.mean, language, currency=content.currency, with_sign=True, error=error)
