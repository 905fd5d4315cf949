"""The result in plain sentences, made from the numbers: what it costs whom, what it gives, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from costeff.economics import decision_matrix, interval, monte_carlo_error, noise_corrected
from costeff.economics.intervals import mean
from costeff.economics.settled import CLOSE, FEW, FEWEST, judged, replicates_behind
from costeff.present.icer_words import error_name, icer_words
from costeff.present.numbers import (
    check_language,
    is_missing,
    write_interval,
    write_money,
    write_money_interval,
    write_number,
    write_percent,
)
from costeff.present.rows import increments_of
from costeff.present.style import label_of
from costeff.present.terms import term, unit_name

if TYPE_CHECKING:
    from costeff.economics import Evaluation
    from costeff.present.content import Content, PerspectiveView

KEY_PERSPECTIVES = 3
"""How many perspectives are put into sentences: the first, the widest known by name, then others in their order."""
_WIDE = ("public", "societal")
_ORDINARY = {
    "en": ("Usual", "Standard", "No", "Current"),
    "da": ("Vanlig", "Sædvanlig", "Standard", "Ingen", "Nuværende"),
}


@dataclass(frozen=True)
class Spread:
    """An increment of cost over the draws: mean, its error, limits, probability of a saving, noise removed or not."""

    mean: float
    mcse: float
    lo: float
    hi: float
    saves: float
    corrected: bool


def cost_spread(evaluation: Evaluation, strategy: str) -> Spread:
    """Extra cost of a strategy against the comparator, in currency per individual.

    Limits and probability are those of the parameters alone (individual noise removed) when halves are there and there
    are several draws. NaN with one draw.
    """
    s, base = evaluation.strategies.index(strategy), evaluation.comparator_index
    raw: NDArray[np.float64] = evaluation.cost[:, s] - evaluation.cost[:, base]
    corrected = evaluation.cost_half is not None and evaluation.draws > 1
    shown = -noise_corrected(evaluation, 0.0).sel(strategy=strategy).values if corrected else raw
    lo, hi = interval(shown)
    saves = float((shown < 0).mean()) if len(shown) > 1 else math.nan
    error = float(monte_carlo_error(raw, evaluation.replicates))
    return Spread(float(mean(raw)), error, float(lo), float(hi), saves, corrected)


def key_result(content: Content, language: str = "en", *, tabled: bool = False) -> list[str]:
    """Sentences for the top of a report: cost by perspective, main effect, the ratio in words, who pays.

    KEY_PERSPECTIVES perspectives are put into words. Says so when the interval includes 0, and when the simulation
    error is as large as the difference. `tabled`: the first three stand in a table (`result_tables.key_table`),
    so that of them only what the simulation does not settle is said. Raises ScenarioError for an unknown language.
    """
    check_language(language)
    said: list[str] = []
    views = key_views(content)
    alternatives = [name for name in content.strategies if name != content.comparator]
    corrected = False
    for strategy in alternatives:
        for view in views:
            spread = cost_spread(view.evaluation, strategy)
            corrected = corrected or spread.corrected
            if not tabled or _is_open(content, spread.mean, spread.mcse):
                said.append(_cost_sentence(content, view.label[language], strategy, spread, language))
        said += _effect_sentences(content, strategy, language, unsettled_only=tabled)
    if views:
        view = views[0]
        for strategy, words in icer_words(view.evaluation, content.strategies, language).items():
            if words.against and not tabled:
                names = {
                    "strategy": _inline(content, strategy, language),
                    "comparator": _inline(content, words.against, language),
                }
                said.append(
                    term("says_ratio", language, perspective=view.label[language], words=words.text, **names)
                )
        if content.wtp_at is not None:
            said.append(_wtp_sentence(content, content.wtp_at, language))
    for strategy in alternatives:
        said += _party_sentences(content, strategy, language)
    if views and views[0].evaluation.draws > 1:
        said.append(term("says_corrected" if corrected else "says_raw", language))
    return said


def key_views(content: Content) -> list[PerspectiveView]:
    """The first perspective, then `public` and `societal` where declared, then the others, in the content's order."""
    ranked = sorted(
        range(len(content.perspectives)), key=lambda i: (i > 0, content.perspectives[i].name not in _WIDE, i)
    )
    return [content.perspectives[i] for i in sorted(ranked[:KEY_PERSPECTIVES])]


def horizon(content: Content, language: str) -> str:
    """The time horizon in words, from the last point of the trace, to a tenth of a year."""
    years = round(float(content.trace["cycle"].max()) / content.cycles_per_year, 1)
    if years == 1:
        return term("one_year", language)
    return term(
        "years", language, number=write_number(years, language, decimals=0 if years.is_integer() else 1)
    )


def _inline(content: Content, strategy: str, language: str) -> str:
    """A strategy's label inside a sentence: a label that begins with an ordinary word loses its capital."""
    label = label_of(content.strategies, strategy, language)
    ordinary = label.split(" ")[0] in _ORDINARY[language]
    return label[:1].lower() + label[1:] if ordinary else label


def _names(content: Content, strategy: str, language: str) -> dict[str, str]:
    return {
        "strategy": _inline(content, strategy, language),
        "comparator": _inline(content, content.comparator, language),
    }


def _cost_sentence(content: Content, perspective: str, strategy: str, spread: Spread, language: str) -> str:
    error = None if math.isnan(spread.mcse) else spread.mcse
    size = write_money(abs(spread.mean), language, currency=content.currency, error=error)
    nil = write_money(0, language, currency=content.currency)
    key = "says_costs_same" if size == nil else "says_costs_more" if spread.mean > 0 else "says_costs_less"
    limits = term("spread_none", language)
    if not math.isnan(spread.lo):
        limits = term(
            "spread_cost", language, probability=write_percent(spread.saves, language),
            interval=write_money_interval(spread.lo, spread.hi, language, error=error),
        )  # fmt: skip
    names = _names(content, strategy, language)
    text = term(
        key,
        language,
        perspective=perspective,
        horizon=horizon(content, language),
        money=size,
        spread=limits,
        **names,
    )
    written = write_money(spread.mcse, language, currency=content.currency, error=error)
    ends = (spread.lo, spread.hi)
    return " ".join([text, *_doubts(content, spread.mean, spread.mcse, ends, "cost", written, language)])


def _doubts(
    content: Content,
    centre: float,
    error: float,
    ends: tuple[float, float],
    kind: str,
    written: str,
    language: str,
) -> list[str]:
    """What must be added when the sign is uncertain, or when more draws could turn it."""
    said = []
    if ends[0] < 0 < ends[1]:
        said.append(term(f"says_unsure_{kind}", language))
    verdict = judged(centre, error, replicates_behind(content.perspectives[0].evaluation))
    if verdict == CLOSE:
        simulated = content.perspectives[0].evaluation.simulated
        said.append(term("says_too_noisy" if simulated else "says_sampled", language, error=written))
    elif verdict == FEW:
        said.append(term("says_too_few", language, number=FEWEST))
    return said


def _is_open(content: Content, centre: float, error: float) -> bool:
    """Whether more draws could turn the sign of a difference."""
    return judged(centre, error, replicates_behind(content.perspectives[0].evaluation)) in (CLOSE, FEW)


def _effect_sentences(content: Content, strategy: str, language: str, *, unsettled_only: bool) -> list[str]:
    """The main effect: that of the evaluations."""
    if not content.perspectives:
        return []
    evaluation = content.perspectives[0].evaluation
    rows = increments_of(content.effects, content, strategy)
    rows = rows[rows["effect"] == evaluation.effect_name]
    return [
        _effect_sentence(content, row, strategy, language)
        for row in rows.to_dict("records")
        if not unsettled_only or _is_open(content, float(row["increment"]), float(row["mcse"]))
    ]


def _effect_sentence(content: Content, row: dict[Any, Any], strategy: str, language: str) -> str:
    centre, error, lo, hi = (float(row[key]) for key in ("increment", "mcse", "lo", "hi"))
    unit = str(row["unit"])
    size, nil, written = (_effect_size(value, unit, language, error) for value in (abs(centre), 0.0, error))
    key = "same" if size == nil else "more" if centre > 0 else "less"
    limits = term("spread_none", language)
    if not math.isnan(lo):
        limits = f"{term('interval_95', language)} {effect_interval(lo, hi, unit, language, error)}"
    label = row["label"][language]
    names = _names(content, strategy, language)
    text = term(f"says_effect_{key}", language, effect=label, number=size, spread=limits, **names)
    return " ".join([text, *_doubts(content, centre, error, (lo, hi), "effect", written, language)])


def _effect_size(value: float, unit: str, language: str, error: float) -> str:
    """The size of a difference in effect, without a sign and with its unit."""
    if unit == "share":
        return write_effect(value, unit, language, error=error, signed=True).removeprefix("+")
    text = write_effect(value, unit, language, error=error)
    return f"{text}\u00a0{unit_name(unit, language, plural=text != '1')}"


def write_effect(
    value: float, unit: str, language: str, *, error: float | None = None, signed: bool = False
) -> str:
    """An effect: a share as percent, a difference of shares (`signed`) as points, anything else as a number."""
    if unit == "share":
        text = write_percent(value, language, decimals=2, error=error, signed=signed)
        return text.replace("%", term("points", language)) if signed else text
    return write_number(value, language, error=error, signed=signed)


def effect_interval(lo: float, hi: float, unit: str, language: str, error: float | None) -> str:
    """Limits of a difference in effect, in points when it is a share."""
    if unit != "share" or is_missing(lo):
        return write_interval(lo, hi, language, error=error)
    scaled = None if error is None or math.isnan(error) else 100 * error
    points = term("points", language)
    return f"{write_interval(100 * lo, 100 * hi, language, decimals=2, error=scaled)}\u00a0{points}"


def _wtp_sentence(content: Content, wtp: float, language: str) -> str:
    view = content.perspectives[0]
    best = view.evaluation.ceaf([wtp]).isel(wtp=0)
    variable = "probability_noise_corrected" if "probability_noise_corrected" in best else "probability"
    text = term(
        "says_at_wtp", language, perspective=view.label[language],
        wtp=write_money(wtp, language, currency=content.currency),
        unit=unit_name(view.evaluation.effect_unit, language, plural=False),
        strategy=_inline(content, str(best["strategy"].item()), language),
        probability=write_percent(best[variable].item(), language),
    )  # fmt: skip
    evaluation = view.evaluation
    if replicates_behind(evaluation) and not decision_matrix([evaluation], [wtp])["settled"].item():
        text += " " + term("says_choice_unsettled", language, error=error_name(evaluation, language))
    return text


def _party_sentences(content: Content, strategy: str, language: str) -> list[str]:
    """Who pays more and who pays less, largest first, and for whom the simulation does not settle it.

    Parties whose difference is exactly 0 are left out.
    """
    rows = increments_of(content.parties, content, strategy)
    rows = rows[rows["inside"].astype(bool)].sort_values("increment", key=abs, ascending=False, kind="stable")
    listed: dict[str, list[str]] = {"says_pay_more": [], "says_pay_less": [], "says_pay_unsettled": []}
    count = replicates_behind(content.perspectives[0].evaluation) if content.perspectives else 0
    for row in rows.to_dict("records"):
        amount, error = float(row["increment"]), float(row["mcse"])
        label = str(row["label"][language])
        written = f"{label} {write_money(abs(amount), language, currency=content.currency, error=error)}"
        if amount != 0 and judged(amount, error, count) in (CLOSE, FEW):
            listed["says_pay_unsettled"].append(label)
        elif write_money(amount, language, error=error) != "0":
            listed["says_pay_more" if amount > 0 else "says_pay_less"].append(written)
    name = _inline(content, strategy, language)
    return [
        term(key, language, strategy=name, list=_joined(texts, language))
        for key, texts in listed.items()
        if texts
    ]


def _joined(texts: list[str], language: str) -> str:
    """A list as it is spoken: commas, and a word before the last."""
    head, last = ", ".join(texts[:-1]), texts[-1]
    return f"{head} {term('and', language)} {last}" if head else last
