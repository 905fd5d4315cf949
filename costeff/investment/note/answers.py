"""The five questions of a finance officer, answered from the numbers of a case.

Which budget, which year, whose, how sure, and what if not.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from costeff.catalogue import say
from costeff.investment.report.budget import funding_sentences, grant_sentence, lowered_sentences
from costeff.investment.report.department_rows import frame_sums
from costeff.investment.report.sentences import (
    decider_name,
    inside,
    is_at_risk,
    money_interval,
    payback_interval,
    title_of,
    years_in_words,
)
from costeff.reporting.numbers import write_large, write_number, write_percent

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent, Payer

QUESTIONS = ("budget", "year", "whose", "sure", "else")
SMALL = 500.0
"""Amounts below this are not told of a frame."""


def short_answer(content: CaseContent, language: str) -> str:
    """One sentence on the whole: who pays, what it gives by the end, how likely that is."""
    own = content.by_name[content.decider]
    return say(
        "note_short_gain" if own.npv.mean > 0 else "note_short_loss",
        language,
        programme=content.programme[language],
        citizens=write_number(content.citizens_served, language, decimals=0),
        name=decider_name(content, language),
        money=_money(content, abs(own.npv.mean), language, error=own.npv.error),
        years=years_in_words(len(content.years), language),
        probability=write_percent(own.npv.gains, language),
    )


def five_answers(content: CaseContent, language: str) -> list[tuple[str, str]]:
    """Question and answer, in the order of QUESTIONS."""
    own = content.by_name[content.decider]
    answers = (_budget, _year, _whose, _sure, _else)
    return [
        (say(f"note_ask_{key}", language), " ".join(answer(content, own, language)))
        for key, answer in zip(QUESTIONS, answers, strict=True)
    ]


def _money(content: CaseContent, amount: float, language: str, with_sign: bool = False, error: float = math.nan) -> str:
    """Money as on the page: with no more digits than its simulation error lets stand."""
    error_shown = None if math.isnan(error) else error
    return write_large(amount, language, currency=content.currency, with_sign=with_sign, error=error_shown)


def _budget(content: CaseContent, own: Payer, language: str) -> list[str]:
    """The frames that pay and gain over the years, and whether a budget can be lowered."""
    period = f"{content.years[0]}–{content.years[-1]}"
    parts = [
        say(
            "note_frame_sum",
            language,
            frame=say(f"frame_{frame or 'other'}", language),
            money=_money(content, total, language, True),
        )
        for frame, net in frame_sums(content).items()
        if abs(total := float(np.sum(net))) >= SMALL
    ]
    texts = [say("note_budget", language, period=period, list="; ".join(parts))] if parts else []
    return [*texts, *funding_sentences(content, language), *lowered_sentences(content, language)]


def _year(content: CaseContent, own: Payer, language: str) -> list[str]:
    first = float(own.net[0])
    texts = [
        say(
            "note_first_year",
            language,
            year=content.years[0],
            money=_money(content, first, language, True),
            level=content.price_year,
        )
    ]
    if own.need >= SMALL:
        texts.append(say("note_need", language, money=_money(content, own.need, language), year=own.need_year))
    if math.isinf(own.payback.median):
        texts.append(say("note_never", language, last=content.years[-1]))
    elif not math.isnan(own.payback.median):
        year = content.years[int(own.payback.median) - 1]
        interval = payback_interval(own.payback, language, len(content.years))
        texts.append(say("note_payback", language, year=year, interval=interval))
    return texts


def _whose(content: CaseContent, own: Payer, language: str) -> list[str]:
    """Who pays and who gains, each party's present value; the programme's own cost first."""
    parts = [
        say(
            "note_party",
            language,
            name=inside(p.label[language], p.total),
            money=_money(content, p.npv.mean, language, True, p.npv.error),
        )
        for p in content.payers
        if abs(p.npv.mean) >= SMALL and (p.name == own.name or not p.total) and p.name not in own.parties
    ]
    texts = [
        say(
            "note_paid_by",
            language,
            list=", ".join(f"{label[language]} {write_percent(share, language)}" for label, share in content.paid_by),
        )
    ]
    texts = texts if content.paid_by else []
    grant = grant_sentence(content, language)
    texts += [grant] if grant else []
    return [*texts, say("note_gainers", language, list="; ".join(parts))]


def _sure(content: CaseContent, own: Payer, language: str) -> list[str]:
    npv = own.npv
    if math.isnan(npv.lo):
        return [say("note_one_draw", language)]
    texts = [
        say(
            "note_sure",
            language,
            probability=write_percent(npv.gains, language),
            interval=money_interval(npv, language, content.currency),
        )
    ]
    if content.belief is not None:
        _, evidence, none = content.belief.npv
        texts.append(
            say(
                "note_columns",
                language,
                evidence=_money(content, evidence.mean, language, True, evidence.error),
                none=_money(content, none.mean, language, True, none.error),
                tens=write_number(10 * content.belief.better, language, decimals=0),
            )
        )
    return texts


def _else(content: CaseContent, own: Payer, language: str) -> list[str]:
    """What is lost if nobody's life changes, how much effect it takes, and the deficit of one draw in ten."""
    none = next((row.npv for row in content.scenarios if row.label["en"] == say("no_effect")), math.nan)
    texts = []
    if math.isfinite(none):
        name = title_of(decider_name(content, language))
        texts.append(say("note_without_effect", language, name=name, money=_money(content, none, language, True)))
    if 0 < content.smallest_effect < math.inf:
        texts.append(say("note_smallest", language, share=write_percent(content.smallest_effect, language)))
    elif math.isinf(content.smallest_effect):
        texts.append(say("note_no_smallest", language))
    if is_at_risk(own):
        texts.append(say("note_deficit", language, money=_money(content, own.deficit.hi, language)))
    return texts
