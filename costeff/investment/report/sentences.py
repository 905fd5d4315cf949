"""A case in plain sentences, made from its numbers: what it costs whom, when it is paid back, and how sure that is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from costeff.catalogue import check_language, say
from costeff.investment.payers import MUNICIPALITY
from costeff.investment.report.belief import belief_sentences
from costeff.investment.report.on_top import on_top_sentence
from costeff.reporting.numbers import SPACE, currency_name, write_interval, write_large, write_number, write_percent
from costeff.reporting.unit_names import unit_name

if TYPE_CHECKING:
    from costeff.investment.report.content import CaseContent, EffectRow, Payback, Payer, Spread


NOISY = 0.1
"""From this share of the spread on, the luck of the simulated citizens is mentioned."""
WITHIN = (4, 6, 10)
"""Years for which the chance of payback is said: the first that the median does not exceed, else the horizon."""


def case_sentences(content: CaseContent, language: str = "en") -> list[str]:
    """Sentences for the top of a case's pages, about the decider first, then the others, then the citizens.

    Raises ScenarioError for an unknown language.
    """
    check_language(language)
    payer = content.by_name[content.decider]
    texts = [
        on_top_sentence(content, language),
        _net(content, payer, language),
        _payback(content, payer, language),
        _financing(content, payer, language),
        _permanent(content, payer, language),
        _public(content, payer, language),
        _limits(content, payer, language),
        _citizens(content, language),
        *belief_sentences(content, language),
        _effects(content, language),
    ]
    return [text for text in texts if text]


def decider_name(content: CaseContent, language: str) -> str:
    """The decider as it stands inside a sentence."""
    if content.decider != MUNICIPALITY:
        payer = content.by_name[content.decider]
        return inside(payer.label[language], payer.total)
    return say(f"decider_{content.view}", language)


def title_of(name: str) -> str:
    """A name as it begins a sentence."""
    return name[:1].upper() + name[1:]


def years_in_words(years: float, language: str) -> str:
    """A number of years: '1 year', '4 years', 'never within the horizon', 'no investment'."""
    if math.isnan(years):
        return say("no_investment", language)
    if math.isinf(years):
        return say("never", language)
    return say("n_year" if years == 1 else "n_years", language, number=write_number(years, language, decimals=0))


def payback_interval(payback: Payback, language: str, horizon: int) -> str:
    """The 80 % interval of a payback time: '3 to 5 years'; '4 years – not within 10 years' where it may never be."""
    lo, hi = payback.lo, payback.hi
    if lo == hi or math.isnan(lo):
        return years_in_words(lo, language)
    if math.isinf(hi):
        first = years_in_words(lo, language)
        return say("from_to_never", language, first=first, horizon=years_in_words(horizon, language))
    return f"{write_number(lo, language, decimals=0)} {say('to', language)} {years_in_words(hi, language)}"


def inside(label: str, total: bool = True) -> str:
    """A payer's label inside a sentence: what follows its comma in brackets, and a sum with a small letter.

    >>> inside("Kommunen, uden skat"), inside("Sundhed og Omsorg (MSO)", total=False)
    ('kommunen (uden skat)', 'Sundhed og Omsorg (MSO)')
    """
    head, comma, tail = label.partition(", ")
    whole = f"{head} ({tail})" if comma else label
    return whole[:1].lower() + whole[1:] if total else whole


def money_interval(spread: Spread, language: str, currency: str = "") -> str:
    """The ends of a spread's 80 % interval, each said as large money; the unit once when both have it."""
    lo, hi = (write_large(end, language, currency=currency, error=_error(spread)) for end in (spread.lo, spread.hi))
    if lo == hi:
        return say("both_ends", language, money=lo)
    unit = hi.split(SPACE, 1)[1] if SPACE in hi else ""
    if unit and lo.endswith(SPACE + unit):
        lo = lo.removesuffix(SPACE + unit)
    return f"{lo} {say('to', language)} {hi}"


def _error(spread: Spread) -> float | None:
    return None if math.isnan(spread.error) else spread.error


def _money(content: CaseContent, value: float, language: str, error: float | None = None) -> str:
    return write_large(value, language, currency=content.currency, error=error)


def _horizon(content: CaseContent, language: str) -> str:
    return years_in_words(len(content.years), language)


def _net(content: CaseContent, payer: Payer, language: str) -> str:
    npv = payer.npv
    words = {
        "name": payer.label[language],
        "years": _horizon(content, language),
        "span": str(content.years[0]) if len(content.years) == 1 else f"{content.years[0]}–{content.years[-1]}",
        "money": _money(content, abs(npv.mean), language, _error(npv)),
    }
    if abs(npv.mean) < 0.5:
        return say("says_even", language, **words)
    key = "says_gain" if npv.mean > 0 else "says_loss"
    if math.isnan(npv.lo):
        return say(f"{key}_one", language, **words)
    text = say(
        key,
        language,
        interval=money_interval(npv, language, content.currency),
        probability=write_percent(npv.gains, language),
        **words,
    )
    if npv.lo < 0 < npv.hi:
        text += " " + say("says_unsure", language)
    if npv.settled is False:
        text += " " + say("case_says_too_noisy", language, error=_money(content, npv.error, language))
    return text


def _payback(content: CaseContent, payer: Payer, language: str) -> str:
    name = decider_name(content, language)
    words: dict[str, str] = {"name": name, "title": title_of(name)}
    payback = payer.payback
    if math.isnan(payback.median):
        return say("says_no_investment", language, **words)
    if math.isinf(payback.median):
        key = "says_never" if payer.path[-1] < 0 else "says_never_median"
        return say(
            key,
            language,
            years=_horizon(content, language),
            money=_money(content, abs(payer.path[-1]), language),
            probability=write_percent(payer.break_even[-1], language),
            **words,
        )
    years = int(payback.median)
    words |= {"years": years_in_words(years, language), "calendar": str(content.years[years - 1])}
    if math.isnan(payer.npv.lo):
        text = say("says_paid_back_one", language, **words)
    else:
        within = _within(years, len(content.years))
        short = payer.path[-1] < -0.5
        text = say(
            "says_paid_back_median" if short else "says_paid_back",
            language,
            money=_money(content, abs(payer.path[-1]), language),
            interval=payback_interval(payback, language, len(content.years)),
            within=years_in_words(within, language),
            probability=write_percent(payer.break_even[within - 1], language),
            **words,
        )
    late = payer.payback_discounted.median
    if math.isinf(late):
        return text + " " + say("says_discounted_never", language)
    if late != payback.median:
        return text + " " + say("says_discounted_payback", language, words=years_in_words(late, language))
    return text


def _within(median: int, horizon: int) -> int:
    return next((n for n in WITHIN if median <= n <= horizon), horizon)


def _financing(content: CaseContent, payer: Payer, language: str) -> str:
    """The lowest point of the expected profile, and the risk apart: each said only when there is one."""
    texts = []
    if payer.need >= 0.5:
        money = _money(content, payer.need, language, _error(payer.deficit))
        texts.append(say("says_need", language, money=money, calendar=payer.need_year))
    if is_at_risk(payer):
        high = _money(content, payer.deficit.hi, language, _error(payer.deficit))
        texts.append(say("says_deficit", language, high=high, name=decider_name(content, language)))
    return " ".join(texts)


def is_at_risk(payer: Payer) -> bool:
    """Whether one draw in ten has a deeper deficit than others; never with one draw, whose quantiles are unknown."""
    return payer.deficit.hi >= max(payer.deficit.lo, 0.0) + 0.5


def _permanent(content: CaseContent, payer: Payer, language: str) -> str:
    change = payer.permanent
    if change is None or abs(change.mean) < 0.5:
        return ""
    words = {"name": decider_name(content, language), "calendar": str(content.years[-1])}
    money = _money(content, abs(change.mean), language, _error(change))
    if money == _money(content, 0.0, language):
        return say("says_permanent_untold", language, error=_money(content, _error(change) or 0.0, language), **words)
    return say("says_permanent_gain" if change.mean > 0 else "says_permanent_loss", language, money=money, **words)


def _public(content: CaseContent, payer: Payer, language: str) -> str:
    """The municipality's share of the public gain; or that it pays and others gain."""
    if not content.public or content.public == payer.name:
        return ""
    worth, own = content.by_name[content.public].npv, payer.npv.mean
    name = decider_name(content, language)
    money = _money(content, abs(worth.mean), language, _error(worth))
    if worth.mean and money == _money(content, 0.0, language):
        return say("says_public_untold", language, error=_money(content, _error(worth) or 0.0, language))
    rest = _money(content, abs(worth.mean - own), language, _error(worth))
    words = {"name": name, "title": title_of(name), "money": money, "rest": rest}
    words["own"] = _money(content, abs(own), language, _error(payer.npv))
    if worth.mean <= 0:
        if worth.mean == 0:
            return ""
        return say("says_public_loss_but" if own > 0 else "says_public_loss", language, **words)
    if own > worth.mean:
        return say("says_share_above", language, **words)
    if own < 0:
        return say("says_wrong_pocket", language, **words | {"public": money, "money": words["own"]})
    return say("says_share", language, name=name, money=money, share=write_percent(own / worth.mean, language))


def _limits(content: CaseContent, payer: Payer, language: str) -> str:
    """The dearest programme and the smallest effect that still pay, when the case pays at all."""
    if not payer.npv.mean > 0 or math.isnan(payer.largest_cost):
        return ""
    name = decider_name(content, language)
    money = _money(content, round(payer.largest_cost, -2), language)
    text = say("says_largest_cost", language, name=name, money=money)
    if 0 < content.smallest_effect < 1:
        share = write_percent(content.smallest_effect, language)
        text += " " + say("says_smallest_effect", language, name=name, share=share)
    return text


def _citizens(content: CaseContent, language: str) -> str:
    """How many begin and in which years, and what becomes of a queue."""
    service = content.service
    few = round(content.citizens_served, 1) < 10 and round(content.citizens_served, 1) % 1
    number = write_number(content.citizens_served, language, decimals=1 if few else 0)
    years = [year for year, n in zip(service.years, service.served, strict=True) if n >= 0.5] or [*service.years]
    period = str(years[0]) if years[0] == years[-1] else f"{years[0]}–{years[-1]}"
    text = say("says_citizen" if number == "1" else "says_citizens", language, served=number, period=period)
    most = int(service.waiting.argmax())
    if service.waiting[most] >= 0.5 or service.left.sum() >= 0.5:
        text += " " + say(
            "says_queue",
            language,
            waiting=write_number(service.waiting[most], language, decimals=0),
            calendar=service.years[most],
            left=write_number(service.left.sum(), language, decimals=0),
        )
    return text


def _effects(content: CaseContent, language: str) -> str:
    text = "; ".join(
        f"{row.label[language]}: {effect_in_words(row, language)}{effect_interval(row, language, ' (', ')')}"
        for row in content.effects
    )
    return say("says_effects", language, list=text) if text else ""


def effect_in_words(row: EffectRow, language: str) -> str:
    """A change of the whole case in words, with its unit: '1,240 fewer weeks', 'no change'."""
    decimals = _decimals(row)
    if round(abs(row.mean), decimals) == 0:
        return say("no_change", language)
    number = write_number(abs(row.mean), language, decimals=decimals)
    unit = unit_name(row.unit, language, plural=abs(row.mean) != 1)
    return say("more_of" if row.mean > 0 else "less_of", language, number=number, unit=unit)


def effect_interval(row: EffectRow, language: str, before: str = "", after: str = "") -> str:
    """The 80 % interval of a change and whether 0 lies in it, between two marks; '' with one draw."""
    if math.isnan(row.lo):
        return ""
    ends = write_interval(row.lo, row.hi, language, decimals=_decimals(row))
    zero = say("covers_zero", language) if row.lo < 0 < row.hi else ""
    return f"{before}{say('interval_80', language)} {ends}{zero}{after}"


def _decimals(row: EffectRow) -> int:
    """None for a change or an interval of a hundred and more."""
    return 0 if max(abs(x) for x in (row.mean, row.lo, row.hi) if not math.isnan(x)) >= 100 else 1


def paid_by_fact(content: CaseContent, language: str) -> list[tuple[str, str]]:
    """Heading and text of the row on who shares the case's costs; none when the case is not known."""
    shares = ", ".join(f"{label[language]} {write_percent(share, language)}" for label, share in content.paid_by)
    return [(say("fact_paid_by", language), shares)] if shares else []


def programme_line(content: CaseContent, language: str) -> str:
    """The first line on a terminal: the programme and what it is compared with."""
    return say(
        "says_programme", language, programme=content.programme[language], comparator=content.comparator[language]
    )


def stated_sentences(content: CaseContent, language: str) -> list[str]:
    """Amounts that the case states and the tables show otherwise, since they are uncertain: both are said."""
    currency = currency_name(content.currency, language)

    def money(value: float) -> str:
        return f"{write_number(value, language, decimals=0)}{SPACE}{currency}"

    return [
        say("says_stated", language, name=x.label[language], stated=money(x.stated), mean=money(x.mean))
        for x in content.stated
    ]


def _projection(content: CaseContent, language: str) -> list[str]:
    """That prices are projected, and by how much: the case's own figures."""
    if not content.price_growth:
        return []
    key = "note_projection" if is_projected(content) else "note_projection_of_amounts"
    growth_text = ", ".join(
        f"{year}: {write_number(100 * (growth - 1), language, decimals=2, with_sign=True)}{SPACE}%"
        for year, growth in content.price_growth.items()
    )
    return [say(key, language, year=content.price_year, list=growth_text)]


def is_projected(content: CaseContent) -> bool:
    """Whether the price level itself is one of the years that the case projects."""
    return content.price_year in content.price_growth


def case_notes(content: CaseContent, language: str) -> list[str]:
    """What must be read with the result."""
    currency = currency_name(content.currency, language)
    noisy = content.noise >= NOISY
    return [
        say("note_prediction", language),
        *([say(f"note_{content.view}", language)] if content.decider == MUNICIPALITY else []),
        say("note_quality_of_life", language, currency=currency),
        say("note_discounting", language, year=content.years[0]),
        *_projection(content, language),
        *([say("note_noise", language, share=write_percent(content.noise, language))] if noisy else []),
        *(note[language] for note in content.notes),
    ]
